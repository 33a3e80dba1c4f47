"""How work finds people: rules in their order, skills, and why a ticket went where it is. Leads change their department's rules, managers all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core import skills
from core.directory import directory
from core.permissions import require
from core.routing import store
from core.routing.deciding import ROUTED
from core.routing.rules import part_at, unpacked
from core.routing.store import RuleText
from core.tickets.access import know
from core.timeline import happened
from web.api import references
from web.api import shapes_routing as shapes
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory
    from core.routing.rules import Rule

part = Part("routing", __name__, "Routing rules, skills, and why a ticket went where it is.")


# ---- rules ---------------------------------------------------------------------------------------------------------------


@part.reading("/routing-rules")
@part.response(200, listed(shapes.RoutingRule))
def list_rules() -> Response:
    """All rules, in the order in which they are asked (leads)"""
    require(caller(), "change_routing")
    with database().read() as tx:
        return items(_rules(tx))


def _rules(tx: Connection) -> list[dict[str, Any]]:
    firm, traps = directory(tx), {trap.rule: trap for trap in store.trapped(tx)}
    return [_rule(firm, place, rule, traps) for place, rule in enumerate(store.all_rules(tx), 1)]


def _rule(firm: Directory, place: int, rule: Rule, traps: dict[int, Any]) -> dict[str, Any]:
    trap = traps.get(rule.id)
    gives = dict(rule.gives)
    for name, known in (("department", firm.departments), ("team", firm.teams)):
        if gives.get(name) in known:
            gives[name] = known[gives[name]].name
    return {
        "id": rule.id,
        "place": place,
        "version": rule.version,
        "title": rule.title,
        "condition": rule.condition,
        "gives": gives,
        "department": firm.departments[rule.department_id].name if rule.department_id else None,
        "active": rule.active,
        "trap": {"code": trap.code, "what": trap.what or None, "rule": trap.by} if trap else None,
    }


def _one(tx: Connection, rule_id: int) -> dict[str, Any]:
    store.find_rule(tx, rule_id)
    return next(one for one in _rules(tx) if one["id"] == rule_id)


@part.reading("/routing-rules/<int:rule_id>")
@part.response(200, shapes.RoutingRule)
def read_rule(rule_id: int) -> Response:
    """One rule (leads)"""
    require(caller(), "change_routing")
    with database().read() as tx:
        return answer(_one(tx, rule_id))


@part.command("/routing-rules")
@part.arguments(shapes.NewRoutingRule)
@part.response(201, shapes.RoutingRule)
def create_rule(given: dict[str, Any]) -> Response:
    """A new rule, the last one unless its place is given (leads)"""

    def work(tx: Connection) -> Answer:
        firm = directory(tx)
        owner = given["department"]
        department = references.department(firm, owner, "/department").id if owner is not None else None
        text = RuleText(given["title"], given["condition"], _gives(firm, given["gives"]), department, given["active"])
        rule_id = store.add_rule(tx, settings(), caller(), text, place=given["place"])
        return Answer(_one(tx, rule_id), 201, {"Location": f"/api/v1/routing-rules/{rule_id}"})

    return command(work)


@part.changing("/routing-rules/<int:rule_id>")
@part.arguments(shapes.RoutingRuleChanges)
@part.response(200, shapes.RoutingRule)
def patch_rule(changes: dict[str, Any], rule_id: int) -> Response:
    """The next version of a rule, or another place for it (leads)"""

    def work(tx: Connection) -> Answer:
        firm, old = directory(tx), store.find_rule(tx, rule_id)
        department = old.department_id
        if "department" in changes:
            owner = changes["department"]
            department = references.department(firm, owner, "/department").id if owner is not None else None
        text = RuleText(
            changes.get("title", old.title),
            changes.get("condition", old.condition),
            _gives(firm, changes["gives"]) if "gives" in changes else old.gives,
            department,
            changes.get("active", old.active),
        )
        if changes.keys() - {"place"}:
            store.change_rule(tx, settings(), caller(), rule_id, text)
        if "place" in changes:
            store.move_rule(tx, settings(), caller(), rule_id, changes["place"])
        return Answer(_one(tx, rule_id))

    return command(work)


@part.command("/routing-rules/<int:rule_id>/remove")
@part.response(200, shapes.RuleRemoved)
def remove_rule(rule_id: int) -> Response:
    """Take a rule away; what it has decided stays explained (leads)"""

    def work(tx: Connection) -> Answer:
        store.remove_rule(tx, settings(), caller(), rule_id)
        return Answer({"id": rule_id})

    return command(work)


def _gives(firm: Directory, given: dict[str, Any]) -> dict[str, Any]:
    """Ids for what may be named."""
    gives = dict(given)
    if gives.get("department") is not None:
        gives["department"] = references.department(firm, gives["department"], "/gives/department").id
    if gives.get("team") is not None:
        gives["team"] = references.team(firm, gives["team"], "/gives/team").id
    if gives.get("agent") is not None:
        gives["agent"] = references.person(firm, gives["agent"], "/gives/agent").id
    if gives.get("people"):
        gives["people"] = [
            references.person(firm, one, f"/gives/people/{i}").id for i, one in enumerate(gives["people"])
        ]
    return gives


# ---- why -----------------------------------------------------------------------------------------------------------------


@part.reading("/tickets/<int:ticket_id>/routing")
@part.response(200, listed(shapes.RoutingDecision))
def ticket_routing(ticket_id: int) -> Response:
    """Why a ticket went where it is: every decision of the rules and of routing, the oldest first"""
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        decided = [_decision(tx, event) for event in happened(tx, ticket_id, ROUTED, 0)]
        assigned = [
            {"seq": event.seq, "kind": event.kind, "to": event.data.get("to"), "why": event.data.get("why") or {}}
            for event in happened(tx, ticket_id, "ticket.assigned", 0)
        ]
    return items(sorted([*decided, *assigned], key=lambda one: int(one["seq"])))


def _decision(tx: Connection, event: Any) -> dict[str, Any]:
    data = event.data
    passed = []
    for rule, mark in zip(store.rules_of_set(tx, int(data["set"])), unpacked(data.get("failed", "")), strict=False):
        at = part_at(mark)
        false = rule.parts[at].source if at is not None and at < len(rule.parts) else None
        passed.append({"rule": rule.id, "version": rule.version, "false": false})
    return {
        "seq": event.seq,
        "kind": event.kind,
        "rule": data.get("rule"),
        "version": data.get("version"),
        "facts": data.get("facts", {}),
        "passed": passed,
    }


# ---- skills --------------------------------------------------------------------------------------------------------------


@part.reading("/skills")
@part.response(200, listed(shapes.Skill))
def list_skills() -> Response:
    """Skills of the firm, and who has them"""
    require(caller(), "read_people")
    with database().read() as tx:
        firm = directory(tx)
    return items([_skill(firm, name) for name in firm.skills])


def _skill(firm: Directory, name: str) -> dict[str, Any]:
    people = {p.nick: p.levels[name] for p in firm.people.values() if p.active and name in p.levels}
    return {"name": name, "title": firm.skills[name].title, "people": people}


@part.command("/skills")
@part.arguments(shapes.NewSkill)
@part.response(201, shapes.Skill)
def create_skill(given: dict[str, Any]) -> Response:
    """A new skill (managers); levels are changed with the people who have it"""

    def work(tx: Connection) -> Answer:
        skills.add_skill(tx, caller(), given["name"], given["title"])
        return Answer(_skill(directory(tx), given["name"]), 201)

    return command(work)
