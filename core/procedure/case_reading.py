"""Test cases of an SOP as they are written (`NAME.cases.yaml`), read into values; every mistake with its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

from core.calendar_reading import built_in, moment_of, read_calendar
from core.calendars import CalendarError
from core.procedure.simulated_world import Given
from core.sop.durations import DurationError, parse_duration
from core.sop.messages import sentence
from core.sop.nodes import Items, Node, Pairs, Scalar, compose, value_of
from core.sop.problems import Refused
from core.sop.traps import explain
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.calendars import Calendar

VERBS = (
    "complete",
    "skip",
    "approve",
    "reject",
    "answer",
    "accept",
    "decline",
    "event",
    "change",
    "linked",
    "child",
    "retry",
)
DETAILS = ("after", "at", "by", "fields", "choice", "ticket", "reason", "result", "ends", "outcome", "data")
EXPECTED = (
    "never", "starts", "path", "skipped", "cancelled", "open", "notices", "calls", "runs", "ticket", "vars", "opened_at", "ends",
)  # fmt: skip
GIVEN = ("start", "start_by", "ticket", "customer", "calendar", "answers", "assign", "fields", "members")
CASE = ("case", "given", "when", "until", "expect", "note")


@dataclass(frozen=True, slots=True)
class Deed:
    """One happening: at an absolute time or so long (ms) after the start."""

    verb: str
    target: Any
    at: int
    line: int
    details: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        target = self.target if isinstance(self.target, str) else ", ".join(map(str, self.target))
        return f"{self.verb}: {target}"


@dataclass(frozen=True, slots=True)
class Case:
    """One test case: what is given, what happens, where to stop, what must come out."""

    name: str
    line: int
    given: Given
    start_by: str
    when: tuple[Deed, ...]
    until: int | None
    expect: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one SOP."""

    sop: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class CaseProblem:
    """A mistake in a case file."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


class CaseError(Exception):
    """A case file that cannot be used; all its mistakes."""

    def __init__(self, problems: Iterable[CaseProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(map(str, self.problems)))


def elapsed(text: Any, start: int) -> int:
    """The moment an ISO 8601 duration after `start`: elapsed time, a day is 24 hours."""
    duration = parse_duration(str(text))
    if duration.months:
        return built_in("always").after(start, duration)
    return start + ((duration.weeks * 7 + duration.days) * 86_400 + duration.seconds) * 1000


def monday(today: datetime | None = None) -> int:
    """This week's Monday, nine o'clock in Jakarta: the start of a case that names none."""
    local = (today or datetime.now(UTC)).astimezone(ZoneInfo("Asia/Jakarta"))
    start = (local - timedelta(days=local.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)
    return round(start.timestamp() * 1000)


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[CaseProblem] = []

    def wrong(self, node: Node, message: str) -> None:
        self.problems.append(CaseProblem(node.place.line, node.place.column, message))

    def pairs(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        if not isinstance(node, Pairs):
            self.wrong(node, _("%(what)s must be a group of keys: %(keys)s.", what=what, keys=", ".join(known)))
            return {}
        found: dict[str, Node] = {}
        for key, value in node.pairs:
            if key.text in known:
                found[key.text] = value
            else:
                near = get_close_matches(key.text, known, 1)
                hint = (
                    _("Did you mean “%(near)s”?", near=near[0])
                    if near
                    else _("Known: %(keys)s.", keys=", ".join(known))
                )
                self.wrong(key, _("%(what)s: unknown key “%(key)s”. %(hint)s", what=what, key=key.text, hint=hint))
        return found

    def items(self, node: Node | None, what: str) -> list[Node]:
        if node is None:
            return []
        if isinstance(node, Items):
            return node.items
        self.wrong(node, _("%(what)s must be a list.", what=what))
        return []

    def take(self, node: Node, read: Callable[[Any], Any], default: Any) -> Any:
        """Read one value; what it refuses with becomes a mistake at its place."""
        try:
            return read(value_of(node))
        except CalendarError as error:
            self.wrong(node, str(error))
        except DurationError:
            self.wrong(node, _("“%(text)s” is not a duration such as PT2H or P3D.", text=value_of(node)))
        return default

    def file(self, root: Node) -> CaseFile:
        top = self.pairs(root, ("sop", "cases", "note"), _("The file"))
        for key in ("sop", "cases"):
            if key not in top and isinstance(root, Pairs):
                self.wrong(root, _("“%(key)s” is missing.", key=key))
        read = [(node, self.case(node)) for node in self.items(top.get("cases"), "cases")]
        names: set[str] = set()
        cases = []
        for node, case in read:
            if case is None:
                continue
            if case.name in names:
                self.wrong(node, _("There are two cases “%(name)s”; give each its own sentence.", name=case.name))
            names.add(case.name)
            cases.append(case)
        return CaseFile(str(value_of(top["sop"])) if "sop" in top else "", tuple(cases))

    def case(self, node: Node) -> Case | None:
        keys = self.pairs(node, CASE, _("a case"))
        if "case" not in keys:
            if keys:
                self.wrong(node, _("A case needs its sentence: “case: …”."))
            return None
        given_keys = self.pairs(keys["given"], GIVEN, "given") if "given" in keys else {}
        given = self.given(given_keys)
        start_by = str(value_of(given_keys["start_by"])) if "start_by" in given_keys else ""
        if start_by not in ("", "rule", "hand"):
            self.wrong(given_keys["start_by"], _("start_by is “rule” or “hand”."))
        deeds = [deed for inner in self.items(keys.get("when"), "when") if (deed := self.deed(inner, given.start))]
        for earlier, later in pairwise(deeds):
            if later.at < earlier.at:
                problem = _(
                    "“%(deed)s” happens before the line above it. Write what happens in the order of time.", deed=later
                )
                self.problems.append(CaseProblem(later.line, 1, problem))
        until = self.until(keys["until"], given.start) if "until" in keys else None
        expect_keys = self.pairs(keys["expect"], EXPECTED, "expect") if "expect" in keys else {}
        return Case(
            name=str(value_of(keys["case"])),
            line=node.place.line,
            given=given,
            start_by=start_by,
            when=tuple(deeds),
            until=until,
            expect={key: value_of(value) for key, value in expect_keys.items()},
        )

    def until(self, node: Node, start: int) -> int:
        text = str(value_of(node))
        read = (lambda raw: elapsed(raw, start)) if text.startswith("P") else moment_of
        return int(self.take(node, read, start))

    def given(self, keys: dict[str, Node]) -> Given:
        calendar: Calendar | None = self.take(keys["calendar"], read_calendar, None) if "calendar" in keys else None
        start = self.take(keys["start"], lambda raw: _start(raw, calendar), 0) if "start" in keys else monday()
        assign: Any = value_of(keys["assign"]) if "assign" in keys else "agent"
        if isinstance(assign, dict):
            assign = assign.get("person", assign.get("agent", "agent"))
        groups = {
            name: self.group(keys[name], name)
            for name in ("ticket", "customer", "fields", "answers", "members")
            if name in keys
        }
        return Given(
            start=start,
            ticket=groups.get("ticket", {}),
            customer=groups.get("customer", {}),
            fields=groups.get("fields", {}),
            calendar=calendar,
            answers=groups.get("answers", {}),
            assign=None if assign in (None, "nobody") else str(assign),
            members={str(team): tuple(map(str, people)) for team, people in groups.get("members", {}).items()},
        )

    def group(self, node: Node, what: str) -> dict[str, Any]:
        value = value_of(node)
        if isinstance(value, dict):
            return value
        self.wrong(node, _("%(what)s must be a group of names and values.", what=what))
        return {}

    def deed(self, node: Node, start: int) -> Deed | None:
        keys = self.pairs(node, VERBS + DETAILS, _("a happening"))
        verbs = [key for key in keys if key in VERBS]
        if len(verbs) != 1:
            if keys:
                self.wrong(node, _("A happening has exactly one of these: %(verbs)s.", verbs=", ".join(VERBS)))
            return None
        if ("after" in keys) == ("at" in keys):
            self.wrong(
                node, _("A happening needs its time: “after: PT2H” (from the start) or “at: 2026-11-23T11:00+07:00”.")
            )
            return None
        when = keys["after"] if "after" in keys else keys["at"]
        at = self.take(when, (lambda raw: elapsed(raw, start)) if "after" in keys else moment_of, start)
        details = {key: value_of(keys[key]) for key in DETAILS if key in keys and key not in ("after", "at")}
        return Deed(verbs[0], value_of(keys[verbs[0]]), at, node.place.line, details)


def _start(raw: Any, calendar: Calendar | None) -> int:
    """The start of a case; a time without an offset is meant in the calendar's zone."""
    try:
        moment = datetime.fromisoformat(str(raw))
    except ValueError:
        return moment_of(raw)
    zone = calendar.tz() if calendar else ZoneInfo("Asia/Jakarta")
    return moment_of(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _refused(refusal: Refused) -> CaseProblem:
    """What the checker of documents says of such YAML, too."""
    line, column = (refusal.place.line, refusal.place.column) if refusal.place else (1, 1)
    return CaseProblem(line, column, sentence(refusal.code, refusal.values))


def read_cases(text: str) -> CaseFile:
    """The cases written in `text`; raises CaseError with every mistake."""
    reader = _Reader()
    try:
        root, found = compose(text)
    except Refused as refusal:
        raise CaseError([_refused(refusal)]) from refusal
    except (yaml.YAMLError, ValueError) as error:
        raise CaseError([_refused(explain(text, error))]) from error
    for code, place, values in found:
        reader.problems.append(CaseProblem(place.line, place.column, sentence(code, values)))
    if root is None or (isinstance(root, Scalar) and root.value is None):
        raise CaseError([CaseProblem(1, 1, _("The file is empty. It needs “sop: NAME” and “cases: […]”."))])
    cases = reader.file(root)
    if reader.problems:
        raise CaseError(reader.problems)
    return cases
