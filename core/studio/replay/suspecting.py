"""Which values does nobody know, and was the flow decided by one of them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.procedure.frames import steps_by_name
from core.sop.document import Call
from core.studio.replay.causes import ACTION, DECISION, EARLIER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.procedure.values import Visit
    from core.studio.replay.playing import Replayed


class Suspects:
    """Names as conditions read them whose values are not known, each with its cause; and how far the ledger was looked at."""

    def __init__(self, unknown: Iterable[str]) -> None:
        self._names: dict[str, str] = dict.fromkeys(unknown, EARLIER)
        self._missing: dict[str, str] = {}  # not known while they have no value
        self._results: set[str] = set()
        self._looked_at = 0
        self._found: tuple[int, Visit, str] | None = None

    def untyped(self, name: str) -> None:
        """A field that a step asks for and nobody has ever filled in."""
        self._missing[f"fields.{name}"] = DECISION

    def typed(self, names: Iterable[str]) -> None:
        """Fields that have a value now."""
        for name in names:
            self._missing.pop(f"fields.{name}", None)

    def learnt(self, changes: Any) -> None:
        """Properties that somebody changed: from now on they are known."""
        for name in changes if isinstance(changes, dict) else ():
            self._names.pop(str(name), None)

    def time_of(self, step: str) -> None:
        """When, and by whom, this step was done is not known."""
        self._names |= dict.fromkeys((f"steps.{step}.done_at", f"steps.{step}.by"), DECISION)

    def outcome_of(self, step: str) -> None:
        """How this step ended is not known."""
        self._names[f"steps.{step}.outcome"] = DECISION

    def called(self, sim: Replayed) -> None:
        """What actions would have brought that were never run."""
        for action in sim.uncalled - self._results:
            self._results.add(action)
            for sop in sim.documents():
                for name, step in steps_by_name(sop).items():
                    if isinstance(step.what, Call) and step.what.action == action:
                        self._missing[f"steps.{name}.result"] = ACTION

    def found(self, sim: Replayed) -> tuple[int, Visit, str] | None:
        """(place in the ledger, row, cause) of the first decision that rests on one of them."""
        if self._found is None and (self._names or self._missing):
            for place, row in enumerate(sim.ledger.values()):
                if place >= self._looked_at and (cause := self._of(row)):
                    self._found = place, row, cause
                    break
        self._looked_at = len(sim.ledger)
        return self._found

    def _of(self, row: Visit) -> str:
        why = row.why if isinstance(row.why, Mapping) else {}
        for one in why.get("cases", [why]):
            if "seen" in one and (cause := self._in(one)):
                return cause
        return ""

    def _in(self, why: Mapping[str, Any]) -> str:
        for name, value in why["seen"].items():
            if name in self._names:
                return self._names[name]
            certain = why.get("holds") and "has(" not in why["if"]  # it holds whatever the missing value would be
            if value is None and not certain:
                for missing, cause in self._missing.items():
                    if name == missing or name.startswith(f"{missing}."):
                        return cause
        return ""
