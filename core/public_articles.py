"""What may everybody read? Published public articles, as they were published: a newer text that waits is neither shown nor searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, select

from core.errors import NotFound
from core.learning.found_articles import public_hits
from core.learning.words import glossary, keys
from core.schema import Article, ArticleVersion
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

_a, _v = Article.__table__.c, ArticleVersion.__table__.c
LISTED, OFFERED = 200, 3
_MOST_WORDS, _READ = 8, 500


@dataclass(frozen=True, slots=True)
class PublicArticle:
    """An article as customers read it. `at`: when this text was saved."""

    id: int
    title: str
    body: str
    language: str
    at: int


_PUBLIC: Select[Any] = (
    select(_a.id, _v.title, _v.body, _v.language, _v.at)
    .join(
        ArticleVersion.__table__,
        and_(_v.article_id == _a.id, _v.number == _a.published_version, _v.visibility == "public"),
    )
    .where(_a.published_version.is_not(None))
)
_LIST = _PUBLIC.order_by(case((_v.language == bindparam("language"), 0), else_=1), _v.title, _a.id).limit(LISTED)
_ONE = _PUBLIC.where(_a.id == bindparam("article"))
_SOME = _PUBLIC.where(_a.id.in_(bindparam("ids", expanding=True)))
_ANY = _PUBLIC.limit(1)


def public_articles(tx: Connection, language: str) -> list[PublicArticle]:
    """All of them: those in the reader's language first, by their titles."""
    return [PublicArticle(*row) for row in tx.execute(_LIST, {"language": language})]


def public_article(tx: Connection, article_id: int) -> PublicArticle:
    """One of them."""
    row = tx.execute(_ONE, {"article": article_id}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such answer (any more)."))
    return PublicArticle(*row)


def has_public_articles(tx: Connection) -> bool:
    """Is there anything to read at all?"""
    return tx.execute(_ANY).first() is not None


def find_public_articles(tx: Connection, typed: str, language: str, most: int = 20) -> list[PublicArticle]:
    """Those that speak of what was typed, in either language: with every word first, else with some of them."""
    asked = keys(typed[:200], glossary(tx), _MOST_WORDS)
    if not asked:
        return []
    for every in (True, False):
        found = _published(tx, public_hits(tx, asked, every=every), asked)
        if found:
            return sorted(found[:most], key=lambda one: one.language != language)
    return []


def _published(tx: Connection, ids: Sequence[int], asked: Sequence[str]) -> list[PublicArticle]:
    """The published texts of these, if they themselves speak of what was asked (the index knows the newest text)."""
    if not ids:
        return []
    known = glossary(tx)
    rows = {row.id: PublicArticle(*row) for row in tx.execute(_SOME, {"ids": list(ids)})}
    wanted = set(asked)
    return [
        rows[one]
        for one in ids
        if one in rows and wanted & set(keys(f"{rows[one].title} {rows[one].body}", known, _READ))
    ]
