"""Which procedures exist, and which one does a ticket follow? SOPs, their versions, and the runs of tickets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from core import configuration
from core.database import database_of
from core.errors import FieldError, Invalid, NotFound
from core.prepared import Prepared
from core.procedure.frames import steps_by_name
from core.procedure.record import frame_of, frames_in
from core.schema import Run, SopVersion
from core.schema import Sop as SopTable
from core.sop.expressions import ExpressionError, judge
from core.sop.reading import load
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Visit
    from core.sop.document import Sop, Step
    from core.sop.expressions import Scope

STANDARD = "standard"
LIBRARY = Path(__file__).parent / "sop" / "library"
RUNNING, ATTENTION = "running", "attention"

_s, _v, _r = SopTable.__table__.c, SopVersion.__table__.c, Run.__table__.c


@dataclass(frozen=True, slots=True)
class Published:
    """One published version and its document."""

    version_id: int
    sop_id: int
    name: str
    number: int
    department_id: int | None
    sop: Sop


@dataclass(frozen=True, slots=True)
class RunRow:
    """One ticket following one version. `fields` and `vars` are kept by frame: "" is the main run, else the path of a `run` visit."""

    id: int
    ticket_id: int
    version_id: int
    state: str
    outcome: str | None
    opened_at: int
    fields: dict[str, dict[str, Any]]
    vars: dict[str, dict[str, Any]]
    sop: Sop
    name: str
    number: int
    ended_at: int | None = None
    sop_id: int = 0


_PUBLISHED = (
    select(_v.id, _v.sop_id, _s.name, _v.number, _s.department_id, _v.text)
    .join(SopTable, _s.published_version_id == _v.id)
    .order_by(_s.name)
)
_RUNS = (
    select(
        _r.id,
        _r.ticket_id,
        _r.version_id,
        _r.state,
        _r.outcome,
        _r.opened_at,
        _r.fields,
        _r.vars,
        _v.text,
        _s.name,
        _v.number,
        _r.ended_at,
        _v.sop_id,
    )
    .join(SopVersion, _v.id == _r.version_id)
    .join(SopTable, _s.id == _v.sop_id)
)
_RUN = Prepared(_RUNS.where(_r.id == bindparam("run")))
_RUNS_OF = _RUNS.where(_r.ticket_id.in_(bindparam("tickets", expanding=True))).order_by(_r.id)
_NEW_RUN = Prepared(
    insert(Run.__table__).returning(_r.id), ["ticket_id", "version_id", "state", "opened_at", "fields", "vars"]
)
_cache: dict[str, tuple[int, tuple[Published, ...]]] = {}


def published(tx: Connection) -> tuple[Published, ...]:
    """All published SOPs, kept in memory until the configuration changes."""
    version, where = configuration.version(tx), database_of(tx)
    kept = _cache.get(where)
    if kept is None or kept[0] != version:
        rows = tuple(Published(*row[:-1], load(row[-1])) for row in tx.execute(_PUBLISHED))
        kept = _cache[where] = (version, rows)
    return kept[1]


def find_published(tx: Connection, name: str, department_id: int | None = None) -> Published | None:
    """The published SOP `name` (or `department/name`): the department's own before a common one."""
    short = name.rsplit("/", 1)[-1]
    found = [p for p in published(tx) if p.name == short]
    return next((p for p in found if p.department_id == department_id), found[0] if found else None)


def read_by_hash(tx: Connection, hash_: str) -> Sop | None:
    """The document with this hash, in whichever version."""
    text = tx.execute(select(_v.text).where(_v.hash == hash_).limit(1)).scalar_one_or_none()
    return load(text) if text else None


def choose_by_rule(tx: Connection, department_id: int, scope: Scope) -> Published | None:
    """The SOP whose start rule matches: highest priority, then more properties named, then the name."""
    best: tuple[tuple[int, int, str], Published] | None = None
    for candidate in published(tx):
        start = candidate.sop.start
        if start is None or start.if_ is None or candidate.department_id not in {None, department_id}:
            continue
        try:
            verdict = judge(start.if_, scope)
        except ExpressionError:
            continue  # the checker refuses such a rule; one that slipped in must not stop tickets from opening
        key = (-start.priority, -len(verdict.seen), candidate.name)
        if verdict.holds and (best is None or key < best[0]):
            best = (key, candidate)
    return best[1] if best else None


def choose(tx: Connection, department_id: int, scope: Scope) -> Published:
    """The SOP whose start rule matches, the standard one when none does."""
    found = choose_by_rule(tx, department_id, scope)
    if found:
        return found
    standard = find_published(tx, STANDARD, department_id)
    if standard is None:
        raise NotFound(
            _(
                "There is no published SOP “%(name)s”. Publish it in the studio, or run: estafet db upgrade.",
                name=STANDARD,
            )
        )
    return standard


