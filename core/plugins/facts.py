"""What happened reaches each plugin by its own position in the timeline: in order, at least once, nothing passed over.

An event that a plugin does not take after all its tries is parked, where a person sees it and can send it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from core.errors import NotFound
from core.hookspecs import FACTS
from core.moments import now_ms
from core.permissions import require
from core.plugins.asking import OK, PERMANENT, Answer
from core.plugins.health import note
from core.plugins.registry import PluginRow, plugin
from core.plugins.seeing import event_json, message_json, step_json, ticket_json
from core.plugins.settings import settings_of
from core.plugins.wishing import plan_wishes
from core.schema import Event, PluginParked, PluginState
from core.texts import _
from core.tickets.rows import read
from core.timeline import Happening, Position, follow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.database import Database
    from core.plugins.asking import Caller
    from core.settings import Settings

BATCH = 100
MOST_TRIES = 5
_WITH_MESSAGE = frozenset({"customer.replied", "message.sent", "comment.added"})
_STREAM = {"article.published": "article"}  # a ticket tells of its article too: nobody hears of it twice
_WITH_STEP = frozenset({"step.opened", "step.done", "task.completed"})
_s, _k, _e = PluginState.__table__.c, PluginParked.__table__.c, Event.__table__.c
_PLACE = select(_s.position_xid, _s.position_id, _s.trying, _s.tries).where(_s.name == bindparam("plugin"))
_AGAIN = (
    select(_k.id, *(_e[name] for name in Happening.__slots__))
    .join(Event.__table__, _e.id == _k.event_id)
    .where(_k.plugin == bindparam("plugin"), _k.again)
    .order_by(_k.id)
    .limit(1)
)


class NotTaken(Exception):
    """The plugin did not take an event; it is tried again after `wait_s`."""

    def __init__(self, words: str, wait_s: float) -> None:
        super().__init__(words)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Batch:
    """The next events that a plugin wants, and the positions behind each and behind the last one that was looked at."""

    events: tuple[Happening, ...]
    after: tuple[Position, ...]
    end: Position
    tries: int = 0


def position_of(tx: Connection, name: str) -> Position:
    """How far the plugin has come."""
    row = tx.execute(_PLACE, {"plugin": name}).one()
    return Position(row.position_xid, row.position_id)


def wanted_behind(tx: Connection, row: PluginRow, position: Position, limit: int = 500) -> tuple[bool, Position]:
    """Is there an event behind `position` that the plugin wants (or one to be sent again)? And how far may be skipped."""
    if tx.execute(_AGAIN, {"plugin": row.name}).first():
        return True, position
    while True:
        found, end = follow(tx, position, limit)
        if any(_wants(row, event) for event in found):
            return True, position
        if len(found) < limit:
            return False, end
        position = end


def deliver(database: Database, settings: Settings, caller: Caller, name: str) -> bool:
    """Hand the plugin its next events. True: there may be more. NotTaken: try again later."""
    with database.read() as tx:
        row = plugin(tx, name)
        if row is None or not row.works:
            return False
        again = tx.execute(_AGAIN, {"plugin": name}).first()
        batch = None if again else _next(tx, row)
        events = [Happening(*tuple(again)[1:])] if again else list(batch.events) if batch else []
        facts = [_fact(tx, settings, event, name) for event in events]
    if again:
        return _send_again(database, settings, caller, row, int(again[0]), events, facts)
    assert batch is not None
    if not facts:
        _save(database, name, batch.end)
        return False
    delivered, failure = _hand_over(database, settings, caller, row, events, facts)
    if failure is None:
        whole = delivered == len(facts)
        _save(database, name, batch.end if whole else batch.after[delivered - 1])
        return not whole or len(facts) >= BATCH or batch.tries > 0
    _not_taken(database, name, batch, delivered, failure)
    return True


def _next(tx: Connection, row: PluginRow) -> Batch:
    place = tx.execute(_PLACE, {"plugin": row.name}).one()
    position, most = Position(place.position_xid, place.position_id), 1 if place.tries else BATCH
    events, after = list[Happening](), list[Position]()
    while len(events) < most:
        found, end = follow(tx, position, 1 if place.tries else BATCH)
        if not found:
            break
        wanted = [event for event in found if _wants(row, event)]
        if len(events) + len(wanted) > most and events:
            break
        for event in wanted:
            events.append(event)
            after.append(_behind(tx, position, found, event, end))
        position = end
    return Batch(tuple(events), tuple(after), position, place.tries)


def _behind(tx: Connection, start: Position, found: Sequence[Happening], event: Happening, end: Position) -> Position:
    """The position just behind one event of a page."""
    return end if event is found[-1] else follow(tx, start, found.index(event) + 1)[1]


def _wants(row: PluginRow, event: Happening) -> bool:
    return FACTS.get(event.kind) in row.hooks and _STREAM.get(event.kind, "ticket") == event.stream


def _fact(tx: Connection, settings: Settings, event: Happening, name: str) -> dict[str, Any]:
    fact: dict[str, Any] = {"hook": FACTS[event.kind], "event": event_json(event)}
    if event.stream == "ticket":
        fact["ticket"] = ticket_json(tx, settings, read(tx, event.stream_id), name)
    if event.kind in _WITH_MESSAGE:
        fact["message"] = message_json(tx, event)
    if event.kind in _WITH_STEP:
        fact["step"] = step_json(event)
    return fact


def _hand_over(
    database: Database,
    settings: Settings,
    caller: Caller,
    row: PluginRow,
    events: Sequence[Happening],
    facts: list[dict[str, Any]],
) -> tuple[int, Answer | None]:
    """(how many were taken, why the next one was not). What the plugin wants because of them is planned before they count as taken."""
    question = {"do": "facts", "facts": facts, "settings": settings_of(settings, row)}
    with caller.slot(row.name):
        answer = caller.ask(row.source, question)
    delivered, failure = 0, None if answer.ok else answer
    if answer.ok:
        delivered = int(answer.value["delivered"])
        if raw := answer.value["failure"]:
            failure = Answer(raw["failed"], None, raw["detail"], raw["wait"], answer.ms)
        _plan(database, settings, row, events, answer.value["wishes"])
    ticket = facts[min(delivered, len(facts) - 1)].get("ticket")
    with database.write(quietly=True) as tx:
        note(tx, row.name, failure or Answer(OK, ms=answer.ms), now_ms(), ticket["id"] if ticket else None)
    return delivered, failure


def _plan(
    database: Database,
    settings: Settings,
    row: PluginRow,
    events: Sequence[Happening],
    wanted: Sequence[Sequence[Any]],
) -> None:
    """Each event's wishes in a transaction of its own: it holds one ticket."""
    for event, wishes in zip(events, wanted, strict=False):
        if wishes:
            with database.write() as tx:
                if problem := plan_wishes(tx, settings, row, event, wishes, now_ms()):
                    note(tx, row.name, Answer(PERMANENT, None, problem), now_ms())


