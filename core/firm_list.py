"""People and calendars as programs read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from core.errors import NotFound
from core.schema import Calendar, Membership, Person, PersonLoad
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

BUILT_IN = ("always", "id-jakarta")  # calendars that need no organisation
_p, _l, _m, _c = Person.__table__.c, PersonLoad.__table__.c, Membership.__table__.c, Calendar.__table__.c


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A colleague with their load."""

    id: int
    email: str
    name: str
    nick: str
    role: str
    department_id: int | None
    language: str
    tz: str
    availability: str
    availability_by: str | None
    availability_at: int | None
    active: bool
    open_n: int


_PEOPLE: Select[Any] = select(*(_p[name] for name in PersonRow.__slots__[:-1]), func.coalesce(_l.open_n, 0)).outerjoin(
    PersonLoad.__table__, _l.person_id == _p.id
)


def people_page(
    tx: Connection,
    *,
    department_id: int | None = None,
    team_id: int | None = None,
    role: str | None = None,
    words: str = "",
    active: bool | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[PersonRow]:
    """Colleagues by id, behind the id `after`; `active`: those who work here, or those who left."""
    query = _PEOPLE.where(_p.id > after).order_by(_p.id).limit(limit)
    if department_id is not None:
        query = query.where(_p.department_id == department_id)
    if team_id is not None:
        query = query.where(_p.id.in_(select(_m.person_id).where(_m.team_id == team_id)))
    if active is not None:
        query = query.where(_p.active.is_(active))
    if role is not None:
        query = query.where(_p.role == role)
    if words:
        inside = "%" + words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(func.lower(_p.name).like(inside, escape="\\"), _p.email.like(inside, escape="\\")))
    return [PersonRow(*row) for row in tx.execute(query)]


def one_person(tx: Connection, person_id: int) -> PersonRow:
    """One colleague."""
    row = tx.execute(_PEOPLE.where(_p.id == bindparam("person")), {"person": person_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such person."))
    return PersonRow(*row)


def calendars(tx: Connection) -> list[tuple[int | None, str, int, dict[str, Any]]]:
    """(id, name, version, hours) of every calendar, the built-in ones (without id) first."""
    own = tx.execute(select(_c.id, _c.name, _c.version, _c.data).order_by(_c.name))
    return [*((None, name, 1, {"built_in": name}) for name in BUILT_IN), *(tuple(row) for row in own)]
