"""What left the house, or is about to: the effect ledger, and a person's word on an outcome nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core import effects
from core.errors import NotFound
from core.moments import rfc3339
from core.permissions import require, sees_all_departments
from core.texts import _
from core.tickets.access import know
from core.tickets.settling import answer_unknown
from web.api import shapes, shapes_work
from web.api.answers import Answer, answer, command, cursor, items, read_cursor
from web.api.blueprint import Part
from web.api.caller import caller
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

part = Part("effects", __name__, "The effect ledger.")


@part.reading("/effects")
@part.arguments(shapes_work.EffectFilters, location="query")
@part.response(200, shapes.listed(shapes_work.Effect))
def list_effects(wanted: dict[str, Any]) -> Response:
    """Effects of the tickets you may see, by key"""
    actor = caller()
    require(actor, "read_effects")
    after = read_cursor(wanted["next"], str)
    with database().read() as tx:
        department = None if sees_all_departments(actor) else actor.department_id
        if wanted["ticket"] is not None:
            know(tx, actor, wanted["ticket"])
            department = None
        found = effects.page(
            tx,
            ticket_id=wanted["ticket"],
            state=wanted["state"],
            department_id=department,
            after=after[0] if after else "",
            limit=wanted["limit"] + 1,
        )
    shown = found[: wanted["limit"]]
    following = cursor(shown[-1].key) if len(found) > len(shown) else None
    return items([_effect(row) for row in shown], following)


@part.reading("/effects/<path:key>")
@part.response(200, shapes_work.Effect)
def read_effect(key: str) -> Response:
    """One effect"""
    require(caller(), "read_effects")
    with database().read() as tx:
        return answer(_effect(_known(tx, key)))


@part.command("/effects/<path:key>/settle")
@part.arguments(shapes_work.Outcome)
@part.response(200, shapes_work.Effect)
def settle(given: dict[str, Any], key: str) -> Response:
    """Say what happened to an effect whose outcome is unknown, or that failed

    `done`: it did happen. `failed`: it did not and will not. `again`: it surely did not happen; it is done once more under the same key.
    """

    def work(tx: Connection) -> Answer:
        _known(tx, key)
        answer_unknown(tx, settings(), caller(), key, given["outcome"])
        return Answer(_effect(_known(tx, key)))

    return command(work)


def _known(tx: Connection, key: str) -> effects.EffectRow:
    found = effects.read(tx, key)
    if found is None:
        raise NotFound(_("There is no such outgoing action."))
    know(tx, caller(), found.ticket_id)
    return found


def _effect(row: effects.EffectRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind,
        "ticket": row.ticket_id,
        "step": row.title,
        "state": row.state,
        "attempts": row.attempts,
        "at": rfc3339(row.planned_at),
        "ended_at": rfc3339(row.ended_at),
        "detail": row.detail,
    }
