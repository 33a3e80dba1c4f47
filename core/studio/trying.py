"""Do the test cases that are kept with a draft hold, and how much of it do they walk?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.procedure.case_reading import CaseError, read_cases
from core.procedure.cases import Outcome, run_cases
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.procedure.case_reading import CaseProblem
    from core.procedure.cases import Verdict
    from core.sop.document import Sop

ENOUGH = 80  # percent: below that, publishing asks for a reason


@dataclass(frozen=True, slots=True)
class Tried:
    """How the cases of a draft came out. `problems` are mistakes in the cases' own text."""

    outcome: Outcome | None = None
    problems: tuple[CaseProblem, ...] = ()

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """The cases that do not hold."""
        return tuple(verdict for verdict in self.outcome.verdicts if not verdict.passed) if self.outcome else ()

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.outcome.verdicts) if self.outcome else 0

    @property
    def coverage(self) -> int:
        """Percent of steps, branches, timeouts and routes that the cases walk."""
        return self.outcome.coverage.percent if self.outcome else 0

    def missed(self) -> list[str]:
        """What no case walks yet."""
        if self.outcome is None:
            return []
        return [name for kind in self.outcome.coverage.all for name in self.outcome.coverage.missed(kind)]


def try_cases(
    sop: Sop,
    cases: str,
    find: Callable[[str], Sop | None] | None = None,
    examples: Mapping[str, Any] | None = None,
) -> Tried:
    """Run the cases of a document on the virtual clock. A call that a case has no answer for brings the action's example."""
    if not cases.strip():
        return Tried()
    try:
        return Tried(run_cases(sop, read_cases(cases), find, examples))
    except CaseError as error:
        return Tried(problems=error.problems)


def summary(tried: Tried) -> str:
    """One line for a page's heading."""
    if tried.problems:
        return _("Test cases cannot be read")
    if not tried.count:
        return _("No test cases yet")
    good = tried.count - len(tried.failing)
    if tried.failing:
        return _("Test cases: %(good)s pass, %(bad)s fail", good=good, bad=len(tried.failing))
    return _("Test cases: all %(n)s pass, %(percent)s %% covered", n=good, percent=tried.coverage)
