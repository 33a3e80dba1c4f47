"""Rules over words are written here: a lead for their own department, a manager for all; every change is a new version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from core import configuration
from core.directory import directory
from core.errors import Conflict, FieldError, Invalid
from core.moments import now_ms
from core.noticing.reading import checked
from core.noticing.store import one_rule
from core.plugins.registry import channel_titles
from core.routing.store import CHANNELS, require_rules
from core.schema import WordRule, WordRuleVersion
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor

MOST_RULES = 500
_r = WordRule.__table__.c
_COUNT = select(func.count()).select_from(WordRule.__table__)


def create_rule(
    tx: Connection,
    actor: Actor,
    title: str,
    data: Mapping[str, Any],
    *,
    department_id: int | None = None,
    team_id: int | None = None,
    active: bool = True,
    now: int | None = None,
) -> int:
    """A new rule of a team, a department, or (neither) the whole firm."""
    department_id = _place(tx, department_id, team_id)
    require_rules(actor, department_id)
    title, kept = _checked(tx, title, data, department_id)
    if tx.execute(_COUNT).scalar_one() >= MOST_RULES:
        text = _("There are %(most)s rules already. Change one of them.", most=MOST_RULES)
        raise Invalid(FieldError("/title", text))
    values = {"department_id": department_id, "team_id": team_id, "title": title, "data": kept}
    new = insert(WordRule.__table__).values(**values, version=1, active=active).returning(_r.id)
    rule_id = int(tx.execute(new).scalar_one())
    now = now or now_ms()
    _keep(tx, actor, rule_id, 1, title, kept, now)
    _changed(tx, actor, rule_id, department_id, "word_rule.created", now)
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
    require_rules(actor, before.department_id)
    if version is not None and version != before.version:
        raise Conflict(_("Somebody else has changed this rule meanwhile. Look at it again."))
    now = now or now_ms()
    values: dict[str, Any] = {}
    if title is not None or data is not None:
        given = before.data if data is None else data
        new_title, kept = _checked(tx, before.title if title is None else title, given, before.department_id)
        if (new_title, kept) != (before.title, before.data):
            values = {"title": new_title, "data": kept, "version": before.version + 1}
            _keep(tx, actor, rule_id, before.version + 1, new_title, kept, now)
    if active is not None and active != before.active:
        values["active"] = active
    if values:
        tx.execute(update(WordRule.__table__).where(_r.id == rule_id).values(values))
        _changed(tx, actor, rule_id, before.department_id, "word_rule.changed", now)


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
    tx: Connection, title: str, data: Mapping[str, Any], department_id: int | None
) -> tuple[str, dict[str, Any]]:
    return checked(directory(tx), title, data, department_id, [*CHANNELS, *channel_titles(tx)])


def _keep(
    tx: Connection, actor: Actor, rule_id: int, number: int, title: str, data: Mapping[str, Any], now: int
) -> None:
    values = {"rule_id": rule_id, "number": number, "title": title, "data": dict(data)}
    author = actor.id if actor.is_person else None
    tx.execute(insert(WordRuleVersion.__table__).values(**values, author_id=author, at=now))


def _changed(tx: Connection, actor: Actor, rule_id: int, department_id: int | None, event: str, now: int) -> None:
    append_to(
        tx, "organisation", department_id or 0, event, actor, {"rule": rule_id}, at=now, department_id=department_id
    )
    configuration.bump(tx)
