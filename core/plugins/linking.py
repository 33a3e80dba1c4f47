"""Which things outside belong to a ticket? Links, by ticket and by what the other side calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from core.schema import Link
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor

LOOK_EVERY_MS = 600_000  # an open link that nobody has told us about for so long is looked at
FIRST_LOOK_MS = 15_000  # a new one sooner: news that came before the link was made found nobody
_l = Link.__table__.c


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link as it is kept."""

    id: int
    plugin: str
    ref: str
    ticket_id: int
    run_id: int
    path: str
    step: str
    url: str | None
    title: str
    state: str
    known: dict[str, Any]
    open: bool
    known_at: int | None
    seen_at: int
    made_at: int


_ROWS = select(*(_l[name] for name in LinkRow.__slots__)).order_by(_l.id)
_OF_TICKET = _ROWS.where(_l.ticket_id == bindparam("ticket"))
_OF_REF = _ROWS.where(_l.ticket_id == bindparam("ticket"), _l.plugin == bindparam("plugin"), _l.ref == bindparam("ref"))
_TICKETS = (
    select(_l.ticket_id)
    .where(_l.plugin == bindparam("plugin"), _l.ref == bindparam("ref"))
    .distinct()
    .order_by(_l.ticket_id)
)
_DUE = (
    select(_l.ref, func.min(_l.seen_at))
    .where(_l.plugin == bindparam("plugin"), _l.open, _l.seen_at < bindparam("before"))
    .group_by(_l.ref)
    .order_by(func.min(_l.seen_at))
    .limit(bindparam("limit"))
)
_INSERT = insert(Link.__table__)


def links_of(tx: Connection, ticket_id: int, plugin: str | None = None) -> list[LinkRow]:
    """The links of a ticket, the oldest first; of one plugin only, when it is named."""
    found = [LinkRow(*row) for row in tx.execute(_OF_TICKET, {"ticket": ticket_id})]
    return [one for one in found if plugin in {None, one.plugin}]


def of_ref(tx: Connection, ticket_id: int, plugin: str, ref: str) -> list[LinkRow]:
    """The links of one thing to a ticket: one for each step that wanted it."""
    return [LinkRow(*row) for row in tx.execute(_OF_REF, {"ticket": ticket_id, "plugin": plugin, "ref": ref})]


def tickets_of(tx: Connection, plugin: str, ref: str) -> list[int]:
    """Every ticket that a thing is linked to, by id: the order in which they are locked."""
    return list(tx.execute(_TICKETS, {"plugin": plugin, "ref": ref}).scalars())


def due_looks(tx: Connection, plugin: str, now: int, limit: int) -> list[str]:
    """Things that nobody has told us about for a while, the longest first."""
    wanted = {"plugin": plugin, "before": now - LOOK_EVERY_MS, "limit": limit}
    return [str(ref) for ref, _seen in tx.execute(_DUE, wanted)]


def looked(tx: Connection, plugin: str, refs: Sequence[str], now: int) -> None:
    """These were asked about; what has no news is asked again after a while."""
    tx.execute(
        update(Link.__table__).where(_l.plugin == plugin, _l.ref.in_(refs), _l.seen_at < now).values(seen_at=now)
    )


def keep_link(
    tx: Connection,
    actor: Actor,
    ticket_id: int,
    plugin: str,
    told: Mapping[str, Any],
    *,
    run_id: int = 0,
    path: str = "",
    step: str = "",
    known: Mapping[str, Any] | None = None,
    now: int,
) -> None:
    """A thing outside belongs to the ticket (its row is locked): `told` is its ref, url, title, state, and the step it stands for."""
    values = {
        "run_id": run_id,
        "path": path,
        "step": str(told.get("step") or step)[:64],
        "url": str(told["url"])[:2000] if told.get("url") else None,
        "title": str(told.get("title") or told["ref"])[:500],
        "state": str(told.get("state") or "")[:200],
    }
    for one in of_ref(tx, ticket_id, plugin, told["ref"]):
        if (one.run_id, one.path) == (run_id, path):
            kept = {name: value for name, value in values.items() if value} | {"open": True}
            tx.execute(update(Link.__table__).where(_l.id == one.id).values(kept))
            return
    row = {"plugin": plugin, "ref": told["ref"], "ticket_id": ticket_id, **values, "known": dict(known or {})}
    seen = now - LOOK_EVERY_MS + FIRST_LOOK_MS
    tx.execute(_INSERT, {**row, "open": True, "known_at": None, "seen_at": seen, "made_at": now})
    data = {"plugin": plugin, "ref": told["ref"], "op": "linked", "state": values["state"]}
    append(tx, ticket_id, "link.changed", actor, data, at=now)


def change_link(tx: Connection, link_id: int, **values: Any) -> None:
    """Change columns of a link."""
    tx.execute(update(Link.__table__).where(_l.id == link_id).values(values))
