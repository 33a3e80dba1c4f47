"""Policies and calendars are written here: a lead for their own department, a manager for all; every change is a new version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from core import configuration
from core.clocks.reading import read_policy
from core.clocks.reckoning import reckon_later
from core.directory import directory
from core.errors import FieldError, Forbidden, Invalid, NotFound
from core.meant import nobody
from core.moments import now_ms
from core.permissions import require, sees_all_departments
from core.schema import Policy, PolicyVersion
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.clocks.policy import Policy as PolicyValue

_p, _v = Policy.__table__.c, PolicyVersion.__table__.c
_ALL = select(_p.id, _p.department_id, _p.name, _p.place, _p.version, _p.active, _p.data).order_by(
    _p.department_id.is_(None), _p.department_id, _p.place, _p.id
)
_VERSIONS = (
    select(_v.number, _v.data, _v.author_id, _v.at)
    .where(_v.policy_id == bindparam("policy"))
    .order_by(_v.number.desc())
)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy as its page and the API show it."""

    id: int
    department_id: int | None
    name: str
    place: int
    version: int
    active: bool
    data: dict[str, Any]


def policies(tx: Connection) -> list[PolicyRow]:
    """All policies in the order in which they are tried."""
    return [PolicyRow(*row) for row in tx.execute(_ALL)]


def one_policy(tx: Connection, policy_id: int) -> PolicyRow:
    """One policy."""
    row = tx.execute(_ALL.where(_p.id == policy_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such policy."))
    return PolicyRow(*row)


def versions(tx: Connection, policy_id: int) -> list[tuple[int, dict[str, Any], int | None, int]]:
    """(number, text, author, moment) of every version, the newest first."""
    return [tuple(row) for row in tx.execute(_VERSIONS, {"policy": policy_id})]


def may_change(actor: Actor, department_id: int | None) -> bool:
    """Managers change every policy, leads those of their own department."""
    if not actor.is_person:
        return True
    return actor.role == "manager" or (
        actor.role == "lead" and department_id is not None and actor.department_id == department_id
    )


def _require(actor: Actor, department_id: int | None) -> None:
    require(actor, "change_policies")
    if not may_change(actor, department_id):
        raise Forbidden(_("You can change the policies of your own department. A manager can change all of them."))


def create_policy(
    tx: Connection, actor: Actor, department_id: int | None, data: Mapping[str, Any], *, now: int | None = None
) -> int:
    """A new policy behind those that its department has; open clocks are reckoned anew in the background."""
    _require(actor, department_id)
    now = now or now_ms()
    policy = _checked(tx, data, department_id)
    place = tx.execute(select(func.coalesce(func.max(_p.place), 0) + 1)).scalar_one()
    values = {"department_id": department_id, "name": policy.name, "place": place, "version": 1, "data": dict(data)}
    policy_id = int(tx.execute(insert(Policy.__table__).values(values).returning(_p.id)).scalar_one())
    _keep(tx, actor, policy_id, 1, data, now)
    _changed(tx, actor, policy_id, department_id, "policy.created", now)
    return policy_id


def change_policy(
    tx: Connection,
    actor: Actor,
    policy_id: int,
    data: Mapping[str, Any] | None = None,
    *,
    place: int | None = None,
    active: bool | None = None,
    now: int | None = None,
) -> None:
    """Give a policy another text (its next version), another place, or switch it off."""
    before = one_policy(tx, policy_id)
    _require(actor, before.department_id)
    now = now or now_ms()
    values: dict[str, Any] = {}
    if data is not None and dict(data) != before.data:
        policy = _checked(tx, data, before.department_id)
        values |= {"name": policy.name, "data": dict(data), "version": before.version + 1}
        _keep(tx, actor, policy_id, before.version + 1, data, now)
    if place is not None and place != before.place:
        values["place"] = place
    if active is not None and active != before.active:
        values["active"] = active
    if values:
        tx.execute(update(Policy.__table__).where(_p.id == policy_id).values(values))
        _changed(tx, actor, policy_id, before.department_id, "policy.changed", now)


def _keep(tx: Connection, actor: Actor, policy_id: int, number: int, data: Mapping[str, Any], now: int) -> None:
    values = {"policy_id": policy_id, "number": number, "data": dict(data), "author_id": actor.id, "at": now}
    tx.execute(insert(PolicyVersion.__table__).values(values))


def _changed(tx: Connection, actor: Actor, policy_id: int, department_id: int | None, kind: str, now: int) -> None:
    append_to(
        tx, "organisation", department_id or 0, kind, actor, {"policy": policy_id}, at=now, department_id=department_id
    )
    configuration.bump(tx)
    reckon_later(tx, actor, "policy", policy_id, department_id, now)


def _checked(tx: Connection, data: Mapping[str, Any], department_id: int | None) -> PolicyValue:
    """The policy, with everything that it names looked up. Who left, which team is gone: said now, not when a clock breaks."""
    policy = read_policy(data)
    firm = directory(tx)
    errors: list[FieldError] = []
    if department_id is not None and department_id not in firm.departments:
        errors.append(FieldError("/department", _("There is no such department.")))
    if policy.calendar is not None and policy.calendar not in firm.calendars:
        known = ", ".join(sorted(firm.calendars))
        errors.append(
            FieldError(
                "/calendar",
                _("There is no calendar “%(name)s”. There are: %(known)s.", name=policy.calendar, known=known),
            )
        )
    for metric in policy.metrics:
        for i, one in enumerate(metric.escalations):
            wrong = "" if one.do in {"raise_priority", "start_step"} else nobody(firm, one.to)
            if wrong:
                errors.append(FieldError(f"/metrics/{metric.name}/escalations/{i}/to", wrong))
    if errors:
        raise Invalid(*errors)
    return policy


def circles(tx: Connection) -> list[str]:
    """Escalations that send tickets round in a circle between departments: each clock breaks once, so nothing runs for ever, but nobody works."""
    firm = directory(tx)
    sends: dict[int, set[int]] = {}
    for row in policies(tx):
        if not row.active:
            continue
        for metric in read_policy(row.data).metrics:
            for one in metric.escalations:
                team = (
                    firm.team(one.to.removeprefix("team:"))
                    if one.do == "reassign" and one.to.startswith("team:")
                    else None
                )
                if team is not None:
                    for department in [row.department_id] if row.department_id else firm.departments:
                        if department != team.department_id:
                            sends.setdefault(department, set()).add(team.department_id)
    found = []
    for first, others in sorted(sends.items()):
        for other in sorted(others):
            if first < other and first in sends.get(other, ()):
                names = firm.departments[first].title, firm.departments[other].title
                found.append(
                    _("“%(one)s” and “%(other)s” hand what is late to one another.", one=names[0], other=names[1])
                )
    return found


def visible(tx: Connection, actor: Actor) -> list[PolicyRow]:
    """The policies that concern this person: all for managers, else common ones and those of their department."""
    require(actor, "read_policies")
    mine = [None, actor.department_id]
    return [row for row in policies(tx) if sees_all_departments(actor) or row.department_id in mine]
