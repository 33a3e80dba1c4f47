"""Did a simulated ticket come out as its case expects? Each difference says what was expected, what came, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.procedure.case_reading import elapsed
from core.procedure.deeds import open_steps
from core.procedure.explaining import said, why_opened
from core.procedure.status import HOLDERS
from core.procedure.values import State
from core.sop.durations import DurationError
from core.sop.money import minor_digits
from core.texts import _

if TYPE_CHECKING:
    from core.procedure.simulation import Entry, Simulation

ELLIPSIS = ("…", "...")
_BY_HAND = frozenset(("merged", "switched", "closed", "error"))


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that does not hold: its key, a sentence, and lines that show it."""

    key: str
    message: str
    lines: tuple[str, ...] = ()


def span(ms: int) -> str:
    """An elapsed time as cases write it: `P1DT2H`, `PT30M`."""
    seconds = ms // 1000
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return "P" + (f"{days}D" if days else "") + (f"T{clock}" if clock else "" if days else "T0S")


def compare(expect: Mapping[str, Any], sim: Simulation) -> list[Failure]:
    """Every expectation of a case that does not hold."""
    failures: list[Failure] = []
    for key, wanted in expect.items():
        check = _CHECKS.get(key)
        if check is not None:
            failures += check(wanted, sim)
    return failures


def _names(sim: Simulation) -> list[str]:
    return [entry.what for entry in sim.log.opened]


def _list(wanted: Any) -> list[str]:
    return [str(item) for item in (wanted if isinstance(wanted, list) else [] if wanted is None else [wanted])]


# ---- path ----------------------------------------------------------------------------------------------------------------


def _path(wanted: Any, sim: Simulation) -> list[Failure]:
    expected, actual = _list(wanted), _names(sim)
    at = _first_difference(expected, actual)
    if at is None:
        return []
    i, j = at
    message = (
        _("the path differs at “%(expected)s”", expected=expected[i])
        if i < len(expected)
        else _("the path goes on longer")
    )
    return [Failure("path", message, (*_aligned(expected, actual, i, j), *why_opened(sim, j)))]


def _first_difference(expected: list[str], actual: list[str]) -> tuple[int, int] | None:
    """Where matching cannot go on (positions in both); None: it matches. `…` stands for any steps."""
    furthest = (0, 0)
    tried: set[tuple[int, int]] = set()
    stack = [(0, 0)]
    while stack:
        i, j = stack.pop()
        if (i, j) in tried:
            continue
        tried.add((i, j))
        if i == len(expected) and j == len(actual):
            return None
        if (i, j) > furthest and not (i < len(expected) and expected[i] in ELLIPSIS):
            furthest = (i, j)
        if i < len(expected) and expected[i] in ELLIPSIS:
            stack += [(i, j + 1)] if j < len(actual) else []
            stack.append((i + 1, j))
        elif i < len(expected) and j < len(actual) and _same_step(expected[i], actual[j]):
            stack.append((i + 1, j + 1))
    return furthest


def _same_step(expected: str, actual: str) -> bool:
    return expected in (actual, actual + "@1")


def _aligned(expected: list[str], actual: list[str], i: int, j: int) -> list[str]:
    """Both paths side by side, with the first difference marked."""
    rows: list[tuple[str, str]] = []
    at = 0
    for index, name in enumerate(expected[:i]):
        if name in ELLIPSIS:
            following = next(
                (k for k in range(at, j) if index + 1 < i and _same_step(expected[index + 1], actual[k])), j
            )
            rows += [("…", step) for step in actual[at:following]] or [("…", "")]
            at = following
        else:
            rows.append((name, actual[at] if at < j else ""))
            at += 1
    rows += [("…" if not rows else "", step) for step in actual[at:j]]
    marked = len(rows)
    longest = max(len(expected) - i, len(actual) - j)
    rest_expected, rest_actual = expected[i:] + [""] * longest, actual[j:] + [""] * longest
    rows += list(zip(rest_expected[:longest], rest_actual[:longest], strict=True))
    left_head, right_head = _("expected"), _("came")
    width = max([len(left_head), *(len(left) for left, _right in rows)])
    lines = [f"  {left_head:<{width}}  {right_head}"]
    for n, (left, right) in enumerate(rows):
        sign, note = (">", "   <- " + _("first difference")) if n == marked else (" ", "")
        lines.append(f"{sign} {left:<{width}}  {right}{note}".rstrip())
    return lines


