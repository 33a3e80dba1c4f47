"""Alert rules are written here: a lead for their own department, a manager for all; every change is a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from core import configuration
from core.alerts.calling import may_read
from core.alerts.hearing import ending
from core.alerts.reading import checked
from core.alerts.rules import BACKLOG
from core.alerts.store import one_rule
from core.clocks.reckoning import ALERT, reckon_later
from core.directory import directory
from core.errors import Conflict, FieldError, Forbidden, Invalid
from core.moments import now_ms
from core.permissions import MANAGER, require
from core.schema import AlertRule, AlertRuleVersion
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor

_r = AlertRule.__table__.c


def may_change(actor: Actor, department_id: int | None) -> bool:
    """Managers change every rule, leads those of their own department."""
    if not actor.is_person or actor.role == MANAGER:
        return True
    return actor.role == "lead" and department_id is not None and actor.department_id == department_id


def _require(actor: Actor, department_id: int | None) -> None:
    require(actor, "change_alerts")
    if not may_change(actor, department_id):
        raise Forbidden(_("You can change the alerts of your own department. A manager can change all of them."))


def create_rule(
    tx: Connection,
    actor: Actor,
    title: str,
    kind: str,
    data: Mapping[str, Any],
    *,
    department_id: int | None = None,
    team_id: int | None = None,
    now: int | None = None,
) -> int:
    """A new rule of a team, a department, or (neither) the whole firm. Open tickets are looked at in the background."""
    now = now or now_ms()
    department_id = _place(tx, department_id, team_id)
    _require(actor, department_id)
    kept = _checked(tx, title, kind, data, department_id)
    values = {"department_id": department_id, "team_id": team_id, "title": title.strip(), "kind": kind}
    new = insert(AlertRule.__table__).values(**values, version=1, active=True, data=kept).returning(_r.id)
    rule_id = int(tx.execute(new).scalar_one())
    _keep(tx, actor, rule_id, 1, title.strip(), kind, kept, now)
    _changed(tx, actor, rule_id, department_id, kind, "alert_rule.created", now)
    return rule_id


def change_rule(
    tx: Connection,
    actor: Actor,
    rule_id: int,
    *,
    title: str | None = None,
    data: Mapping[str, Any] | None = None,
    active: bool | None = None,
    version: int | None = None,
    now: int | None = None,
) -> None:
    """Another title or other data are the next version; or switch it on and off. `version`: the one that the reader saw."""
    before = one_rule(tx, rule_id)
    _require(actor, before.department_id)
    if version is not None and version != before.version:
        raise Conflict(_("Somebody else has changed this rule meanwhile. Look at it again."))
    now = now or now_ms()
    new_title = before.title if title is None else title.strip()
    given = before.data if data is None else data
    values: dict[str, Any] = {}
    if new_title != before.title or dict(given) != before.data:
        kept = _checked(tx, new_title, before.kind, given, before.department_id)
        if (new_title, kept) != (before.title, before.data):
            values = {"title": new_title, "data": kept, "version": before.version + 1}
            _keep(tx, actor, rule_id, before.version + 1, new_title, before.kind, kept, now)
    if active is not None and active != before.active:
        values["active"] = active
    if values:
        tx.execute(update(AlertRule.__table__).where(_r.id == rule_id).values(values))
        _changed(tx, actor, rule_id, before.department_id, before.kind, "alert_rule.changed", now)


def _place(tx: Connection, department_id: int | None, team_id: int | None) -> int | None:
    """The department of a rule: its team's, when it is one's."""
    firm = directory(tx)
    if team_id is not None:
        if team_id not in firm.teams:
            raise Invalid(FieldError("/team", _("There is no such team.")))
        return firm.teams[team_id].department_id
    if department_id is not None and department_id not in firm.departments:
        raise Invalid(FieldError("/department", _("There is no such department.")))
    return department_id


def _checked(
    tx: Connection, title: str, kind: str, data: Mapping[str, Any], department_id: int | None
) -> dict[str, Any]:
    firm = directory(tx)
    kept = checked(firm, title, kind, data)
    for to in kept["to"]:
        sort, _colon, name = to.partition(":")
        team = firm.team(name) if sort == "team" and name else None
        person = firm.nicks.get(name) if sort == "agent" else None
        outside = team is not None and team.department_id != department_id
        outside = outside or (person is not None and not may_read(firm, person, department_id))
        if department_id is not None and outside:
            said = firm.people[person].name if person else team.title if team else name
            text = _("%(name)s is in another department and cannot read its tickets.", name=said)
            raise Invalid(FieldError("/data/to", text))
    return kept


def _keep(
    tx: Connection, actor: Actor, rule_id: int, number: int, title: str, kind: str, data: Mapping[str, Any], now: int
) -> None:
    values = {"rule_id": rule_id, "number": number, "title": title, "kind": kind, "data": dict(data)}
    tx.execute(insert(AlertRuleVersion.__table__).values(**values, author_id=actor.id, at=now))


def _changed(
    tx: Connection, actor: Actor, rule_id: int, department_id: int | None, kind: str, event: str, now: int
) -> None:
    append_to(
        tx, "organisation", department_id or 0, event, actor, {"rule": rule_id}, at=now, department_id=department_id
    )
    configuration.bump(tx)
    if kind == BACKLOG:
        ending(tx).rules.add(rule_id)
    else:
        reckon_later(tx, actor, ALERT, rule_id, department_id, now)
