"""What must hold after any number of kills. The checker reads the database and the customers' mail server, and believes nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from core.schema import Effect, Event, Message, MessageBody, OpenCount, PersonLoad, StepVisit, Ticket
from core.tickets.rows import CLOSED, RESOLVED
from estafet.chaos.doors import CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from estafet.chaos.doors import Wish
    from estafet.chaos.sink import Arrived

_t, _e, _m, _x, _s = (
    Ticket.__table__.c,
    Event.__table__.c,
    Message.__table__.c,
    Effect.__table__.c,
    StepVisit.__table__.c,
)
SENT = "sent"


@dataclass
class Verdict:
    """`wrong` is empty when everything holds; `counts` are for the reader."""

    counts: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def check_world(
    tx: Connection, wishes: Sequence[Wish], arrived: Sequence[Arrived], kills: Counter[str], *, ended: bool = True
) -> Verdict:
    """Look at everything."""
    verdict = Verdict()
    _promises(tx, wishes, verdict)
    _timelines(tx, verdict)
    _steps(tx, verdict)
    _ends(tx, verdict, ended=ended)
    _mails(tx, arrived, kills, verdict)
    _holders(tx, verdict)
    return verdict


def _promises(tx: Connection, wishes: Sequence[Wish], verdict: Verdict) -> None:
    """Every acknowledged message is there exactly once, and no message twice."""
    found: dict[str, list[int]] = defaultdict(list)
    tokens = {wish.token for wish in wishes}
    rows = tx.execute(
        select(_m.ticket_id, MessageBody.__table__.c.text)
        .join(MessageBody, MessageBody.message_id == _m.id)
        .where(_m.direction == "in")
    )
    for ticket_id, body in rows:
        for word in body.split():
            if word in tokens:
                found[word].append(ticket_id)
    for wish in wishes:
        places = found[wish.token]
        if wish.acknowledged and not places:
            verdict.wrong.append(f"lost: {wish.door} {wish.token} was acknowledged and is not there")
        if len(places) > 1:
            verdict.wrong.append(f"twice: {wish.door} {wish.token} is on tickets {places}")
        if wish.follows and wish.answers and places and places != found[wish.follows.token]:
            verdict.wrong.append(f"astray: {wish.token} is on {places} and not on {found[wish.follows.token]}")
    verdict.counts["messages"] = dict(Counter(wish.door for wish in wishes))
    verdict.counts["acknowledged"] = sum(wish.acknowledged for wish in wishes)
    verdict.counts["knocks"] = sum(wish.attempts for wish in wishes)


def _timelines(tx: Connection, verdict: Verdict) -> None:
    """Every ticket's events are numbered 1, 2, 3 … up to its own count."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for stream_id, seq in tx.execute(select(_e.stream_id, _e.seq).where(_e.stream == "ticket").order_by(_e.id)):
        numbers[stream_id].append(seq)
    for ticket_id, last in tx.execute(select(_t.id, _t.last_seq)):
        if sorted(numbers[ticket_id]) != list(range(1, last + 1)):
            verdict.wrong.append(f"gap: the timeline of ticket {ticket_id} up to {last} is {numbers[ticket_id]}")
    verdict.counts["tickets"] = tx.execute(select(func.count()).select_from(Ticket)).scalar_one()
    verdict.counts["events"] = sum(len(seqs) for seqs in numbers.values())


def _steps(tx: Connection, verdict: Verdict) -> None:
    """No step is opened twice or ended twice under one path."""
    seen: Counter[tuple[int, str, str]] = Counter()
    for stream_id, kind, data in tx.execute(
        select(_e.stream_id, _e.kind, _e.data).where(_e.stream == "ticket", _e.kind.in_(["step.opened", "step.done"]))
    ):
        seen[stream_id, kind, data["path"]] += 1
    for (ticket_id, kind, path), n in seen.items():
        if n > 1:
            verdict.wrong.append(f"step twice: {kind} {path} of ticket {ticket_id}, {n} times")
    rows = tx.execute(select(_s.ticket_id, _s.run_id, _s.path, func.count()).group_by(_s.ticket_id, _s.run_id, _s.path))
    for ticket_id, _run, path, n in rows:
        if n > 1:
            verdict.wrong.append(f"step twice: {path} of ticket {ticket_id} has {n} rows")


