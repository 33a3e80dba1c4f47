"""One document being walked, and its steps by name."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.procedure.values import ROOT, Ended, Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calendars import Calendar
    from core.sop.document import Sop, Step

_indexes: OrderedDict[int, tuple[Sop, dict[str, Step]]] = OrderedDict()


def steps_by_name(sop: Sop) -> Mapping[str, Step]:
    """Every step of a document by its name. The newest 256 documents are remembered."""
    known = _indexes.get(id(sop))
    if known is None or known[0] is not sop:
        known = _indexes[id(sop)] = (sop, {step.name: step for step in sop.steps()})
        while len(_indexes) > 256:
            _indexes.popitem(last=False)
    return known[1]


@dataclass(slots=True)
class Frame:
    """One document being walked: the main run (path "") or a sub-SOP (the path of its `run` visit)."""

    sop: Sop
    path: str
    calendar: Calendar
    depth: int = 0
    standing: Visit | None = None  # the top-level visit at which the flow stands
    ending: Ended | None = None
    base: str = field(init=False)  # what the paths of its top-level steps begin with
    root: str = field(init=False)  # the path of the run's own row

    def __post_init__(self) -> None:
        self.base = f"{self.path}/" if self.path else ""
        self.root = self.base + ROOT
