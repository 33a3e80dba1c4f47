"""What a strict SOP bars: changing by hand what its own steps set or ask for, outside the step that does so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.acting import Refused
from core.procedure.answers import required
from core.procedure.values import ROOT
from core.sop.document import Set
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.procedure.values import Visit
    from core.sop.document import Sop


def kept_names(sop: Sop) -> frozenset[str]:
    """The names (`ticket.priority`, `fields.amount`) that steps of this document set or require. The holder is never among them: a lead's
    re-assignment is not barred."""
    names: set[str] = set()
    for step in sop.steps():
        if isinstance(step.what, Set):
            names.update(name for name, _value in step.what.values if name.startswith("ticket."))
        names.update(f"fields.{name}" for name in required(step) if name in sop.fields)
    return frozenset(names - {"ticket.assignee", "ticket.team", "ticket.department"})


def is_kept(sop: Sop, ledger: Mapping[str, Visit], name: str) -> bool:
    """Does the SOP, still running, keep `ticket.X` or `fields.X` to a step of its own that is not open now?"""
    root = ledger.get(ROOT)
    if root is None or not root.open or name not in kept_names(sop):
        return False
    asking = {step.name for step in sop.steps() if name.removeprefix("fields.") in required(step)}
    return not any(visit.open and visit.name in asking for visit in ledger.values())


def check_change(sop: Sop, ledger: Mapping[str, Visit], name: str) -> None:
    """Refuse a change by hand of `ticket.X` or `fields.X` that a strict SOP, still running, keeps to its own steps."""
    if sop.mode != "strict" or not is_kept(sop, ledger, name):
        return
    raise Refused(
        "strict",
        _(
            "“%(name)s” cannot be changed here: the ticket follows a strict SOP, and one of its steps decides it.",
            name=name.removeprefix("fields.").removeprefix("ticket."),
        ),
    )
