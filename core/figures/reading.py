"""The counted days as pages read them: every day of the departments one may see, and what came to teams and people in the last weeks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.directory import directory
from core.figures.counting import DEPARTMENT, PERSON, TEAM
from core.figures.days import day_of, ordinal_of
from core.figures.usual import WEEKS, Day
from core.permissions import require, sees_all_departments
from core.schema import FigureDay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.calendars import Calendar
    from core.directory import Directory

SHOWN = 28  # days that pages show
KNOWN = SHOWN + 7 * WEEKS  # and those they are compared with
_f = FigureDay.__table__.c
_OURS = _f.department_id.in_(bindparam("departments", expanding=True))
_COUNTS = (_f.came, _f.solved, _f.first_n, _f.first_p50, _f.first_p90, _f.kept, _f.broken, _f.present, _f.data)
_DAYS = select(_f.department_id, _f.day, *_COUNTS).where(
    _OURS, _f.scope == bindparam("scope"), _f.ref_id == bindparam("ref"), _f.day > bindparam("after")
)
_FLOWS = select(_f.department_id, _f.scope, _f.ref_id, _f.day, _f.came, _f.solved).where(
    _OURS, _f.scope.in_((TEAM, PERSON)), _f.day > bindparam("after")
)


@dataclass(frozen=True, slots=True)
class Flow:
    """What came and was solved, by day, up to `today`."""

    today: int
    days: dict[int, tuple[int, int]] = field(default_factory=dict)

    def within(self, days: int) -> tuple[int, int]:
        """Both in the last days, today included."""
        found = [both for day, both in self.days.items() if self.today - days < day <= self.today]
        return sum(came for came, _solved in found), sum(solved for _came, solved in found)

    def open_at_ends(self, open_now: int, days: int = SHOWN) -> tuple[int, ...]:
        """How many were unsolved at the end of each of the last days, reckoned back from how many are so now."""
        found = [open_now]
        for day in range(self.today, self.today - days + 1, -1):
            came, solved = self.days.get(day, (0, 0))
            found.append(max(0, found[-1] - came + solved))
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A department and its days; a day on which nothing happened is there with noughts, once anything has ever happened."""

    id: int
    name: str
    title: str
    calendar: Calendar
    today: int
    days: dict[int, Day]

    @property
    def flow(self) -> Flow:
        return Flow(self.today, {day: (one.came, one.solved) for day, one in self.days.items()})

    def last(self, days: int) -> list[Day]:
        """The last days, today included, the newest first."""
        return [self.days[day] for day in range(self.today, self.today - days, -1) if day in self.days]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The departments one may see, and the flows of their teams and people, by department and id."""

    departments: tuple[Sheet, ...]
    flows: dict[tuple[str, int, int], Flow]

    def flow(self, scope: str, department_id: int, ref: int) -> Flow:
        """The flow of a team or person; empty when nothing has come to them."""
        today = next((one.today for one in self.departments if one.id == department_id), 0)
        return self.flows.get((scope, department_id, ref), Flow(today))


def visible(firm: Directory, actor: Actor) -> tuple[int, ...]:
    """The open departments whose figures the actor may read."""
    mine = 0 if sees_all_departments(actor) else actor.department_id or 0
    return tuple(one.id for one in firm.open_departments if mine in {0, one.id})


def read_sheets(tx: Connection, actor: Actor, now: int) -> Sheets:
    """Two statements over counted days, however many tickets there are."""
    require(actor, "read_status")
    firm = directory(tx)
    ours = visible(firm, actor)
    todays = {one: day_of(now, firm.calendar_of(one).zone) for one in ours}
    first = min(todays.values(), default=0)
    found: dict[int, dict[int, Day]] = {one: {} for one in ours}
    values = {"departments": list(ours), "scope": DEPARTMENT, "ref": 0, "after": first - KNOWN}
    for department, day, *counts in tx.execute(_DAYS, values):
        found[department][day] = Day(day, *counts)
    sheets = tuple(_sheet(firm, one, found[one], todays[one]) for one in ours)
    flows: dict[tuple[str, int, int], dict[int, tuple[int, int]]] = defaultdict(dict)
    for department, scope, ref, day, came, solved in tx.execute(
        _FLOWS, {"departments": list(ours), "after": first - SHOWN}
    ):
        flows[scope, department, ref][day] = (came, solved)
    return Sheets(sheets, {key: Flow(todays[key[1]], days) for key, days in flows.items()})


def days_of(tx: Connection, sheet: Sheet, scope: str, ref: int) -> Sheet:
    """The same for a team or person of the department."""
    values = {"departments": [sheet.id], "scope": scope, "ref": ref, "after": sheet.today - KNOWN}
    known = {day: Day(day, *counts) for _department, day, *counts in tx.execute(_DAYS, values)}
    return Sheet(
        sheet.id, sheet.name, sheet.title, sheet.calendar, sheet.today, _filled(sheet.calendar, known, sheet.today)
    )


def _sheet(firm: Directory, department_id: int, known: dict[int, Day], today: int) -> Sheet:
    department, calendar = firm.departments[department_id], firm.calendar_of(department_id)
    return Sheet(department.id, department.name, department.title, calendar, today, _filled(calendar, known, today))


def _filled(calendar: Calendar, known: dict[int, Day], today: int) -> dict[int, Day]:
    return dict(_each(calendar, known, range(min(known, default=today + 1), today + 1), today))


def _each(calendar: Calendar, known: dict[int, Day], days: Iterable[int], today: int) -> Iterable[tuple[int, Day]]:
    for day in days:
        one = known.get(day, Day(day))
        opened = bool(calendar.day(ordinal_of(day)))
        yield day, replace(one, opened=opened, over=day < today)