def _ends(tx: Connection, verdict: Verdict, *, ended: bool) -> None:
    """Every ticket has come to its end, and nothing waits for Temporal any more."""
    statuses = Counter(tx.execute(select(_t.status)).scalars())
    verdict.counts["statuses"] = dict(statuses)
    if not ended:
        return
    for row in tx.execute(
        select(_t.id, _t.status, _t.want_seq, _t.nudged_seq, _t.attention).where(
            _t.status.not_in([CLOSED]) | (_t.want_seq > _t.nudged_seq) | _t.attention.is_not(None)
        )
    ):
        verdict.wrong.append(
            f"not ended: ticket {row.id} is {row.status}, wants {row.want_seq}, told {row.nudged_seq}, {row.attention}"
        )


def _mails(tx: Connection, arrived: Sequence[Arrived], kills: Counter[str], verdict: Verdict) -> None:
    """No mail arrives twice; what counts as sent has arrived; nobody guessed more often than somebody was killed."""
    times = Counter(mail.message_id for mail in arrived)
    for message_id, n in times.items():
        if n > 1:
            verdict.wrong.append(f"mail twice: {message_id}, {n} times")
    known = set()
    for row in tx.execute(select(_m.id, _m.message_id, _m.delivery).where(_m.direction == "out")):
        known.add(row.message_id)
        if row.delivery == SENT and times[row.message_id] != 1:
            verdict.wrong.append(f"not arrived: message {row.id} counts as sent")
    to_staff = {mail.message_id for mail in arrived if not mail.recipient.endswith(CUSTOMERS)}  # no message of a ticket
    for message_id in times.keys() - known - to_staff:
        verdict.wrong.append(f"stray mail: {message_id} belongs to no message")
    states = Counter(tx.execute(select(_x.state)).scalars())
    for state in ("planned", "attempting"):
        if states[state]:
            verdict.wrong.append(f"stuck: {states[state]} effects are {state}")
    unknown = tx.execute(select(func.count()).select_from(Event).where(_e.kind == "effect.unknown")).scalar_one()
    if unknown > kills.total():  # mails take turns with their last word: see `core.mail.turns`
        verdict.wrong.append(f"guessed: {unknown} outcomes unknown after {kills.total()} kills")
    verdict.counts["effects"] = dict(states)
    verdict.counts["mails arrived"] = len(arrived)
    verdict.counts["outcome unknown"] = unknown


def _holders(tx: Connection, verdict: Verdict) -> None:
    """A ticket is held by one person or by its team's backlog, and the counts that pages show agree with the rows."""
    held: Counter[int] = Counter()
    for row in tx.execute(select(_t.id, _t.team_id, _t.holder_id, _t.status)):
        if row.team_id is None:
            verdict.wrong.append(f"nobody holds ticket {row.id}")
        if row.holder_id is not None and row.status not in {RESOLVED, CLOSED}:
            held[row.holder_id] += 1
    for person_id, open_n in tx.execute(select(PersonLoad.person_id, PersonLoad.open_n)):
        if open_n != held[person_id]:
            verdict.wrong.append(f"miscounted: person {person_id} holds {held[person_id]} and counts {open_n}")
    counted = tx.execute(select(func.coalesce(func.sum(OpenCount.n), 0))).scalar_one()
    there = tx.execute(select(func.count()).select_from(Ticket).where(_t.status != CLOSED)).scalar_one()
    if counted != there:
        verdict.wrong.append(f"miscounted: {there} tickets are not closed, the sidebar counts {counted}")