def _save(database: Database, name: str, position: Position) -> None:
    with database.write(quietly=True) as tx:
        _go_on(tx, name, position)


def _go_on(tx: Connection, name: str, position: Position, **more: Any) -> None:
    values = {"position_xid": position.xid, "position_id": position.id, "trying": None, "tries": 0, **more}
    tx.execute(update(PluginState.__table__).where(_s.name == name).values(values))


def _not_taken(database: Database, name: str, batch: Batch, delivered: int, failure: Answer) -> None:
    """Keep what was taken; the next event is tried again, or parked after its last try."""
    event, tries = batch.events[delivered], (batch.tries if delivered == 0 else 0) + 1
    with database.write() as tx:
        if tries < MOST_TRIES:
            if delivered:
                _go_on(tx, name, batch.after[delivered - 1])
            tx.execute(update(PluginState.__table__).where(_s.name == name).values(trying=event.id, tries=tries))
        else:
            ticket = event.stream_id if event.stream == "ticket" else None
            values = {"plugin": name, "event_id": event.id, "ticket_id": ticket, "kind": event.kind, "at": now_ms()}
            tx.execute(
                insert(PluginParked.__table__).values(**values, detail=failure.detail or failure.how, again=False)
            )
            _go_on(tx, name, batch.after[delivered])
    if tries < MOST_TRIES:
        raise NotTaken(failure.detail, failure.wait or float(2 ** (tries - 1)))


def _send_again(
    database: Database,
    settings: Settings,
    caller: Caller,
    row: PluginRow,
    parked: int,
    events: Sequence[Happening],
    facts: list[dict[str, Any]],
) -> bool:
    """One event that a person wants to be sent again: gone when it was taken, parked as before when not."""
    _delivered, failure = _hand_over(database, settings, caller, row, events, facts)
    with database.write(quietly=True) as tx:
        if failure is None:
            tx.execute(delete(PluginParked.__table__).where(_k.id == parked))
        else:
            values = {"again": False, "at": now_ms(), "detail": failure.detail or failure.how}
            tx.execute(update(PluginParked.__table__).where(_k.id == parked).values(values))
    return True


def ask_again(tx: Connection, actor: Actor, parked_id: int) -> None:
    """A person wants a parked event to be sent once more."""
    require(actor, "change_plugins")
    if tx.execute(update(PluginParked.__table__).where(_k.id == parked_id).values(again=True)).rowcount == 0:
        raise NotFound(_("This event is no longer set aside."))
