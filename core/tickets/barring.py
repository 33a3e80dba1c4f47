"""What does a ticket's procedure keep to its own steps, and for what does it wait? Asked by every command that acts beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core import ledger
from core.directory import directory
from core.procedure.strictness import check_change, is_kept
from core.procedures import ATTENTION, RUNNING, find_step, read_run
from core.sop.titles import bare_title
from core.texts import _
from core.tickets.refusals import as_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.procedure.values import Party
    from core.procedures import RunRow
    from core.tickets.rows import TicketRow

_HUMAN = frozenset({"task", "approval", "collaborate", "resolve", "document", "assign"})
_MOST_NAMED = 3


class Following(NamedTuple):
    """The run that is under way, and its ledger."""

    run: RunRow
    visits: ledger.Visits


def following(tx: Connection, row: TicketRow) -> Following | None:
    """The procedure that the ticket follows now; None when its run has ended or there is none."""
    run = read_run(tx, row.run_id) if row.run_id is not None else None
    if run is None or run.state not in {RUNNING, ATTENTION}:
        return None
    return Following(run, ledger.load(tx, run.id))


def open_now(tx: Connection, run: RunRow, visits: ledger.Visits) -> str:
    """“Open now: Check the invoice (Dewi).” The steps of people first, else what is waited for."""
    opened = [visit for visit in visits.values() if visit.open and not visit.path.endswith("@")]
    shown = [visit for visit in opened if visit.kind in _HUMAN] or [v for v in opened if v.kind in {"wait", "call"}]
    if not shown:
        return ""
    firm, said = directory(tx), []
    for visit in shown[:_MOST_NAMED]:
        step = find_step(tx, run, visits, visit)
        title = bare_title(step, run.sop) if step else visit.name
        names = ", ".join(_name(firm, party) for party in visit.assignees)
        said.append(f"“{title}” ({names})" if names else f"“{title}”")
    return _("Open now: %(steps)s.", steps=", ".join(said))


def _name(firm: Directory, party: Party) -> str:
    match party.kind:
        case "person" if party.id.isdecimal() and int(party.id) in firm.people:
            return firm.people[int(party.id)].name
        case "team" if party.id.isdecimal() and int(party.id) in firm.teams:
            return firm.teams[int(party.id)].title
        case "department" if party.id.isdecimal() and int(party.id) in firm.departments:
            return firm.departments[int(party.id)].title
        case "customer":
            return _("the customer")
        case _:
            return party.id


def waiting(tx: Connection, now: Following) -> Callable[[], str]:
    """The sentence about what is open, made when it is needed."""
    return lambda: open_now(tx, now.run, now.visits)


def check_properties(tx: Connection, row: TicketRow, names: Iterable[str]) -> list[str]:
    """Refuse what a strict SOP decides by a step of its own. Of a guided one: the names whose change is a deviation."""
    now = following(tx, row)
    if now is None:
        return []
    sop = now.run.sop
    with as_refusal(waiting(tx, now)):
        for name in names:
            check_change(sop, now.visits, f"ticket.{name}")
    return [name for name in names if sop.mode == "guided" and is_kept(sop, now.visits, f"ticket.{name}")]


def keeps_status(tx: Connection, row: TicketRow) -> bool:
    """Does a strict SOP set the status by itself, so that no mail and no button may?"""
    now = following(tx, row)
    return now is not None and now.run.sop.mode == "strict" and is_kept(now.run.sop, now.visits, "ticket.status")
