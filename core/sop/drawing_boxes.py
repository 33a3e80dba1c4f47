"""What a drawing is made of: boxes with rows of words, chains of boxes, and the columns with their lanes in which they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LANE, AWAY = 10, 16  # between two lanes; from a box to the first one
BACK, JUMP = "back", "jump"


@dataclass(eq=False, slots=True)
class Row:
    """One row of a box. `style`: name, text, if, when, exit. An exit names its `target`; `side` says on which side its line starts."""

    style: str
    text: str
    target: str = ""
    goal: Box | None = None
    side: str = ""
    parts: list[str] = field(default_factory=list)
    y: float = 0.0  # middle of the last part, from the top of the box

    @property
    def words(self) -> str:
        """The row as it reads: an exit with where it leads."""
        return f"{self.text} → {self.target}".strip() if self.style == "exit" else self.text


@dataclass(eq=False, slots=True)
class Box:
    """A step (or the start, the end, what may happen at any time), and what hangs on it.

    `falls` is the label of the way on to the next box: "" has no label, None is no way on.
    """

    name: str
    kind: str
    line: int
    home: Chain
    rows: list[Row] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    beside: list[Box] = field(default_factory=list)
    falls: str | None = ""
    columns: bool = False
    at: int = 0
    gap: dict[str, list[Box]] = field(default_factory=lambda: {BACK: [], JUMP: []})
    gap_y: dict[str, float] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    w: float = 0.0
    h: float = 0.0

    @property
    def title(self) -> str:
        """What the box is called in its own words."""
        return next((row.text for row in self.rows if row.style == "name"), "")

    def reach(self, side: str) -> float:
        """How far out this box goes on one side, with the lanes of its branches."""
        inner = [chain.scope for chain in self.chains] if self.columns else []
        if side == BACK:
            return min([self.x, *(scope.left - scope.gutter(side) for scope in inner)])
        return max([self.x + self.w, *(scope.right + scope.gutter(side) for scope in inner)])


@dataclass(eq=False, slots=True)
class Chain:
    """A list of boxes below one another: the document's own, or a branch of the box that owns it."""

    label: str = ""
    owner: Box | None = None
    boxes: list[Box] = field(default_factory=list)
    scope: Scope = field(default_factory=lambda: Scope(None))

    def everything(self) -> Iterator[Box]:
        """Every box of the list and of the lists inside it, in the order of the document."""
        for box in self.boxes:
            yield box
            for inner in box.chains:
                yield from inner.everything()


@dataclass(eq=False, slots=True)
class Scope:
    """A column in which every row holds one box, with its lanes on both sides."""

    owner: Box | None
    rows: list[Box] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    spans: dict[str, dict[Box, tuple[int, int]]] = field(default_factory=lambda: {BACK: {}, JUMP: {}})
    lane: dict[tuple[str, Box], int] = field(default_factory=dict)

    def x(self, side: str, goal: Box) -> float:
        """Where the lane to this box runs: outside all that stands between its two ends."""
        low, high = self.spans[side][goal]
        between, away = self.rows[max(low, 0) : high + 1], AWAY + LANE * self.lane[side, goal]
        if side == BACK:
            return min(box.reach(side) for box in between) - away
        # a forward line arrives above the goal's branches, so these are not in its way
        return max(box.x + box.w if box is goal else box.reach(side) for box in between) + away

    def gutter(self, side: str) -> float:
        """The width of the lanes on one side."""
        return max((AWAY + LANE * (n + 1) - 6 for (mine, _), n in self.lane.items() if mine == side), default=0)

    def pack(self) -> None:
        """Short ways inside, long ones outside; two that touch never share a lane unless they lead to the same box."""
        for side, spans in self.spans.items():
            for goal, (low, high) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
                taken = {
                    self.lane[side, other]
                    for other, (first, last) in spans.items()
                    if (side, other) in self.lane and low <= last and first <= high
                }
                self.lane[side, goal] = next(n for n in range(len(taken) + 1) if n not in taken)
