"""What happened reaches a plugin in order, at least once, and what it does not take waits where a person sees it."""

from __future__ import annotations

import json

import pytest

from core.actors import customer
from core.hookspecs import FACTS
from core.noticing.sensing import say_no
from core.plugins.facts import ask_again, position_of, wanted_behind
from core.plugins.publishing import switch
from core.tickets.conversation import IncomingMessage, receive_reply
from core.tickets.rows import PRIORITIES, lock

LISTENER = """
import json, pathlib
import estafet

BOOK = pathlib.Path({book!r})

def note(**what):
    with BOOK.open("a") as file:
        file.write(json.dumps(what) + "\\n")

@estafet.hookimpl
def ticket_opened(event, ticket, settings):
    if BOOK.with_name("refuse").exists():
        raise ValueError("not today")
    note(kind=event.kind, id=event.id, ticket=ticket.id, subject=ticket.subject, at=event.at.isoformat())

@estafet.hookimpl
def step_opened(event, ticket, step):
    note(kind=event.kind, id=event.id, ticket=ticket.id, step=step.name)

@estafet.hookimpl
def customer_replied(event, message):
    note(kind=event.kind, id=event.id, text=message.text, direction=message.direction)
"""


class Listener:
    def __init__(self, host, folder):
        self.host, self.file, self.refuse = host, folder / "book", folder / "refuse"
        host.add("listener", LISTENER.format(book=str(self.file)))
        host.publish()
        assert host.plugin("listener").works

    @property
    def heard(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []


@pytest.fixture
def listener(any_host, tmp_path):
    any_host.open("nobody.does")  # before the plugin came: none of its business
    return Listener(any_host, tmp_path)


def test_facts_arrive_in_order(listener):
    tickets = [listener.host.open("nobody.does") for _ in range(3)]
    listener.host.deliver("listener")
    heard = listener.heard
    assert [one["ticket"] for one in heard if one["kind"] == "ticket.opened"] == tickets
    assert [one["id"] for one in heard] == sorted({one["id"] for one in heard})
    assert {"kind": "step.opened", "step": "ask"}.items() <= heard[1].items()
    listener.host.deliver("listener")
    assert listener.heard == heard


def test_many_facts_come_in_batches(listener):
    for _ in range(70):
        listener.host.open("nobody.does")
    listener.host.deliver("listener")
    assert sum(one["kind"] == "ticket.opened" for one in listener.heard) == 70
    assert listener.host.state("listener").calls < 10


def test_reply_brings_its_words(listener):
    ticket = listener.host.open("nobody.does")
    with listener.host.database.write() as tx:
        receive_reply(tx, listener.host.settings, customer(1), ticket, IncomingMessage("form", "Still broken"))
    listener.host.deliver("listener")
    assert {"text": "Still broken", "direction": "in"}.items() <= listener.heard[-1].items()


def test_refused_event_is_parked_and_sent_again(listener):
    listener.refuse.touch()
    first, second = listener.host.open("nobody.does"), listener.host.open("nobody.does")
    assert listener.host.deliver("listener") == 8  # two events, four waits each
    parked = listener.host.parked()
    assert [(one.ticket_id, one.kind) for one in parked] == [(first, "ticket.opened"), (second, "ticket.opened")]
    assert "not today" in parked[0].detail
    assert [one["kind"] for one in listener.heard] == ["step.opened", "step.opened"]
    listener.refuse.unlink()
    with listener.host.database.write() as tx:
        ask_again(tx, listener.host.manager, parked[0].id)
    listener.host.deliver("listener")
    assert listener.heard[-1]["ticket"] == first
    assert [one.ticket_id for one in listener.host.parked()] == [second]


def test_nothing_is_lost_while_it_is_off(listener):
    host = listener.host
    with host.database.write() as tx:
        switch(tx, host.manager, "listener", on=False)
    ticket = host.open("nobody.does")
    assert host.deliver("listener") == 0
    assert listener.heard == []
    with host.database.write() as tx:
        switch(tx, host.manager, "listener", on=True)
    host.deliver("listener")
    assert listener.heard[0]["ticket"] == ticket


def test_host_looks_before_it_asks(listener):
    host = listener.host
    with host.database.read() as tx:
        row, place = host.plugin("listener"), position_of(tx, "listener")
        assert wanted_behind(tx, row, place)[0] is False
    host.open("nobody.does")
    with host.database.read() as tx:
        assert wanted_behind(tx, row, place)[0] is True


def test_hostile_listener_loses_only_its_event(host):
    host.add("dying", "import os, estafet\n\n@estafet.hookimpl\ndef ticket_opened(event):\n    os._exit(1)\n")
    host.publish()
    ticket = host.open("nobody.does")
    host.deliver("dying")
    assert host.plugin("dying").off_reason == "replaced"  # after three of its tries
    assert host.state("dying").last_error_ticket == ticket
    assert host.state("dying").tries == 3


def test_every_fact_of_the_catalogue_is_a_kind():
    assert FACTS["ticket.opened"] == "ticket_opened"
    assert len(FACTS) == 19


JUDGE = """
import estafet

@estafet.hookimpl
def customer_replied(event, ticket, settings):
    return [estafet.Wish("desk.upset", {"points": 4})]

@estafet.hookimpl
def ticket_opened(event, ticket, settings):
    return [estafet.Wish("desk.upset", {"points": "very"})]
"""


def test_better_judge_is_heard_until_a_person_says_no(any_host):
    host = any_host
    host.add("feelings", JUDGE)
    host.publish_only("feelings")
    ticket = host.open("nobody.does")

    def after(words=""):
        with host.database.write() as tx:
            row = lock(tx, ticket)
            if words:
                sender = customer(row.customer_id, "Sari")
                receive_reply(tx, host.settings, sender, ticket, IncomingMessage("mail", words))
        host.deliver("feelings")
        with host.database.write() as tx:
            return lock(tx, ticket)

    assert after().upset is None
    assert "needs points from 1 to 10" in host.state("feelings").last_error
    marked = after("That is a pity.")
    assert (marked.upset, marked.priority) == ("judge", PRIORITIES["high"])
    with host.database.write() as tx:
        say_no(tx, host.settings, host.agent, ticket)
    assert after("I see.").upset == "waiting"  # the third message without an answer, and no judge any more
