"""Eight weeks of solved requests behind the stories: plain tickets with their messages, timeline and clocks, written in bulk.

They are real tickets that can be opened, searched and counted; only their making is short: hundreds of commands would let the demo start late.
Their clocks are folded from their events by the product's own folding, so an audit finds nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import yaml
from sqlalchemy import bindparam, func, insert, select, update

from core.clocks.book import DatabaseBook
from core.clocks.folding import BREACHED_EVENT, WARNED_EVENT, Folding, Told
from core.clocks.kept import columns
from core.clocks.policy import LIMIT, WARNING
from core.directory import directory
from core.figures.days import date_of, day_of, ordinal_of
from core.schema import Clock as ClockTable
from core.schema import Customer, Event, Message, MessageBody, Ticket
from core.tickets.rows import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from core.calendars import Calendar
    from core.clocks.folding import Clock, Mark
    from core.demo.firm import Firm

DAYS = 56
_MINUTE = 60_000
_t, _m, _u = Ticket.__table__.c, Message.__table__.c, Customer.__table__.c
_TICKETS = insert(Ticket.__table__).returning(_t.id, sort_by_parameter_order=True)
_MESSAGES = insert(Message.__table__).returning(_m.id, sort_by_parameter_order=True)
_NEWEST = select(func.max(_m.id)).where(_m.ticket_id == _t.id).scalar_subquery()
_LAST = update(Ticket.__table__).where(_t.id >= bindparam("first")).values(last_message_id=_NEWEST)


@dataclass(frozen=True, slots=True)
class Request:
    """One ordinary request; `{n}` in its texts becomes its number."""

    name: str
    team: str
    topic: str
    subject: str
    body: str
    answer: str
    resolution: str
    product: str | None = None
    language: str = "id"


@dataclass(frozen=True, slots=True)
class Done:
    """What is to be written: who asked what, when it came, was taken, answered, solved and closed, and by whom."""

    request: Request
    number: int
    department: int
    team: int
    holder: int
    customer: int
    channel: str
    moments: tuple[int, int, int, int, int]
    events: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)


@lru_cache
def read_weeks() -> dict[str, Any]:
    """`weeks.yaml`."""
    found: dict[str, Any] = yaml.load(
        Path(__file__).with_name("weeks.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
    )
    return found


def solve_weeks(tx: Connection, firm: Firm, now: int) -> int:
    """Write the weeks up to `now`, beside the stories that are there already; how many tickets they are."""
    book, chance = DatabaseBook(tx), Random(56)  # noqa: S311 (the same weeks at every start)
    people = {row.id: row for row in tx.execute(select(_u.id, _u.name, _u.email, _u.klass, _u.phone))}
    done = [one for one in _plan(tx, firm, chance, now) if one.moments[-1] < now]
    for one in done:
        _tell(book, one, people[one.customer].klass)
    _write(tx, firm, done, people)
    return len(done)


# ---- who asks what, when -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """A department as it works in these weeks: how many requests a day, who answers for which team, and its days that were not ordinary."""

    id: int
    calendar: Calendar
    a_day: int
    teams: dict[str, list[str]]
    requests: list[Request]
    unusual: dict[int, dict[str, Any]]


def _plan(tx: Connection, firm: Firm, chance: Random, now: int) -> Iterator[Done]:
    data = read_weeks()
    every = [Request(**one) for one in data["requests"]]
    stories = tx.execute(select(_t.department_id, _t.created_at)).all()
    for name, given in data["departments"].items():
        calendar = directory(tx).calendar_of(firm.departments[name])
        today = day_of(now, calendar.zone)
        unusual = {
            _working_day(calendar, today - one["days_ago"]): one for one in data["unusual"] if one["department"] == name
        }
        ours = [one for one in every if one.team in given["teams"]]
        desk = Desk(firm.departments[name], calendar, given["a_day"], given["teams"], ours, unusual)
        told = Counter(day_of(at, calendar.zone) for department, at in stories if department == desk.id)
        for day in range(today - DAYS, today + 1):
            if calendar.day(ordinal_of(day)):
                yield from _of_day(firm, desk, day, told[day], chance)


def _of_day(firm: Firm, desk: Desk, day: int, told: int, chance: Random) -> Iterator[Done]:
    """The requests of a day, those of the stories left out."""
    spans = desk.calendar.day(ordinal_of(day))
    whole = sum(end - start for start, end in spans) / (9 * 60 * _MINUTE)
    plain = max(1, round(desk.a_day * whole)) + chance.choice((-1, 0, 0, 1))
    everybody, special = sorted(firm.customers.values()), desk.unusual.get(day, {})
    asked = [(chance.choice(desk.requests), chance.choice(everybody)) for _n in range(max(0, plain - told))]
    for request in desk.requests:
        if request.name == special.get("request"):
            who = [firm.customers[special["customer"]]] if "customer" in special else everybody
            asked += [(request, chance.choice(who)) for _n in range(special["more"])]
    slow = 1 + len(special.get("away", ()))
    for request, customer in asked:
        moments = _moments(desk.calendar, spans, chance, slow)
        holder = firm.people[_who(desk, request.team, moments, chance)].id
        assert holder is not None
        number = chance.randrange(10_000, 99_999)
        yield Done(request, number, desk.id, firm.teams[request.team], holder, customer, "form", moments)


def _who(desk: Desk, team: str, moments: Iterable[int], chance: Random) -> str:
    """Somebody of the team (else of the department) who was not away while it was worked on."""
    days = {day_of(moment, desk.calendar.zone) for moment in moments}
    away = {nick for day in days for nick in desk.unusual.get(day, {}).get("away", ())}
    everybody = [nick for nicks in desk.teams.values() for nick in nicks]
    return chance.choice(
        [nick for nick in desk.teams[team] if nick not in away] or [nick for nick in everybody if nick not in away]
    )


def _working_day(calendar: Calendar, day: int) -> int:
    """This day, or the one before it on which there is a whole day's work."""
    while (
        sum(end - start for start, end in calendar.day(ordinal_of(day))) < 6 * 60 * _MINUTE
        or date_of(day).weekday() > 4
    ):
        day -= 1
    return day


