"""Policies of the service levels, and how far clocks are reckoned anew after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core.clocks import policies
from core.clocks.reckoning import recent
from core.directory import directory
from core.errors import NotFound
from core.moments import rfc3339
from core.permissions import require
from core.texts import _
from web.api import references
from web.api import shapes_firm as shapes
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.wiring import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.clocks.policies import PolicyRow
    from core.directory import Directory

part = Part("policies", __name__, "What is promised to whom, and how far clocks are reckoned anew.")


@part.reading("/policies")
@part.response(200, listed(shapes.Policy))
def list_policies() -> Response:
    """The policies in the order in which they are tried: managers see all, others those of their department and the common ones"""
    with database().read() as tx:
        firm = directory(tx)
        return items([_policy(firm, row) for row in policies.visible(tx, caller())])


def _policy(firm: Directory, row: PolicyRow) -> dict[str, Any]:
    department = firm.departments.get(row.department_id or 0)
    return {
        "id": row.id,
        "name": row.name,
        "department": department.name if department else None,
        "place": row.place,
        "version": row.version,
        "active": row.active,
        "policy": row.data,
    }


@part.command("/policies")
@part.arguments(shapes.NewPolicy)
@part.response(201, shapes.Policy)
def create_policy(given: dict[str, Any]) -> Response:
    """A new policy (managers; leads for their department); open clocks follow in the background"""

    def work(tx: Connection) -> Answer:
        firm, named = directory(tx), given["department"]
        department = None if named is None else references.department(firm, named, "/department").id
        policy_id = policies.create_policy(tx, caller(), department, given["policy"])
        return Answer(_policy(firm, policies.one_policy(tx, policy_id)), 201)

    return command(work)


@part.reading("/policies/<int:policy_id>")
@part.response(200, shapes.Policy)
def read_policy(policy_id: int) -> Response:
    """One policy"""
    with database().read() as tx:
        row = next((one for one in policies.visible(tx, caller()) if one.id == policy_id), None)
        if row is None:
            raise NotFound(_("There is no such policy."))
        return answer(_policy(directory(tx), row))


@part.changing("/policies/<int:policy_id>")
@part.arguments(shapes.PolicyChanges)
@part.response(200, shapes.Policy)
def patch_policy(changes: dict[str, Any], policy_id: int) -> Response:
    """Change a policy (managers; leads of its department): another text is its next version"""

    def work(tx: Connection) -> Answer:
        policies.change_policy(
            tx,
            caller(),
            policy_id,
            changes.get("policy"),
            place=changes.get("place"),
            active=changes.get("active"),
        )
        return Answer(_policy(directory(tx), policies.one_policy(tx, policy_id)))

    return command(work)


@part.reading("/reckonings")
@part.response(200, listed(shapes.Reckoning))
def list_reckonings() -> Response:
    """The newest times that open clocks were reckoned anew, and how far that is"""
    require(caller(), "read_policies")
    with database().read() as tx:
        return items(
            [
                {
                    "id": one.id,
                    "cause": one.cause,
                    "of": one.ref_id,
                    "at": rfc3339(one.at),
                    "total": one.total,
                    "done": one.done,
                    "changed": one.changed,
                    "ended_at": rfc3339(one.ended_at),
                }
                for one in recent(tx)
            ]
        )
