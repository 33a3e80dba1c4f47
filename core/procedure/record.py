"""The ledger while one walk writes on it: rows are copied before they change, and every change is noted in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.values import JSON, ROOT, Change, Effect, Move, Order, Party, State, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from core.procedure.values import Attention, Ended

BESIDE = (
    "/@escalate/"  # between a `run` step and its escalations, so that they cannot be taken for steps of the sub-SOP
)
MOST_STEPS = 200  # automatic steps of one move; the next one goes on


def frames_in(ledger: Iterable[str]) -> tuple[str, ...]:
    """The paths of the `run` visits whose sub-SOPs have rows in this ledger, innermost first."""
    return tuple(
        sorted((path[: -len(ROOT) - 1] for path in ledger if path.endswith("/" + ROOT)), key=len, reverse=True)
    )


def frame_of(path: str, frames: tuple[str, ...]) -> str:
    """In which run does a visit lie? An escalation of a `run` step is the affair of the run outside."""
    return next((frame for frame in frames if path.startswith(frame + "/") and not path.startswith(frame + BESIDE)), "")


class Record:
    """What one walk has decided so far, over the rows it began with."""

    def __init__(self, ledger: Mapping[str, Visit], now: int) -> None:
        self.now = now
        self.rows: dict[str, Visit] = dict(ledger)
        self.seen: set[str] = set()
        self.changes: list[Change] = []
        self.effects: list[Effect] = []
        self.orders: list[Order] = []
        self._attention: list[Attention] = []
        self._alarms: list[tuple[int, str]] = []
        self._passed = 0
        self._mine: set[str] = set()
        self._noted: set[str] = set()
        self._newest: dict[tuple[str, str], Visit] = {}
        self.kinds = {visit.kind for visit in ledger.values()}
        frames = frames_in(ledger) if "run" in self.kinds else ()
        for visit in ledger.values():
            if visit.visit:
                self._index(frame_of(visit.path, frames) if frames else "", visit)

    def _index(self, frame: str, visit: Visit) -> None:
        known = self._newest.get((frame, visit.name))
        if known is None or known.visit <= visit.visit:
            self._newest[frame, visit.name] = visit

    # ---- reading -----------------------------------------------------------------------------------------------------

    def newest(self, frame: str, name: str) -> Visit | None:
        """The newest visit of a step, in the main run ("") or a sub-SOP."""
        visit = self._newest.get((frame, name))
        return self.rows[visit.path] if visit else None

    def inside(self, path: str) -> Iterator[Visit]:
        """The visits that lie under this one."""
        base = path + "/"
        return (visit for visit in list(self.rows.values()) if visit.path.startswith(base))

    @property
    def full(self) -> bool:
        """Has this move passed as many steps as one move may?"""
        return self._passed >= MOST_STEPS

    # ---- writing -----------------------------------------------------------------------------------------------------

    def add(self, frame: str, visit: Visit) -> Visit:
        """A new row: opened, or decided at once when it is no longer open."""
        self.rows[visit.path] = visit
        self._mine.add(visit.path)
        self._noted.add(visit.path)
        self.seen.add(visit.path)
        self.kinds.add(visit.kind)
        if visit.visit:
            self._index(frame, visit)
        if not visit.open:
            visit.ended_at = self.now
            visit.ended_by = visit.ended_by or "flow"
        self._passed += 1
        self.changes.append(Change("opened" if visit.open else "decided", visit))
        return visit

    def own(self, visit: Visit) -> Visit:
        """The row, free to be changed by this walk."""
        if visit.path in self._mine:
            return self.rows[visit.path]
        self._mine.add(visit.path)
        mine = self.rows[visit.path] = visit.copy()
        return mine

    def note(self, visit: Visit) -> Visit:
        """The row, about to be changed without ending it."""
        mine = self.own(visit)
        if visit.path not in self._noted:
            self._noted.add(visit.path)
            self.changes.append(Change("changed", mine))
        return mine

    def mark(self, visit: Visit, **marks: JSON) -> Visit:
        """Remember something with the visit; None forgets it."""
        if all(visit.marks.get(name) == value for name, value in marks.items()):
            return visit
        mine = self.note(visit)
        for name, value in marks.items():
            if value is None:
                mine.marks.pop(name, None)
            else:
                mine.marks[name] = value
        return mine

    def give(self, visit: Visit, assignees: tuple[Party, ...]) -> Visit:
        """Let the visit wait for these people."""
        if visit.assignees == assignees:
            return visit
        mine = self.note(visit)
        mine.assignees = assignees
        return mine

    def end(
        self,
        visit: Visit,
        state: State,
        outcome: str | None,
        *,
        by: str = "flow",
        result: JSON = None,
        why: JSON = None,
    ) -> Visit:
        """Close an open row. What lies under it is the caller's business."""
        mine = self.own(visit)
        mine.state, mine.outcome, mine.ended_at, mine.ended_by = state, outcome, self.now, by
        mine.awaits, mine.effect = (), False
        mine.result = result if result is not None else mine.result
        mine.why = why if why is not None else mine.why
        self._noted.add(mine.path)
        self.changes.append(Change("ended", mine))
        return mine

    def withdraw(self, base: str, why: JSON = None, *, by: str = "flow", keep: tuple[str, ...] = ()) -> None:
        """Cancel everything that is open under `base` (the run itself apart); `keep` are beginnings of paths that stay."""
        for visit in list(self.rows.values()):
            if visit.open and visit.path.startswith(base) and visit.path != ROOT and not visit.path.startswith(keep):
                self.end(visit, State.CANCELLED, "cancelled", by=by, why=why)

    def want(self, visit: Visit, kind: str, action: str, payload: Mapping[str, JSON], n: int = 1) -> None:
        """Wish for something outside; the key is fixed by visit, action and number."""
        key = f"{visit.path}:{action}" if n == 1 else f"{visit.path}:{action}#{n}"
        self.effects.append(Effect(key, kind, visit.path, payload))

    def alarm(self, at: int, path: str = ROOT) -> None:
        """Walking again at this moment could change something, if the row with this path is still open then."""
        self._alarms.append((at, path))

    def due(self, at: int, path: str) -> bool:
        """Has this moment of a row come? If not, an alarm is set for it."""
        if at <= self.now:
            return True
        self.alarm(at, path)
        return False

    def blocked(self, attention: Attention) -> None:
        """The run needs a person."""
        self._attention.append(attention)

    def unblocked(self, base: str) -> None:
        """The flow was sent elsewhere: what blocked it under `base` does so no longer."""
        self._attention = [attention for attention in self._attention if not attention.path.startswith(base)]

    def _still_blocks(self, attention: Attention) -> bool:
        """Is its row open, or, when it has none yet, everything around it? A join may have made it pointless meanwhile."""
        row = self.rows.get(attention.path)
        if row is not None:
            return row.open
        parts = attention.path.split("/")
        around = (self.rows.get("/".join(parts[:n])) for n in range(1, len(parts)))
        return all(row.open for row in around if row is not None)

    def move(self, ended: Ended | None) -> Move:
        """Everything that was decided."""
        alarms = [at for at, path in self._alarms if self.rows[path].open]
        return Move(
            tuple(self.changes),
            tuple(self.effects),
            tuple(self.orders),
            None if ended else min(alarms, default=None),
            ended,
            None if ended else next(filter(self._still_blocks, self._attention), None),
        )
