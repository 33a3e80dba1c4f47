"""Open tickets meet the routing rules again: what would change, how far it is, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.directory import directory
from core.moments import rfc3339
from core.tickets import bulk_rerouting as bulk
from core.tickets.bulk_preview import preview
from core.tickets.bulk_verdicts import Chosen
from web.api import references
from web.api import shapes_rerouting as shapes
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.tickets.bulk_rerouting import Job
    from core.tickets.bulk_verdicts import Verdict

part = Part("rerouting", __name__, "Routing open tickets again after a change of the rules.")


def _chosen(tx: Connection, given: dict[str, Any]) -> Chosen:
    firm = directory(tx)
    department, team = given["department"], given["team"]
    return Chosen(
        references.department(firm, department, "/department").id if department is not None else None,
        references.team(firm, team, "/team").id if team is not None else None,
        given["channel"],
        given["tag"].strip(),
        given["unassigned"],
    )


@part.reading("/reroutings/preview")
@part.arguments(shapes.ReroutingPreviewWhere, location="query")
@part.response(200, shapes.ReroutingPreview)
def preview_rerouting(where: dict[str, Any]) -> Response:
    """What the rules as they are now would make of open tickets; nothing is changed (leads: of their department)"""
    with database().read() as tx:
        found = preview(tx, caller(), _chosen(tx, where), sort=where["show"], offset=where["offset"])
    return answer(
        {
            "rules": found.rules,
            "total": found.total,
            "looked_at": found.looked_at,
            "counts": found.sorts,
            "changes": found.names,
            "items": [_line(one) for one in found.page],
            "more": found.more,
        }
    )


def _line(one: Verdict) -> dict[str, Any]:
    return {
        "ticket": one.row.id,
        "rule": one.rule_id,
        "version": one.found.decision.data.get("version") if one.found else None,
        "moves": {name: list(pair) for name, pair in one.moves.items()},
        "kept": list(one.kept),
    }


@part.reading("/reroutings")
@part.response(200, listed(shapes.Rerouting))
def list_reroutings() -> Response:
    """The newest times that open tickets were routed again (leads: of their department)"""
    with database().read() as tx:
        return items([_job(one) for one in bulk.recent(tx, caller())])


def _job(one: Job) -> dict[str, Any]:
    chosen = one.chosen
    return {
        "id": one.id,
        "state": one.state,
        "which": {
            "department": chosen.department_id,
            "team": chosen.team_id,
            "channel": chosen.channel,
            "tag": chosen.tag,
            "unassigned": chosen.unassigned,
        },
        "rules": one.rules,
        "by": one.actor_id,
        "at": rfc3339(one.at),
        "total": one.total,
        "done": one.done,
        "changed": one.changed,
        "refused": one.refused,
        "ended_at": rfc3339(one.ended_at),
        "ended_by": one.ended_by,
    }


@part.command("/reroutings")
@part.arguments(shapes.NewRerouting)
@part.response(201, shapes.Rerouting)
def create_rerouting(given: dict[str, Any]) -> Response:
    """Route open tickets again in the background (leads: of their department); 409 while another one runs"""

    def work(tx: Connection) -> Answer:
        job = bulk.begin(tx, caller(), _chosen(tx, given), rules=given["rules"])
        return Answer(_job(job), 201, {"Location": f"/api/v1/reroutings/{job.id}"})

    return command(work)


@part.reading("/reroutings/<int:rerouting_id>")
@part.response(200, shapes.Rerouting)
def read_rerouting(rerouting_id: int) -> Response:
    """How far one is (leads: of their department)"""
    with database().read() as tx:
        return answer(_job(bulk.job(tx, caller(), rerouting_id)))


@part.reading("/reroutings/<int:rerouting_id>/tickets")
@part.arguments(shapes.ReroutedWhere, location="query")
@part.response(200, listed(shapes.ReroutedTicket))
def rerouted_tickets(where: dict[str, Any], rerouting_id: int) -> Response:
    """What it did to which ticket, by their number; those that stayed as they were are left out (leads)"""
    with database().read() as tx:
        job = bulk.job(tx, caller(), rerouting_id)
        rows = bulk.done_page(tx, job.id, after=where["after"])
    return items(
        [
            {
                "ticket": row.ticket_id,
                "rule": row.rule_id,
                "moved": row.moved,
                "kept": row.refused.split(",") if row.refused else [],
            }
            for row in rows
        ]
    )


@part.command("/reroutings/<int:rerouting_id>/cancel")
@part.response(200, shapes.Rerouting)
def cancel_rerouting(rerouting_id: int) -> Response:
    """End it where it stands; what is done stays done (leads: of their department)"""
    return command(lambda tx: Answer(_job(bulk.cancel(tx, caller(), rerouting_id))))
