"""Which articles are there, what does one say, and what did it say before?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from core.articles import doubts_about
from core.errors import NotFound
from core.permissions import require, sees_all_departments
from core.schema import Article, ArticleVersion, Department, Person
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor

_a, _d, _p, _v = Article.__table__.c, Department.__table__.c, Person.__table__.c, ArticleVersion.__table__.c


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article in the list."""

    id: int
    title: str
    language: str
    state: str
    visibility: str
    department: str
    author: str | None
    updated_at: int


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One article. `doubts`: the places that somebody must look at before everybody reads it; `may_change`: by this reader."""

    id: int
    title: str
    body: str
    language: str
    state: str
    visibility: str
    department: str
    author: str | None
    updated_at: int
    version: int
    ticket_id: int | None
    published_version: int | None
    doubts: tuple[str, ...] = ()
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class ArticleText:
    """One version of an article as it was saved."""

    number: int
    title: str
    body: str
    visibility: str
    language: str
    author: str | None
    at: int


_SEEN = or_(bindparam("department") == 0, _a.department_id == bindparam("department"), _a.visibility == "public")
_LIST: Select[Any] = (
    select(_a.id, _a.title, _a.language, _a.state, _a.visibility, _d.title.label("department"), _p.name, _a.updated_at)
    .join(Department.__table__, _d.id == _a.department_id)
    .outerjoin(Person.__table__, _p.id == _a.author_id)
    .where(_SEEN)
    .order_by(_a.updated_at.desc(), _a.id)
    .limit(200)
)
_ONE: Select[Any] = (
    select(
        _a.id,
        _a.title,
        _a.body,
        _a.language,
        _a.state,
        _a.visibility,
        _d.title.label("department"),
        _p.name,
        _a.updated_at,
        _a.version,
        _a.ticket_id,
        _a.published_version,
        _a.department_id,
    )
    .join(Department.__table__, _d.id == _a.department_id)
    .outerjoin(Person.__table__, _p.id == _a.author_id)
    .where(_a.id == bindparam("article"), _SEEN)
)


_VERSIONS: Select[Any] = (
    select(_v.number, _v.title, _v.body, _v.visibility, _v.language, _p.name, _v.at)
    .outerjoin(Person.__table__, _p.id == _v.author_id)
    .where(_v.article_id == bindparam("article"))
    .order_by(_v.number.desc())
    .limit(100)
)


def _department(actor: Actor) -> int:
    return 0 if sees_all_departments(actor) else actor.department_id or 0


def article_list(tx: Connection, actor: Actor) -> list[ArticleLine]:
    """The articles of the person's department and the public ones, newest first."""
    require(actor, "read_articles")
    return [ArticleLine(*row) for row in tx.execute(_LIST, {"department": _department(actor)})]


def read_article(tx: Connection, actor: Actor, article_id: int) -> ArticlePage:
    """One article."""
    require(actor, "read_articles")
    row = tx.execute(_ONE, {"article": article_id, "department": _department(actor)}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such article, or it belongs to a department you are not in."))
    mine = sees_all_departments(actor) or row.department_id == actor.department_id
    doubts = doubts_about(tx, row) if row.published_version != row.version else []
    values: list[Any] = [*row[:-1], tuple(doubts), mine]
    return ArticlePage(*values)


def article_versions(tx: Connection, actor: Actor, article_id: int) -> tuple[ArticlePage, list[ArticleText]]:
    """An article and every text of it that was saved, the newest first."""
    page = read_article(tx, actor, article_id)
    return page, [ArticleText(*row) for row in tx.execute(_VERSIONS, {"article": article_id})]
