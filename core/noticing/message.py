"""A customer's message arrives: which watched words stand in it? Each rule notices once on a ticket, and at once raises its priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.actors import FLOW
from core.mail.quotation import newly_written
from core.noticing.store import watched
from core.noticing.words import SUBJECT, TEXT, find
from core.tickets.rows import PRIORITIES, PRIORITY_NAMES, change, held
from core.timeline import append, happened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.noticing.words import Finding
    from core.tickets.messages import NewMessage
    from core.tickets.rows import TicketRow

NOTICED = "words.noticed"


@dataclass(frozen=True, slots=True)
class Noticed:
    """A finding with the event (its seq) that says so."""

    finding: Finding
    seq: int

    def told(self) -> dict[str, Any]:
        """What is kept with everything that follows from it."""
        rule = self.finding.rule
        return {"rule": rule.id, "version": rule.version, "word": self.finding.word, "seq": self.seq}


def own_words(message: NewMessage) -> str:
    """What the customer wrote newly: no quotation, no signature. A mail has been taken apart already; other texts are here."""
    return newly_written(message.text if message.visible is None else message.visible)


def texts_of(message: NewMessage, *, first: bool) -> list[tuple[str, str]]:
    """Where words are looked for. A later mail repeats the subject: it is nothing new."""
    return [*([(SUBJECT, message.subject)] if first else []), (TEXT, own_words(message))]


def notice(
    tx: Connection, row: TicketRow, message: NewMessage, now: int, *, first: bool = False
) -> tuple[TicketRow, Sequence[Noticed]]:
    """Look for watched words and note what was found; without rules nothing is asked. Whom they call in comes after the walk."""
    known = watched(tx, row.department_id, row.team_id)
    if not known.rules or message.automatic:
        return row, ()
    found = [one for one in find(known, texts_of(message, first=first)) if one.rule.listens_to(message.channel)]
    if found and not first:
        before = {event.data.get("rule") for event in happened(tx, row.id, NOTICED, 0)}
        found = [one for one in found if one.rule.id not in before]
    noticed = [_note(tx, row.id, one, now) for one in found]
    return held(tx, row.id).row, noticed


def _note(tx: Connection, ticket_id: int, one: Finding, now: int) -> Noticed:
    rule, row = one.rule, held(tx, ticket_id).row
    wanted = PRIORITIES[rule.priority] if rule.priority else row.priority
    data: dict[str, Any] = {
        "rule": rule.id,
        "version": rule.version,
        "word": one.word,
        "where": one.where,
        "at": one.at,
        "message": row.last_message_id,
    }
    if rule.priority:
        data["priority"] = [PRIORITY_NAMES[row.priority], PRIORITY_NAMES[min(wanted, row.priority)]]
    if rule.call:
        data["call"] = rule.call.how
    noticed = Noticed(one, append(tx, ticket_id, NOTICED, FLOW, data, at=now).seq)
    if wanted < row.priority:
        raise_priority(tx, ticket_id, wanted, {"noticed": noticed.told()}, noticed.seq, now)
    return noticed


def raise_priority(tx: Connection, ticket_id: int, wanted: int, why: dict[str, Any], cause: int, now: int) -> None:
    """Make it more urgent, and say so as every change of a priority is said: clocks and procedures listen to it."""
    row = held(tx, ticket_id).row
    pair = [PRIORITY_NAMES[row.priority], PRIORITY_NAMES[wanted]]
    change(tx, row, priority=wanted)
    data = {"properties": ["priority"], "priority": pair, "why": why}
    append(tx, ticket_id, "ticket.changed", FLOW, data, at=now, cause=cause)
