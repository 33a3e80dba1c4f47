"""Which tickets of the past a draft would have taken, and that they are read from the database as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.directory import directory
from core.procedures import find_published
from core.schema import StepVisit
from core.sop.reading import load
from core.studio.replay.arriving import as_it_arrived
from core.studio.replay.choosing import FOLLOWED, TAKEN, Wanted, choose
from core.studio.replay.telling import as_json, as_lines
from core.studio.replaying import replay, replay_one
from core.tickets.properties import change_ticket
from core.tickets.steps import complete_step
from core.timeline import Happening

if TYPE_CHECKING:
    from tests.core.conftest import Desk  # type: ignore[import-not-found]

MORNING, HOUR = 1_795_485_600_000, 3_600_000
PAID = """sop: paid
start: {if: 'ticket.topic == "refund"', priority: 5}
do:
  - look: {task: Look at it}
  - finish: {resolve: {require: [resolution]}}
"""


def wanted(text: str, **more: Any) -> Wanted:
    return Wanted(load(text), more.pop("sop_id", 0), more.pop("department_id", None), more.pop("last", 50), **more)


def done(desk: Desk, ticket: int, now: int, **fields: Any) -> None:
    with desk.database.write() as tx:
        step = tx.execute(
            select(StepVisit.id).where(
                StepVisit.ticket_id == ticket, StepVisit.state == "open", StepVisit.kind.in_(["task", "resolve"])
            )
        ).scalar_one()
        complete_step(tx, desk.settings, desk.people["dewi"], ticket, int(step), now=now, **fields)


def test_tickets_are_chosen_as_they_arrived(desk: Desk) -> None:
    opened = [
        desk.open(f"Refund {n}", department="service", topic=topic, now=MORNING + n).ticket_id
        for n, topic in enumerate(("refund", "refund", "invoice", None))
    ]
    dewi = desk.people["dewi"]
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, dewi, opened[0], {"topic": "other", "priority": "high"}, now=MORNING + HOUR)
        change_ticket(tx, desk.settings, dewi, opened[2], {"topic": "refund"}, now=MORNING + HOUR)
    rule = 'sop: mine\nstart: {if: \'ticket.topic == "refund" && ticket.priority == "medium"\'}\ndo: [A]\n'
    with desk.database.read() as tx:
        firm = directory(tx)
        catherine, rina = desk.people["catherine"], desk.people["rina"]
        chosen = choose(tx, catherine, firm, wanted(rule, also_open=True))
        assert [one.id for one in chosen.tickets] == [opened[1], opened[0]]
        assert (chosen.looked_at, chosen.unsure, chosen.taken_from()) == (4, 0, [("standard", 4, 2)])
        assert choose(tx, catherine, firm, wanted(rule)).tickets == []  # none has ended
        assert [one.id for one in choose(tx, catherine, firm, wanted(rule, also_open=True, last=1)).tickets] == [
            opened[1]
        ]
        assert choose(tx, rina, firm, wanted(rule, also_open=True)).looked_at == 0  # another department
        assert choose(tx, catherine, firm, wanted("sop: mine\ndo: [A]\n", also_open=True)).looked_at == 0  # no rule
        billing = wanted(rule, also_open=True, department_id=desk.departments["billing"])
        assert choose(tx, desk.people["mira"], firm, billing).looked_at == 0
    desk.publish(PAID)  # it comes first: its priority is higher
    with desk.database.read() as tx:
        chosen = choose(tx, desk.people["catherine"], firm, wanted(rule, also_open=True))
    assert (chosen.tickets, chosen.beaten) == ([], 2)


def test_what_was_not_kept_is_not_known(sqlite_desk: Desk) -> None:
    opened = sqlite_desk.open("Refund", department="service", topic="refund")
    sqlite_desk.sql(
        "INSERT INTO event (stream, stream_id, seq, at, kind, actor_kind, data)"
        " VALUES ('ticket', :id, 900, :at, 'ticket.changed', 'person', '{\"properties\": [\"topic\"]}')",
        id=opened.ticket_id,
        at=MORNING + HOUR,
    )
    rule = "sop: mine\nstart: {if: 'ticket.topic == \"refund\"'}\ndo: [A]\n"
    with sqlite_desk.database.read() as tx:
        chosen = choose(tx, sqlite_desk.people["mira"], directory(tx), wanted(rule, also_open=True))
    assert (chosen.tickets, chosen.unsure) == ([], 1)


def test_changes_are_undone_from_the_newest(sqlite_desk: Desk) -> None:
    with sqlite_desk.database.read() as tx:
        firm = directory(tx)
    service = sqlite_desk.departments["service"]
    told = [
        (
            "ticket.opened",
            {"channel": "email", "department": service, "team": sqlite_desk.teams["repair"], "priority": 4},
        ),
        ("ticket.changed", {"properties": ["tags"], "tags": [["new"], ["new", "late"]]}),
        ("ticket.changed", {"property": "product", "refused": False}),
        ("ticket.changed", {"properties": ["product"], "product": ["fridge", "freezer"]}),
        ("ticket.changed", {"property": "class", "from": "standard", "to": "vip"}),
        ("ticket.changed", {"properties": ["topic"], "topic": [None, "refund"]}),
    ]
    events = [
        Happening(n, "ticket", 1, n, MORNING + n, kind, "person", 1, None, service, data)
        for n, (kind, data) in enumerate(told)
    ]
    now = {"topic": "refund", "tags": ["new", "late"], "product": "freezer", "priority": "high", "status": "closed"}
    arrived = as_it_arrived(MORNING, now, {"class": "vip"}, events, firm)
    assert {name: arrived.ticket[name] for name in ("topic", "tags", "priority", "team", "status")} == {
        "topic": None,
        "tags": ["new"],
        "priority": "low",
        "team": "repair",
        "status": "open",
    }
    assert (arrived.customer["class"], arrived.unknown) == ("standard", {"ticket.product"})


def test_past_is_replayed(desk: Desk) -> None:
    ticket = desk.open(department="service").ticket_id
    done(desk, ticket, MORNING + HOUR, choice="solved")
    done(desk, ticket, MORNING + 2 * HOUR, fields={"resolution": "Done"})
    catherine, now = desk.people["catherine"], MORNING + 90 * 24 * HOUR
    with desk.database.read() as tx:
        standard = find_published(tx, "standard")
        assert standard is not None
        for which in (TAKEN, FOLLOWED):
            ask = Wanted(standard.sop, standard.sop_id, None, 50, which)
            found = replay(tx, catherine, ask, now)
            assert [(one.ticket_id, one.verdict.code, one.work) for one in found.tickets] == [(ticket, "same", 0)]
            assert replay(tx, desk.people["rina"], ask, now).tickets == ()
        call = "sop: standard\ndo:\n  - call: {task: Call them}\n  - resolve: {resolve: {require: [resolution]}}\n"
        other = replay(tx, catherine, Wanted(load(call), standard.sop_id, None, 50), now)
        one = replay_one(tx, catherine, Wanted(load(call), standard.sop_id, None, 50), ticket, now)
    assert (other.tickets[0].verdict, one.before) == (one.verdict, other.tickets[0].before)
    assert "“Call them” is new in this draft." in one.verdict.why
    told = as_json(other)
    assert (told["summary"]["different"], told["tickets"][0]["ticket"]) == (1, ticket)
    assert any(line.startswith(f"{ticket}: ") for line in as_lines(other))
