"""The alert rules as they are kept: read once for each configuration, and every version that an alert may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal, select, true

from core import configuration
from core.alerts.reading import rule_of
from core.alerts.rules import BACKLOG, Rule
from core.database import database_of
from core.directory import directory
from core.errors import NotFound
from core.permissions import require, sees_all_departments
from core.schema import AlertRule, AlertRuleVersion
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_r, _v = AlertRule.__table__.c, AlertRuleVersion.__table__.c
_ALL = select(_r.id, _r.department_id, _r.team_id, _r.title, _r.kind, _r.version, _r.active, _r.data).order_by(
    _r.department_id.is_not(None), _r.department_id, _r.team_id, _r.id
)
_VERSION = select(
    _v.rule_id.label("id"),
    literal(None).label("department_id"),
    literal(None).label("team_id"),
    _v.title,
    _v.kind,
    _v.number.label("version"),
    true().label("active"),
    _v.data,
).where(_v.rule_id == bindparam("rule"), _v.number == bindparam("number"))
_VERSIONS = (
    select(_v.number, _v.title, _v.kind, _v.data, _v.author_id, _v.at)
    .where(_v.rule_id == bindparam("rule"))
    .order_by(_v.number.desc())
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its page and the API show it."""

    id: int
    department_id: int | None
    team_id: int | None
    title: str
    kind: str
    version: int
    active: bool
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Current:
    """The active rules at one version of the configuration: those for tickets, and those for backlogs."""

    version: int
    tickets: tuple[Rule, ...]
    backlogs: tuple[Rule, ...]


_cache: dict[str, Current] = {}
_known: dict[tuple[str, int, int], Rule] = {}  # versions never change: kept for ever


def current(tx: Connection) -> Current:
    """What holds now; read anew only when the configuration has changed."""
    version, where = configuration.version(tx), database_of(tx)
    known = _cache.get(where)
    if known is None or known.version != version:
        rules = [rule_of(row) for row in tx.execute(_ALL.where(_r.active))]
        tickets = tuple(rule for rule in rules if rule.kind != BACKLOG)
        backlogs = tuple(rule for rule in rules if rule.kind == BACKLOG)
        known = _cache[where] = Current(version, tickets, backlogs)
    return known


def rule_version(tx: Connection, rule_id: int, number: int) -> Rule | None:
    """One text of a rule, as an alert names it."""
    key = (database_of(tx), rule_id, number)
    if key not in _known:
        row = tx.execute(_VERSION, {"rule": rule_id, "number": number}).one_or_none()
        if row is None:
            return None
        _known[key] = rule_of(row)
    return _known[key]


def all_rules(tx: Connection) -> list[RuleRow]:
    """Every rule, also those that are switched off; those of the whole firm first."""
    return [RuleRow(*row) for row in tx.execute(_ALL)]


def one_rule(tx: Connection, rule_id: int) -> RuleRow:
    """One rule."""
    row = tx.execute(_ALL.where(_r.id == rule_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such alert rule."))
    return RuleRow(*row)


def versions(tx: Connection, rule_id: int) -> list[Any]:
    """(number, title, kind, data, author_id, at) of every version, the newest first."""
    return list(tx.execute(_VERSIONS, {"rule": rule_id}))


def visible(tx: Connection, actor: Actor) -> list[RuleRow]:
    """The rules that concern this person: all for managers, else those of their department and of the whole firm."""
    require(actor, "change_alerts")
    mine = {None, actor.department_id}
    return [row for row in all_rules(tx) if sees_all_departments(actor) or row.department_id in mine]


def visible_rule(tx: Connection, actor: Actor, rule_id: int) -> RuleRow:
    """One of them, or NotFound."""
    found = next((row for row in visible(tx, actor) if row.id == rule_id), None)
    if found is None:
        raise NotFound(_("There is no such alert rule."))
    return found


def team_title(tx: Connection, row: RuleRow) -> str:
    """Of whom a rule is: its team, else its department, else nothing (the whole firm)."""
    firm = directory(tx)
    if row.team_id in firm.teams:
        return firm.teams[row.team_id].title
    return firm.departments[row.department_id].title if row.department_id in firm.departments else ""
