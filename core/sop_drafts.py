"""A procedure on its way: checked against the names that exist here, kept as a draft, published as the next version."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from core import procedures
from core.directory import directory
from core.errors import Conflict, Forbidden, NotFound
from core.moments import now_ms
from core.notices import template_names
from core.organisation import ROLES
from core.permissions import require, sees_all_departments
from core.schema import Customer, SopVersion
from core.schema import Sop as SopTable
from core.sop.checking import check
from core.sop.naming import Names
from core.sop.reading import SopError, digest, load
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedures import Published
    from core.sop.checking import Checked
    from core.sop.document import Sop

DRAFT, IN_REVIEW = "draft", "in_review"
_s, _v = SopTable.__table__.c, SopVersion.__table__.c


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a SOP; a draft has the number that it will be published under."""

    id: int
    number: int
    state: str
    text: str
    author_id: int | None
    created_at: int
    published_at: int | None
    note: str


def names_here(tx: Connection) -> Names:
    """The names a document may use in this installation."""
    firm = directory(tx)
    classes = {"standard", "vip", *tx.execute(select(Customer.klass).distinct()).scalars()}
    return Names(
        departments=frozenset(firm.department_names),
        calendars=frozenset(firm.calendars),
        teams={team.name: len(team.members) for team in firm.teams.values()},
        roles=frozenset(ROLES),
        agents=frozenset(firm.nicks),
        classes=frozenset(classes),
        templates=template_names(),
        sops=frozenset(published.name for published in procedures.published(tx)),
    )


def check_here(tx: Connection, text: str) -> Checked:
    """Everything that is wrong with a document, seen from this installation."""

    def find(name: str) -> Sop | None:
        found = procedures.find_published(tx, name)
        return found.sop if found else None

    return check(text, names_here(tx), find=find)


def find_sop(tx: Connection, actor: Actor, name: str) -> Any:
    """The row (id, name, department_id, published_version_id) of `name` or `department/name`: the actor's own department's before a common one."""
    head, _slash, short = name.rpartition("/")
    rows = tx.execute(select(_s.id, _s.name, _s.department_id, _s.published_version_id).where(_s.name == short)).all()
    if head:
        department = directory(tx).department(head)
        rows = [row for row in rows if department and row.department_id == department.id]
    if not rows:
        raise NotFound(_("There is no SOP “%(name)s”.", name=name[:100]))
    order = {actor.department_id: 0, None: 1}
    return min(rows, key=lambda row: (order.get(row.department_id, 2), row.id))


def versions_of(tx: Connection, sop_id: int) -> list[Version]:
    """All versions, the newest first; drafts bear the next number."""
    rows = tx.execute(
        select(_v.id, _v.number, _v.state, _v.text, _v.author_id, _v.created_at, _v.published_at, _v.note)
        .where(_v.sop_id == sop_id)
        .order_by(_v.id.desc())
    ).all()
    following = 1 + max((row.number or 0 for row in rows), default=0)
    return [Version(row.id, row.number or following, *row[2:]) for row in rows]


def save_draft(
    tx: Connection, actor: Actor, text: str, *, note: str = "", now: int | None = None
) -> tuple[int, Version]:
    """Keep a checked document as the draft of its SOP (there is one: a newer text takes the place of the older); returns the SOP's id too."""
    require(actor, "write_sops")
    sop = load(text)
    department_id = _department(tx, actor, sop)
    sop_id = _sop_id(tx, sop.name, department_id)
    old = _open_draft(tx, sop_id)
    values = {"text": text, "hash": digest(text), "note": note[:2000], "created_at": now or now_ms()}
    if old is None:
        row = {**values, "sop_id": sop_id, "number": None, "state": DRAFT, "author_id": actor.id}
        old = tx.execute(insert(SopVersion.__table__).values(row).returning(_v.id)).scalar_one()
    else:
        tx.execute(update(SopVersion.__table__).where(_v.id == old).values(values))
    return sop_id, next(version for version in versions_of(tx, sop_id) if version.id == old)


