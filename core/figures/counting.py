"""What did a day bring? Its tickets and promises, counted for each department, each team and each person: a pure function."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.figures.days import hour_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEPARTMENT, TEAM, PERSON = "department", "team", "person"
MOST_TOPICS, MOST_CUSTOMERS = 30, 10  # of which a day remembers how many tickets each brought
Key = tuple[int, str, int]  # department, scope, id of the team or person


@dataclass(frozen=True, slots=True)
class Came:
    """A ticket that came in: who has it now, and how much opening time its first answer took."""

    department_id: int
    team_id: int
    holder_id: int | None
    at: int
    first_ms: int | None
    topic: str | None
    customer_id: int
    organisation_id: int | None


@dataclass(frozen=True, slots=True)
class Solved:
    """A ticket that was solved, and who has it."""

    department_id: int
    team_id: int
    holder_id: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A clock that was stopped in time, or whose goal has passed."""

    department_id: int
    team_id: int
    holder_id: int | None
    metric: str
    kept: bool


@dataclass(slots=True)
class Cell:
    """One day of one department, team or person, while it is counted."""

    came: int = 0
    solved: int = 0
    kept: int = 0
    broken: int = 0
    firsts: list[int] = field(default_factory=list)
    topics: Counter[str] = field(default_factory=Counter)
    customers: Counter[int] = field(default_factory=Counter)
    organisations: Counter[int] = field(default_factory=Counter)
    hours: dict[str, Counter[int]] = field(default_factory=lambda: {"came": Counter(), "solved": Counter()})
    metrics: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def count_day(
    came: Iterable[Came], solved: Iterable[Solved], promises: Iterable[Promise], zone: str
) -> dict[Key, dict[str, Any]]:
    """The columns of `figure_day`, by department, scope and id; only what is not nothing is there."""
    cells: dict[Key, Cell] = defaultdict(Cell)
    for one in came:
        for cell in _cells(cells, one):
            cell.came += 1
            if one.first_ms is not None:
                cell.firsts.append(one.first_ms)
        _remember(cells[one.department_id, DEPARTMENT, 0], one, zone)
    for done in solved:
        for cell in _cells(cells, done):
            cell.solved += 1
        cells[done.department_id, DEPARTMENT, 0].hours["solved"][hour_of(done.at, zone)] += 1
    for promise in promises:
        for cell in _cells(cells, promise):
            cell.kept += promise.kept
            cell.broken += not promise.kept
        cells[promise.department_id, DEPARTMENT, 0].metrics[promise.metric][0 if promise.kept else 1] += 1
    return {key: _columns(key, cell) for key, cell in cells.items()}


def nothing() -> dict[str, Any]:
    """The columns of a department to which a day brought nothing."""
    return _columns((0, DEPARTMENT, 0), Cell())


def _cells(cells: dict[Key, Cell], one: Came | Solved | Promise) -> list[Cell]:
    keys: list[Key] = [(one.department_id, DEPARTMENT, 0), (one.department_id, TEAM, one.team_id)]
    if one.holder_id is not None:
        keys.append((one.department_id, PERSON, one.holder_id))
    return [cells[key] for key in keys]


def _remember(cell: Cell, one: Came, zone: str) -> None:
    cell.hours["came"][hour_of(one.at, zone)] += 1
    cell.customers[one.customer_id] += 1
    if one.organisation_id is not None:
        cell.organisations[one.organisation_id] += 1
    if one.topic:
        cell.topics[one.topic] += 1


def _columns(key: Key, cell: Cell) -> dict[str, Any]:
    firsts = sorted(cell.firsts)
    return {
        "came": cell.came,
        "solved": cell.solved,
        "first_n": len(firsts),
        "first_p50": at_most(firsts, 50),
        "first_p90": at_most(firsts, 90),
        "kept": cell.kept,
        "broken": cell.broken,
        "data": _data(cell) if key[1] == DEPARTMENT else {},
    }


def _data(cell: Cell) -> dict[str, Any]:
    return {
        "topics": _most(cell.topics, MOST_TOPICS),
        "customers": _most(cell.customers, MOST_CUSTOMERS),
        "organisations": _most(cell.organisations, MOST_CUSTOMERS),
        "metrics": {name: list(cell.metrics[name]) for name in sorted(cell.metrics)},
        "hours": {what: {str(hour): n for hour, n in sorted(by.items())} for what, by in cell.hours.items()},
    }


def _most(counts: Counter[Any], most: int) -> dict[str, int]:
    """Those with the largest counts, in one order whatever came first."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))
    return {str(name): n for name, n in ordered[:most]}


def at_most(ordered: Sequence[int], percent: int) -> int | None:
    """The least of the values that `percent` of them do not exceed."""
    return ordered[(len(ordered) * percent + 99) // 100 - 1] if ordered else None
