"""Alerts: one's own list, the rules, what was called out about a ticket and why not, silence, and who watches."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Response

from core import people
from core.alerts import page, silencing, store
from core.alerts.changing import change_rule, create_rule
from core.alerts.delivering import clock, read_wishes, wishes_of
from core.alerts.words import headline, missing
from core.directory import directory
from core.moments import now_ms, rfc3339
from core.permissions import require
from core.tickets.access import know
from web.api import references
from web.api import shapes_alerts as shapes
from web.api.answers import Answer, answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.api.shapes_work import Nothing
from web.wiring import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Directory

part = Part("alerts", __name__, "What calls for somebody: alerts and their rules, silence, and who watches a ticket.")


# ---- one's own -------------------------------------------------------------------------------------------------------------


@part.reading("/alerts")
@part.arguments(shapes.AlertFilters, location="query")
@part.response(200, listed(shapes.Alert))
def list_alerts(filters: dict[str, Any]) -> Response:
    """The caller's alerts, the newest first"""
    require(caller(), "read_tickets")
    begin = read_cursor(filters["next"], int)
    limit = filters["limit"]
    with database().read() as tx:
        rows = page.mine(
            tx, caller().id or 0, unread=filters["unread"], before=begin[0] if begin else None, limit=limit + 1
        )
        firm = directory(tx)
    following = cursor(rows[limit - 1].id) if len(rows) > limit else None
    return items([_mine(firm, row) for row in rows[:limit]], following)


def _mine(firm: Directory, row: page.Mine) -> dict[str, Any]:
    team, department = firm.teams.get(row.team_id or 0), firm.departments.get(row.department_id or 0)
    return {
        "id": row.id,
        "kind": row.kind,
        "text": headline(row.kind, row.facts),
        "ticket": row.ticket_id,
        "subject": row.subject,
        "team": team.name if team else None,
        "department": department.name if department else None,
        "rule": row.rule_id,
        "version": row.rule_version,
        "facts": row.facts,
        "at": rfc3339(row.at),
        "read_at": rfc3339(row.read_at),
    }


@part.command("/alerts/read")
@part.arguments(shapes.Reading)
@part.response(200, shapes.Read)
def read_alerts(given: dict[str, Any]) -> Response:
    """Mark alerts of the caller as read"""
    require(caller(), "read_tickets")

    def work(tx: Connection) -> Answer:
        return Answer({"read": page.mark_read(tx, caller().id or 0, given["alerts"], now_ms())})

    return command(work)


@part.reading("/alerts/wishes")
@part.response(200, shapes.Wishes)
def read_alert_wishes() -> Response:
    """At which hour the caller's digest comes, and when it is quiet"""
    require(caller(), "read_tickets")
    with database().read() as tx:
        return answer(_wishes(tx))


def _wishes(tx: Connection) -> dict[str, Any]:
    found = people.load_reader(tx, caller().id or 0)
    kept = wishes_of(found.settings if found else {})
    times = {name: clock(getattr(kept, name)) for name in ("digest", "begins", "ends")}
    return {**times, "quiet": kept.quiet}


@part.changing("/alerts/wishes")
@part.arguments(shapes.Wishes)
@part.response(200, shapes.Wishes)
def patch_alert_wishes(given: dict[str, Any]) -> Response:
    """Change them; what is left out stays"""
    require(caller(), "read_tickets")

    def work(tx: Connection) -> Answer:
        found = people.load_reader(tx, caller().id or 0)
        kept = found.settings if found else {}
        wishes = read_wishes(given, wishes_of(kept))
        people.change_settings(tx, caller().id or 0, {**kept, "alerts": asdict(wishes)})
        return Answer(_wishes(tx))

    return command(work)


# ---- rules -----------------------------------------------------------------------------------------------------------------


@part.reading("/alert-rules")
@part.response(200, listed(shapes.AlertRule))
def list_alert_rules() -> Response:
    """The alert rules: managers see all, leads those of their department and of the whole firm"""
    require(caller(), "change_alerts")
    with database().read() as tx:
        firm = directory(tx)
        return items([_rule(firm, row) for row in store.visible(tx, caller())])


