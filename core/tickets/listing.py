"""Tickets as programs read them: one, or a page of those that fit a wish, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, func, literal, select, tuple_, union_all

from core.prepared import Prepared
from core.schema import Customer, Organisation, Run, Sop, SopVersion, StepVisit, Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Select

MOST = 200
_t, _c, _o = Ticket.__table__.c, Customer.__table__.c, Organisation.__table__.c
_r, _v, _sop, _s = Run.__table__.c, SopVersion.__table__.c, Sop.__table__.c, StepVisit.__table__.c
_NEVER = 9_000_000_000_000_000
KEYS: dict[str, ColumnElement[Any]] = {
    "id": _t.id,
    "created_at": _t.created_at,
    "updated_at": _t.last_at,
    "due_at": func.coalesce(_t.due_at, literal(_NEVER)),
    "priority": _t.priority,
    "queue": _t.queue_key,
}
NO_STEP = ("sop", "event", "switch", "fork", "do")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which tickets, in which order. `departments`: only of these. `after` is the (key, id) of the last ticket that was read."""

    departments: tuple[int, ...]
    sort: str = "id"
    descending: bool = True
    statuses: tuple[str, ...] = ()
    team_ids: tuple[int, ...] = ()
    holder_id: int | None = None
    unheld: bool = False
    customer_id: int | None = None
    sop: str | None = None
    step: str | None = None
    channels: tuple[str, ...] = ()
    priorities: tuple[int, ...] = ()
    among: tuple[int, ...] | None = None  # what a search found
    updated_after: int | None = None
    after: tuple[int, int] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A ticket with the names that are not in the directory. `key` is its place in the order asked for."""

    key: int
    id: int
    subject: str
    status: str
    priority: int
    vip: bool
    channel: str
    department_id: int
    team_id: int
    holder_id: int | None
    topic: str | None
    product: str | None
    language: str
    tags: list[str]
    created_at: int
    last_at: int
    first_response_at: int | None
    resolved_at: int | None
    closed_at: int | None
    reopened: int
    resolution: str | None
    promised_at: int | None
    due_at: int | None
    due_kind: str | None
    merged_into: int | None
    attention: str | None
    upset: str | None
    last_seq: int
    version: int
    customer_id: int
    customer: str
    customer_email: str | None
    customer_class: str
    organisation_id: int | None
    organisation: str | None
    run_state: str | None
    run_fields: dict[str, Any] | None
    version_id: int | None
    sop: str | None
    sop_number: int | None


OWN = Listed.__slots__[1:29]
_NAMED = (
    _c.id,
    _c.name,
    _c.email,
    _c.klass,
    _o.id,
    _o.name,
    _r.state,
    _r.fields,
    _r.version_id,
    _sop.name,
    _v.number,
)


def _joined(key: Any) -> Select[Any]:
    return (
        select(key.label("key"), *(_t[name] for name in OWN), *_NAMED)
        .select_from(Ticket.__table__)
        .join(Customer.__table__, _c.id == _t.customer_id)
        .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
        .outerjoin(Run.__table__, _r.id == _t.run_id)
        .outerjoin(SopVersion.__table__, _v.id == _r.version_id)
        .outerjoin(Sop.__table__, _sop.id == _v.sop_id)
    )


_ONE = Prepared(_joined(_t.id).where(_t.id == bindparam("ticket")))
_STEPS: Select[Any] = (
    select(_s.ticket_id, _s.id, _s.name, _s.path, _s.kind, _s.assignees, _s.opened_at, _s.due_at)
    .where(_s.state == "open", and_(*(_s.kind != kind for kind in NO_STEP)))
    .order_by(_s.ticket_id, _s.place, _s.id)
)
_OPEN = _STEPS.where(_s.ticket_id.in_(bindparam("tickets", expanding=True)))
_OPEN_OF_ONE = Prepared(_STEPS.where(_s.ticket_id == bindparam("ticket")))


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that waits for somebody or something."""

    ticket_id: int
    id: int
    name: str
    path: str
    kind: str
    assignees: list[Any]
    opened_at: int
    due_at: int | None


def one_ticket(tx: Connection, ticket_id: int) -> Listed:
    """The ticket. Whether the reader may know of it is asked before (`core.tickets.access.know`)."""
    return Listed(*_ONE.one(tx, {"ticket": ticket_id}))


def open_steps(tx: Connection, ticket_ids: Sequence[int]) -> dict[int, list[OpenStep]]:
    """The open steps of these tickets, in one statement."""
    found: dict[int, list[OpenStep]] = {ticket_id: [] for ticket_id in ticket_ids}
    if len(ticket_ids) == 1:
        found[ticket_ids[0]] = [OpenStep(*row) for row in _OPEN_OF_ONE.all(tx, {"ticket": ticket_ids[0]})]
    elif ticket_ids:
        for row in tx.execute(_OPEN, {"tickets": list(ticket_ids)}):
            found[row.ticket_id].append(OpenStep(*row))
    return found


