"""What a condition sees: the ticket, the customer, fields, variables and earlier steps, with the changes of the walk that is under way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from core.moments import to_datetime, to_ms
from core.procedure.values import JSON
from core.sop.expressions import Scope, Verdict

if TYPE_CHECKING:
    from datetime import tzinfo

    from core.calendars import Calendar
    from core.procedure.record import Record
    from core.procedure.values import World
    from core.sop.document import Sop

_PLAIN_TICKET = (
    "topic",
    "channel",
    "priority",
    "status",
    "tags",
    "product",
    "language",
    "department",
    "team",
    "assignee",
)
_PLAIN_TEXTS = frozenset((*(f"ticket.{name}" for name in _PLAIN_TICKET), "customer.class", "customer.language"))
_PLAIN_TYPES = frozenset(("choice", "boolean", "int", "number", "money", "date", "datetime", "duration", "person"))
_OUTCOME = re.compile(r"steps\.\w+\.(outcome|visits|opened_at|due_at|done_at|by)")
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Hours:
    """Working hours as expressions ask for them: with aware datetimes."""

    calendar: Calendar

    @property
    def zone(self) -> tzinfo:
        """The zone in which dates and hours are meant."""
        return self.calendar.tz()

    def is_open(self, moment: datetime, /) -> bool:
        """Is it open at this moment?"""
        return self.calendar.is_open(to_ms(moment))

    def between(self, start: datetime, end: datetime, /) -> int:
        """Seconds of opening time between two moments."""
        return int(self.calendar.between(to_ms(start), to_ms(end)))


class Steps(Mapping[str, Any]):
    """`steps.X` of one run: the newest visit of X, looked up when it is asked for."""

    def __init__(self, record: Record, frame: str, sop: Sop) -> None:
        self._record, self._frame, self._sop = record, frame, sop

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        visit = self._record.newest(self._frame, name)
        if visit is None:
            raise KeyError(name)
        return {
            "outcome": visit.outcome,
            "visits": visit.visit,
            "opened_at": _moment(visit.opened_at),
            "due_at": _moment(visit.due_at),
            "done_at": _moment(visit.ended_at),
            "by": visit.ended_by,
            "result": visit.result,
        }

    def __iter__(self) -> Iterator[str]:
        return (step.name for step in self._sop.steps() if self._record.newest(self._frame, step.name))

    def __len__(self) -> int:
        return sum(1 for _name in self)


@lru_cache(maxsize=8)
def _now(ms: int, zone: str) -> datetime:
    return to_datetime(ms).astimezone(ZoneInfo(zone))


class Facts:
    """The world's facts with what this walk has already changed on top."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ticket: dict[str, Any] = dict(world.ticket)
        self._vars: dict[str, dict[str, Any]] = {}
        self._fields: dict[str, dict[str, Any]] = {}

    def vars(self, frame: str) -> dict[str, Any]:
        """The variables of a run."""
        if frame not in self._vars:
            self._vars[frame] = dict(self.world.vars(frame))
        return self._vars[frame]

    def fields(self, frame: str) -> dict[str, Any]:
        """The field values of a run."""
        if frame not in self._fields:
            self._fields[frame] = dict(self.world.fields(frame))
        return self._fields[frame]

    def scope(self, record: Record, frame: str, sop: Sop, calendar: Calendar, result: JSON = None) -> Scope:
        """What an expression may read at this point of the walk."""
        return Scope(
            ticket=self.ticket,
            customer=self.world.customer,
            fields=self.fields(frame),
            vars=self.vars(frame),
            steps=Steps(record, frame, sop),
            result=result,
            now=_now(record.now, calendar.zone),
            calendar=Hours(calendar),
        )


def why_of(source: str, verdict: Verdict, sop: Sop) -> dict[str, JSON]:
    """Why a condition held or not, in ids, codes and numbers. A text of people is left out, unless the condition itself spells it."""
    why: dict[str, JSON] = {
        "if": source,
        "holds": verdict.holds,
        "seen": {
            name: value if _plain(name, value, sop) or _spelt(value, source) else HIDDEN
            for name, value in verdict.seen.items()
        },
    }
    return why | {"missing": list(verdict.missing)} if verdict.missing else why


def _spelt(value: JSON, source: str) -> bool:
    return isinstance(value, str) and (f'"{value}"' in source or f"'{value}'" in source)


def _plain(name: str, value: JSON, sop: Sop) -> bool:
    """May this value stand in the ledger?"""
    root, _dot, rest = name.partition(".")
    if root == "fields":
        field = sop.fields.get(rest.partition(".")[0])
        return value is None or (field is not None and field.type in _PLAIN_TYPES and not field.personal)
    if value is None or isinstance(value, bool | int | float) or name in _PLAIN_TEXTS or name == "now":
        return True
    return bool(_OUTCOME.fullmatch(name)) or (isinstance(value, dict) and set(value) == {"minor", "currency"})


def moment_in(value: Any, zone: tzinfo) -> int | None:
    """The moment (ms) an expression gave: a date is its midnight; None when it is no moment."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > len("2026-11-22") else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return to_ms(value if value.tzinfo else value.replace(tzinfo=zone))
    return to_ms(datetime.combine(value, time(), zone)) if isinstance(value, date) else None


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else to_datetime(ms).astimezone(UTC)
