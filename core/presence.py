"""Whose browser is still there? Seen by the web, kept seldom; whoever is gone for long is offline by itself, and online again when they come back.

A web process notes in one small transaction every half minute who was there (`keep_seen`), whatever is clicked meanwhile. The worker asks, beside its
other small jobs, whether somebody's time is up (`let_go`): one question for all people. While no web process keeps notes nobody is taken for gone:
it cannot be known. After a pause everybody has their whole time again (`since`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from core.actors import FLOW
from core.database import is_sqlite
from core.schema import Department, Person, Presence, Process
from core.tickets.holding import set_availability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.database import Database
    from core.settings import Settings

KEEP_SECONDS = 30.0
SILENT_MS = 120_000  # the web is away: what it last wrote says nothing about now
STANDARD_MINUTES = 15  # of whoever belongs to no department
MINUTE = 60_000
_WATCH = "presence"
_s, _p, _d, _process = Presence.__table__.c, Person.__table__.c, Department.__table__.c, Process.__table__.c
_MINUTES = func.coalesce(_d.gone_minutes, STANDARD_MINUTES)
_LONG_AGO = bindparam("now", type_=BigInteger) - _MINUTES * MINUTE
_SINCE = bindparam("since", type_=BigInteger)
_READ_WATCH = select(_process.seen_at, _process.facts).where(_process.name == _WATCH)
_GONE = (
    select(_s.person_id)
    .join(Person.__table__, _p.id == _s.person_id)
    .outerjoin(Department.__table__, _d.id == _p.department_id)
    .where(
        _p.active,
        _p.availability != "offline",
        _MINUTES > 0,
        _s.seen_at <= _LONG_AGO,
        _SINCE <= _LONG_AGO,
        func.coalesce(_p.availability_at, 0) <= _LONG_AGO,
    )
    .order_by(_s.person_id)
    .limit(100)
)


def keep_seen(tx: Connection, seen: Mapping[int, int], now: int) -> None:
    """Note when each of these people (by id) was last there, and that somebody looks."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    watch = tx.execute(_READ_WATCH).one_or_none()
    pause = watch is None or now - watch.seen_at > SILENT_MS
    values = {"pid": os.getpid(), "seen_at": now, "facts": {"since": now} if pause or watch is None else watch.facts}
    kept = dialect.insert(Process.__table__).values(name=_WATCH, **values)
    tx.execute(kept.on_conflict_do_update(index_elements=["name"], set_=values))
    if seen:
        new = dialect.insert(Presence.__table__)
        rows = [{"person_id": person, "seen_at": at} for person, at in sorted(seen.items())]
        later = {"seen_at": new.excluded.seen_at}
        tx.execute(
            new.on_conflict_do_update(
                index_elements=["person_id"], set_=later, where=_s.seen_at < new.excluded.seen_at
            ),
            rows,
        )


def gone(tx: Connection, now: int) -> list[int]:
    """Who has been gone for as long as their department allows; nobody while the web is away."""
    watch = tx.execute(_READ_WATCH).one_or_none()
    if watch is None or now - watch.seen_at > SILENT_MS:
        return []
    return list(tx.execute(_GONE, {"now": now, "since": int(watch.facts.get("since", watch.seen_at))}).scalars())


def let_go(database: Database, settings: Settings, now: int) -> int:
    """Whoever is gone is offline by itself, and their tickets go as their teams want it. Returns how many people that were."""
    with database.read() as tx:
        people = gone(tx, now)
    for person in people:
        with database.write() as tx:
            if person in gone(tx, now):  # they may have come back in this moment
                set_availability(tx, settings, FLOW, person, "offline", by_itself=True, now=now)
    return len(people)


def come_back(tx: Connection, settings: Settings, actor: Actor, now: int) -> None:
    """Their browser is there again: online, with what waits in the backlogs. What they chose by hand stays."""
    assert actor.id is not None
    row = tx.execute(select(_p.availability, _p.availability_by).where(_p.id == actor.id)).one()
    if tuple(row) == ("offline", "itself"):
        keep_seen(tx, {actor.id: now}, now)
        set_availability(tx, settings, actor, actor.id, "online", by_itself=True, now=now)