def _open_draft(tx: Connection, sop_id: int) -> int | None:
    row = tx.execute(select(_v.id, _v.state).where(_v.sop_id == sop_id, _v.state.in_([DRAFT, IN_REVIEW]))).one_or_none()
    if row is not None and row.state == IN_REVIEW:
        raise Conflict(_("A draft of this SOP is being reviewed. Wait until it is published or sent back."))
    return row.id if row is not None else None


def _department(tx: Connection, actor: Actor, sop: Sop) -> int | None:
    """The department a document names; leads write their own department's procedures and common ones."""
    found = directory(tx).department(sop.department) if sop.department else None
    if found is not None and found.id != actor.department_id and not sees_all_departments(actor):
        raise Forbidden(
            _("This SOP belongs to the department “%(name)s”. Ask its team lead, or a manager.", name=found.title)
        )
    return found.id if found else None


def _sop_id(tx: Connection, name: str, department_id: int | None) -> int:
    same = _s.department_id.is_(None) if department_id is None else _s.department_id == department_id
    found = tx.execute(select(_s.id).where(_s.name == name, same)).scalar_one_or_none()
    if found is None:
        found = tx.execute(
            insert(SopTable.__table__).values(name=name, department_id=department_id).returning(_s.id)
        ).scalar_one()
    return int(found)


def publish_version(
    tx: Connection, actor: Actor, sop_id: int, number: int, *, note: str = "", now: int | None = None
) -> Published:
    """Publish the draft with this number. A version that is published already stays as it is."""
    require(actor, "publish_sops")
    now = now or now_ms()
    fitting = [version for version in versions_of(tx, sop_id) if version.number == number]
    if not fitting:
        raise NotFound(_("This SOP has no version %(n)s.", n=number))
    drafts = [version for version in fitting if version.state in {DRAFT, IN_REVIEW}]
    chosen = drafts[0] if drafts else fitting[0]
    sop = load(chosen.text)
    department_id = _department(tx, actor, sop)
    if chosen.state == "published":
        return procedures.publish(tx, actor, chosen.text, department_id=department_id, now=now)
    if not drafts:
        raise Conflict(
            _("Version %(n)s was published before. Save its text as a new draft to publish it again.", n=number)
        )
    published = procedures.publish(
        tx, actor, chosen.text, department_id=department_id, note=note or chosen.note, now=now
    )
    tx.execute(delete(SopVersion.__table__).where(_v.id == chosen.id))
    return published


@dataclass(frozen=True, slots=True)
class Listing:
    """A SOP of the library; `document` is its published one, else its newest draft's."""

    id: int
    name: str
    department_id: int | None
    number: int | None
    published_at: int | None
    drafts: int
    document: Sop | None


def library(tx: Connection, actor: Actor) -> list[Listing]:
    """Every SOP of the actor's department and the common ones (managers: all), by name, in two statements."""
    require(actor, "read_sops")
    rows = tx.execute(
        select(_s.id, _s.name, _s.department_id, _v.number, _v.published_at, _v.text)
        .outerjoin(SopVersion, _v.id == _s.published_version_id)
        .order_by(_s.name, _s.id)
    ).all()
    newest = select(func.max(_v.id)).where(_v.state == DRAFT).group_by(_v.sop_id)
    drafts = tx.execute(select(_v.sop_id, _v.text).where(_v.id.in_(newest))).all()
    texts = {row.sop_id: row.text for row in drafts}
    counts = Counter(tx.execute(select(_v.sop_id).where(_v.state == DRAFT)).scalars())
    everything = sees_all_departments(actor)
    return [
        Listing(*row[:5], counts[row.id], _read(row.text or texts.get(row.id)))
        for row in rows
        if everything or row.department_id in {None, actor.department_id}
    ]


def _read(text: str | None) -> Sop | None:
    try:
        return load(text) if text else None
    except SopError:
        return None
