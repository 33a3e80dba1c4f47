"""Open tickets meet changed rules again: seen before, then done in steps, each once, with a record; it can be cancelled and survives a kill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from core.actors import SYSTEM
from core.errors import Conflict, Forbidden, Refused
from core.organisation_changes import change_person
from core.routing.store import RuleText, add_rule, change_rule
from core.schema import Rerouted
from core.tickets import bulk_rerouting as bulk
from core.tickets.bulk_preview import Preview, preview
from core.tickets.bulk_verdicts import Chosen, verdicts
from core.tickets.holding import assign, offer_baton, set_availability
from core.tickets.resolving import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.conftest import Desk

MORNING, HOUR = 1_795_485_600_000, 3_600_000
ALL = Chosen(unassigned=False)


def rule(desk: Desk, condition: str, **gives: Any) -> int:
    with desk.database.write() as tx:
        return add_rule(tx, desk.settings, SYSTEM, RuleText(f"Rule {condition}", condition, gives), now=MORNING)


def seen(desk: Desk, chosen: Chosen = ALL, who: Any = SYSTEM, **values: Any) -> Preview:
    with desk.database.read() as tx:
        return preview(tx, who, chosen, now=MORNING + HOUR, **values)


def begin(desk: Desk, chosen: Chosen = ALL, who: Any = SYSTEM, **values: Any) -> bulk.Job:
    with desk.database.write() as tx:
        return bulk.begin(tx, who, chosen, now=MORNING + HOUR, **values)


def step(desk: Desk) -> int:
    with desk.database.write() as tx:
        return bulk.reroute_next(tx, desk.settings, MORNING + HOUR)


def run(desk: Desk) -> None:
    while bulk.go_on(desk.database, desk.settings):
        pass


def job_of(desk: Desk, job_id: int) -> bulk.Job:
    with desk.database.read() as tx:
        return bulk.job(tx, SYSTEM, job_id)


def states(desk: Desk) -> dict[int, tuple[Any, ...]]:
    rows = desk.sql("SELECT id, department_id, team_id, priority, topic, tags, holder_id FROM ticket ORDER BY id")
    return {row[0]: tuple(row[1:-1]) for row in rows}


@pytest.fixture
def busy(desk: Desk) -> tuple[Desk, dict[str, int]]:
    """Tickets of all sorts, opened before there were rules."""
    found = {name: desk.open(f"{name} of my order", channel=channel).ticket_id for name, channel in (
        ("refund", "email"), ("invoice", "form"), ("fridge", "form"), ("chat", "chat"), ("done", "email"),
    )}  # fmt: skip
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], found["done"], "It works.", now=MORNING)
    rule(desk, 'ticket.subject.contains("refund")', team=desk.teams["invoices"], priority="high", topic="refund")
    rule(desk, 'ticket.subject.contains("invoice")', department=desk.departments["billing"], tags=["money"])
    rule(desk, 'ticket.channel == "chat"', agent=desk.people["dewi"].id)
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, found["chat"], person_id=desk.people["bagus"].id, now=MORNING)
        assign(tx, desk.settings, SYSTEM, found["refund"], person_id=desk.people["bagus"].id, now=MORNING)
        offer_baton(tx, desk.settings, desk.people["bagus"], found["refund"], desk.people["dewi"].id or 0, now=MORNING)
    return desk, found


def test_preview_is_what_is_done(busy: tuple[Desk, dict[str, int]]) -> None:
    desk, tickets = busy
    before = states(desk)
    found = seen(desk)
    assert (found.total, found.sorts) == (4, {"changes": 3, "same": 1, "cannot": 0})
    assert found.names == {"department": 2, "team": 2, "priority": 1, "topic": 1, "tags": 1, "holder": 3}
    foreseen = {one.row.id: one for one in found.page}
    assert set(foreseen) == {tickets[name] for name in ("refund", "invoice", "chat")}
    assert foreseen[tickets["chat"]].moves == {"holder": (desk.people["bagus"].id, desk.people["dewi"].id)}
    assert states(desk) == before  # nothing was changed by looking
    job = begin(desk, rules=found.rules)
    run(desk)
    ended = job_of(desk, job.id)
    assert (ended.state, ended.done, ended.changed, ended.refused) == ("done", 4, 3, 0)
    for ticket, one in foreseen.items():
        assert one.found is not None
        row = desk.row(ticket)
        assert (row.department_id, row.team_id, row.priority, row.topic) == (
            one.found.department_id,
            one.found.team_id,
            one.found.priority,
            one.found.topic,
        )
    assert desk.row(tickets["invoice"]).tags == ["money"]
    assert desk.row(tickets["chat"]).holder_id == desk.people["dewi"].id
    assert desk.row(tickets["refund"]).holder_id == desk.people["rina"].id
    assert states(desk)[tickets["fridge"]] == before[tickets["fridge"]]
    assert desk.sql("SELECT state FROM handover") == [("withdrawn",)]
    routed = next(e for e in desk.events(tickets["refund"]) if e.kind == "ticket.routed")
    assert routed.data["job"] == job.id
    assert routed.data["moved"]["priority"] == ["medium", "high"]
    given = [e for e in desk.events(tickets["refund"]) if e.kind == "ticket.assigned"][-1]
    assert given.data["why"]["because"] == "rules"
    with desk.database.read() as tx:
        rows = {row.ticket_id: row for row in bulk.done_page(tx, job.id)}
    assert set(rows) == set(foreseen)
    assert rows[tickets["chat"]].moved == {"holder": [desk.people["bagus"].id, desk.people["dewi"].id]}
    assert seen(desk).sorts["changes"] == 0  # a second time there is nothing left to do


def test_goes_on_after_a_kill(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PIECE", 2)
    tickets = [desk.open(f"Refund {n}").ticket_id for n in range(5)]
    rule(desk, 'ticket.subject.contains("refund")', team=desk.teams["invoices"])
    job = begin(desk)
    with pytest.raises(Conflict, match="0 of 5"):
        begin(desk)
    assert step(desk) == 2
    real, calls = bulk.walk_on, list[int]()

    def killed(tx: Any, settings: Any, row: Any, now: int, **more: Any) -> Any:
        calls.append(row.id)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(tx, settings, row, now, **more)

    monkeypatch.setattr(bulk, "walk_on", killed)
    with pytest.raises(KeyboardInterrupt):
        step(desk)
    assert job_of(desk, job.id).done == 2  # what the killed piece had begun is as if it had never been
    assert desk.row(tickets[2]).team_id == desk.teams["repair"]
    monkeypatch.setattr(bulk, "walk_on", real)
    run(desk)
    ended = job_of(desk, job.id)
    assert (ended.state, ended.done, ended.changed) == ("done", 5, 5)
    for ticket in tickets:
        assert desk.row(ticket).team_id == desk.teams["invoices"]
        assert desk.kinds(ticket).count("ticket.routed") == 1
    with desk.database.read() as tx:
        assert len(tx.execute(select(Rerouted.ticket_id)).all()) == 5


def test_cancel_ends_it_in_the_middle(sqlite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = sqlite_desk
    monkeypatch.setattr(bulk, "PIECE", 2)
    tickets = [desk.open(f"Refund {n}").ticket_id for n in range(4)]
    first = rule(desk, 'ticket.subject.contains("refund")', team=desk.teams["invoices"])
    job = begin(desk)
    step(desk)
    with desk.database.write() as tx:
        assert bulk.cancel(tx, desk.people["mira"], job.id, now=MORNING + HOUR).state == "cancelled"
        assert bulk.cancel(tx, desk.people["mira"], job.id).ended_by == desk.people["mira"].id
    assert step(desk) == 0
    assert [desk.row(one).team_id == desk.teams["invoices"] for one in tickets] == [True, True, False, False]
    again = begin(desk)  # what is left can be done by another one
    with desk.database.write() as tx:
        change_rule(tx, desk.settings, SYSTEM, first, RuleText("Other", "", {"tags": ["x"]}), now=MORNING)
    run(desk)
    assert job_of(desk, again.id).state == "overtaken"  # other rules hold than those that were seen
    assert desk.row(tickets[3]).tags == []


def test_only_what_was_chosen(desk: Desk) -> None:
    with desk.database.write() as tx:
        for nick in ("dewi", "bagus"):
            set_availability(tx, desk.settings, desk.people[nick], desk.people[nick].id or 0, "offline", now=MORNING)
    waiting = desk.open("Refund", tags=("vip", "urgent")).ticket_id
    desk.open("Refund")
    held = desk.open("Refund", tags=("vip",), channel="chat").ticket_id
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, held, person_id=desk.people["bagus"].id, now=MORNING)
    rule(desk, "", team=desk.teams["invoices"])
    service, billing = desk.departments["service"], desk.departments["billing"]
    for chosen, n in (
        (Chosen(), 2),
        (ALL, 3),
        (Chosen(unassigned=False, tag="vip"), 2),
        (Chosen(unassigned=False, channel="chat"), 1),
        (Chosen(department_id=service, team_id=desk.teams["repair"]), 2),
        (Chosen(department_id=billing), 0),
    ):
        assert seen(desk, chosen).total == n, chosen
    assert seen(desk, Chosen(), desk.people["catherine"]).total == 2  # a lead: of the own department
    with pytest.raises(Forbidden):
        seen(desk, Chosen(department_id=billing), desk.people["catherine"])
    found = seen(desk)
    with pytest.raises(Conflict, match="changed since you looked"):
        begin(desk, rules=found.rules - 1)
    job = begin(desk, Chosen(tag="vip"), desk.people["catherine"], rules=found.rules)
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, waiting, person_id=desk.people["dewi"].id, now=MORNING)
    run(desk)
    assert job_of(desk, job.id).done == 0  # somebody has taken it meanwhile
    with desk.database.read() as tx:
        assert [one.id for one in bulk.recent(tx, desk.people["catherine"])] == [job.id]


def test_who_is_full_takes_nothing_over(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    chat = desk.open("Help", channel="chat").ticket_id
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, chat, person_id=desk.people["bagus"].id, now=MORNING)
        change_person(tx, desk.settings, SYSTEM, desk.people["dewi"].id or 0, {"routing": {"max_open": 0}})
    with pytest.raises(Refused):
        begin(desk)
    rule(desk, 'ticket.channel == "chat"', agent=desk.people["dewi"].id)
    job = begin(desk)
    run(desk)
    assert desk.row(chat).holder_id == desk.people["bagus"].id
    assert (job_of(desk, job.id).done, job_of(desk, job.id).changed) == (1, 0)


STRICT = """
sop: careful
mode: strict
start: {if: 'ticket.topic == "refund"'}
do:
  - first: {task: Look at it}
  - rank: {set: {ticket.priority: urgent}}
