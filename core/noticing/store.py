"""The rules over words as they are kept: read and made ready once for each configuration, and every version that a ticket may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import configuration
from core.database import database_of
from core.errors import NotFound
from core.noticing.reading import rule_of
from core.noticing.words import Ready, ready
from core.permissions import require, sees_all_departments
from core.schema import WordRule, WordRuleVersion
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_r, _v = WordRule.__table__.c, WordRuleVersion.__table__.c
_ALL = select(_r.id, _r.department_id, _r.team_id, _r.title, _r.version, _r.active, _r.data).order_by(
    _r.department_id.is_not(None), _r.department_id, _r.team_id, _r.id
)
_VERSIONS = (
    select(_v.number, _v.title, _v.data, _v.author_id, _v.at)
    .where(_v.rule_id == bindparam("rule"))
    .order_by(_v.number.desc())
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its page, the API and the firm's file show it."""

    id: int
    department_id: int | None
    team_id: int | None
    title: str
    version: int
    active: bool
    data: dict[str, Any]


_cache: dict[str, tuple[int, dict[tuple[int, int], Ready], Ready]] = {}


def watched(tx: Connection, department_id: int, team_id: int) -> Ready:
    """The active rules of this place, made ready; read anew only when the configuration has changed."""
    version, where = configuration.version(tx), database_of(tx)
    known = _cache.get(where)
    if known is None or known[0] != version:
        rules = ready(rule_of(row) for row in tx.execute(_ALL.where(_r.active)))
        known = _cache[where] = (version, {}, rules)
    _version, places, every = known
    if not every.rules:
        return every
    place = (department_id, team_id)
    if place not in places:
        places[place] = ready(rule for rule in every.rules if rule.concerns(*place))
    return places[place]


def all_rules(tx: Connection) -> list[RuleRow]:
    """Every rule, also those that are switched off; those of the whole firm first."""
    return [RuleRow(*row) for row in tx.execute(_ALL)]


def one_rule(tx: Connection, rule_id: int) -> RuleRow:
    """One rule."""
    row = tx.execute(_ALL.where(_r.id == rule_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such rule."))
    return RuleRow(*row)


def versions(tx: Connection, rule_id: int) -> list[Any]:
    """(number, title, data, author_id, at) of every version, the newest first."""
    return list(tx.execute(_VERSIONS, {"rule": rule_id}))


def visible(tx: Connection, actor: Actor) -> list[RuleRow]:
    """The rules that concern this person: all for managers, else those of their department and of the whole firm."""
    require(actor, "change_routing")
    mine = {None, actor.department_id}
    return [row for row in all_rules(tx) if sees_all_departments(actor) or row.department_id in mine]


def visible_rule(tx: Connection, actor: Actor, rule_id: int) -> RuleRow:
    """One of them, or NotFound."""
    found = next((row for row in visible(tx, actor) if row.id == rule_id), None)
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found
