"""Whatever a plugin does, tickets go on, other plugins are called, and the culprit is named."""

from __future__ import annotations

import os

import pytest

from core.moments import now_ms
from core.plugins.publishing import switch
from workflows.plugin_host import forget_secrets

ENDS = {
    "loop": ("unknown", "took longer than 2 s"),
    "stubborn": ("unknown", "was replaced"),
    "eat": ("unknown", "MemoryError"),
    "exit_at_once": ("unknown", "was replaced"),
    "system_exit": ("unknown", "SystemExit: enough"),
    "huge": ("unknown", "at most 262,144"),
    "block": ("unknown", "took longer than 2 s"),
    "unspeakable": ("unknown", "Unspeakable"),
    "no_json": ("unknown", "not JSON serializable"),
    "noisy": ("done", None),
    "environment": ("done", None),
    "thread": ("done", None),
}


@pytest.fixture
def beside(host):
    host.add_hostile("hostile")
    host.add_hostile("gentle")
    host.publish()
    assert [host.plugin(name).error for name in ("hostile", "gentle")] == [None, None]
    return host


@pytest.mark.parametrize("deed", ENDS)
def test_others_go_on(beside, deed):
    state, words = ENDS[deed]
    ticket = beside.open(f"hostile.{deed}")
    beside.call(ticket)
    effect = beside.effect(ticket)
    assert effect.state == state
    other = beside.open("gentle.echo", "{word: fine}")
    beside.call(other)
    assert beside.step(other).result == {"said": "fine"}
    if words:
        assert "hostile" in effect.detail
        assert words in effect.detail
        assert words in beside.state("hostile").last_error
        assert beside.state("hostile").last_error_ticket == ticket
        assert [e.data["plugin"] for e in beside.events(ticket) if e.kind == "effect.unknown"] == ["hostile"]
    assert beside.state("gentle").errors == 0
    later = beside.open("hostile.noisy")
    beside.call(later)  # and the culprit itself works again
    assert beside.step(later).outcome == "done"


def test_three_replacements_switch_it_off(beside):
    tickets = [beside.open("hostile.exit_at_once") for _ in range(4)]
    for ticket in tickets[:3]:
        beside.call(ticket)
    row = beside.plugin("hostile")
    assert (row.enabled, row.off_reason) == (False, "replaced")
    assert beside.due(tickets[3]) == []
    assert beside.events(tickets[3])[-1].kind == "plugin.awaited"
    with beside.database.write() as tx:
        switch(tx, beside.manager, "hostile", on=True)
    assert beside.due(tickets[3]) == [beside.key(tickets[3])]
    assert beside.plugin("hostile").off_reason is None
    assert beside.state("hostile").replaced == []


def test_secrets_are_not_inherited(beside, monkeypatch):
    monkeypatch.setenv("ESTAFET_DATABASE_URL", "postgresql://user:secret@host/db")
    monkeypatch.setenv("ESTAFET_SECRET_KEY", "very secret")
    monkeypatch.setenv("PLUGIN_DATA", "")  # so that it is taken away again
    forget_secrets(beside.settings)
    assert "ESTAFET_SECRET_KEY" not in os.environ
    assert os.environ["PLUGIN_DATA"] == str(beside.settings.home / "plugin-data")
    beside.pool.forget("hostile")
    ticket = beside.open("hostile.secrets")
    beside.call(ticket, now=now_ms())
    assert beside.step(ticket).result == {"seen": []}