"""


def test_strict_procedure_keeps_its_own(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    desk.publish(STRICT)
    strict = desk.open("Refund", topic="refund").ticket_id
    rule(desk, "", priority="high", tags=["money"])
    found = seen(desk, sort="cannot")
    assert found.sorts == {"changes": 0, "same": 0, "cannot": 1}
    assert found.page[0].kept == ("priority",)
    job = begin(desk)
    run(desk)
    assert (job_of(desk, job.id).refused, desk.row(strict).priority, desk.row(strict).tags) == (1, 3, [])
    with desk.database.read() as tx:
        assert bulk.done_page(tx, job.id)[0].refused == "priority"


def counted(desk: Desk, act: Callable[[], Any]) -> int:
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    for engine in (desk.database._writer, desk.database._reader):
        event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        for engine in (desk.database._writer, desk.database._reader):
            event.remove(engine, "before_cursor_execute", note)
    return len(said)


def test_step_asks_no_more_for_more(desk: Desk) -> None:
    for n in range(3):
        desk.open(f"Fridge {n}", channel="email")
    rule(desk, 'ticket.channel == "email"', tags=["mail"])
    begin(desk)
    few = counted(desk, lambda: verdict_count(desk))
    step(desk)
    begin(desk)
    quiet = counted(desk, lambda: step(desk))
    for n in range(12):
        desk.open(f"Fridge {n}", channel="email")
    assert counted(desk, lambda: verdict_count(desk)) == few
    begin(desk)
    assert counted(desk, lambda: step(desk)) == quiet


def verdict_count(desk: Desk) -> int:
    with desk.database.read() as tx:
        return len(verdicts(tx, list(range(1, 100)), MORNING))
