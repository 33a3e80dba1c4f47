"""Which other procedures would start on the same tickets, and which of them wins?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.procedures import published
from core.sop.condition_words import name_in_words, value_in_words
from core.sop.drawing_words import say
from core.sop.expressions import ExpressionError, Scope, judge
from core.studio.conditions import rows_of
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.sop.document import Sop


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another published procedure whose start rule may hold for the same ticket. `wins`: does this draft come first?

    `both` is such a ticket in words, and `apart` one that only one of them takes: `apart_mine` says whether it is the draft's. They are empty
    where the rules are more than comparisons.
    """

    sop_id: int
    title: str
    rule: str
    wins: bool
    both: str = ""
    apart: str = ""
    apart_mine: bool = True


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
        both = _taken_by(_ticket(sop.start.if_, start.if_), sop.start.if_, start.if_)
        apart, apart_mine = _apart_ticket(sop.start.if_, start.if_)
        found.append(
            Overlap(other.sop_id, say(other.sop.title), start.if_, mine < theirs, _said(both), _said(apart), apart_mine)
        )
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


# ---- tickets that show it ------------------------------------------------------------------------------------------------

_OTHER = "something-else"  # a value that no rule names


def _ticket(*rules: str) -> dict[str, str]:
    """A ticket as these rules ask for it together."""
    allowed: dict[str, set[str]] = {}
    for rule in rules:
        for what, values in _allowed(rule).items():
            allowed[what] = allowed.get(what, values) & values
    return {what: min(values) for what, values in allowed.items() if values}


def _holds(rule: str, ticket: dict[str, str]) -> bool:
    def of(root: str) -> dict[str, object]:
        return {
            name.removeprefix(root): value == "true" if value in ("true", "false") else value
            for name, value in ticket.items()
            if name.startswith(root)
        }

    try:
        return judge(rule, Scope(ticket=of("ticket."), customer=of("customer."), fields={})).holds
    except ExpressionError:
        return False


def _taken_by(ticket: dict[str, str], *rules: str) -> dict[str, str]:
    """The ticket, if all these rules take it; else nothing: a rule says more than can be shown."""
    return ticket if ticket and all(_holds(rule, ticket) for rule in rules) else {}


def _apart_ticket(mine: str, theirs: str) -> tuple[dict[str, str], bool]:
    """A ticket that only one of the two takes, and whether it is mine."""
    for rule, other, is_mine in ((mine, theirs, True), (theirs, mine, False)):
        wanted, barred = _allowed(rule), _allowed(other)
        for what, values in barred.items():
            for value in sorted(wanted.get(what, {_OTHER}) - values):
                ticket = {**_ticket(rule), what: value}
                if _holds(rule, ticket) and not _holds(other, ticket):
                    return ticket, is_mine
    for rule, other, is_mine in ((mine, theirs, True), (theirs, mine, False)):
        ticket = _ticket(rule)
        if ticket and _holds(rule, ticket) and not _holds(other, ticket):
            return ticket, is_mine
    return {}, True


def _said(ticket: dict[str, str]) -> str:
    """`topic refund, channel E-mail`."""
    return ", ".join(
        f"{name_in_words(name)}: {_('another one') if value == _OTHER else value_in_words(name, value)}"
        for name, value in ticket.items()
    )
