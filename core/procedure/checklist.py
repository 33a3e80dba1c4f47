"""An advisory SOP is a checklist: a task may be done before the flow gets to it. Its row is made then, and the flow passes over it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.acting import NotOpen, Refused
from core.procedure.values import ROOT, State, Visit
from core.sop.document import Phase
from core.texts import _, language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.sop.document import Sop, Step

AHEAD = "ahead"  # the mark of a visit that was done before the flow came by


def not_yet_reached(sop: Sop, ledger: Mapping[str, Visit]) -> tuple[Step, ...]:
    """The tasks of an advisory SOP, still running, that may be done although the flow has not come to them."""
    root = ledger.get(ROOT)
    if sop.mode != "advisory" or root is None or not root.open:
        return ()
    return tuple(step for step, path in _listed(sop.do, "") if path not in ledger)


def visit_ahead(sop: Sop, ledger: Mapping[str, Visit], name: str, at: int) -> tuple[Visit, Step]:
    """An open visit of a task that the flow has not reached, to be completed at once and stored."""
    if sop.mode != "advisory":
        raise Refused("strict", _("Only the steps of a checklist may be done before the procedure comes to them."))
    for step, path in _listed(sop.do, ""):
        if step.name == name and path in ledger:
            if ledger[path].open:
                raise Refused("open", _("Step “%(step)s” is open already.", step=step.title.say(language())))
            raise NotOpen(ledger[path])
        if step.name == name:
            marks = {AHEAD: True}
            return Visit(path, name, 1, step.kind, State.OPEN, at, why={AHEAD: True}, marks=marks), step
    known = ", ".join(step.name for step in not_yet_reached(sop, ledger))
    raise Refused("target", _("“%(step)s” is no task of this checklist. Open ones: %(known)s.", step=name, known=known))


def _listed(steps: tuple[Step, ...], base: str) -> Iterator[tuple[Step, str]]:
    """The tasks of the list and of its phases, with the path of their first visit. What lies in a branch is not decided yet."""
    for step in steps:
        if step.kind == "task":
            yield step, base + step.name
        elif isinstance(step.what, Phase):
            yield from _listed(step.what.do, f"{base}{step.name}/")
