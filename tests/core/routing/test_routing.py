"""Tickets find people: by rules, strategies and limits, at once or as soon as somebody has room, and it is kept why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from core.actors import SYSTEM
from core.errors import Forbidden, Invalid
from core.organisation import NewPerson, add_person
from core.organisation_changes import change_person, change_team
from core.requesters import CustomerRef
from core.routing.store import RuleText, add_rule, all_rules, change_rule, move_rule, remove_rule, rules_of_set, trapped
from core.schema import Person, Skill
from core.tickets.holding import assign, set_availability
from core.tickets.properties import change_ticket
from core.tickets.resolving import resolve

if TYPE_CHECKING:
    from tests.core.conftest import Desk

MORNING, HOUR = 1_795_485_600_000, 3_600_000


def rule(desk: Desk, condition: str, who: Any = SYSTEM, place: int | None = None, **gives: Any) -> int:
    department = gives.pop("of", None)
    with desk.database.write() as tx:
        return add_rule(
            tx, desk.settings, who, RuleText("A rule", condition, gives, department), place=place, now=MORNING
        )


def team(desk: Desk, name: str = "repair", **way: Any) -> None:
    with desk.database.write() as tx:
        change_team(tx, desk.settings, SYSTEM, desk.teams[name], {"routing": way})


def person(desk: Desk, nick: str, **changes: Any) -> None:
    with desk.database.write() as tx:
        change_person(tx, desk.settings, SYSTEM, desk.people[nick].id or 0, changes)


def come(desk: Desk, nick: str, availability: str = "online", now: int = MORNING + HOUR) -> None:
    with desk.database.write() as tx:
        set_availability(tx, desk.settings, desk.people[nick], desk.people[nick].id or 0, availability, now=now)


def skilled(desk: Desk, name: str, **levels: int) -> None:
    with desk.database.write() as tx:
        tx.execute(Skill.__table__.insert().values(name=name, title=name.title()))
    for nick, level in levels.items():
        person(desk, nick, skills={name: level})


def holder(desk: Desk, ticket: int) -> str | None:
    held = desk.row(ticket).holder_id
    return next((nick for nick, actor in desk.people.items() if actor.id == held), None) if held else None


def why(desk: Desk, ticket: int) -> dict[str, Any]:
    return [e for e in desk.events(ticket) if e.kind == "ticket.assigned"][-1].data["why"]


def test_rule_gives_everything(desk: Desk) -> None:
    rina, invoices = desk.people["rina"].id, desk.teams["invoices"]
    skilled(desk, "refunds", rina=3)
    never = rule(desk, 'ticket.channel == "chat"', team=desk.teams["repair"])
    first = rule(
        desk,
        'ticket.subject.contains("refund") && customer.language == "en"',
        team=invoices,
        agent=rina,
        skill="refunds",
        level=2,
        priority="high",
        topic=" refund ",
        tags=["money"],
        sop="standard",
    )
    ticket = desk.open("REFUND please", tags=("web",)).ticket_id
    assert desk.row(desk.open("Refund of my order", topic="order").ticket_id).topic == "order"  # it was named
    row = desk.row(ticket)
    assert (row.department_id, row.team_id, row.holder_id) == (desk.departments["billing"], invoices, rina)
    assert (row.priority, row.topic, row.tags) == (2, "refund", ["money", "web"])
    decided = next(e.data for e in desk.events(ticket) if e.kind == "ticket.routed")
    assert (decided["rule"], decided["version"], decided["failed"]) == (first, 1, "a")
    assert decided["facts"]["ticket.channel"] == "form"
    assert "refund" not in json.dumps(decided["facts"])  # nobody's words are kept
    with desk.database.read() as tx:
        assert [one.id for one in rules_of_set(tx, decided["set"])] == [never, first]
    assert why(desk, ticket)["by"] == "first"
    assert all(len(json.dumps(e.data)) < 1000 for e in desk.events(ticket))


def test_no_rule_costs_nothing(desk: Desk) -> None:
    with desk.database.write() as tx:
        all_rules(tx)

    def counted() -> int:
        seen: list[str] = []
        engine = desk.database._writer

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            desk.open()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    desk.open()
    without = counted()
    for n in range(30):
        rule(desk, f'ticket.product == "P{n}"', team=desk.teams["repair"])
    desk.open()
    assert counted() <= without  # the decision is one of the events that are written together


def test_rules_keep_their_versions(desk: Desk) -> None:
    first = rule(desk, 'ticket.channel == "form"', priority="high")
    old = desk.open().ticket_id
    with desk.database.write() as tx:
        assert (
            change_rule(
                tx, desk.settings, SYSTEM, first, RuleText("A rule", 'ticket.channel == "form"', {"priority": "low"})
            )
            == 2
        )
    new = desk.open().ticket_id
    assert [desk.row(t).priority for t in (old, new)] == [2, 4]
    decided = next(e.data for e in desk.events(old) if e.kind == "ticket.routed")
    with desk.database.read() as tx:
        assert [one.gives["priority"] for one in rules_of_set(tx, decided["set"])] == ["high"]
    with desk.database.write() as tx:
        remove_rule(tx, desk.settings, SYSTEM, first)
    with desk.database.read() as tx:
        assert all_rules(tx) == ()
        assert [one.version for one in rules_of_set(tx, decided["set"])] == [1]
    assert "ticket.routed" not in desk.kinds(desk.open().ticket_id)


def test_leads_change_their_own(desk: Desk) -> None:
    catherine, service, billing = desk.people["catherine"], desk.departments["service"], desk.departments["billing"]
    mine = rule(desk, "", catherine, of=service, team=desk.teams["repair"])
    theirs = rule(desk, "", of=billing, place=1, team=desk.teams["invoices"])
    with pytest.raises(Forbidden), desk.database.write() as tx:
        remove_rule(tx, desk.settings, catherine, theirs)
    with pytest.raises(Forbidden), desk.database.write() as tx:
        move_rule(tx, desk.settings, catherine, mine, 1)  # past a rule of the others
    with pytest.raises(Forbidden):
        rule(desk, "", desk.people["dewi"], of=service, team=desk.teams["repair"])
    with pytest.raises(Invalid):
        rule(desk, "", catherine, of=service, agent=desk.people["rina"].id)
    with desk.database.read() as tx:
        assert [(one.rule, one.code, one.by) for one in trapped(tx)] == [(mine, "shadowed", theirs)]
    with desk.database.write() as tx:
        move_rule(tx, desk.settings, desk.people["mira"], mine, 1)
        assert [one.id for one in all_rules(tx)] == [mine, theirs]


def test_wrong_rules_say_everything(desk: Desk) -> None:
    person(desk, "bagus", active=False)
    with pytest.raises(Invalid) as caught:
        rule(desk, "ticket.colour == 1", agent=desk.people["bagus"].id, team=99, skill="magic", priority="hot", sop="x")
    assert {error.pointer for error in caught.value.errors} == {
        "/condition", "/gives/agent", "/gives/team", "/gives/skill", "/gives/priority", "/gives/sop",
    }  # fmt: skip
    with pytest.raises(Invalid):
        rule(desk, "")


def test_rule_names_who_left(desk: Desk) -> None:
    rule(desk, "", agent=desk.people["bagus"].id)
    person(desk, "bagus", active=False)
    ticket = desk.open().ticket_id
    assert holder(desk, ticket) == "dewi"  # the team's own way is used


def test_turns_skip_nobody(desk: Desk) -> None:
    team(desk, by="round_robin")
    come(desk, "catherine")
    turns = [holder(desk, desk.open(now=MORNING).ticket_id) for _ in range(9)]  # all in the same millisecond
    assert all(set(turns[i : i + 3]) == {"catherine", "dewi", "bagus"} for i in (0, 3, 6))
    team(desk, by="round_robin", people=[desk.people["dewi"].id, desk.people["rina"].id])
    assert {holder(desk, desk.open().ticket_id) for _ in range(2)} == {"dewi", "rina"}
    team(desk, by="round_robin", whole_department=True)
    assert "rina" not in {holder(desk, desk.open().ticket_id) for _ in range(6)}


def test_weights_count_kinds(desk: Desk) -> None:
    team(desk, weights={"urgent": 5, "waiting": 0.1})
    urgent = desk.open(priority="urgent").ticket_id
    heavy = holder(desk, urgent)
    assert {holder(desk, desk.open().ticket_id) for _ in range(4)} == {"dewi" if heavy == "bagus" else "bagus"}
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, SYSTEM, urgent, {"status": "pending_customer"})
    assert holder(desk, desk.open().ticket_id) == heavy


def test_limits_hold_and_backlog_drains(desk: Desk) -> None:
    person(desk, "bagus", availability="away")
    person(desk, "dewi", routing={"max_open": 2, "by_priority": {"urgent": 1}})
    mine = [desk.open(priority="urgent").ticket_id, desk.open().ticket_id]
    assert [holder(desk, t) for t in mine] == ["dewi", "dewi"]
    low, urgent, high = (
        desk.open(priority=p, now=MORNING + i).ticket_id for i, p in enumerate(("low", "urgent", "high"))
    )
    assert [holder(desk, t) for t in (low, urgent, high)] == [None] * 3
    desk.sql("UPDATE department SET queue_order = 'urgency'")
    with desk.database.write() as tx:
        change_team(tx, desk.settings, SYSTEM, desk.teams["repair"], {"queue_order": "urgency"})
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], mine[1], "Done.")
    assert holder(desk, urgent) is None  # one urgent is her limit: the next one in the queue's order is hers
    assert (holder(desk, high), holder(desk, low)) == ("dewi", None)
    person(desk, "dewi", routing={"max_open": 3})
    assert (holder(desk, urgent), holder(desk, low)) == ("dewi", None)
    come(desk, "bagus")
    assert holder(desk, low) == "bagus"
    assert why(desk, low)["passed_over"][str(desk.people["dewi"].id)] == {"open": 3, "limit": 3}


def test_handing_over_makes_room(desk: Desk) -> None:
    person(desk, "bagus", availability="away")
    person(desk, "dewi", routing={"max_open": 1})
    first, waits = desk.open().ticket_id, desk.open().ticket_id
    assert (holder(desk, first), holder(desk, waits)) == ("dewi", None)
    with desk.database.write() as tx:
        assign(tx, desk.settings, desk.people["dewi"], first, person_id=desk.people["bagus"].id)
    assert (holder(desk, first), holder(desk, waits)) == ("bagus", "dewi")


def test_skill_waits_for_somebody(desk: Desk) -> None:
    skilled(desk, "pumps", dewi=1, bagus=2, catherine=5)
    rule(desk, 'ticket.product == "XT372"', skill="pumps", level=2)
    come(desk, "catherine")
    assert holder(desk, desk.open(product="XT372").ticket_id) == "bagus"  # the expert is kept free
    person(desk, "bagus", availability="away")
    person(desk, "catherine", routing={"max_open": 0})
    waits = desk.open(product="XT372").ticket_id
    assert holder(desk, waits) is None
    assert holder(desk, desk.open().ticket_id) == "dewi"
    person(desk, "dewi", skills={"pumps": 3})
    assert holder(desk, waits) == "dewi"
    assert why(desk, waits)["passed_over"][str(desk.people["catherine"].id)] == {"open": 0, "limit": 0}


def test_last_agent_comes_first(desk: Desk) -> None:
    team(desk, last_agent=True)
    sari = CustomerRef("sari@example.com", "Sari")
    before = holder(desk, desk.open(customer=sari).ticket_id)
    other = desk.open(customer=CustomerRef("joko@example.com", "Joko")).ticket_id
    assert holder(desk, other) != before
    assert holder(desk, desk.open(customer=sari).ticket_id) == before
    assert holder(desk, desk.open(customer=sari).ticket_id) == before


def test_offline_gives_back(desk: Desk) -> None:
    team(desk, when_offline="reroute")
    ticket = desk.open().ticket_id
    one = holder(desk, ticket)
    other = "dewi" if one == "bagus" else "bagus"
    come(desk, one or "", "offline")
    assert holder(desk, ticket) == other
    assert why(desk, ticket)["because"] == "offline"
    come(desk, other, "offline")
    assert holder(desk, ticket) is None
    come(desk, one or "")
    assert holder(desk, ticket) == one  # no step waits for a holder any more, and still it finds one
    with desk.database.read() as tx:
        assert tx.execute(select(Person.availability_at).where(Person.nick == one)).scalar_one() == MORNING + HOUR


def test_absence_has_a_stand_in(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    one, rina = holder(desk, ticket) or "", desk.people["rina"].id
    team(desk, when_offline="reroute")
    person(desk, one, routing={"absent_from": 1, "stand_in": rina})
    assert holder(desk, ticket) == "rina"
    rule(desk, "", agent=desk.people[one].id)
    assert holder(desk, desk.open().ticket_id) == "rina"
    person(desk, one, routing={})
    assert holder(desk, desk.open().ticket_id) == one


def test_shifts_are_kept(desk: Desk) -> None:
    for nick in ("dewi", "bagus"):
        person(desk, nick, routing={"hours": "id-jakarta"})
    assert holder(desk, desk.open(now=MORNING).ticket_id) is not None
    night = desk.open(now=MORNING + 12 * HOUR).ticket_id
    assert holder(desk, night) is None


def test_leaving_gives_back(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    one = holder(desk, ticket) or ""
    other = "dewi" if one == "bagus" else "bagus"
    person(desk, other, availability="away")
    person(desk, one, active=False)
    assert holder(desk, ticket) is None
    come(desk, other)
    assert holder(desk, ticket) == other


def test_new_department_is_routed_anew(desk: Desk) -> None:
    rule(desk, 'ticket.department == "billing"', agent=desk.people["rina"].id, priority="urgent")
    rule(desk, "", team=desk.teams["repair"])
    ticket = desk.open().ticket_id
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, desk.people["mira"], ticket, {"department": "billing"})
    row = desk.row(ticket)
    assert (row.team_id, row.priority, holder(desk, ticket)) == (desk.teams["invoices"], 1, "rina")
    assert desk.kinds(ticket).count("ticket.routed") == 2


def test_big_teams_stay_short(desk: Desk) -> None:
    with desk.database.write() as tx:
        for n in range(120):
            there = "away" if n % 2 else "online"
            team_ids = [desk.teams["repair"]]
            new = NewPerson(f"p{n}@lentera.example", f"P {n}", "agent", 1, team_ids, availability=there)
            add_person(tx, SYSTEM, new)
        for n in range(60):
            condition = f'ticket.product == "P{n}" && ticket.hour > {n % 20}'
            add_rule(tx, desk.settings, SYSTEM, RuleText("R", condition, {"priority": "high"}))
    ticket = desk.open().ticket_id
    assert why(desk, ticket)["more"] > 80
    assert all(len(json.dumps(e.data)) < 1000 for e in desk.events(ticket))


TAKES_REFUNDS = """
sop: money-back
start:
  if: ticket.topic == "refund"
do: [Pay]
"""


def test_rule_topic_starts_its_procedure(desk: Desk) -> None:
    """A mail says no topic: a rule reads it from the subject, and the procedure of the topic begins. The same where a ticket comes to later."""
    desk.publish(TAKES_REFUNDS)
    rule(desk, 'ticket.subject.contains("refund")', topic="refund")
    ticket = desk.open("Refund of INV-7001", channel="email").ticket_id
    assert desk.row(ticket).topic == "refund"
    assert desk.sql("SELECT name FROM sop JOIN sop_version v ON v.sop_id = sop.id JOIN run ON run.version_id = v.id")[
        -1
    ] == ("money-back",)
    assert desk.row(desk.open("Kulkas bocor").ticket_id).topic is None
    rule(desk, 'ticket.department == "billing"', topic="invoice")
    other = desk.open("My invoice").ticket_id
    with desk.database.write() as tx:
        change_ticket(tx, desk.settings, desk.people["dewi"], other, {"department": "billing"}, now=MORNING + HOUR)
    assert desk.row(other).topic == "invoice"