def _rule(firm: Directory, row: store.RuleRow) -> dict[str, Any]:
    team, department = firm.teams.get(row.team_id or 0), firm.departments.get(row.department_id or 0)
    return {
        "id": row.id,
        "title": row.title,
        "kind": row.kind,
        "department": department.name if department else None,
        "team": team.name if team else None,
        "version": row.version,
        "active": row.active,
        "data": row.data,
    }


@part.command("/alert-rules")
@part.arguments(shapes.NewAlertRule)
@part.response(201, shapes.AlertRule)
def create_alert_rule(given: dict[str, Any]) -> Response:
    """A new rule (managers; leads for their department); open tickets are looked at in the background"""

    def work(tx: Connection) -> Answer:
        firm = directory(tx)
        named, team = given["department"], given["team"]
        rule_id = create_rule(
            tx,
            caller(),
            given["title"],
            given["kind"],
            given["data"],
            department_id=None if named is None else references.department(firm, named, "/department").id,
            team_id=None if team is None else references.team(firm, team, "/team").id,
        )
        return Answer(_rule(firm, store.one_rule(tx, rule_id)), 201, {"Location": f"/api/v1/alert-rules/{rule_id}"})

    return command(work)


@part.reading("/alert-rules/<int:alert_rule_id>")
@part.response(200, shapes.AlertRule)
def read_alert_rule(alert_rule_id: int) -> Response:
    """One alert rule (leads)"""
    with database().read() as tx:
        return answer(_rule(directory(tx), store.visible_rule(tx, caller(), alert_rule_id)))


@part.changing("/alert-rules/<int:alert_rule_id>")
@part.arguments(shapes.AlertRuleChanges)
@part.response(200, shapes.AlertRule)
def patch_alert_rule(changes: dict[str, Any], alert_rule_id: int) -> Response:
    """The next version of a rule, or switch it on and off (managers; leads of its department)"""

    def work(tx: Connection) -> Answer:
        store.visible_rule(tx, caller(), alert_rule_id)
        change_rule(tx, caller(), alert_rule_id, **changes)
        return Answer(_rule(directory(tx), store.one_rule(tx, alert_rule_id)))

    return command(work)


# ---- of a ticket -----------------------------------------------------------------------------------------------------------


@part.reading("/tickets/<int:ticket_id>/alerts")
@part.response(200, shapes.TicketAlerts)
def ticket_alerts(ticket_id: int) -> Response:
    """What was called out about a ticket, by which rule, and which condition is false for the others"""
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        return answer(_of_ticket(tx, ticket_id))


def _of_ticket(tx: Connection, ticket_id: int) -> dict[str, Any]:
    found = page.of_ticket(tx, ticket_id, now_ms())
    called = [
        {
            "id": one.id,
            "kind": one.kind,
            "text": headline(one.kind, one.facts),
            "at": rfc3339(one.at),
            "rule": one.rule.id if one.rule else None,
            "version": one.rule.version if one.rule else None,
            "facts": one.facts,
        }
        for one in found.called
    ]
    silent = [
        {
            "rule": one.rule.id,
            "version": one.rule.version,
            "title": one.rule.title,
            "kind": one.rule.kind,
            "false": {"condition": one.part.what, "seen": one.part.seen, "text": missing(one.rule, one.part)},
        }
        for one in found.not_called
    ]
    moments = {"silenced_at": rfc3339(found.silenced_at), "next_at": rfc3339(found.next_at)}
    return {"called": called, "not_called": silent, **moments}


@part.command("/tickets/<int:ticket_id>/silence")
@part.arguments(Nothing)
@part.response(200, shapes.TicketAlerts)
def silence(_given: dict[str, Any], ticket_id: int) -> Response:
    """No more alerts about this ticket, for anybody"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        silencing.silence(tx, caller(), ticket_id)
        return Answer(_of_ticket(tx, ticket_id))

    return command(work)


@part.command("/tickets/<int:ticket_id>/unsilence")
@part.arguments(Nothing)
@part.response(200, shapes.TicketAlerts)
def unsilence(_given: dict[str, Any], ticket_id: int) -> Response:
    """Let its alerts be heard again; what still holds is called out now"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        silencing.hear_again(tx, caller(), ticket_id)
        return Answer(_of_ticket(tx, ticket_id))

    return command(work)