# ---- steps ---------------------------------------------------------------------------------------------------------------


def _never(wanted: Any, sim: Simulation) -> list[Failure]:
    failures = []
    opened = {entry.what.partition("@")[0]: n for n, entry in reversed(list(enumerate(sim.log.opened)))}
    for name in _list(wanted):
        if name in opened:
            entry = sim.log.opened[opened[name]]
            message = _("“%(step)s” was opened after %(span)s", step=name, span=span(entry.at - sim.given.start))
            failures.append(Failure("never", message, tuple(why_opened(sim, opened[name]))))
    return failures


def _skipped(wanted: Any, sim: Simulation) -> list[Failure]:
    passed = {v.name: v for v in sim.ledger.values() if v.state is State.SKIPPED and v.visit == 0}
    passed |= {sim.shown(v): v for v in passed.values()}
    return [
        Failure(
            "skipped", _("“%(step)s” was not passed over; passed over: %(steps)s", step=name, steps=_joined(passed))
        )
        for name in _list(wanted)
        if name not in passed
    ]


def _cancelled(wanted: Any, sim: Simulation) -> list[Failure]:
    rows = [v for v in sim.ledger.values() if v.state is State.CANCELLED and v.kind not in HOLDERS]
    names = {sim.shown(v) for v in rows} | {v.name for v in rows}
    return [
        Failure("cancelled", _("“%(step)s” was not cancelled; cancelled: %(steps)s", step=name, steps=_joined(names)))
        for name in _list(wanted)
        if name.removesuffix("@1") not in names
    ]


def _open(wanted: Any, sim: Simulation) -> list[Failure]:
    still = open_steps(sim)
    left = list(still)
    missing = []
    for name in _list(wanted):
        found = next((one for one in left if name.removesuffix("@1") in (one, one.partition("@")[0])), None)
        if found is None:
            missing.append(name)
        else:
            left.remove(found)
    if not missing and not left:
        return []
    return [
        Failure(
            "open",
            _("expected open: %(wanted)s; open are: %(open)s", wanted=_joined(_list(wanted)), open=_joined(still)),
        )
    ]


def _joined(names: Any) -> str:
    return ", ".join(sorted(names)) or _("none")


# ---- notices, calls, runs ------------------------------------------------------------------------------------------------


def _split(item: str) -> tuple[str, str, str]:
    """`TEMPLATE -> WHO @ PT2H` in its parts."""
    rest, _at, when = item.partition(" @ ")
    what, _arrow, who = rest.partition("->")
    return what.strip(), who.strip(), when.strip()


def _entries(key: str, wanted: Any, came: list[Entry], sim: Simulation) -> list[Failure]:
    """Exactly all entries in order."""
    expected: list[tuple[str, str, str]] = []
    for item in _list(wanted):
        what, who, when = _split(item)
        expected += [(what, one.strip(), when) for one in (who.split(",") if who else [""])]
    start = sim.given.start
    for n in range(max(len(expected), len(came))):
        if n >= len(expected) or n >= len(came) or not _same_entry(expected[n], came[n], start):
            shown = ", ".join(_shown(entry, start, who=key == "notices") for entry in came)
            lines = ["  " + _("expected") + ": " + ", ".join(_list(wanted))]
            lines.append("  " + _("came") + ": " + (shown or _("none")))
            return [Failure(key, _("%(key)s differ at number %(n)s", key=key, n=n + 1), tuple(lines))]
    return []


def _same_entry(expected: tuple[str, str, str], came: Entry, start: int) -> bool:
    what, who, when = expected
    if came.what not in (what, what.rpartition("/")[2]) and came.what.rpartition("/")[2] != what:
        return False
    if who and who != came.who:
        return False
    return not when or _moment(when, start) == came.at


def _moment(text: str, start: int) -> int | None:
    try:
        return elapsed(text, start)
    except DurationError:
        return None


