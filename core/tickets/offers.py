"""What may be done on a ticket now beside its open steps, and why not? Pages and programs ask here before they offer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.errors import Refused as Refusal
from core.permissions import may
from core.procedure import acting, happenings
from core.procedure.checklist import not_yet_reached
from core.procedure.strictness import is_kept
from core.procedure.values import ROOT
from core.procedures import find_step, published, read_run
from core.sop.titles import bare_title
from core.texts import _, language
from core.tickets.barring import following, open_now
from core.tickets.properties import CHANGEABLE
from core.tickets.rows import CLOSED, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.sop.document import Sop
    from core.tickets.barring import Following
    from core.tickets.rows import TicketRow

_SKIPPABLE = frozenset({"task", "resolve", "document", "approval", "collaborate", "wait", "call", "notify"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: a step, an SOP. `name` is for the command, `title` for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Offers:
    """Empty texts mean: it may be done. `kept`: properties that cannot be changed, and why; `skip`: the same for open steps, by id.

    `switch_to` and `start` are SOPs, `restart_at` and `move_to` steps, `ahead` tasks of a checklist. `led`: a lead may let the run go on,
    or end it.
    """

    mode: str = ""
    resolve: str = ""
    close: str = ""
    switch: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)
    skip: Mapping[int, str] = field(default_factory=dict)
    switch_to: tuple[Choice, ...] = ()
    start: tuple[Choice, ...] = ()
    restart_at: tuple[Choice, ...] = ()
    move_to: tuple[Choice, ...] = ()
    ahead: tuple[Choice, ...] = ()
    led: bool = False


def offers(tx: Connection, actor: Actor, ticket_id: int) -> Offers:
    """What this person may do on this ticket now. Commands check the same again."""
    row = read(tx, ticket_id)
    if not may(actor, "change_ticket"):
        return Offers()
    at = following(tx, row)
    if at is None:
        return _without_run(tx, row)
    if not row.unresolved:
        return Offers(mode=at.run.sop.mode, close=_why_not_close(tx, actor, at) if row.status != CLOSED else "")
    lead = may(actor, "publish_sops")
    sop, waits = at.run.sop, open_now(tx, at.run, at.visits)
    return Offers(
        mode=sop.mode,
        resolve=_why_not_resolve(tx, actor, at),
        close=_why_not_close(tx, actor, at),
        switch=_asking(lambda: _switch(actor, at, lead=lead), waits),
        kept=_kept(sop, at, waits) if sop.mode == "strict" else {},
        skip=_skips(tx, actor, at, waits),
        switch_to=_sops(tx, row, at.run.version_id),
        move_to=_tops(sop) if lead and (sop.mode != "strict" or row.attention) else (),
        ahead=tuple(Choice(step.name, bare_title(step, sop)) for step in not_yet_reached(sop, at.visits)),
        led=lead and row.attention is not None,
    )


def _without_run(tx: Connection, row: TicketRow) -> Offers:
    if not row.unresolved:
        return Offers()
    again: tuple[Choice, ...] = _tops(read_run(tx, row.run_id).sop) if row.run_id is not None else ()
    return Offers(start=_sops(tx, row, 0), restart_at=again)


def _asking(act: Callable[[], object], waits: str) -> str:
    """The sentence with which this would be refused, or nothing."""
    try:
        act()
    except acting.Refused as refused:
        return f"{refused.message} {waits}".strip()
    except Refusal as refused:
        return str(refused)
    return ""


def _switch(actor: Actor, at: Following, *, lead: bool) -> None:
    happenings.switched(at.run.sop, at.visits, str(actor.id), 0, reason="-", is_lead=lead)


def _why_not_resolve(tx: Connection, actor: Actor, at: Following) -> str:
    if any(visit.open and visit.kind == "resolve" and "/" not in visit.path for visit in at.visits.values()):
        return ""
    by = str(actor.id)
    return _asking(lambda: happenings.resolved_by_hand(at.run.sop, at.visits, by, 0), open_now(tx, at.run, at.visits))


def _why_not_close(tx: Connection, actor: Actor, at: Following) -> str:
    by = str(actor.id)
    return _asking(lambda: happenings.closed_by_hand(at.run.sop, at.visits, by, 0), open_now(tx, at.run, at.visits))


def _kept(sop: Sop, at: Following, waits: str) -> dict[str, str]:
    why = _("The ticket follows a strict SOP, and one of its steps decides this.")
    return {name: f"{why} {waits}".strip() for name in CHANGEABLE if is_kept(sop, at.visits, f"ticket.{name}")}


def _skips(tx: Connection, actor: Actor, at: Following, waits: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for path, visit in at.visits.items():
        step = find_step(tx, at.run, at.visits, visit) if visit.open and visit.kind in _SKIPPABLE else None
        if step is None or path.endswith(ROOT):
            continue
        if not may(actor, "skip_step"):
            found[at.visits.ids[path]] = _("Your role does not allow this. Ask your team lead to do it.")
        elif step.skippable is None and at.run.sop.mode == "strict":
            words = _("Step “%(step)s” cannot be skipped: its SOP is strict.", step=bare_title(step, at.run.sop))
            found[at.visits.ids[path]] = f"{words} {waits}".strip()
    return found


def _sops(tx: Connection, row: TicketRow, but: int) -> tuple[Choice, ...]:
    """The published SOPs of the department and the common ones."""
    return tuple(
        Choice(one.name, one.sop.title.say(language()))
        for one in published(tx)
        if one.department_id in {None, row.department_id} and one.version_id != but
    )


def _tops(sop: Sop) -> tuple[Choice, ...]:
    return tuple(Choice(step.name, bare_title(step, sop)) for step in sop.do if step.kind not in {"jump", "end"})
