"""Runs the test cases of an SOP: each on a virtual clock, against what it expects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.calendars import CalendarError
from core.procedure import deeds
from core.procedure.acting import Refused
from core.procedure.coverage import Coverage, coverage_of
from core.procedure.expectations import Failure, compare, span
from core.procedure.simulation import Simulation, SimulationError
from core.sop.expressions import ExpressionError
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.procedure.case_reading import Case, CaseFile
    from core.procedure.values import JSON
    from core.sop.document import Sop

_YEARS = 10 * 366 * 86_400_000  # how long timers may ring in a case without `until`


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one case came out. `simulation` is None when its ticket never started."""

    case: Case
    failures: tuple[Failure, ...]
    simulation: Simulation | None = None

    @property
    def passed(self) -> bool:
        """Does everything that the case names hold?"""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Outcome:
    """All cases of one document, and how much of it they walk."""

    sop: Sop
    verdicts: tuple[Verdict, ...]
    coverage: Coverage = field(compare=False)

    @property
    def passed(self) -> bool:
        """Do all cases hold?"""
        return all(verdict.passed for verdict in self.verdicts)


def run_cases(
    sop: Sop,
    cases: CaseFile,
    find: Callable[[str], Sop | None] | None = None,
    examples: Mapping[str, JSON] | None = None,
) -> Outcome:
    """Every case of a document. `find` looks up sub-SOPs; `examples` are what the registered actions return by default."""
    coverage = coverage_of(sop)
    verdicts = []
    for case in cases.cases:
        verdict = run_case(sop, case, find, examples)
        verdicts.append(verdict)
        if verdict.simulation is not None:
            coverage.add(verdict.simulation)
    return Outcome(sop, tuple(verdicts), coverage)


def run_case(
    sop: Sop, case: Case, find: Callable[[str], Sop | None] | None = None, examples: Mapping[str, JSON] | None = None
) -> Verdict:
    """One case."""
    sim: Simulation | None = None
    try:
        sim = Simulation(sop, case.given, find, examples)
        by_rule = (case.start_by or ("rule" if sop.start else "hand")) == "rule"
        started = not by_rule or sim.starts()
        if "starts" in case.expect and bool(case.expect["starts"]) != started:
            message = _("the start rule holds") if started else _("the start rule does not hold")
            return Verdict(case, (Failure("starts", message),))
        if not started:
            unexpected = (
                ()
                if "starts" in case.expect
                else (Failure("starts", _("the start rule does not hold for this ticket")),)
            )
            return Verdict(case, unexpected)
        problem = _play(sim, case)
    except (SimulationError, ExpressionError, CalendarError) as error:
        problem = Failure("given", str(error))
    if problem is not None or sim is None:
        return Verdict(case, (problem,) if problem else (), sim)
    return Verdict(case, (*_stuck(sim, case), *compare(case.expect, sim)), sim)


def _play(sim: Simulation, case: Case) -> Failure | None:
    """Let everything happen in order; at one instant timers fire before people act. Answers with a mistake in the case."""
    sim.begin()
    for deed in case.when:
        sim.advance(deed.at)
        try:
            deeds.do(sim, deed)
        except (deeds.NobodyWaits, Refused) as error:
            when = span(deed.at - case.given.start)
            return Failure(
                "when",
                _(
                    "line %(line)s, after %(span)s, “%(deed)s”: %(why)s",
                    line=deed.line,
                    span=when,
                    deed=deed,
                    why=error,
                ),
            )
    if case.until is not None:
        sim.advance(case.until)
        return None
    sim.exhaust(case.given.start + _YEARS)
    if sim.ended is None and sim.move.attention is None:
        waiting = ", ".join(deeds.open_steps(sim))
        return Failure(
            "until", _("the run has not ended; say with “until” where to stop. Open: %(steps)s.", steps=waiting)
        )
    return None


def _stuck(sim: Simulation, case: Case) -> tuple[Failure, ...]:
    """A run that needs a person's attention is told, unless the case expects it to stop there."""
    attention = sim.move.attention
    if attention is None:
        return ()
    ends = case.expect.get("ends")
    expected = ends.get("as") if isinstance(ends, dict) else ends
    if expected in ("running", "attention") and attention.code != "expression":
        return ()
    text = {
        "visits": _("was visited too often"),
        "expression": _("has an expression that gives no value"),
        "quorum": _("asks for more votes than people can give"),
    }.get(attention.code, attention.code)
    message = _(
        "the run needs attention: “%(step)s” %(text)s. %(detail)s",
        step=attention.path,
        text=text,
        detail=attention.detail,
    )
    return (Failure("run", message.strip()),)