def _moments(
    calendar: Calendar, spans: Sequence[tuple[int, int]], chance: Random, slow: int
) -> tuple[int, int, int, int, int]:
    """Came, taken, answered, solved, closed: most are answered within the hour, and solved the same day or the next."""
    start, end = chance.choice(spans)
    came = int(start + (end - start) * chance.triangular(0.02, 0.95, 0.3))
    answer = int(chance.lognormvariate(3.5, 0.6)) * slow + 4  # about 33 minutes
    answered = calendar.add_ms(came, answer * _MINUTE)
    taken = calendar.add_ms(came, max(2, answer // 2) * _MINUTE)
    solved = calendar.add_ms(answered, int(chance.lognormvariate(4.6, 0.7)) * slow * _MINUTE)
    return came, taken, answered, solved, calendar.add_ms(solved, chance.randrange(5, 40) * _MINUTE)


# ---- its timeline and its clocks ---------------------------------------------------------------------------------------------


def _tell(book: DatabaseBook, one: Done, klass: str) -> None:
    """The events of the ticket, with the breaches of its clocks between them at their moments."""
    came, taken, answered, solved, closed = one.moments
    opened = {
        "channel": one.channel,
        "customer": one.customer,
        "department": one.department,
        "team": one.team,
        "priority": 3,
        "policy": book.decide(one.department, "medium", klass, one.channel),
        "stands": {"status": "open", "priority": "medium", "department": one.department, "channel": one.channel},
    }
    given = {"to": {"kind": "person", "id": one.holder}, "team": one.team, "from": None, "why": {"by": "taken"}}
    folding = Folding(book)
    for at, kind, who, data in (
        (came, "ticket.opened", ("customer", one.customer), opened),
        (taken, "ticket.assigned", ("person", one.holder), given),
        (answered, "message.sent", ("person", one.holder), {"then": "stay", "stands": {"status": "in_progress"}}),
        (solved, "ticket.resolved", ("person", one.holder), {"by": str(one.holder), "stands": {"status": "resolved"}}),
        (closed, "ticket.closed", ("person", one.holder), {"by": "hand", "stands": {"status": "closed"}}),
    ):
        folding.let_pass(at - 1)
        for mark in folding.fired:
            _add(one, folding, mark.at, *_called(mark))
        folding.fired.clear()
        _add(one, folding, at, kind, who, data)
    one.clocks.extend(folding.clocks)


def _called(mark: Mark) -> tuple[str, tuple[str, int | None], dict[str, Any]]:
    clock = mark.clock
    data = {"metric": clock.metric, "visit": clock.visit, "due_at": mark.at, "policy_code": clock.policy}
    if mark.what == WARNING:
        return WARNED_EVENT, ("flow", None), data
    return BREACHED_EVENT, ("flow", None), {**data, "tier": 2 if mark.what == LIMIT else 1}


def _add(one: Done, folding: Folding, at: int, kind: str, who: tuple[str, int | None], data: dict[str, Any]) -> None:
    seq = len(one.events) + 1
    event: dict[str, Any] = {
        "seq": seq,
        "at": at,
        "kind": kind,
        "actor_kind": who[0],
        "actor_id": who[1],
        "data": {"v": 1, **data},
    }
    one.events.append(event)
    folding.fold(Told(seq, at, kind, who[0], event["data"]))


# ---- written in bulk ---------------------------------------------------------------------------------------------------------


def _write(tx: Connection, firm: Firm, done: Sequence[Done], people: dict[int, Any]) -> None:
    if not done:
        return
    names = {actor.id: actor.name for actor in firm.people.values()}
    ids = list(tx.execute(_TICKETS, [_ticket(tx, one) for one in done]).scalars())
    tx.execute(
        insert(Event.__table__), [row for one, ticket in zip(done, ids, strict=True) for row in _events(one, ticket)]
    )
    clocks = [
        {"ticket_id": ticket, **columns(clock)} for one, ticket in zip(done, ids, strict=True) for clock in one.clocks
    ]
    tx.execute(insert(ClockTable.__table__), clocks)
    said = [
        row
        for one, ticket in zip(done, ids, strict=True)
        for row in _messages(one, ticket, people[one.customer], names)
    ]
    messages = tx.execute(_MESSAGES, [message for message, _text in said]).scalars()
    bodies = [
        {"message_id": message, "text": text, "visible": text, "folded": ""}
        for message, (_row, text) in zip(messages, said, strict=True)
    ]
    tx.execute(insert(MessageBody.__table__), bodies)
    tx.execute(_LAST, {"first": ids[0]})


def _ticket(tx: Connection, one: Done) -> dict[str, Any]:
    came, _taken, answered, solved, closed = one.moments
    request, seq = one.request, len(one.events)
    calendar = directory(tx).calendar_of(one.department)
    return {
        "customer_id": one.customer,
        "department_id": one.department,
        "team_id": one.team,
        "holder_id": one.holder,
        "status": CLOSED,
        "priority": 3,
        "channel": one.channel,
        "subject": request.subject.format(n=one.number),
        "topic": request.topic,
        "product": request.product,
        "language": request.language,
        "tags": [],
        "created_at": came,
        "entered_at": came,
        "last_at": closed,
        "first_response_at": answered,
        "first_response_ms": calendar.between_ms(came, answered),
        "last_customer_at": came,
        "resolved_at": solved,
        "closed_at": closed,
        "resolution": request.resolution.format(n=one.number),
        "last_seq": seq,
        "want_seq": seq,
        "nudged_seq": seq,
        "policy": one.events[0]["data"]["policy"],
    }


def _events(one: Done, ticket: int) -> Iterable[dict[str, Any]]:
    for event in one.events:
        yield {"stream": "ticket", "stream_id": ticket, "cause": None, "department_id": one.department, **event}


def _messages(
    one: Done, ticket: int, customer: Any, names: dict[int | None, str]
) -> Iterable[tuple[dict[str, Any], str]]:
    subject = one.request.subject.format(n=one.number)
    sent = next(event for event in one.events if event["kind"] == "message.sent")
    common = {"ticket_id": ticket, "subject": subject, "to": [], "cc": []}
    asked = {
        "seq": 1,
        "direction": "in",
        "author_kind": "customer",
        "author_id": customer.id,
        "author_name": customer.name,
        "author_email": customer.email,
        "at": one.moments[0],
        "channel": one.channel,
        "delivery": None,
    }
    answer = {
        "seq": sent["seq"],
        "direction": "out",
        "author_kind": "person",
        "author_id": one.holder,
        "author_name": names[one.holder],
        "author_email": None,
        "at": sent["at"],
        "channel": "email" if customer.email else "portal",
        "delivery": "sent" if customer.email else None,
    }
    if customer.email:
        answer["to"] = [{"name": customer.name, "email": customer.email}]
    yield {**common, **asked}, one.request.body.format(n=one.number)
    yield {**common, **answer}, one.request.answer.format(n=one.number)
