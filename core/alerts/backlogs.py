"""Backlogs that have grown above what a rule allows: looked at when a ticket came into one or left it, last of all in its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.alerts import store
from core.alerts.calling import Called, may_read, record, tell, tell_windows
from core.alerts.rules import above
from core.database import is_sqlite
from core.directory import directory
from core.meant import Place, meant
from core.moments import now_ms
from core.schema import AlertLevel, OpenCount

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.alerts.hearing import Ending
    from core.alerts.rules import Rule

_l, _n = AlertLevel.__table__.c, OpenCount.__table__.c
_LOCK = select(_l.above, _l.spell).where(_l.rule_id == bindparam("rule")).with_for_update()
_COUNT: Any = select(func.coalesce(func.sum(_n.n), 0)).where(_n.holder_id == 0)


def end(tx: Connection, collected: Ending) -> None:
    """The last statements of a transaction: first the backlogs (behind the counts, which everybody updates), then the people's news."""
    concerned = [rule for rule in store.current(tx).backlogs if _moved(rule, collected)]
    for rule in sorted(concerned, key=lambda one: one.id):
        look(tx, rule, now_ms())
    tell_windows(tx, collected.told.items())


def _moved(rule: Rule, collected: Ending) -> bool:
    return rule.id in collected.rules or any(rule.concerns(*place) for place in collected.places)


def look(tx: Connection, rule: Rule, now: int) -> None:
    """Call it out when the backlog has just come above the rule's number. The level's row is locked before the count is read, so that of
    two transactions that fill a backlog together, the second sees both."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    tx.execute(
        dialect.insert(AlertLevel.__table__).values(rule_id=rule.id, above=False, spell=0).on_conflict_do_nothing()
    )
    level = tx.execute(_LOCK, {"rule": rule.id}).one()
    n = backlog_of(tx, rule)
    now_above = above(rule, n, before=level.above)
    if now_above == level.above:
        return
    spell = level.spell + int(now_above)
    tx.execute(update(AlertLevel.__table__).where(_l.rule_id == rule.id).values(above=now_above, spell=spell))
    if now_above:
        _call(tx, rule, n, spell, now)


def backlog_of(tx: Connection, rule: Rule) -> int:
    """How many open tickets nobody holds, where the rule holds."""
    query = _COUNT
    if rule.team_id is not None:
        query = query.where(_n.team_id == rule.team_id)
    elif rule.department_id is not None:
        query = query.where(_n.department_id == rule.department_id)
    return int(tx.execute(query).scalar_one())


def _call(tx: Connection, rule: Rule, n: int, spell: int, now: int) -> None:
    seen = {"n": n, "limit": rule.threshold}
    called = Called(
        key=f"{rule.id}/backlog/{spell}",
        kind=rule.kind,
        seen=seen,
        department_id=rule.department_id,
        team_id=rule.team_id,
        rule_id=rule.id,
        rule_version=rule.version,
    )
    alert_id = record(tx, called, now)
    if alert_id is None:
        return
    firm = directory(tx)
    place = Place(rule.department_id, rule.team_id)
    people = dict.fromkeys(person for to in rule.to for person in meant(firm, to, place))
    readers = [one for one in people if rule.department_id is None or may_read(firm, one, rule.department_id)]
    tell(tx, called, alert_id, dict.fromkeys(readers, rule.how), now)
