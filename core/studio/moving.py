"""Moving tickets that run on an older version to the published one: looked at in groups first, then done one by one or all of a group.

What is done stays done: `core.procedure.moving` says what becomes of each row, and the walk goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from core import ledger
from core.actors import FLOW
from core.advance import walk_on
from core.directory import directory
from core.errors import Conflict, NotFound, Refused
from core.moments import now_ms
from core.procedure.moving import Moving, plan_move
from core.procedure.status import HOLDERS
from core.procedure.values import Change
from core.procedures import RUNNING, change_run, read_run
from core.schema import Run, Sop, SopVersion, StepVisit, Ticket
from core.sop.reading import load
from core.studio.drafts import require_author
from core.texts import _
from core.tickets.rows import TicketRow, lock, read
from core.timeline import append
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedures import RunRow
    from core.settings import Settings

MOST = 200  # tickets a page looks at; when they are moved the next ones come
SAFE, CHOICE, CANNOT = "safe", "choice", "cannot"
_r, _v, _s, _sop, _t = (
    Run.__table__.c,
    SopVersion.__table__.c,
    StepVisit.__table__.c,
    Sop.__table__.c,
    Ticket.__table__.c,
)
_RUNNING = (
    select(_r.id, _r.ticket_id, _t.subject)
    .join(SopVersion.__table__, _v.id == _r.version_id)
    .join(Ticket.__table__, _t.id == _r.ticket_id)
    .where(_v.sop_id == bindparam("sop"), _v.number == bindparam("number"), _r.state == RUNNING)
    .order_by(_r.id)
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One running ticket: where it stands, and what moving it would do. `missing` are open steps somebody must choose a successor for."""

    ticket_id: int
    subject: str
    open: tuple[str, ...]
    group: str
    opens: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The tickets of a version in groups, and the steps of the published one that a lost step may become."""

    target_number: int
    target_steps: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def preview(
    tx: Connection, actor: Actor, sop_id: int, number: int, choices: Mapping[str, str] | None = None
) -> Preview:
    """What moving each running ticket of version `number` to the published version would do. Nothing is changed."""
    require_author(tx, actor, sop_id, "publish_sops")
    target_id, target_number, text = _target(tx, sop_id)
    new = load(text)
    found = []
    for run_id, ticket_id, subject in tx.execute(_RUNNING, {"sop": sop_id, "number": number}):
        run, row = read_run(tx, run_id), read(tx, ticket_id)
        if run.version_id != target_id:
            found.append(_candidate(tx, run, row, subject, plan(tx, run, row, text, choices or {}, now_ms())))
    return Preview(target_number, tuple(step.name for step in new.steps()), tuple(found))


def _target(tx: Connection, sop_id: int) -> tuple[int, int, str]:
    row = tx.execute(
        select(_v.id, _v.number, _v.text)
        .join(Sop.__table__, _sop.published_version_id == _v.id)
        .where(_sop.id == sop_id)
    ).one_or_none()
    if row is None:
        raise NotFound(_("No version of this SOP is published, so there is none to move tickets to."))
    return int(row.id), int(row.number), str(row.text)


def plan(tx: Connection, run: RunRow, row: TicketRow, text: str, choices: Mapping[str, str], now: int) -> Moving:
    """What moving this run would do, tried on its ledger as it is now."""
    world = DatabaseWorld(tx, directory(tx), row, run, now)
    return plan_move(run.sop, load(text), ledger.load(tx, run.id), world, now, choices)


def _candidate(tx: Connection, run: RunRow, row: TicketRow, subject: str, moving: Moving) -> Candidate:
    visits = ledger.load(tx, run.id)
    standing = tuple(
        visit.name for visit in visits.values() if visit.open and visit.kind not in HOLDERS and visit.kind != "sop"
    )
    missing = tuple(dict.fromkeys(visits[path].name for path in moving.lost if path in visits))
    group = SAFE if moving.safe else CHOICE if missing or moving.opens else CANNOT
    return Candidate(row.id, subject, standing, group, moving.opens, missing, moving.reasons)


def move_ticket(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    sop_id: int,
    ticket_id: int,
    *,
    choices: Mapping[str, str] | None = None,
    anyway: bool = False,
    now: int | None = None,
) -> None:
    """Move one ticket to the published version. What is not safe is refused, unless its lead has seen why and wants it `anyway`."""
    require_author(tx, actor, sop_id, "publish_sops")
    now = now_ms() if now is None else now
    target_id, number, text = _target(tx, sop_id)
    row = lock(tx, ticket_id)
    if row.run_id is None:
        raise NotFound(_("Ticket %(id)s follows no SOP.", id=ticket_id))
    run = read_run(tx, row.run_id)
    mine = tx.execute(select(_v.sop_id).where(_v.id == run.version_id)).scalar_one()
    if mine != sop_id or run.state != RUNNING:
        raise Conflict(_("Ticket %(id)s does not run on this SOP any more.", id=ticket_id))
    if run.version_id == target_id:
        return
    moving = plan(tx, run, row, text, choices or {}, now)
    if not moving.safe and not anyway:
        raise Refused(" ".join(moving.reasons))
    _rewrite(tx, row.id, run.id, moving)
    change_run(tx, run.id, version_id=target_id)
    facts = {"from": run.number, "to": number, "version": target_id, "lost": len(moving.lost)}
    append(tx, row.id, "run.moved", actor if actor.is_person else FLOW, facts, at=now)
    walk_on(tx, settings, lock(tx, ticket_id), now)


def _rewrite(tx: Connection, ticket_id: int, run_id: int, moving: Moving) -> None:
    """Make the rows what the plan says. Paths change in two rounds, because two steps may have swapped their names."""
    visits = ledger.load(tx, run_id)
    renamed = [(visits.ids[path], path, visit) for path, visit in moving.rows if path != visit.path]
    for step_id, path, _visit in renamed:
        tx.execute(update(StepVisit).where(_s.id == step_id).values(path=f"{path[:480]}~{step_id}"))
    for step_id, _path, visit in renamed:
        tx.execute(update(StepVisit).where(_s.id == step_id).values(path=visit.path))
    for path, visit in moving.rows:
        tx.execute(update(StepVisit).where(_s.id == visits.ids[path]).values(name=visit.name, kind=visit.kind))
    ledger.store(tx, ticket_id, ledger.load(tx, run_id), [Change("changed", visit) for _path, visit in moving.rows])