def _shown(entry: Entry, start: int, *, who: bool) -> str:
    return f"{entry.what}{f' -> {entry.who}' if who else ''} @ {span(entry.at - start)}"


def _notices(wanted: Any, sim: Simulation) -> list[Failure]:
    return _entries("notices", wanted, sim.log.notices, sim)


def _calls(wanted: Any, sim: Simulation) -> list[Failure]:
    return _entries("calls", wanted, sim.log.calls, sim)


def _runs(wanted: Any, sim: Simulation) -> list[Failure]:
    return _entries("runs", wanted, sim.log.runs, sim)


# ---- values and the end --------------------------------------------------------------------------------------------------


def _values(key: str, wanted: Any, came: Mapping[str, Any]) -> list[Failure]:
    failures = []
    for name, value in dict(wanted or {}).items():
        found = came.get(str(name).removeprefix(f"{key}."))
        if not _equal(value, found):
            message = _(
                "%(key)s.%(name)s is %(found)s, not %(value)s", key=key, name=name, found=said(found), value=said(value)
            )
            failures.append(Failure(key, message))
    return failures


def _equal(wanted: Any, found: Any) -> bool:
    if isinstance(found, Mapping) and set(found) == {"minor", "currency"} and isinstance(wanted, int | float):
        return Decimal(str(wanted)) == Decimal(found["minor"]).scaleb(-minor_digits(str(found["currency"])))
    return bool(wanted == found) or (isinstance(wanted, int) and not isinstance(wanted, bool) and str(wanted) == found)


def _ticket(wanted: Any, sim: Simulation) -> list[Failure]:
    return _values("ticket", wanted, sim.ticket)


def _vars(wanted: Any, sim: Simulation) -> list[Failure]:
    return _values("vars", wanted, sim.vars(""))


def _opened_at(wanted: Any, sim: Simulation) -> list[Failure]:
    failures, start = [], sim.given.start
    for name, when in dict(wanted or {}).items():
        entry = next((e for e in sim.log.opened if _same_step(str(name), e.what)), None)
        if entry is None:
            failures.append(Failure("opened_at", _("“%(step)s” was not opened", step=name)))
        elif _moment(str(when), start) != entry.at:
            message = _(
                "“%(step)s” opened after %(span)s, not %(wanted)s", step=name, span=span(entry.at - start), wanted=when
            )
            failures.append(Failure("opened_at", message))
    return failures


def _ends(wanted: Any, sim: Simulation) -> list[Failure]:
    wanted = {"as": wanted} if isinstance(wanted, str) else dict(wanted or {})
    how, outcome = how_it_stands(sim)
    failures = []
    expected = str(wanted.get("as", how))
    if expected == "attention" and sim.move.attention is not None:
        expected = how
    if expected not in (how, outcome if how == "completed" else how):
        lines = (_("  open: %(steps)s", steps=_joined(open_steps(sim))),) if how == "running" else ()
        failures.append(
            Failure("ends", _("the run is “%(how)s”, not “%(expected)s”", how=outcome or how, expected=expected), lines)
        )
    if "outcome" in wanted and str(wanted["outcome"]) != outcome:
        failures.append(
            Failure("ends", _("the outcome is “%(found)s”, not “%(wanted)s”", found=outcome, wanted=wanted["outcome"]))
        )
    if "after" in wanted and how != "running":
        ended = sim.ended_at() - sim.given.start
        if _moment(str(wanted["after"]), 0) != ended:
            failures.append(
                Failure(
                    "ends", _("the run ended after %(span)s, not %(wanted)s", span=span(ended), wanted=wanted["after"])
                )
            )
    return failures


def how_it_stands(sim: Simulation) -> tuple[str, str]:
    """`running`, `completed` or how somebody ended it; and the outcome."""
    if sim.ended is None:
        return "running", ""
    return (sim.ended.outcome if sim.ended.outcome in _BY_HAND else "completed"), sim.ended.outcome


_CHECKS = {
    "path": _path,
    "never": _never,
    "skipped": _skipped,
    "cancelled": _cancelled,
    "open": _open,
    "notices": _notices,
    "calls": _calls,
    "runs": _runs,
    "ticket": _ticket,
    "vars": _vars,
    "opened_at": _opened_at,
    "ends": _ends,
}
