"""Procedures that programs send: read, kept as the draft of their SOP, published by the number the draft will have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.directory import directory
from core.errors import Conflict, NotFound, Refused
from core.moments import now_ms
from core.permissions import require, sees_all_departments
from core.schema import Sop as SopTable
from core.schema import SopVersion
from core.sop.reading import SopError, load
from core.studio.drafts import DRAFT, PUBLISHED, REVIEW, NewSop, create_sop, find_draft, open_draft, save_draft
from core.studio.known_names import check_here
from core.studio.publishing import publish_draft
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.sop.checking import Checked
    from core.sop.document import Sop

_s, _v = SopTable.__table__.c, SopVersion.__table__.c
_OPEN = (DRAFT, REVIEW)


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


def check_document(tx: Connection, actor: Actor, text: str) -> Checked:
    """Everything that is wrong with a document in this organisation; nothing is kept."""
    require(actor, "read_sops")
    return check_here(tx, text, actor.department_id)


def find_sop(tx: Connection, actor: Actor, name: str) -> Any:
    """The row (id, name, department_id, published_version_id) of `name` or `department/name`: the actor's own department's before a common one."""
    require(actor, "read_sops")
    head, _slash, short = name.rpartition("/")
    rows = list(
        tx.execute(select(_s.id, _s.name, _s.department_id, _s.published_version_id).where(_s.name == short)).all()
    )
    if head:
        department = directory(tx).department(head)
        rows = [row for row in rows if department and row.department_id == department.id]
    if not sees_all_departments(actor):
        rows = [row for row in rows if row.department_id in {None, actor.department_id}]
    if not rows:
        raise NotFound(_("There is no SOP “%(name)s”.", name=name[:100]))
    order = {actor.department_id: 0, None: 1}
    return min(rows, key=lambda row: (order.get(row.department_id, 2), row.id))


def versions_of(tx: Connection, sop_id: int) -> list[Version]:
    """All versions, the newest first; a draft bears the next number."""
    rows = tx.execute(
        select(_v.id, _v.number, _v.state, _v.text, _v.author_id, _v.created_at, _v.published_at, _v.note)
        .where(_v.sop_id == sop_id)
        .order_by(_v.id.desc())
    ).all()
    following = 1 + max((row.number or 0 for row in rows), default=0)
    return [Version(row.id, row.number or following, *row[2:]) for row in rows]


def keep_document(tx: Connection, actor: Actor, text: str, *, now: int | None = None) -> tuple[int, Version]:
    """Keep a checked document as the draft of its SOP, which begins with it when it is new; returns the SOP's id and the draft."""
    now = now or now_ms()
    sop = load(text)
    department = directory(tx).department(sop.department) if sop.department else None
    department_id = department.id if department else None
    same = _s.department_id.is_(None) if department_id is None else _s.department_id == department_id
    sop_id = tx.execute(select(_s.id).where(_s.name == sop.name, same)).scalar_one_or_none()
    if sop_id is None:
        draft = create_sop(tx, actor, NewSop(sop.name, sop.title.say("en"), department_id), now=now)
    else:
        draft = open_draft(tx, actor, int(sop_id), now=now)
    if draft.state == REVIEW:
        raise Refused(_("A draft of this SOP is being reviewed. Wait until it is published or sent back."))
    saved = save_draft(tx, actor, draft.sop_id, draft.revision, text=text, now=now)
    return saved.sop_id, next(version for version in versions_of(tx, saved.sop_id) if version.id == saved.id)


def publish_number(
    tx: Connection, actor: Actor, sop_id: int, number: int, *, note: str = "", reason: str = "", now: int | None = None
) -> Version:
    """Publish the draft with this number, under the studio's rules. A version that is published already stays as it is."""
    require(actor, "publish_sops")
    found = next((version for version in versions_of(tx, sop_id) if version.number == number), None)
    if found is None:
        raise NotFound(_("This SOP has no version %(n)s.", n=number))
    if found.state == PUBLISHED:
        return found
    draft = find_draft(tx, sop_id)
    if found.state not in _OPEN or draft is None:
        raise Conflict(
            _("Version %(n)s was published before. Save its text as a new draft to publish it again.", n=number)
        )
    why = reason.strip() or _("Published by a program.")
    publish_draft(tx, actor, sop_id, draft.revision, note=note, reason=why, now=now or now_ms())
    return next(version for version in versions_of(tx, sop_id) if version.id == found.id)


@dataclass(frozen=True, slots=True)
class Listing:
    """A SOP of the library; `document` is its published one, else its draft's."""

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
    drafts = tx.execute(select(_v.sop_id, _v.text).where(_v.state.in_(_OPEN))).all()
    texts, counts = {row.sop_id: row.text for row in drafts}, Counter(row.sop_id for row in drafts)
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