def start_run(tx: Connection, ticket_id: int, chosen: Published, fields: dict[str, Any], now: int) -> RunRow:
    """Begin a run of the ticket. The caller writes its id on the ticket and walks."""
    values = {"": fields}
    run_id = _NEW_RUN.scalar(
        tx,
        {
            "ticket_id": ticket_id,
            "version_id": chosen.version_id,
            "state": RUNNING,
            "opened_at": now,
            "fields": values,
            "vars": {},
        },
    )
    return RunRow(
        run_id, ticket_id, chosen.version_id, RUNNING, None, now, values, {}, chosen.sop, chosen.name, chosen.number
    )


def read_run(tx: Connection, run_id: int) -> RunRow:
    """A run with its document."""
    row = _RUN.first(tx, {"run": run_id})
    if row is None:
        raise NotFound(_("There is no such run of a procedure."))
    return _run(row)


def runs_of(tx: Connection, tickets: Sequence[int]) -> dict[int, list[RunRow]]:
    """All runs of these tickets, each ticket's in the order in which they began."""
    found: dict[int, list[RunRow]] = {ticket: [] for ticket in tickets}
    for row in tx.execute(_RUNS_OF, {"tickets": list(tickets)}) if tickets else ():
        found[row.ticket_id].append(_run(row))
    return found


def _run(row: Any) -> RunRow:
    return RunRow(
        row.id,
        row.ticket_id,
        row.version_id,
        row.state,
        row.outcome,
        row.opened_at,
        row.fields,
        row.vars,
        load(row.text),
        row.name,
        row.number,
        row.ended_at,
        row.sop_id,
    )


def change_run(tx: Connection, run_id: int, **values: Any) -> None:
    """Write columns of a run."""
    tx.execute(update(Run.__table__).where(_r.id == run_id).values(**values))


def document_of(tx: Connection, run: RunRow, visits: Mapping[str, Visit], path: str) -> tuple[str, Sop]:
    """The frame and the document a visit belongs to: the run's own, or that of the sub-SOP it lies in."""
    frame = frame_of(path, frames_in(visits))
    if not frame:
        return "", run.sop
    return frame, read_by_hash(tx, visits[frame].marks["hash"]) or run.sop


def find_step(tx: Connection, run: RunRow, visits: Mapping[str, Visit], visit: Visit) -> Step | None:
    """The step of the document that a visit visits."""
    return steps_by_name(document_of(tx, run, visits, visit.path)[1]).get(visit.name)


# ---- versions ----------------------------------------------------------------------------------------------------------


def publish(
    tx: Connection, actor: Actor, text: str, *, department_id: int | None = None, note: str = "", now: int
) -> Published:
    """Publish a document as the next version of its SOP; the same text again changes nothing."""
    sop = load(text)
    found = tx.execute(
        select(_s.id, _s.published_version_id).where(_s.name == sop.name, _same_department(department_id))
    ).one_or_none()
    sop_id = (
        found.id
        if found
        else tx.execute(
            insert(SopTable.__table__).values(name=sop.name, department_id=department_id).returning(_s.id)
        ).scalar_one()
    )
    if found and found.published_version_id:
        old = tx.execute(select(_v.hash, _v.id, _v.number).where(_v.id == found.published_version_id)).one()
        if old.hash == sop.hash:
            return Published(old.id, sop_id, sop.name, old.number, department_id, sop)
        tx.execute(update(SopVersion.__table__).where(_v.id == old.id).values(state="deprecated"))
    number = (tx.execute(select(func.max(_v.number)).where(_v.sop_id == sop_id)).scalar() or 0) + 1
    version_id = tx.execute(
        insert(SopVersion.__table__)
        .values(
            sop_id=sop_id,
            number=number,
            state="published",
            text=text,
            hash=sop.hash,
            author_id=actor.id if actor.is_person else None,
            created_at=now,
            published_at=now,
            note=note,
        )
        .returning(_v.id)
    ).scalar_one()
    tx.execute(update(SopTable.__table__).where(_s.id == sop_id).values(published_version_id=version_id))
    append_to(
        tx,
        "sop",
        sop_id,
        "sop.published",
        actor,
        {"version": version_id, "number": number},
        at=now,
        department_id=department_id,
    )
    configuration.bump(tx)
    return Published(version_id, sop_id, sop.name, number, department_id, sop)


def _same_department(department_id: int | None) -> Any:
    return _s.department_id.is_(None) if department_id is None else _s.department_id == department_id


def publish_library(tx: Connection, actor: Actor, now: int) -> None:
    """Make sure that the standard SOP is there; an own version of it is left alone."""
    if find_published(tx, STANDARD) is None:
        publish(tx, actor, (LIBRARY / "standard.yaml").read_text("utf-8"), now=now)


def unknown_sop(name: str) -> Invalid:
    """The error for a name that no published SOP has."""
    return Invalid(FieldError("/sop", _("There is no published SOP “%(name)s”.", name=name)))
