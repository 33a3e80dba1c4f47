"""A customer's message is read: the priority rises, colleagues are called in, once on a ticket, and the timeline says why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from core import skills
from core.actors import SYSTEM
from core.actors import customer as as_customer
from core.alerts import page
from core.alerts.words import headline
from core.department_changes import change_department
from core.directory import directory
from core.errors import Conflict, Forbidden, Invalid
from core.noticing import store
from core.noticing.changing import change_rule, create_rule
from core.organisation_changes import change_person
from core.schema import Watcher
from core.tickets.conversation import IncomingMessage, receive_reply
from core.tickets.holding import assign, set_availability
from core.tickets.properties import change_ticket
from tests.core.conftest import HOUR, MORNING

if TYPE_CHECKING:
    from tests.core.conftest import Desk

STUCK = {"words": ["sistem macet"], "priority": "high"}
EXPERT = {"how": "reassign", "skill": "network", "level": 4}


def add(desk: Desk, title: str, data: dict[str, Any], **place: Any) -> int:
    with desk.database.write() as tx:
        return create_rule(tx, SYSTEM, title, data, now=MORNING, **place)


def say(desk: Desk, ticket: int, text: str, now: int = MORNING + HOUR, **more: Any) -> None:
    with desk.database.write() as tx:
        them = as_customer(desk.row(ticket).customer_id, "Sari")
        receive_reply(tx, desk.settings, them, ticket, IncomingMessage("Re: Kulkas", text, **more), now=now)


def level(desk: Desk, nick: str, number: int) -> None:
    with desk.database.write() as tx:
        if "network" not in directory(tx).skills:
            skills.add_skill(tx, SYSTEM, "network", "Network")
        change_person(tx, desk.settings, SYSTEM, desk.people[nick].id or 0, {"skills": {"network": number}})


def told(desk: Desk, ticket: int, kind: str) -> list[dict[str, Any]]:
    return [one.data for one in desk.events(ticket) if one.kind == kind]


def test_keyword_raises_priority_once(desk: Desk) -> None:
    rule = add(desk, "Stuck", {**STUCK, "channels": ["email", "form"]}, team_id=desk.teams["repair"])
    ticket = desk.open("Kulkas", body="Sistemnya macet.").ticket_id
    assert desk.row(ticket).priority == 2
    [noticed] = told(desk, ticket, "words.noticed")
    expected = {"rule": rule, "version": 1, "word": "sistem macet", "where": "text", "priority": ["medium", "high"]}
    assert expected.items() <= noticed.items()
    changed = next(one for one in desk.events(ticket) if one.kind == "ticket.changed")
    assert changed.data["priority"] == ["medium", "high"]
    assert changed.data["why"]["noticed"]["rule"] == rule
    with desk.database.write() as tx:  # a person thinks otherwise, and stays right
        change_ticket(tx, desk.settings, desk.people["dewi"], ticket, {"priority": "low"}, now=MORNING + 1)
    say(desk, ticket, "Sistem macet lagi!")
    assert desk.row(ticket).priority == 4
    assert len(told(desk, ticket, "words.noticed")) == 1
    assert desk.row(desk.open("Sistem macet", channel="chat").ticket_id).priority == 3  # another channel
    assert desk.row(desk.open("Sistem macet", department="billing").ticket_id).priority == 3  # another team


def test_later_message_is_read_without_its_quotation(desk: Desk) -> None:
    add(desk, "Stuck", STUCK)
    with desk.database.write() as tx:  # the third message without an answer would be noticed, too
        change_department(tx, SYSTEM, desk.departments["service"], {"upset": {"threshold": 0}})
    ticket = desk.open().ticket_id
    say(desk, ticket, "Terima kasih.\n\nOn Mon, 1 June 2026 at 10:00, Dewi <d@lentera.example> wrote:\n> sistem macet")
    say(desk, ticket, "Baik", visible="Baik", folded="-- \nToko Sistem Macet")
    say(desk, ticket, "Sistem macet", automatic="auto_reply")
    assert desk.row(ticket).priority == 3
    say(desk, ticket, "Sekarang sistem macet.")
    assert desk.row(ticket).priority == 2
    assert told(desk, ticket, "words.noticed")[0]["message"] == desk.row(ticket).last_message_id


def test_tag_word_gives_it_to_the_experienced(desk: Desk) -> None:
    level(desk, "bagus", 4)
    level(desk, "dewi", 2)
    rule = add(desk, "Experts", {"words": ["sistem macet"], "call": EXPERT}, department_id=desk.departments["service"])
    ticket = desk.open().ticket_id
    dewi, bagus = desk.people["dewi"].id, desk.people["bagus"].id
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, ticket, person_id=dewi, now=MORNING)
    say(desk, ticket, "Sistem macet semua")
    assert desk.row(ticket).holder_id == bagus
    why = told(desk, ticket, "ticket.assigned")[-1]["why"]
    assert (why["because"], why["noticed"]["rule"], why["level"]) == ("words", rule, 4)
    assert len(json.dumps(why)) < 1000
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, ticket, person_id=dewi, now=MORNING)
    say(desk, ticket, "Sistem macet terus")
    assert desk.row(ticket).holder_id == dewi  # once
    first = desk.open("Sistem macet").ticket_id  # already in its first message, also when somebody else has fewer
    assert desk.row(first).holder_id == bagus


def test_helper_is_added_and_told(desk: Desk) -> None:
    level(desk, "bagus", 5)
    add(desk, "Help", {"words": ["macet"], "call": {**EXPERT, "how": "helper"}})
    ticket = desk.open().ticket_id
    dewi, bagus = desk.people["dewi"].id or 0, desk.people["bagus"].id or 0
    with desk.database.write() as tx:
        assign(tx, desk.settings, SYSTEM, ticket, person_id=dewi, now=MORNING)
        change_person(tx, desk.settings, SYSTEM, bagus, {"max_open": 0})  # limits are for what one holds
    say(desk, ticket, "Macet!")
    assert desk.row(ticket).holder_id == dewi
    [called] = told(desk, ticket, "helper.called")
    assert (called["to"], called["how"]) == (bagus, "helper")
    with desk.database.read() as tx:
        [mine] = page.mine(tx, bagus)
        assert (mine.kind, mine.ticket_id) == ("called", ticket)
        assert headline(mine.kind, mine.facts) == "You are asked to help: “macet” stands in the customer's message"
        assert [tuple(row) for row in tx.execute(select(Watcher.person_id, Watcher.by))] == [(bagus, "words")]


def test_nobody_there_asks_the_lead(desk: Desk) -> None:
    level(desk, "bagus", 4)
    with desk.database.write() as tx:
        set_availability(tx, desk.settings, SYSTEM, desk.people["bagus"].id or 0, "offline", now=MORNING)
    add(desk, "Experts", {"words": ["macet"], "call": EXPERT})
    ticket = desk.open("Macet").ticket_id
    assert desk.row(ticket).holder_id == desk.people["dewi"].id
    [called] = told(desk, ticket, "helper.called")
    assert (called["to"], called["how"]) == (desk.people["catherine"].id, "lead")
    assert called["why"]["passed_over"][str(desk.people["bagus"].id)]["availability"] == "offline"
    level(desk, "dewi", 5)
    held = desk.open("Macet lagi").ticket_id
    assert told(desk, held, "helper.called")[0]["how"] == "there"  # whoever holds it is the one


def test_message_costs_nothing_without_rules(sqlite_desk: Desk) -> None:
    desk = sqlite_desk

    def statements(subject: str) -> int:
        n: list[str] = []
        note = lambda _c, _k, text, *_: n.append(text)  # noqa: E731
        event.listen(desk.database._writer, "before_cursor_execute", note)
        desk.open(subject)
        event.remove(desk.database._writer, "before_cursor_execute", note)
        return len(n)

    statements("Kulkas")
    without = statements("Kulkas")
    for i in range(20):
        add(desk, f"Rule {i}", {"words": [f"kata{i}", "listrik padam"], "priority": "high"})
    statements("Kulkas")
    assert statements("Kulkas") == without
    ticket = desk.open("Listrik padam").ticket_id
    assert len(told(desk, ticket, "words.noticed")) == 20


def test_rules_are_checked_and_versioned(desk: Desk) -> None:
    lead = desk.people["catherine"]
    with desk.database.write() as tx:
        wrong = {"words": ["a b c d e f g"], "channels": ["fax"], "language": "fr", "call": {"person": 99}, "x": 1}
        with pytest.raises(Invalid) as refused:
            create_rule(tx, SYSTEM, " ", wrong)
        pointers = {one.pointer for one in refused.value.errors}
        assert pointers == {"/title", "/data/x", "/data/words", "/data/channels", "/data/language", "/data/call/person"}
        with pytest.raises(Invalid):
            create_rule(tx, SYSTEM, "Nothing", {"words": ["x"]})
        with pytest.raises(Forbidden):
            create_rule(tx, lead, "Firm", STUCK)
        rule = create_rule(tx, lead, "Ours", STUCK, department_id=desk.departments["service"], now=MORNING)
        change_rule(tx, lead, rule, data={**STUCK, "words": ["macet"]}, version=1, now=MORNING)
        with pytest.raises(Conflict):
            change_rule(tx, lead, rule, title="Theirs", version=1)
        change_rule(tx, lead, rule, active=False)
        assert [row.number for row in store.versions(tx, rule)] == [2, 1]
        assert store.one_rule(tx, rule).active is False
    assert desk.row(desk.open("Macet").ticket_id).priority == 3
