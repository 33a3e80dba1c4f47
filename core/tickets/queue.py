"""Which tickets wait, in which order, and how many? One statement for a page, one for each kind of count; flat at a million tickets.

Pages go by key: the last row's (key, id) is where the next page begins. `key >= k` beside the row value is what lets both databases use their
partial indexes (docs/scale.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal, or_, select, tuple_, union_all

from core.schema import (
    Customer,
    Handover,
    Message,
    OpenCount,
    Organisation,
    Person,
    Run,
    StepDuty,
    StepVisit,
    Team,
    Ticket,
)
from core.tickets.duties import mine_duty
from core.tickets.ways import AUTOMATIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

PAGE = 50
CAP = 1000  # a count that would need a scan stops here and reads "1000+"
_t, _c, _o, _p = Ticket.__table__.c, Customer.__table__.c, Organisation.__table__.c, Person.__table__.c
_s, _r, _m, _team = StepVisit.__table__.c, Run.__table__.c, Message.__table__.c, Team.__table__.c
_n, _h, _d = OpenCount.__table__.c, Handover.__table__.c, StepDuty.__table__.c
_SCOPES: dict[str, ColumnElement[Any]] = {"department": _t.department_id, "team": _t.team_id, "holder": _t.holder_id}


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list. `scope` is department, team, holder (one of `ids`) or everything; `order` is queue, due or last (newest activity first)."""

    scope: str = "everything"
    ids: tuple[int, ...] = ()
    department_id: int | None = None  # beside another scope: only this department's
    order: str = "queue"
    unheld: bool = False
    vip: bool = False
    due_before: int | None = None
    statuses: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    holder_ids: tuple[int, ...] = ()
    words: str = ""
    after: tuple[int, int] | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One row of the queue."""

    id: int
    key: int
    subject: str
    language: str
    status: str
    priority: int
    vip: bool
    channel: str
    tags: list[str]
    attention: str | None
    upset: str | None
    entered_at: int
    last_at: int
    due_at: int | None
    due_kind: str | None
    customer: str
    organisation: str | None
    team: str
    holder_id: int | None
    holder: str | None
    step: str | None
    path: str | None
    step_kind: str | None
    step_due_at: int | None
    run_id: int | None
    version_id: int | None
    fields: dict[str, Any] | None
    unanswered: bool
    department_id: int
    team_id: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; `next` is where the following one begins."""

    rows: tuple[QueueRow, ...]
    next: tuple[int, int] | None


def queue_page(tx: Connection, listing: Listing) -> QueuePage:
    """One page of tickets, in one statement."""
    if listing.scope != "everything" and not listing.ids:
        return QueuePage((), None)
    rows = [QueueRow(*row) for row in tx.execute(_statement(_shape(listing)), _values(listing))]
    more = len(rows) > listing.limit
    rows = rows[: listing.limit]
    return QueuePage(tuple(rows), (rows[-1].key, rows[-1].id) if more and rows else None)


_Shape = tuple[str, int, str, bool, bool, bool, bool, bool, bool, bool, bool, bool, bool]


def _shape(x: Listing) -> _Shape:
    return (
        x.scope,
        len(x.ids),
        x.order,
        x.unheld,
        x.vip,
        x.due_before is not None,
        bool(x.statuses),
        bool(x.priorities),
        bool(x.channels),
        bool(x.holder_ids),
        bool(x.words),
        x.department_id is not None,
        x.after is not None,
    )


def _values(x: Listing) -> dict[str, Any]:
    key, last = x.after or (0, 0)
    return {
        **{f"scope_{i}": n for i, n in enumerate(x.ids)},
        "department": x.department_id,
        "due_before": x.due_before,
        "statuses": list(x.statuses),
        "priorities": list(x.priorities),
        "channels": list(x.channels),
        "holders": list(x.holder_ids),
        "words": f"%{x.words.lower()}%",
        "k": key,
        "i": last,
        "n": x.limit + 1,
    }


@lru_cache(256)
def _statement(shape: _Shape) -> Select[Any]:
    """The statement for a shape of wish; its values are bound later, so it is built once."""
    scope, n, order = shape[:3]
    key = {"queue": _t.queue_key, "due": _t.due_at, "last": _t.last_at}[order]
    conditions = _conditions(shape, key)
    scopes = [()] if scope == "everything" else [(_SCOPES[scope] == bindparam(f"scope_{i}"),) for i in range(n)]
    direction = key.desc() if order == "last" else key
    parts = [
        select(_t.id, key.label("key"))
        .where(*mine, *conditions)
        .order_by(direction, _t.id)
        .limit(bindparam("n"))
        .subquery()
        for mine in scopes
    ]
    found = parts[0] if len(parts) == 1 else union_all(*(select(part.c.id, part.c.key) for part in parts)).subquery()
    last = found.c.key.desc() if order == "last" else found.c.key
    return (
        select(*_columns(found.c.key))
        .select_from(found)
        .join(Ticket.__table__, _t.id == found.c.id)
        .join(Customer.__table__, _c.id == _t.customer_id)
        .join(Team.__table__, _team.id == _t.team_id)
        .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
        .outerjoin(Person.__table__, _p.id == _t.holder_id)
        .outerjoin(StepVisit.__table__, _s.id == _t.step_id)
        .outerjoin(Run.__table__, _r.id == _t.run_id)
        .outerjoin(Message.__table__, _m.id == _t.last_message_id)
        .order_by(last, found.c.id)
        .limit(bindparam("n"))
    )


