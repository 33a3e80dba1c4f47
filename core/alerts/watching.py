"""Who watches a ticket, of what they want to hear, and the news they get: a customer's reply, the end, the reopening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from core import timeline
from core.alerts.calling import Called, may_read, record, tell
from core.alerts.rules import HOWS, PAGE, WATCHED
from core.database import is_sqlite
from core.directory import directory
from core.errors import FieldError, Invalid
from core.moments import now_ms
from core.permissions import require
from core.prepared import Prepared
from core.schema import Watcher
from core.schema.clocks import EVERYTHING
from core.texts import _
from core.tickets.rows import lock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.tickets.rows import TicketRow

HEARS = tuple(EVERYTHING)
_NEWS = {"customer.replied": "replied", "ticket.resolved": "resolved", "ticket.reopened": "reopened"}
_w = Watcher.__table__.c
_OF_TICKET = Prepared(
    select(_w.person_id, _w.by, _w.at, _w.hears, _w.how)
    .where(_w.ticket_id == bindparam("ticket"))
    .order_by(_w.at, _w.person_id)
)


@dataclass(frozen=True, slots=True)
class WatcherRow:
    """Somebody who watches: since when, put there by hand or by an escalation, of what they hear, and how."""

    person_id: int
    by: str
    at: int
    hears: tuple[str, ...]
    how: str


def watchers_of(tx: Connection, ticket_id: int) -> list[WatcherRow]:
    """Who watches the ticket, those who have longest first."""
    rows = _OF_TICKET.all(tx, {"ticket": ticket_id})
    return [WatcherRow(row.person_id, row.by, row.at, tuple(row.hears), row.how) for row in rows]


def watch(
    tx: Connection,
    actor: Actor,
    ticket_id: int,
    person_id: int,
    *,
    hears: Sequence[str] = HEARS,
    how: str = PAGE,
    now: int | None = None,
) -> None:
    """Let somebody watch the ticket, or hear of other things from now on. Agents may add colleagues who may read the ticket."""
    require(actor, "watch" if person_id == actor.id else "add_watchers")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    _check(tx, row, person_id, hears, how)
    values = {"hears": [one for one in HEARS if one in hears], "how": how}
    known = {one.person_id for one in watchers_of(tx, ticket_id)}
    dialect = sqlite if is_sqlite(tx) else postgresql
    new = dialect.insert(Watcher.__table__).values(
        ticket_id=ticket_id, person_id=person_id, by="hand", at=now, **values
    )
    tx.execute(new.on_conflict_do_update(index_elements=["ticket_id", "person_id"], set_=values))
    if person_id not in known:
        timeline.append(tx, ticket_id, "watcher.added", actor, {"people": [person_id]}, at=now)


def _check(tx: Connection, row: TicketRow, person_id: int, hears: Sequence[str], how: str) -> None:
    firm = directory(tx)
    errors = []
    person = firm.people.get(person_id)
    if person is None or not person.active:
        errors.append(FieldError("/person", _("There is no such person.")))
    elif not may_read(firm, person_id, row.department_id, row.holder_id):
        text = _("%(name)s is in another department and cannot read this ticket.", name=person.name)
        errors.append(FieldError("/person", text))
    wrong = [one for one in hears if one not in HEARS]
    if wrong or not hears:
        known = ", ".join(HEARS)
        errors.append(FieldError("/hears", _("Hear of what? Name at least one of: %(known)s.", known=known)))
    if how not in HOWS:
        known = ", ".join(HOWS)
        text = _("“%(value)s” is not possible here. Write one of: %(known)s.", value=how, known=known)
        errors.append(FieldError("/how", text))
    if errors:
        raise Invalid(*errors)


def unwatch(tx: Connection, actor: Actor, ticket_id: int, person_id: int, *, now: int | None = None) -> None:
    """Watch no more; who does not watch stays so."""
    require(actor, "watch" if person_id == actor.id else "add_watchers")
    lock(tx, ticket_id)
    gone = tx.execute(delete(Watcher.__table__).where(_w.ticket_id == ticket_id, _w.person_id == person_id))
    if gone.rowcount:
        timeline.append(tx, ticket_id, "watcher.removed", actor, {"people": [person_id]}, at=now or now_ms())


def tell_watchers(tx: Connection, row: TicketRow, news: Sequence[Mapping[str, Any]], now: int) -> bool:
    """Tell those who watch of what they wanted to hear; nobody of what they did themselves. True when mails were planned."""
    told = [event for event in news if event["kind"] in _NEWS and "from" not in event["data"]]
    rows = watchers_of(tx, row.id) if told else []
    firm = directory(tx) if rows else None
    planned = False
    for event in told:
        what = _NEWS[event["kind"]]
        themselves = event["actor_id"] if event["actor_kind"] == "person" else None
        hows = {
            one.person_id: one.how
            for one in rows
            if what in one.hears and one.person_id != themselves and firm and firm.people[one.person_id].active
        }
        if not hows:
            continue
        key, seen = f"watched/{row.id}/{event['seq']}", {"what": what, "seq": event["seq"]}
        called = Called(key, WATCHED, seen, row.department_id, row.team_id, row.id)
        alert_id = record(tx, called, now)
        if alert_id is not None:
            planned = tell(tx, called, alert_id, hows, now) or planned
    return planned
