"""The library of procedures as it is read: which SOPs there are, their versions, and one version's text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from core.errors import NotFound
from core.permissions import require
from core.schema import Department, Person, Run, Sop, SopVersion
from core.sop.reading import SopError, load
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor
    from core.sop.document import Sop as SopDocument

_s, _v, _r, _d, _p = (
    Sop.__table__.c,
    SopVersion.__table__.c,
    Run.__table__.c,
    Department.__table__.c,
    Person.__table__.c,
)


@dataclass(frozen=True, slots=True)
class SopLine:
    """One SOP in the library; `text` is its published version's. `running`: tickets that follow it now."""

    id: int
    name: str
    department: str | None
    number: int | None
    published_at: int | None
    text: str | None
    running: int
    draft: str | None = None  # the state of its draft, if there is one


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the history of an SOP."""

    id: int
    number: int | None
    state: str
    author: str | None
    created_at: int
    published_at: int | None
    note: str
    runs: int
    running: int = 0


_RUNNING = (
    select(func.count())
    .select_from(Run.__table__.join(SopVersion.__table__, _v.id == _r.version_id))
    .where(_v.sop_id == _s.id, _r.state == "running")
    .correlate(Sop.__table__)
    .scalar_subquery()
)
_draft = SopVersion.__table__.alias("draft")
_DRAFT = (
    select(_draft.c.state)
    .where(_draft.c.sop_id == _s.id, _draft.c.state.in_(["draft", "in_review"]))
    .correlate(Sop.__table__)
    .limit(1)
    .scalar_subquery()
)
_published = SopVersion.__table__.alias("published")
_LIST: Select[Any] = (
    select(
        _s.id,
        _s.name,
        _d.title,
        _published.c.number,
        _published.c.published_at,
        _published.c.text,
        _RUNNING,
        _DRAFT,
    )
    .outerjoin(_published, _published.c.id == _s.published_version_id)
    .outerjoin(Department.__table__, _d.id == _s.department_id)
    .order_by(_s.name)
)
_VERSIONS: Select[Any] = (
    select(
        _v.id,
        _v.number,
        _v.state,
        _p.name,
        _v.created_at,
        _v.published_at,
        _v.note,
        select(func.count()).where(_r.version_id == _v.id).correlate(SopVersion.__table__).scalar_subquery(),
        select(func.count())
        .where(_r.version_id == _v.id, _r.state == "running")
        .correlate(SopVersion.__table__)
        .scalar_subquery(),
    )
    .outerjoin(Person.__table__, _p.id == _v.author_id)
    .where(_v.sop_id == bindparam("sop"))
    .order_by(_v.id.desc())
)
_TEXT: Select[Any] = select(_v.id, _v.state, _v.text).where(
    _v.sop_id == bindparam("sop"), _v.number == bindparam("number")
)


def sop_list(tx: Connection, actor: Actor) -> list[SopLine]:
    """Every SOP of the library."""
    require(actor, "read_sops")
    return [SopLine(*row) for row in tx.execute(_LIST)]


def sop_versions(tx: Connection, actor: Actor, sop_id: int) -> tuple[SopLine, list[VersionLine]]:
    """One SOP and its versions, newest first."""
    require(actor, "read_sops")
    line = tx.execute(_LIST.where(_s.id == bindparam("sop")), {"sop": sop_id}).one_or_none()
    if line is None:
        raise NotFound(_("There is no such SOP."))
    return SopLine(*line), [VersionLine(*row) for row in tx.execute(_VERSIONS, {"sop": sop_id})]


def version_text(tx: Connection, actor: Actor, sop_id: int, number: int) -> tuple[str, str]:
    """(state, text) of one version."""
    require(actor, "read_sops")
    row = tx.execute(_TEXT, {"sop": sop_id, "number": number}).one_or_none()
    if row is None:
        raise NotFound(_("This SOP has no version %(n)s.", n=number))
    return row.state, row.text


def version_of(tx: Connection, version_id: int) -> tuple[int | None, SopDocument] | None:
    """(number, document) of a version by its id; None when it cannot be read."""
    row = tx.execute(select(_v.number, _v.text).where(_v.id == version_id)).one_or_none()
    try:
        return (row.number, load(row.text)) if row else None
    except SopError:
        return None


def department_of(tx: Connection, sop_id: int) -> int | None:
    """The department an SOP belongs to; None: all."""
    found = tx.execute(select(_s.department_id).where(_s.id == sop_id)).scalar_one_or_none()
    return None if found is None else int(found)