def _conditions(shape: _Shape, key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    _, _, order, unheld, vip, due, statuses, priorities, channels, holders, words, department, after = shape
    wanted: list[tuple[bool, ColumnElement[bool]]] = [
        (order == "queue", key >= bindparam("k")),
        (order == "due", and_(key >= bindparam("k"), _t.queue_key.is_not(None))),
        (order != "last" and after, tuple_(key, _t.id) > tuple_(bindparam("k"), bindparam("i"))),
        (order == "last" and after, or_(key < bindparam("k"), and_(key == bindparam("k"), _t.id > bindparam("i")))),
        (unheld, _t.holder_id.is_(None)),
        (vip, _t.vip),
        (due, _t.due_at < bindparam("due_before")),
        (statuses, _t.status.in_(bindparam("statuses", expanding=True))),
        (priorities, _t.priority.in_(bindparam("priorities", expanding=True))),
        (channels, _t.channel.in_(bindparam("channels", expanding=True))),
        (holders, _t.holder_id.in_(bindparam("holders", expanding=True))),
        (words, func.lower(_t.subject).like(bindparam("words"))),
        (department, _t.department_id == bindparam("department")),
    ]
    return [condition for asked, condition in wanted if asked]


def _columns(key: ColumnElement[Any]) -> list[Any]:
    return [
        _t.id,
        key,
        _t.subject,
        _t.language,
        _t.status,
        _t.priority,
        _t.vip,
        _t.channel,
        _t.tags,
        _t.attention,
        _t.upset,
        _t.entered_at,
        _t.last_at,
        _t.due_at,
        _t.due_kind,
        _c.name.label("customer"),
        _o.name.label("organisation"),
        _team.title.label("team"),
        _t.holder_id,
        _p.name.label("holder"),
        _s.name.label("step"),
        _s.path,
        _s.kind.label("step_kind"),
        _s.due_at.label("step_due_at"),
        _t.run_id,
        _r.version_id,
        _r.fields,
        case((_m.direction == "in", True), else_=False).label("unanswered"),
        _t.department_id,
        _t.team_id,
    ]


_BEGUN = select(_s.run_id, _s.name).where(
    _s.run_id.in_(bindparam("runs", expanding=True)),
    _s.visit > 0,
    _s.kind.not_in([*sorted(AUTOMATIC - {"call"}), "sop", "event"]),
)


def begun(tx: Connection, rows: Sequence[QueueRow]) -> dict[int, set[str]]:
    """For the tickets of a page: the names of the steps that were visited and take somebody's time, by run."""
    found: dict[int, set[str]] = {row.run_id: set() for row in rows if row.run_id is not None}
    if found:
        for run, name in tx.execute(_BEGUN, {"runs": sorted(found)}):
            found[run].add(name)
    return found


# ---- counts of the sidebar ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets are behind each view; those that depend on the moment or need a scan stop at CAP."""

    team: int
    mine: int
    unheld: int
    vip: int
    waiting: int
    everything: int
    offered: int
    duties: int
    due: int


def _sum(*conditions: ColumnElement[bool]) -> Any:
    return func.coalesce(func.sum(_n.n).filter(and_(*conditions)) if conditions else func.sum(_n.n), 0)


_SEEN = or_(literal(0) == bindparam("department"), _n.department_id == bindparam("department"))
_GRID = select(
    _sum(_n.team_id.in_(bindparam("teams", expanding=True)), _SEEN),
    _sum(_n.holder_id == bindparam("me")),
    _sum(_n.holder_id == 0, _SEEN),
    _sum(_n.vip, _SEEN),
    _sum(_n.status == "pending_customer", _SEEN),
    _sum(_SEEN),
).where(_n.n > 0)


def _capped(query: Select[Any]) -> Any:
    return select(func.count()).select_from(query.limit(CAP).subquery()).scalar_subquery()


def _counts(everywhere: bool) -> Select[Any]:
    due = select(literal(1)).where(_t.due_at < bindparam("soon"), _t.queue_key.is_not(None))
    return _GRID.add_columns(
        _capped(select(literal(1)).where(_h.to_id == bindparam("me"), _h.state == "offered")),
        _capped(select(_d.step_id).where(mine_duty()).distinct()),
        _capped(due if everywhere else due.where(_t.department_id == bindparam("department"))),
    )


_COUNTS = {everywhere: _counts(everywhere) for everywhere in (False, True)}


def counts(tx: Connection, person_id: int, teams: tuple[int, ...], department_id: int | None, soon: int) -> Counts:
    """The numbers of the sidebar, in one statement. `department_id` None: this person sees every department."""
    values = {"me": person_id, "teams": list(teams), "department": department_id or 0, "soon": soon}
    return Counts(*(int(n) for n in tx.execute(_COUNTS[department_id is None], values).one()))
