"""A policy as people write it (a form, JSON, YAML), read and checked; what is wrong is said with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.clocks.policy import (
    ACTIONS,
    FIRST,
    MOMENTS,
    NEXT,
    PAUSES,
    PRIORITIES,
    RESOLUTION,
    STARTS,
    STOPS,
    Escalation,
    Goal,
    Metric,
    On,
    Policy,
    Warn,
    heard_by,
)
from core.errors import FieldError, Invalid
from core.sop import words
from core.sop.durations import DurationError, parse_duration
from core.sop.grammar import parse
from core.sop.tokens import SyntaxProblem
from core.sop.tree import paths_in
from core.texts import _

MOST_METRICS, MOST_WARNINGS = 12, 8
_POLICY = {"name", "metrics", "priorities", "classes", "channels", "calendar"}
_METRIC = {"goal", "limit", "start", "stop", "pause", "resume", "pause_while", "warnings", "escalations"}
_BOUND = re.compile(r"\.(?:exists|all)\(\s*(\w+)\s*,")  # the name that `list.exists(name, …)` gives to each
_READS = {("ticket", "status"), ("ticket", "priority"), ("ticket", "channel")}


class _Reader:
    """Collects everything that is wrong, each with its pointer."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def wrong(self, pointer: str, message: str) -> None:
        self.errors.append(FieldError(pointer, message))

    def object(self, written: Any, known: set[str], pointer: str) -> Mapping[str, Any]:
        if not isinstance(written, Mapping):
            self.wrong(pointer, _("This must be an object, not “%(text)s”.", text=written))
            return {}
        for key in written:
            if key not in known:
                text = _("“%(key)s” is not known here. Known: %(known)s.", key=key, known=", ".join(sorted(known)))
                self.wrong(f"{pointer}/{key}", text)
        return written

    def list(self, written: Any, pointer: str) -> Sequence[Any]:
        if written is None:
            return ()
        if isinstance(written, Sequence) and not isinstance(written, str):
            return written
        self.wrong(pointer, _("This must be a list, not “%(text)s”.", text=written))
        return ()

    def codes(self, written: Any, known: Sequence[str], pointer: str) -> tuple[str, ...]:
        found = tuple(str(one) for one in self.list(written, pointer))
        for one in found:
            if known and one not in known:
                text = _(
                    "“%(value)s” is not possible here. Write one of: %(known)s.", value=one, known=", ".join(known)
                )
                self.wrong(pointer, text)
        return found

    def opening_time(self, written: Any, pointer: str) -> int:
        """A duration of opening time in milliseconds, at least one minute."""
        try:
            duration = parse_duration(str(written))
        except DurationError as error:
            example = error.suggests or getattr(error, "suggests", None) or "PT4H"
            self.wrong(
                pointer,
                _("“%(text)s” is no length of time. Write for example %(example)s.", text=written, example=example),
            )
            return 60_000
        if duration.days or duration.weeks or duration.months:
            text = _(
                "“%(text)s”: promises are counted in hours of opening time. Write PT8H for a working day.", text=written
            )
            self.wrong(pointer, text)
            return 60_000
        if duration.seconds < 60:
            self.wrong(pointer, _("A promise needs at least one minute; “%(text)s” is over at once.", text=written))
            return 60_000
        return duration.seconds * 1000

    def condition(self, written: Any, pointer: str, *, with_result: bool) -> str:
        text = str(written or "").strip()
        if not text:
            return ""
        try:
            tree = parse(text)
        except SyntaxProblem as problem:
            said = _("“%(text)s” is not an expression (character %(n)s).", text=text, n=problem.start + 1)
            self.wrong(pointer, said)
            return ""
        bound = {found[1] for found in _BOUND.finditer(text)}
        for path, _place, _asked in paths_in(tree):
            if not (path[0] in bound or path[:2] in _READS or (with_result and path[0] == "result")):
                text_ = _(
                    "“%(name)s” cannot be read here. A clock reads ticket.status, ticket.priority, ticket.channel, and result of its event.",
                    name=".".join(path),
                )
                self.wrong(pointer, text_)
        return text

    def events(self, written: Any, pointer: str) -> tuple[On, ...]:
        found = []
        for i, one in enumerate(self.list(written, pointer)):
            here = f"{pointer}/{i}"
            given = {"event": one} if isinstance(one, str) else self.object(one, {"event", "if"}, here)
            event = str(given.get("event", ""))
            own = event.partition(".")[0] in words.OWN_PREFIXES
            if "." not in event or (own and event not in words.EVENTS) or event.startswith("clock."):
                known = ", ".join(name for name in words.EVENTS if not name.startswith("clock."))
                self.wrong(here, _("There is no event “%(event)s”. Events: %(known)s.", event=event, known=known))
            found.append(On(event, self.condition(given.get("if"), here + "/if", with_result=True)))
        return tuple(found)


