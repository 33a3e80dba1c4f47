"""A plugin's action is performed through the effect ledger: once, looked up after a crash, unknown when nobody can know."""

from __future__ import annotations

import pytest

from core import effects
from core.effects import ALIVE_MS
from core.moments import now_ms
from core.performing import TryLater, perform
from core.plugins.publishing import switch

VENDOR = """
import json, pathlib
import estafet

BOOK = pathlib.Path({book!r})

@estafet.hookimpl
def register_settings():
    return [estafet.Setting("mood", default="fine")]

@estafet.hookimpl
def register_actions():
    arguments = {{"type": "object", "properties": {{"title": {{"type": "string"}}}}, "required": ["title"]}}
    return [estafet.Action("vendor.create", create, arguments=arguments, find=find, lag=2.0),
            estafet.Action("vendor.blind", create), estafet.Action("vendor.read", create, repeatable=True)]

def book():
    return json.loads(BOOK.read_text()) if BOOK.exists() else {{}}

def create(call):
    mode = call.arguments.get("title", "")
    if mode == "later":
        raise estafet.TemporaryFailure("full", wait=7)
    if mode == "never":
        raise estafet.PermanentFailure("no such project")
    if mode == "early":
        raise KeyError("bug before anything")
    BOOK.write_text(json.dumps(book() | {{call.key: mode}}))
    if mode == "lost":
        raise estafet.OutcomeUnknown("no answer in the end")
    return estafet.ActionResult({{"title": mode, "who": call.ticket.customer.email}}, ref="V-1", url="https://v.example/V-1")

def find(call):
    return estafet.ActionResult(ref="V-1") if call.key in book() else None
"""


@pytest.fixture
def vendor(any_host, tmp_path):
    any_host.add("vendor", VENDOR.format(book=str(tmp_path / "book.json")))
    any_host.publish()
    assert any_host.plugin("vendor").error is None
    return any_host


def test_result_reaches_the_step(vendor):
    ticket = vendor.open("vendor.create", '{title: "about ${ticket.subject}"}')
    standing = vendor.call(ticket)
    step = vendor.step(ticket)
    assert (step.state, step.outcome) == ("done", "done")
    assert step.result == {
        "title": "about Broken",
        "who": "sari@example.com",
        "ref": "V-1",
        "url": "https://v.example/V-1",
    }
    assert standing.open_steps == ("finish",)
    assert vendor.effect(ticket).state == "done"


def test_second_call_changes_nothing(vendor):
    ticket = vendor.open("vendor.create", "{title: once}")
    vendor.call(ticket)
    vendor.call(ticket)
    assert vendor.state("vendor").calls == 1


def test_temporary_failure_says_how_long(vendor):
    ticket = vendor.open("vendor.create", "{title: later}")
    with pytest.raises(TryLater) as put_off:
        vendor.call(ticket)
    assert put_off.value.wait_s == 7
    effect = vendor.effect(ticket)
    assert (effect.state, effect.attempts) == ("planned", 1)
    assert "vendor" in effect.detail


def test_permanent_failure_follows_on_error(vendor):
    ticket = vendor.open("vendor.create", "{title: never}", on_error="continue")
    vendor.call(ticket)
    assert vendor.step(ticket).outcome == "error"
    assert vendor.step(ticket, "finish").state == "open"
    assert vendor.effect(ticket).detail == "Plugin “vendor”: no such project"
    assert [event.data["plugin"] for event in vendor.events(ticket) if event.kind == "effect.failed"] == ["vendor"]


def test_wrong_arguments_never_leave(vendor):
    ticket = vendor.open("vendor.create", "{}")
    vendor.call(ticket)
    effect = vendor.effect(ticket)
    assert (effect.state, effect.attempts) == ("failed", 0)
    assert "'title' is missing" in effect.detail


def test_unknown_outcome_is_looked_up(vendor):
    ticket = vendor.open("vendor.create", "{title: lost}")
    with pytest.raises(TryLater) as put_off:
        vendor.call(ticket)
    assert put_off.value.wait_s > ALIVE_MS / 1000
    assert vendor.effect(ticket).state == "attempting"
    vendor.call(ticket, now=now_ms() + ALIVE_MS + 3000)
    effect = vendor.effect(ticket)
    assert (effect.state, effect.attempts) == ("done", 1)
    assert vendor.step(ticket).result == {"ref": "V-1"}


def test_crash_before_the_vendor_is_repeated(vendor):
    ticket = vendor.open("vendor.create", "{title: again}")
    with vendor.database.write() as tx:
        effects.begin(tx, vendor.key(ticket), now_ms() - ALIVE_MS - 5000)  # whoever began it is gone
    vendor.call(ticket)
    effect = vendor.effect(ticket)
    assert (effect.state, effect.attempts) == ("done", 2)


def test_living_attempt_is_waited_for(vendor):
    ticket = vendor.open("vendor.create", "{title: again}")
    with vendor.database.write() as tx:
        effects.begin(tx, vendor.key(ticket), now_ms())
    with pytest.raises(TryLater):
        vendor.call(ticket)
    assert vendor.state("vendor").calls == 0


def test_crash_without_lookup_asks_a_person(vendor):
    ticket = vendor.open("vendor.blind", "{title: x}")
    with vendor.database.write() as tx:
        effects.begin(tx, vendor.key(ticket), now_ms() - ALIVE_MS - 1)
    vendor.call(ticket)
    assert vendor.effect(ticket).state == "unknown"
    assert vendor.step(ticket).state == "open"


def test_bug_of_reading_action_fails(vendor):
    ticket = vendor.open("vendor.read", "{title: early}", on_error="continue")
    vendor.call(ticket)
    assert "KeyError" in vendor.effect(ticket).detail
    assert vendor.step(ticket).outcome == "error"


def test_action_nobody_offers_fails(vendor):
    ticket = vendor.open("nobody.does", "{}", on_error="continue")
    effect = vendor.effect(ticket)
    assert effect.plugin is None
    perform(vendor.database, vendor.settings, effect.key)
    assert vendor.step(ticket).outcome == "error"


def test_step_waits_for_plugin_that_is_off(vendor):
    with vendor.database.write() as tx:
        switch(tx, vendor.manager, "vendor", on=False)
    ticket = vendor.open("vendor.create", "{title: later on}")
    assert vendor.due(ticket) == []
    vendor.call(ticket)  # a call that was under way towards the host
    assert vendor.effect(ticket).state == "planned"
    assert "plugin.awaited" in [event.kind for event in vendor.events(ticket)]
    before = vendor.call(ticket).seq
    with vendor.database.write() as tx:
        switch(tx, vendor.manager, "vendor", on=True)
    assert vendor.due(ticket) == [vendor.key(ticket)]
    assert vendor.call(ticket).seq > before
    assert vendor.step(ticket).outcome == "done"
