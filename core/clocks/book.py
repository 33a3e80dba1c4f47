"""Which policy holds for a ticket, by which calendar? The policies as they are now, and every version that a clock may name.

What holds is named by one code, `POLICY.VERSION/CALENDAR.VERSION` (`3.2/5.1`): it stands on the ticket, on its clocks and on its timeline.
Policy 0 is the standard one, whose version is the department's promise in minutes; calendars 0 and -1 are the built-in ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import configuration
from core.calendar_reading import built_in, read_calendar
from core.clocks.policy import Policy, standard
from core.clocks.reading import read_policy
from core.database import database_of
from core.directory import directory
from core.schema import Calendar as CalendarTable
from core.schema import CalendarVersion, PolicyVersion
from core.schema import Policy as PolicyTable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.calendars import Calendar

BUILT_IN = {0: "id-jakarta", -1: "always"}
_p, _v = PolicyTable.__table__.c, PolicyVersion.__table__.c
_c, _cv = CalendarTable.__table__.c, CalendarVersion.__table__.c
_POLICIES = (
    select(_p.id, _p.department_id, _p.version, _p.data)
    .where(_p.active)
    .order_by(_p.department_id.is_(None), _p.place, _p.id)
)
_CALENDARS = select(_c.name, _c.id, _c.version)
_POLICY = select(_v.data).where(_v.policy_id == bindparam("id"), _v.number == bindparam("number"))
_CALENDAR = select(_cv.data).where(_cv.calendar_id == bindparam("id"), _cv.number == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Offered:
    """A policy as it is now."""

    id: int
    department_id: int | None
    version: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Current:
    """Everything that can be decided with, at one version of the configuration."""

    version: int
    policies: tuple[Offered, ...]
    calendars: dict[str, tuple[int, int]]  # name: (id, version)


_current: dict[str, Current] = {}
_policies: dict[tuple[str, str], Policy] = {}
_calendars: dict[tuple[str, str], Calendar] = {}


@dataclass(slots=True)
class DatabaseBook:
    """Looks up in this transaction what is not known yet; versions never change, so they are kept for ever."""

    tx: Connection
    where: str = field(init=False)

    def __post_init__(self) -> None:
        self.where = database_of(self.tx)

    def policy(self, applied: str) -> Policy:
        """The policy of a code."""
        key = applied.partition("/")[0]
        known = _policies.get((self.where, key))
        if known is None:
            policy_id, number = _numbers(key)
            known = standard(number) if policy_id == 0 else read_policy(self._one(_POLICY, policy_id, number))
            _policies[self.where, key] = known
        return known

    def calendar(self, applied: str) -> Calendar:
        """The calendar of a code."""
        key = applied.partition("/")[2]
        known = _calendars.get((self.where, key))
        if known is None:
            calendar_id, number = _numbers(key)
            name = BUILT_IN.get(calendar_id)
            known = built_in(name) if name else read_calendar(self._one(_CALENDAR, calendar_id, number))
            _calendars[self.where, key] = known
        return known

    def _one(self, query: Any, id_: int, number: int) -> Any:
        return self.tx.execute(query, {"id": id_, "number": number}).scalar_one()

    def current(self) -> Current:
        """What can be decided with now."""
        version = configuration.version(self.tx)
        known = _current.get(self.where)
        if known is None or known.version != version:
            policies = tuple(
                Offered(row.id, row.department_id, row.version, read_policy(row.data))
                for row in self.tx.execute(_POLICIES)
            )
            calendars = {name: (id_, 1) for id_, name in BUILT_IN.items()}
            calendars |= {row.name: (row.id, row.version) for row in self.tx.execute(_CALENDARS)}
            known = _current[self.where] = Current(version, policies, calendars)
        return known

    def decide(self, department_id: int, priority: str, klass: str, channel: str) -> str:
        """The code of what is promised to such a ticket now: its department's policies in order, then the common ones, then the standard."""
        current = self.current()
        department = directory(self.tx).departments[department_id]
        for one in current.policies:
            if one.department_id in {None, department_id} and one.policy.applies(priority, klass, channel):
                return f"{one.id}.{one.version}/{self._code(current, one.policy.calendar or department.calendar)}"
        return f"0.{department.promise_minutes}/{self._code(current, department.calendar)}"

    def _code(self, current: Current, name: str) -> str:
        calendar_id, version = current.calendars.get(name) or current.calendars["id-jakarta"]
        return f"{calendar_id}.{version}"


def policy_of(applied: str) -> tuple[int, int]:
    """(id, version) of the policy that a code names."""
    return _numbers(applied.partition("/")[0])


def calendar_of(applied: str) -> tuple[int, int]:
    """(id, version) of the calendar that a code names."""
    return _numbers(applied.partition("/")[2])


def _numbers(code: str) -> tuple[int, int]:
    left, _, right = code.partition(".")
    return int(left), int(right)