def read_policy(written: Any) -> Policy:
    """The policy; Invalid names every wrong value at once."""
    reader = _Reader()
    given = reader.object(written, _POLICY, "")
    metrics = reader.object(given.get("metrics") or {}, set(given.get("metrics") or {}), "/metrics")
    if not metrics:
        reader.wrong(
            "/metrics",
            _("A policy promises at least one thing: first_response, next_response, resolution, or an own name."),
        )
    if len(metrics) > MOST_METRICS:
        reader.wrong("/metrics", _("A policy has at most %(most)s metrics.", most=MOST_METRICS))
    read = tuple(_metric(reader, str(name), one, f"/metrics/{name}") for name, one in metrics.items())
    name = " ".join(str(given.get("name", "")).split())
    if not 0 < len(name) <= 64:
        reader.wrong("/name", _("This must be a text of 1 to %(most)s characters.", most=64))
    policy = Policy(
        name=name,
        metrics=read,
        priorities=reader.codes(given.get("priorities"), PRIORITIES, "/priorities"),
        classes=reader.codes(given.get("classes"), (), "/classes"),
        channels=reader.codes(given.get("channels"), (), "/channels"),
        calendar=str(given["calendar"]) if given.get("calendar") else None,
        heard=heard_by(read),
    )
    if reader.errors:
        raise Invalid(*reader.errors)
    return policy


def _metric(reader: _Reader, name: str, written: Any, pointer: str) -> Metric:
    given = reader.object(written, _METRIC, pointer)
    if not name.replace("_", "").isalnum() or not name.isascii() or not name[:1].isalpha() or len(name) > 40:
        reader.wrong(pointer, _("“%(name)s” is no name: begin with a letter, go on with a–z, 0–9, - and _.", name=name))
    own = name not in STARTS
    start, stop = (
        reader.events(given.get("start"), pointer + "/start"),
        reader.events(given.get("stop"), pointer + "/stop"),
    )
    for what, events in (("start", start), ("stop", stop)):
        if own and not events:
            text = _("Which event does “%(what)s” this clock? Name at least one.", what=what)
            reader.wrong(f"{pointer}/{what}", text)
    pause, resume = (
        reader.events(given.get("pause"), pointer + "/pause"),
        reader.events(given.get("resume"), pointer + "/resume"),
    )
    if bool(pause) != bool(resume):
        reader.wrong(
            pointer + "/resume", _("What pauses a clock needs an event that lets it go on, and the other way round.")
        )
    while_ = given.get("pause_while", "" if pause else PAUSES.get(name, ""))
    return Metric(
        name=name,
        goals=_goals(reader, given, pointer),
        start=start or STARTS.get(name, ()),
        stop=stop or STOPS.get(name, ()),
        pause_while=reader.condition(while_, pointer + "/pause_while", with_result=False),
        pause=pause,
        resume=resume,
        warnings=_warnings(reader, given.get("warnings"), pointer + "/warnings"),
        escalations=_escalations(reader, given.get("escalations"), pointer + "/escalations"),
    )


def _goals(reader: _Reader, given: Mapping[str, Any], pointer: str) -> tuple[tuple[str, Goal], ...]:
    goals = _by_priority(reader, given.get("goal"), pointer + "/goal")
    limits = _by_priority(reader, given.get("limit"), pointer + "/limit") if given.get("limit") else {}
    if not goals:
        reader.wrong(pointer + "/goal", _("How much time is promised? Write a goal, such as PT4H."))
    found = []
    for priority, goal in goals.items():
        limit = limits.get(priority)
        if limit is not None and limit <= goal:
            reader.wrong(pointer + "/limit", _("The second goal must lie behind the first one."))
        found.append((priority, Goal(goal, limit)))
    return tuple(found)


def _by_priority(reader: _Reader, written: Any, pointer: str) -> dict[str, int]:
    if isinstance(written, Mapping):
        given = reader.object(written, set(PRIORITIES), pointer)
        return {p: reader.opening_time(given[p], f"{pointer}/{p}") for p in PRIORITIES if given.get(p)}
    if not written:
        return {}
    same = reader.opening_time(written, pointer)
    return dict.fromkeys(PRIORITIES, same)


def _warnings(reader: _Reader, written: Any, pointer: str) -> tuple[Warn, ...]:
    found = []
    for i, one in enumerate(reader.list(written, pointer)[:MOST_WARNINGS]):
        here = f"{pointer}/{i}"
        if isinstance(one, int) and not isinstance(one, bool):
            if not 1 <= one <= 99:
                reader.wrong(here, _("A warning comes at 1 to 99 percent, not at %(n)s.", n=one))
            found.append(Warn(percent=one))
        else:
            found.append(Warn(before=reader.opening_time(one, here)))
    return tuple(found)


def _escalations(reader: _Reader, written: Any, pointer: str) -> tuple[Escalation, ...]:
    found = []
    for i, one in enumerate(reader.list(written, pointer)[:20]):
        here = f"{pointer}/{i}"
        given = reader.object(one, {"at", "do", "to"}, here)
        at, do, to = (str(given.get(key) or "") for key in ("at", "do", "to"))
        reader.codes([at], MOMENTS, here + "/at")
        reader.codes([do], ACTIONS, here + "/do")
        if do == "raise_priority":
            reader.codes([to], PRIORITIES[:-1], here + "/to")
        elif not to:
            reader.wrong(
                here + "/to", _("To whom, or to which step? Write for example lead, team:repair or agent:dewi.")
            )
        found.append(Escalation(at, do, to))
    return tuple(found)


BUILT_IN_METRICS = (FIRST, NEXT, RESOLUTION)
