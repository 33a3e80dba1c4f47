"""Running tickets move to a newer version; what is done is not done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.actors import SYSTEM
from core.errors import Forbidden, Refused
from core.procedures import publish
from core.studio.moving import move_ticket, preview

if TYPE_CHECKING:
    from tests.core.conftest import Desk  # type: ignore[import-not-found]

NOW = 1_795_485_600_000
OLD = """sop: care
start: {if: 'ticket.channel == "form"', priority: 90}
do:
  - received: {notify: {to: customer, template: received}}
  - look: {task: Look into it, due: PT4H}
  - finish: {resolve: {require: [resolution]}}
"""
RENAMED = OLD.replace("look: {task", "examine: {was: look, task")
GONE = OLD.replace("  - look: {task: Look into it, due: PT4H}\n", "  - call: {task: Call them}\n")


@pytest.fixture
def running(desk: Desk) -> tuple[int, int]:
    """(SOP, ticket): a ticket that stands at `look`."""
    mine = desk.departments["service"]
    with desk.database.write() as tx:
        sop_id = publish(tx, SYSTEM, OLD, department_id=mine, now=NOW).sop_id
    ticket_id = desk.open(department="service").ticket_id
    assert desk.open_step(ticket_id).name == "look"
    return sop_id, ticket_id


def release(desk: Desk, text: str) -> None:
    with desk.database.write() as tx:
        publish(tx, SYSTEM, text, department_id=desk.departments["service"], now=NOW + 1)


def test_renamed_step_goes_on(desk: Desk, running: tuple[int, int]) -> None:
    sop_id, ticket_id = running
    before = desk.open_step(ticket_id)
    effects = len(desk.effects(ticket_id))
    release(desk, RENAMED)
    with desk.database.write() as tx:
        found = preview(tx, desk.people["catherine"], sop_id, 1)
        assert [(one.ticket_id, one.group, one.open) for one in found.candidates] == [(ticket_id, "safe", ("look",))]
        move_ticket(tx, desk.settings, desk.people["catherine"], sop_id, ticket_id, now=NOW + 2)
    after = desk.open_step(ticket_id)
    assert (after.name, after.path, after.id, after.due_at) == ("examine", "examine", before.id, before.due_at)
    assert len(desk.effects(ticket_id)) == effects
    assert "run.moved" in desk.kinds(ticket_id)
    with desk.database.read() as tx:
        assert preview(tx, desk.people["catherine"], sop_id, 1).candidates == ()


def test_lost_step_needs_a_choice(desk: Desk, running: tuple[int, int]) -> None:
    sop_id, ticket_id = running
    release(desk, GONE)
    lead = desk.people["catherine"]
    with desk.database.write() as tx:
        one = preview(tx, lead, sop_id, 1).candidates[0]
        assert (one.group, one.missing) == ("choice", ("look",))
        with pytest.raises(Refused, match="does not have it"):
            move_ticket(tx, desk.settings, lead, sop_id, ticket_id, now=NOW + 2)
        chosen = {"look": "call"}
        assert preview(tx, lead, sop_id, 1, chosen).candidates[0].group == "safe"
        move_ticket(tx, desk.settings, lead, sop_id, ticket_id, choices=chosen, now=NOW + 2)
    assert desk.open_step(ticket_id).name == "call"


def test_leads_may_move_anyway(desk: Desk, running: tuple[int, int]) -> None:
    sop_id, ticket_id = running
    release(desk, GONE)
    with desk.database.write() as tx:
        move_ticket(tx, desk.settings, desk.people["catherine"], sop_id, ticket_id, anyway=True, now=NOW + 2)
    assert desk.open_step(ticket_id).name == "call"


def test_agents_do_not_move(sqlite_desk: Desk) -> None:
    with sqlite_desk.database.write() as tx:
        sop_id = publish(tx, SYSTEM, OLD, department_id=sqlite_desk.departments["service"], now=NOW).sop_id
        with pytest.raises(Forbidden):
            preview(tx, sqlite_desk.people["dewi"], sop_id, 1)
