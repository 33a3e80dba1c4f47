"""Open tickets meet the rules as they are now, a few at a time in the background: each once, until all are done or somebody cancels it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from core.actors import FLOW
from core.advance import walk_on
from core.database import is_sqlite
from core.errors import Conflict, NotFound, Refused
from core.moments import now_ms
from core.permissions import MANAGER, require
from core.routing.store import rule_set, rules_of_set
from core.schema import Rerouted, Rerouting
from core.texts import _
from core.tickets.bulk_preview import PAGE, may_choose
from core.tickets.bulk_verdicts import Chosen, count, ids_after, verdicts
from core.tickets.rerouting import follow
from core.tickets.rows import lock
from core.tickets.starting import RULES_READ, judge_again
from core.timeline import append, append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.database import Database
    from core.routing.rules import Rule
    from core.settings import Settings
    from core.tickets.bulk_verdicts import Verdict

PIECE = 25  # tickets in one transaction: nobody's click waits longer than for these
RUNNING, DONE, CANCELLED, OVERTAKEN = "running", "done", "cancelled", "overtaken"
_j, _d = Rerouting.__table__.c, Rerouted.__table__.c
_NAMES = (
    "id", "chosen", "rules", "department_id", "actor_id", "at", "upto", "total", "state",
    "done", "changed", "refused", "cursor", "ended_at", "ended_by",
)  # fmt: skip
_ALL = select(*(_j[name] for name in _NAMES))
_OPEN = _ALL.where(_j.ended_at.is_(None))
_RECENT = _ALL.order_by(_j.id.desc()).limit(bindparam("limit"))
_DONE = (
    select(_d.ticket_id, _d.rule_id, _d.moved, _d.refused)
    .where(_d.job_id == bindparam("job"), _d.ticket_id > bindparam("after"))
    .order_by(_d.ticket_id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Job:
    """One re-routing: which tickets, by whom, how far. `rules` is the set of rules that was previewed."""

    id: int
    chosen: Chosen
    rules: int
    department_id: int | None
    actor_id: int | None
    at: int
    upto: int
    total: int
    state: str
    done: int
    changed: int
    refused: int
    cursor: int
    ended_at: int | None
    ended_by: int | None


@dataclass(frozen=True, slots=True)
class DoneRow:
    """What was done to one ticket, or what its strict procedure keeps."""

    ticket_id: int
    rule_id: int | None
    moved: dict[str, Any]
    refused: str | None


# ---- beginning and ending ----------------------------------------------------------------------------------------------------


def begin(tx: Connection, actor: Actor, chosen: Chosen, *, rules: int | None = None, now: int | None = None) -> Job:
    """Have the chosen tickets routed again in the background. `rules`: the set that its preview saw; others hold meanwhile: Conflict."""
    chosen, now = may_choose(tx, actor, chosen), now or now_ms()
    holding = rule_set(tx)
    if not holding.rules:
        raise Refused(_("There are no routing rules that are switched on, so nothing would be changed."))
    if rules is not None and rules != holding.number:
        raise Conflict(
            _("The routing rules have changed since you looked. Look at what would change now; nothing was begun.")
        )
    running = open_job(tx)
    if running is not None:
        raise Conflict(
            _(
                "Tickets are being routed again already: %(done)s of %(total)s are done. Wait until it has ended, or cancel it first.",
                done=running.done,
                total=running.total,
            )
        )
    total, upto = count(tx, chosen)
    values = {
        "chosen": asdict(chosen),
        "rules": holding.number,
        "department_id": chosen.department_id,
        "actor_id": actor.id if actor.is_person else None,
        "at": now,
        "upto": upto,
        "total": total,
        "state": RUNNING if total else DONE,
        "ended_at": None if total else now,
    }
    job_id = int(tx.execute(insert(Rerouting.__table__).values(values).returning(_j.id)).scalar_one())
    _tell(tx, actor, "rerouting.begun", job_id, chosen.department_id, now, {"total": total})
    return job(tx, actor, job_id)


def cancel(tx: Connection, actor: Actor, job_id: int, *, now: int | None = None) -> Job:
    """End it where it stands; what is done stays done. One that has ended stays as it ended."""
    mine, now = job(tx, actor, job_id), now or now_ms()
    ended = {"state": CANCELLED, "ended_at": now, "ended_by": actor.id if actor.is_person else None}
    done = tx.execute(update(Rerouting.__table__).where(_j.id == job_id, _j.ended_at.is_(None)).values(ended))
    if done.rowcount:
        _tell(tx, actor, "rerouting.cancelled", job_id, mine.department_id, now, {"done": job(tx, actor, job_id).done})
    return job(tx, actor, job_id)


def _tell(
    tx: Connection, actor: Actor, kind: str, job_id: int, department: int | None, now: int, more: dict[str, Any]
) -> None:
    append_to(
        tx, "organisation", department or 0, kind, actor, {"job": job_id, **more}, at=now, department_id=department
    )


# ---- reading -----------------------------------------------------------------------------------------------------------------


def _job(row: Any) -> Job:
    known = {one.name for one in fields(Chosen)}
    chosen = Chosen(**{name: value for name, value in row.chosen.items() if name in known})
    return Job(row.id, chosen, *row[2:])


def open_job(tx: Connection) -> Job | None:
    """The one that runs, if one does."""
    row = tx.execute(_OPEN).one_or_none()
    return None if row is None else _job(row)


def recent(tx: Connection, actor: Actor, limit: int = 20) -> list[Job]:
    """The newest ones that concern this person: managers all, leads those of their department."""
    require(actor, "change_routing")
    jobs = [_job(row) for row in tx.execute(_RECENT, {"limit": limit})]
    return [one for one in jobs if _concerns(actor, one)]


def job(tx: Connection, actor: Actor, job_id: int) -> Job:
    """One of them, or NotFound."""
    require(actor, "change_routing")
    row = tx.execute(_ALL.where(_j.id == job_id)).one_or_none()
    if row is None or not _concerns(actor, _job(row)):
        raise NotFound(_("There is no such re-routing."))
    return _job(row)


def _concerns(actor: Actor, one: Job) -> bool:
    return not actor.is_person or actor.role == MANAGER or one.department_id == actor.department_id


def done_page(tx: Connection, job_id: int, *, after: int = 0, limit: int = PAGE) -> list[DoneRow]:
    """What was done to tickets behind `after`, by their number; those that stayed as they were are not listed."""
    return [DoneRow(*row) for row in tx.execute(_DONE, {"job": job_id, "after": after, "limit": limit})]


def rules_of(tx: Connection, one: Job) -> dict[int, Rule]:
    """The rules that it follows, as they were then, by id."""
    return {rule.id: rule for rule in rules_of_set(tx, one.rules)}


# ---- doing -------------------------------------------------------------------------------------------------------------------


def go_on(database: Database, settings: Settings) -> int:
    """The next piece, in a transaction of its own that tells open windows and the relay; nothing is written while none runs."""
    with database.read() as tx:
        if open_job(tx) is None:
            return 0
    with database.write() as tx:
        return reroute_next(tx, settings)


def reroute_next(tx: Connection, settings: Settings, now: int | None = None) -> int:
    """Do the next piece of the re-routing that runs; says how many tickets it looked at (0: nothing is left to do).

    How far it has come is written in the same transaction: after a crash it goes on behind the last ticket that was done.
    """
    row = tx.execute(_OPEN if is_sqlite(tx) else _OPEN.with_for_update()).one_or_none()
    if row is None:
        return 0
    mine, now = _job(row), now or now_ms()
    if rule_set(tx).number != mine.rules:
        return _end(tx, mine, OVERTAKEN, now)
    ids = ids_after(tx, mine.chosen, mine.cursor, PIECE, upto=mine.upto, locked=True)
    done = [_do(tx, settings, mine, one, now) for one in verdicts(tx, ids, mine.at) if one.moves]
    if done:
        tx.execute(insert(Rerouted.__table__), done)
    refused = sum(1 for one in done if one["refused"])
    progress = {
        "done": mine.done + len(ids),
        "changed": mine.changed + sum(1 for one in done if one["moved"] and not one["refused"]),
        "refused": mine.refused + refused,
        "cursor": ids[-1] if ids else mine.cursor,
    }
    tx.execute(update(Rerouting.__table__).where(_j.id == mine.id).values(progress))
    if len(ids) < PIECE:
        _end(tx, mine, DONE, now)
    return max(1, len(ids))


def _end(tx: Connection, mine: Job, state: str, now: int) -> int:
    tx.execute(update(Rerouting.__table__).where(_j.id == mine.id).values(state=state, ended_at=now))
    _tell(tx, FLOW, f"rerouting.{state}", mine.id, mine.department_id, now, {})
    return 1


def _do(tx: Connection, settings: Settings, mine: Job, one: Verdict, now: int) -> dict[str, Any]:
    """Make one verdict true, with a record on the ticket and in the job."""
    assert one.found is not None
    record = {"job_id": mine.id, "ticket_id": one.row.id, "rule_id": one.rule_id, "refused": None}
    moved = {name: list(pair) for name, pair in one.moves.items()}
    if one.refused:
        return {**record, "moved": moved, "refused": ",".join(one.kept)}
    row = lock(tx, one.row.id)
    if one.beside:
        append(tx, row.id, "sop.deviated", FLOW, {"what": "changed", "properties": list(one.beside)}, at=now)
    told = {"job": mine.id, "by": mine.actor_id, "moved": {name: moved[name] for name in moved if name != "holder"}}
    row = follow(tx, row, one.found, now, "rules", told)
    if "holder" in moved and row.holder_id == one.row.holder_id:
        del moved["holder"]  # nobody could take it
    elif "holder" in moved:
        moved["holder"] = [one.row.holder_id, row.holder_id]
    run = judge_again(tx, row, now) if RULES_READ.intersection(moved) else None
    walk_on(tx, settings, lock(tx, row.id), now, run=run)
    return {**record, "moved": moved}
