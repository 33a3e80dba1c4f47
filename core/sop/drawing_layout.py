"""Where every box and line of a drawing stands, for one width. Pure and deterministic: the same document gives the same places.

A list of steps runs down one spine; branches stand side by side where the width allows it, else below one another. So within a column every row
holds one box, and a line to its side meets no other box. Each way out that is not "go on" is a row in its box from which a line starts: back
on the left, forward on the right. Lines to the same step share a lane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from core.sop.drawing_boxes import AWAY, BACK, JUMP, LANE, Box, Chain, Row, Scope
from core.sop.drawing_reading import boxes_of
from core.sop.shapes import humanised
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.sop.document import Sop

GAP, PAD, BOX, WIDEST, SMALL = 20, 10, 216, 280, 98
HEIGHT = {"name": 19, "text": 16, "if": 17, "exit": 17, "when": 16}
Point: TypeAlias = tuple[float, float]
# how far left and right, where it ends, the label of the way on (None: no way on)
Reach: TypeAlias = tuple[float, float, float, str | None]


@dataclass(slots=True)
class Edge:
    """A line. `style`: way, back, jump have a tip; plain has none; bar is thick."""

    style: str
    points: list[Point]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes and lines in their places."""

    boxes: list[Box]
    edges: list[Edge]
    width: float
    height: float


def lay_out(sop: Sop, width: float = 560) -> Layout:
    """Boxes and lines of a document, which may be unfinished; not wider than `width` unless nesting is very deep."""
    avail = float(width)
    for _again in range(4):
        plan = _Plan(boxes_of(sop), avail)
        avail -= max(plan.width - width, 24)
        if plan.width <= width:
            break
    return Layout(plan.boxes, plan.edges, plan.width, plan.height)


def wide(text: str, size: float) -> float:
    """About how wide a text is in a system font; a little too wide rather than too narrow."""
    narrow, broad = "iljtfrI.,:;'|!()[] \u00a0", "mwMW@%…→"
    return size * sum(0.34 if c in narrow else 0.95 if c in broad else 0.7 if c.isupper() else 0.62 for c in text)


def wrap(text: str, width: float, size: float, most: int) -> list[str]:
    """The text in at most so many lines; what is left over is cut with an ellipsis."""
    out = [""]
    for word in text.split(" "):
        longer = f"{out[-1]} {word}".strip(" ")
        if wide(longer, size) <= width or not out[-1] or len(out) == most:
            out[-1] = longer
        else:
            out.append(word)
    for n, line in enumerate(out):
        while wide(line, size) > width and len(line) > 1:
            line = line.rstrip("…")[:-1] + "…"
        out[n] = line
    return out


