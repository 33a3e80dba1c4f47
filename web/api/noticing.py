"""What is noticed in customers' words: the word rules with their versions, and a try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.directory import directory
from core.noticing import store
from core.noticing.changing import change_rule, create_rule
from core.noticing.sensing import say_no
from core.noticing.trying import Tried, try_message
from core.permissions import require
from core.tickets.access import know
from web.api import references
from web.api import shapes_noticing as shapes
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import Ticket, listed
from web.api.shapes_work import Nothing
from web.api.ticket_json import etag, ticket_json
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory

part = Part("noticing", __name__, "What is noticed in customers' words: watched words, and that somebody is upset.")


@part.command("/tickets/<int:ticket_id>/not-upset")
@part.arguments(Nothing)
@part.response(200, Ticket)
def not_upset(_given: dict[str, Any], ticket_id: int) -> Response:
    """Say that the customer is not upset: the mark goes, and the priority is what it was unless it was changed since"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        say_no(tx, settings(), caller(), ticket_id)
        changed = ticket_json(tx, ticket_id)
        return Answer(changed, headers=etag(changed))

    return command(work)


@part.reading("/word-rules")
@part.response(200, listed(shapes.WordRule))
def list_word_rules() -> Response:
    """The word rules: managers see all, leads those of their department and of the whole firm"""
    with database().read() as tx:
        firm = directory(tx)
        return items([_rule(firm, row) for row in store.visible(tx, caller())])


def _rule(firm: Directory, row: store.RuleRow) -> dict[str, Any]:
    team, department = firm.teams.get(row.team_id or 0), firm.departments.get(row.department_id or 0)
    data, call = dict(row.data), row.data.get("call", {})
    if call.get("person") in firm.people:
        data["call"] = {**call, "person": firm.people[call["person"]].nick}
    return {
        "id": row.id,
        "title": row.title,
        "department": department.name if department else None,
        "team": team.name if team else None,
        "version": row.version,
        "active": row.active,
        "data": data,
    }


@part.command("/word-rules")
@part.arguments(shapes.NewWordRule)
@part.response(201, shapes.WordRule)
def create_word_rule(given: dict[str, Any]) -> Response:
    """A new rule (managers; leads for their department)"""

    def work(tx: Connection) -> Answer:
        firm = directory(tx)
        named, team = given["department"], given["team"]
        rule_id = create_rule(
            tx,
            caller(),
            given["title"],
            _data(firm, given["data"]),
            department_id=None if named is None else references.department(firm, named, "/department").id,
            team_id=None if team is None else references.team(firm, team, "/team").id,
        )
        return Answer(_rule(firm, store.one_rule(tx, rule_id)), 201, {"Location": f"/api/v1/word-rules/{rule_id}"})

    return command(work)


def _data(firm: Directory, given: dict[str, Any]) -> dict[str, Any]:
    """A colleague may be named as everywhere."""
    call = given.get("call")
    if isinstance(call, dict) and call.get("person") is not None:
        person = references.person(firm, call["person"], "/data/call/person")
        return {**given, "call": {**call, "person": person.id}}
    return given


@part.reading("/word-rules/<int:word_rule_id>")
@part.response(200, shapes.WordRule)
def read_word_rule(word_rule_id: int) -> Response:
    """One word rule (leads)"""
    with database().read() as tx:
        return answer(_rule(directory(tx), store.visible_rule(tx, caller(), word_rule_id)))


@part.changing("/word-rules/<int:word_rule_id>")
@part.arguments(shapes.WordRuleChanges)
@part.response(200, shapes.WordRule)
def patch_word_rule(changes: dict[str, Any], word_rule_id: int) -> Response:
    """The next version of a rule, or switch it on and off (managers; leads of its department)"""

    def work(tx: Connection) -> Answer:
        store.visible_rule(tx, caller(), word_rule_id)
        if "data" in changes:
            changes["data"] = _data(directory(tx), changes["data"])
        change_rule(tx, caller(), word_rule_id, **changes)
        return Answer(_rule(directory(tx), store.one_rule(tx, word_rule_id)))

    return command(work)


@part.command("/word-rules/try")
@part.arguments(shapes.MessageToTry)
@part.response(200, listed(shapes.TriedRule))
def try_word_rules(given: dict[str, Any]) -> Response:
    """What the rules would notice in a message, and why the others would not; nothing is kept (leads)"""
    require(caller(), "change_routing")

    def work(tx: Connection) -> Answer:
        team, rows = references.team(directory(tx), given["team"], "/team"), store.visible(tx, caller())
        tried = try_message(rows, given["subject"], given["text"], given["channel"], team.department_id, team.id)
        return Answer({"items": [_tried(one) for one in tried], "next": None})

    return command(work)


def _tried(one: Tried) -> dict[str, Any]:
    found = one.finding
    return {
        "rule": one.rule.id,
        "version": one.rule.version,
        "title": one.rule.title,
        "word": found.word if found else None,
        "where": found.where if found else None,
        "at": found.at if found else None,
        "why": one.why or None,
    }
