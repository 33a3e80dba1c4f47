"""The tickets behind a figure: exactly those that were counted, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, false, func, null, or_, select

from core.directory import directory
from core.errors import NotFound
from core.figures.days import DAY_MS, begin_of
from core.figures.keeping import COUNTED
from core.figures.reading import visible
from core.permissions import require
from core.schema import Clock, Customer, Ticket
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select
    from sqlalchemy.sql.selectable import Join

    from core.actors import Actor

CAME, SOLVED, ANSWERED, KEPT, BROKEN = "came", "solved", "answered", "kept", "broken"
WHATS = (CAME, SOLVED, ANSWERED, KEPT, BROKEN)
LISTED = 200
HOUR_MS = 3_600_000
_t, _c, _u = Ticket.__table__.c, Clock.__table__.c, Customer.__table__.c
_AT: dict[str, ColumnElement[Any]] = {
    CAME: _t.created_at,
    SOLVED: _t.resolved_at,
    ANSWERED: _t.created_at,
    KEPT: _c.ended_at,
    BROKEN: _c.broken_at,
}
_IS: dict[str, ColumnElement[bool]] = {
    CAME: COUNTED,
    SOLVED: COUNTED,
    ANSWERED: and_(COUNTED, _t.first_response_ms.is_not(None)),
    KEPT: _c.state == "met",
    BROKEN: _c.state == "breached",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figure: `what` of the department in the days from `first` to `last`, and what else narrows it down."""

    what: str
    department_id: int
    first: int
    last: int
    team_id: int | None = None
    holder_id: int | None = None
    hour: int | None = None
    topic: str | None = None
    customer_id: int | None = None
    organisation_id: int | None = None
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A ticket behind a figure: when it was counted, how long its first answer took, and of which promise it is (if of one)."""

    id: int
    subject: str
    language: str
    status: str
    customer: str
    holder_id: int | None
    at: int
    first_ms: int | None
    metric: str | None
    key: int  # with the moment, its place in the list


@dataclass(frozen=True, slots=True)
class Behind:
    """How many there are, and the newest of them."""

    total: int
    lines: tuple[FigureLine, ...]


def tickets_behind(
    tx: Connection, actor: Actor, wanted: Wanted, *, limit: int = LISTED, before: tuple[int, int] | None = None
) -> Behind:
    """Two statements over the indexes of the moments. `before` is (moment, key) of the last line that was seen."""
    require(actor, "read_status")
    firm = directory(tx)
    if wanted.what not in WHATS or wanted.department_id not in visible(firm, actor):
        raise NotFound(_("There is no such figure."))
    at, where = _AT[wanted.what], _where(wanted, firm.calendar_of(wanted.department_id).zone)
    metric, key = (_c.metric, _c.id) if wanted.what in {KEPT, BROKEN} else (null(), _t.id)
    source = _source(wanted)
    lines: Select[Any] = (
        select(_t.id, _t.subject, _t.language, _t.status, _u.name, _t.holder_id, at, _t.first_response_ms, metric, key)
        .select_from(source)
        .where(where)
        .order_by(at.desc(), key.desc())
        .limit(limit)
    )
    if before is not None:
        lines = lines.where(or_(at < before[0], and_(at == before[0], key < before[1])))
    total = int(tx.execute(select(func.count()).select_from(source).where(where)).scalar_one())
    return Behind(total, tuple(FigureLine(*row) for row in tx.execute(lines)))


def _source(wanted: Wanted) -> Join:
    source = Ticket.__table__.join(Customer.__table__, _u.id == _t.customer_id)
    if wanted.what in {KEPT, BROKEN}:
        source = source.join(Clock.__table__, _c.ticket_id == _t.id)
    return source


def _where(wanted: Wanted, zone: str) -> ColumnElement[bool]:
    at = _AT[wanted.what]
    since, until = begin_of(wanted.first, zone), begin_of(wanted.last + 1, zone)
    narrowed = {
        _t.team_id: wanted.team_id,
        _t.holder_id: wanted.holder_id,
        _t.topic: wanted.topic,
        _t.customer_id: wanted.customer_id,
        _u.organisation_id: wanted.organisation_id,
        _c.metric: wanted.metric if wanted.what in {KEPT, BROKEN} else None,
    }
    conditions = [column == value for column, value in narrowed.items() if value is not None]
    if wanted.hour is not None:
        conditions.append(_in_hour(at, wanted.hour, since, until, zone))
    return and_(_t.department_id == wanted.department_id, at >= since, at < until, _IS[wanted.what], *conditions)


def _in_hour(at: ColumnElement[Any], hour: int, since: int, until: int, zone: str) -> ColumnElement[bool]:
    """In this local hour. The clock may be changed in the days asked for: each stretch has its own distance from Greenwich."""
    stretches: dict[int, list[int]] = {}
    moment = since
    while moment < until:
        offset = _offset(moment, zone)
        stretches.setdefault(offset, [moment, moment])[1] = moment + HOUR_MS
        moment += HOUR_MS
    local = [
        and_(
            at >= begin,
            at < end,
            (at + offset) % DAY_MS >= hour * HOUR_MS,
            (at + offset) % DAY_MS < (hour + 1) * HOUR_MS,
        )
        for offset, (begin, end) in stretches.items()
    ]
    return or_(false(), *local)


def _offset(moment: int, zone: str) -> int:
    distance = datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).utcoffset()
    return round(distance.total_seconds() * 1000) if distance else 0