def ticket_list(tx: Connection, wish: Wish) -> tuple[list[Listed], tuple[int, int] | None]:
    """A page of tickets, and the (key, id) behind which the next one begins (None: this was the last)."""
    if not wish.departments:
        return [], None
    rows = [Listed(*row) for row in tx.execute(_statement(_shape(wish)), _values(wish))]
    more = len(rows) > wish.limit
    rows = rows[: wish.limit]
    return rows, (rows[-1].key, rows[-1].id) if more else None


_Shape = tuple[Any, ...]


def _shape(wish: Wish) -> _Shape:
    return (
        wish.sort,
        wish.descending,
        len(wish.departments) if wish.sort == "updated_at" else 0,
        wish.after is not None,
        bool(wish.statuses),
        bool(wish.team_ids),
        wish.holder_id is not None,
        wish.unheld,
        wish.customer_id is not None,
        wish.sop is not None,
        wish.step is not None,
        bool(wish.channels),
        bool(wish.priorities),
        wish.among is not None,
        wish.updated_after is not None,
    )


def _values(wish: Wish) -> dict[str, Any]:
    key, last = wish.after or (0, 0)
    return {
        "departments": list(wish.departments),
        **{f"department_{i}": n for i, n in enumerate(wish.departments)},
        "statuses": list(wish.statuses),
        "teams": list(wish.team_ids),
        "holder": wish.holder_id,
        "customer": wish.customer_id,
        "sop": wish.sop,
        "step": wish.step,
        "channels": list(wish.channels),
        "priorities": list(wish.priorities),
        "among": list(wish.among or ()),
        "since": wish.updated_after,
        "k": key,
        "i": last,
        "n": wish.limit + 1,
    }


@lru_cache(512)
def _statement(shape: _Shape) -> Select[Any]:
    """The statement for a shape of wish: its values are bound later. By last change, each department's index is read by itself."""
    sort, descending, separate = shape[0], shape[1], shape[2]
    key = KEYS[sort]
    conditions = _conditions(shape, key)
    order = (key.desc(), _t.id.desc()) if descending else (key, _t.id)
    scopes: list[ColumnElement[bool]] = (
        [_t.department_id == bindparam(f"department_{i}") for i in range(separate)]
        if separate
        else [_t.department_id.in_(bindparam("departments", expanding=True))]
    )
    parts = [
        select(_t.id.label("id"), key.label("key"))
        .where(scope, *conditions)
        .order_by(*order)
        .limit(bindparam("n"))
        .subquery()
        for scope in scopes
    ]
    found = parts[0] if len(parts) == 1 else union_all(*(select(p.c.id, p.c.key) for p in parts)).subquery()
    last = (found.c.key.desc(), found.c.id.desc()) if descending else (found.c.key, found.c.id)
    return _joined(found.c.key).join(found, found.c.id == _t.id).order_by(*last).limit(bindparam("n"))


def _conditions(shape: _Shape, key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    sort, descending, _separate, after, *asked = shape
    here, there = tuple_(key, _t.id), tuple_(bindparam("k"), bindparam("i"))
    found: list[tuple[bool, ColumnElement[bool]]] = [
        (sort == "queue", _t.queue_key.is_not(None)),
        (after and descending, here < there),
        (after and not descending, here > there),
        *zip(asked, _FILTERS, strict=True),
    ]
    return [condition for wanted, condition in found if wanted]


_FILTERS: tuple[ColumnElement[bool], ...] = (
    _t.status.in_(bindparam("statuses", expanding=True)),
    _t.team_id.in_(bindparam("teams", expanding=True)),
    _t.holder_id == bindparam("holder"),
    _t.holder_id.is_(None),
    _t.customer_id == bindparam("customer"),
    _t.run_id.in_(
        select(_r.id)
        .join(SopVersion.__table__, _v.id == _r.version_id)
        .join(Sop.__table__, _sop.id == _v.sop_id)
        .where(_sop.name == bindparam("sop"))
    ),
    exists(select(literal(1)).where(and_(_s.ticket_id == _t.id, _s.state == "open", _s.name == bindparam("step")))),
    _t.channel.in_(bindparam("channels", expanding=True)),
    _t.priority.in_(bindparam("priorities", expanding=True)),
    _t.id.in_(bindparam("among", expanding=True)),
    _t.last_at > bindparam("since"),
)