class _Plan:
    """Places every box and line for one width; all lists are first laid on the spine x = 0, then moved."""

    def __init__(self, root: Chain, avail: float) -> None:
        self.boxes: list[Box] = []
        self.edges: list[Edge] = []
        self.placed: list[Scope] = []
        self.scopes = [root.scope]
        self.jumps: list[tuple[Box, Row, list[Scope]]] = []
        self.prepare(root, avail)
        for box in root.everything():
            for row in [row for row in box.rows if row.style == "exit"]:
                self.link(box, row)
        for scope in self.scopes:
            scope.pack()
        lanes = root.scope.gutter(BACK) + root.scope.gutter(JUMP)
        fixed = any(box.columns for box in root.everything())
        width = BOX if fixed else max(BOX - 16, min(WIDEST, avail - lanes - 4))
        left, right, bottom, _falls = self.chain(root, width, -GAP)
        root.scope.left, root.scope.right = -left, right
        for box, row, path in self.jumps:
            self.route(box, row, path)
        near = left + max(root.scope.gutter(BACK), AWAY + LANE) + 2
        self.shift((0, 0, 0), near)
        self.width, self.height = near + right + root.scope.gutter(JUMP) + 2, bottom + 2

    # ---- before anything has a place ---------------------------------------------------------------------------------

    def prepare(self, chain: Chain, avail: float) -> None:
        """Number the rows of each column, and decide which branches stand side by side."""
        for box in chain.boxes:
            box.at = len(chain.scope.rows)
            chain.scope.rows.append(box)
            full = sum(bool(inner.boxes) for inner in box.chains)
            needed = full * (BOX + GAP) + (len(box.chains) - full) * SMALL
            box.columns = len(box.chains) > 1 and needed <= avail
            for inner in box.chains:
                inner.scope = Scope(box) if box.columns else chain.scope
                self.scopes += [inner.scope] if box.columns else []
                self.prepare(inner, avail / max(1, full) if box.columns else avail - 2 * PAD)

    def link(self, box: Box, row: Row) -> None:
        """Find where an exit leads, and reserve its lanes in every column it passes."""
        goal = row.goal = _goal(box, row.target)
        _name_target(box, row)
        if goal is None or row.side == "":
            return
        peers = box.home.boxes
        if box.falls is None and not box.chains and goal in peers and peers.index(goal) == peers.index(box) + 1:
            box.falls = row.text  # the next box: the way on carries the label, and the row is not needed
            box.rows.remove(row)
            return
        path, at = [box.home.scope], box
        while path[-1] is not goal.home.scope and (owner := path[-1].owner):
            at = owner
            path.append(owner.home.scope)
        row.side = BACK if goal.at <= at.at else JUMP
        _reserve(box, goal, row.side, path)
        self.jumps.append((box, row, path))

    # ---- placing -----------------------------------------------------------------------------------------------------

    def shift(self, since: tuple[int, int, int], dx: float) -> None:
        """Move everything placed since a mark."""
        for box in self.boxes[since[0] :]:
            box.x += dx
        for edge in self.edges[since[1] :]:
            edge.points = [(x + dx, y) for x, y in edge.points]
        for scope in self.placed[since[2] :]:
            scope.left, scope.right = scope.left + dx, scope.right + dx

    def mark(self) -> tuple[int, int, int]:
        return len(self.boxes), len(self.edges), len(self.placed)

    def line(self, style: str, *points: Point, label: str = "") -> None:
        self.edges.append(Edge(style, list(points), label))

    def put(self, box: Box, x: float, y: float, w: float) -> float:
        """Give a box its place; answers where it ends."""
        self.boxes.append(box)
        top = 5.0
        for row in box.rows:
            inset = (27 if row.style == "name" else 17) + (8 if box.kind in ("switch", "jump") else 0)
            row.parts = wrap(row.words, w - inset, 13 if row.style == "name" else 12, 2)
            top += HEIGHT[row.style] * len(row.parts)
            row.y = top - HEIGHT[row.style] / 2
        box.x, box.y, box.w, box.h = x, y, w, top + 5
        return y + box.h

    def head(self, chain: Chain, kind: str, x: float, y: float, w: float) -> float:
        return self.put(Box("", kind, 0, chain, [Row("when", chain.label)]), x, y, w)

    def chain(self, chain: Chain, w: float, y: float) -> Reach:
        left, right, falls = w / 2, w / 2, "" if chain.owner else None
        for box in chain.boxes:
            if falls is not None:
                self.line("way", (0, y), (0, y + GAP), label=falls)
            far_left, far_right, y, falls = self.step(box, w, y + GAP)
            left, right = max(left, far_left), max(right, far_right)
        return left, right, y, falls if chain.boxes else ""

    def step(self, box: Box, w: float, y: float) -> Reach:
        y = self.put(box, -w / 2, y, w)
        for beside in box.beside:
            y = self.put(beside, 12 - w / 2, y, w - 12)
        if box.kind == "do" and box.chains:  # a phase: a frame around its list
            left, right, y, falls = self.chain(box.chains[0], w - 2 * PAD, y - 8)
            box.x, box.w, box.h = -left - PAD, left + right + 2 * PAD, y + PAD - box.y
            return left + PAD, right + PAD, y + PAD, falls
        if not box.chains:
            return w / 2, w / 2, y, box.falls
        return self.abreast(box, w, y) if box.columns else self.stacked(box, w, y)

    def abreast(self, box: Box, w: float, y: float) -> Reach:
        """Branches side by side between a line that parts and a line that joins; above and below it run the lanes that leave them."""
        part, start, cursor = y + 9 + LANE * len(box.gap[BACK]), self.mark(), 0.0
        ends: list[tuple[float, float, str | None]] = []
        for inner in box.chains:
            since, width = self.mark(), float(w if inner.boxes else SMALL - 8)
            left, right, end, falls = self.chain(inner, width, self.head(inner, "when", -width / 2, part + 11, width))
            inner.scope.left, inner.scope.right = -left, right
            self.placed.append(inner.scope)
            at = cursor + left + inner.scope.gutter(BACK)
            self.shift(since, at)
            cursor = at + right + inner.scope.gutter(JUMP) + GAP
            ends.append((at, end, falls))
        full = [at for (at, _end, _falls), inner in zip(ends, box.chains, strict=True) if inner.boxes]
        spine = full[len(full) // 2] if len(full) % 2 else (full[0] + full[-1]) / 2
        join = max(end for _at, end, _falls in ends) + GAP
        self.shift(start, -spine)
        for at, end, falls in ((at - spine, end, falls) for at, end, falls in ends):
            self.line("plain", (0, y), (0, part), (at, part), (at, part + 11))
            if falls is not None:
                self.line("plain", (at, end), (at, join), (0, join), label=falls)
        for level in (part, join) if box.kind == "fork" else ():
            self.line("bar", (ends[0][0] - spine - 30, level), (ends[-1][0] - spine + 30, level))
        box.gap_y = {BACK: y + 9, JUMP: join + 9}
        below = join + (9 + LANE * len(box.gap[JUMP]) if box.gap[JUMP] else 0)
        passes = any(falls is not None for _at, _end, falls in ends)
        if passes and below > join:
            self.line("plain", (0, join), (0, below))
        return max(w / 2, spine), max(w / 2, cursor - GAP - spine), below, "" if passes else None

    def stacked(self, box: Box, w: float, y: float) -> Reach:
        """Branches below one another: a rail on the left parts, a rail on the right joins."""
        left = right = w / 2 - PAD
        top = y
        heads: list[float] = []
        ends: list[tuple[float, str | None]] = []
        for inner in box.chains:
            below = self.head(inner, "band", PAD - w / 2, y + 8, w - 2 * PAD)
            heads.append((y + 8 + below) / 2)
            far_left, far_right, y, falls = self.chain(inner, w - 2 * PAD, below)
            left, right = max(left, far_left), max(right, far_right)
            ends.append((y, falls))
            y += 10
        for level, (end, falls) in zip(heads, ends, strict=True):
            self.line("way", (-left - PAD / 2, top), (-left - PAD / 2, level), (PAD - w / 2, level))
            if falls is not None:
                rail = right + PAD / 2
                last = end == ends[-1][0]
                side = [(0.0, y)] if last else [(0.0, end + 8), (rail, end + 8), (rail, y), (0.0, y)]
                self.line("plain", (0, end), *side)
        return left + PAD, right + PAD, y, "" if any(falls is not None for _end, falls in ends) else None

    def route(self, box: Box, row: Row, path: Sequence[Scope]) -> None:
        """The line of an exit, through the lanes that were kept for it."""
        goal, side, right = row.goal or box, row.side, row.side == JUMP
        y, points = box.y + row.y, [(box.x + right * box.w, box.y + row.y)]
        for scope in path[:-1]:
            if scope.owner:
                x, gap = scope.x(side, goal), scope.owner.gap_y[side] + LANE * scope.owner.gap[side].index(goal)
                points += [(x, y), (x, gap)]
                y = gap
        x = path[-1].x(side, goal)
        top = goal.y + next((r.y for r in goal.rows if r.style == "name"), goal.h / 2)
        self.line(side, *points, (x, y), (x, top), (goal.x + right * goal.w, top))


def _goal(box: Box, name: str) -> Box | None:
    """A step of the same list or of one around it, never across the border of a branch of a fork; `exit` is what comes behind."""
    home: Chain | None = box.home
    while home is not None:
        owner = home.owner
        outer = owner.home if owner and owner.kind != "fork" else None
        if name == "exit":
            if owner and outer and (rest := outer.boxes[outer.boxes.index(owner) + 1 :]):
                return rest[0]
        elif found := next((peer for peer in home.boxes if peer.name == name), None):
            return found
        home = outer
    return None


def _name_target(box: Box, row: Row) -> None:
    """How the target is called in the row, and whether a line leads there: `side` "" has none, "bad" names nothing, "?" is to be decided."""
    goal = row.goal
    if row.target in ("exit", "end"):
        row.target, row.side = (_("after this part") if goal else _("the end")), "?" if goal else ""
    elif goal is None:
        row.side = "bad"
    else:
        row.target, row.side = (_("again") if goal is box else goal.title or humanised(goal.name)), "?"


def _reserve(box: Box, goal: Box, side: str, path: Sequence[Scope]) -> None:
    """A lane in each column on the way from a box to its goal."""
    for scope, here in zip(path, [box, *(scope.owner for scope in path if scope.owner)], strict=False):
        if scope is goal.home.scope:
            low, high = goal.at, here.at
        else:
            low, high = (-1, here.at) if side == BACK else (here.at, len(scope.rows))
        old = scope.spans[side].get(goal, (low, high))
        scope.spans[side][goal] = min(old[0], low, high), max(old[1], low, high)
        if scope is not goal.home.scope and scope.owner and goal not in scope.owner.gap[side]:
            scope.owner.gap[side].append(goal)
