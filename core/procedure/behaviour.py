"""What every kind of step must be able to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit
    from core.sop.document import Step, Who

Open: TypeAlias = "Callable[[Running, Here], Visit]"
Stay: TypeAlias = "Callable[[Running, Here, Visit], str | None]"
Passed: TypeAlias = "Callable[[Running, Here, Visit], None]"


def _wait(_walk: Running, _here: Here, _visit: Visit) -> None:
    """Nothing but a person, an effect or the clock ends it."""


def holder(step: Step) -> Who:
    """Who is reminded when the kind says nothing else: the step's owner, or the holder of the ticket."""
    return step.owner or ("assignee",)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one kind of step behaves.

    `open`: the flow arrives; the answer is the new row, open or already decided. `stay`: a look at the open row; it may end it, and answers
    `end` when something inside ended the run. `passed`: the row has ended, now or earlier; what must follow exactly once is remembered in
    its marks. `told`: who is reminded. `human`: a person ends it. `holds_steps`: other steps lie inside.
    """

    open: Open
    stay: Stay = _wait
    passed: Passed = _wait
    told: Callable[[Step], Who] = holder
    human: bool = False
    holds_steps: bool = False
