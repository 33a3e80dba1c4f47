"""Which other procedures would start on the same tickets, and which of them wins?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.procedures import published
from core.sop.drawing_words import say
from core.studio.conditions import rows_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.sop.document import Sop


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another published procedure whose start rule may hold for the same ticket. `wins`: does this draft come first?"""

    sop_id: int
    title: str
    rule: str
    wins: bool


def overlaps(tx: Connection, sop: Sop, sop_id: int, department_id: int | None) -> list[Overlap]:
    """The published procedures that may want the same tickets. Two rules are apart only when they ask one property for different values."""
    if sop.start is None or not sop.start.if_:
        return []
    found = []
    for other in published(tx):
        start = other.sop.start
        if other.sop_id == sop_id or start is None or not start.if_:
            continue
        if None not in (department_id, other.department_id) and department_id != other.department_id:
            continue
        if _apart(sop.start.if_, start.if_):
            continue
        mine = (-sop.start.priority, -len(_allowed(sop.start.if_)), sop.name)
        theirs = (-start.priority, -len(_allowed(start.if_)), other.name)
        found.append(Overlap(other.sop_id, say(other.sop.title), start.if_, mine < theirs))
    return found


def _apart(one: str, other: str) -> bool:
    first, second = _allowed(one), _allowed(other)
    return any(not first[what] & second[what] for what in first.keys() & second.keys())


def _allowed(rule: str) -> dict[str, set[str]]:
    """The values that a rule asks of each property, as far as it is made of simple rows."""
    found: dict[str, set[str]] = {}
    for row in rows_of(rule) or ():
        if row.op in ("==", "in"):
            values = {value.strip() for value in row.value.split(",")} if row.op == "in" else {row.value}
            found[row.what] = found.get(row.what, values) & values
    return found
