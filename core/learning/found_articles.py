"""Which articles speak of this, in whichever language? Their words are indexed as they are saved, and anew when the glossary changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select, text, update

from core.database import is_sqlite
from core.learning.words import glossary, keys
from core.schema import Article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

_a = Article.__table__.c
_AT_ONCE, _MOST_WORDS, _MOST_HITS = 50, 400, 60


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article that speaks of what was asked."""

    id: int
    title: str
    language: str
    state: str
    ticket_id: int | None = None


_DROP = {
    True: text("DELETE FROM search_article WHERE rowid = :id"),
    False: text("DELETE FROM search_article WHERE article_id = :id"),
}
_ADD = {
    True: text("INSERT INTO search_article(rowid, subject, body) VALUES (:id, :subject, :body)"),
    False: text(
        "INSERT INTO search_article(article_id, tsv) VALUES (:id, setweight(to_tsvector('simple', :subject), 'A')"
        " || to_tsvector('simple', :body))"
    ),
}
_HITS = {
    True: text(
        "SELECT rowid FROM search_article WHERE search_article MATCH :q"
        " ORDER BY bm25(search_article, 4.0, 1.0), rowid DESC LIMIT :most"
    ),
    False: text(
        "SELECT article_id FROM search_article WHERE tsv @@ CAST(:q AS tsquery)"
        " ORDER BY ts_rank(tsv, CAST(:q AS tsquery), 1) DESC, article_id DESC LIMIT :most"
    ),
}
_PUBLIC_HITS = {
    True: text(
        "SELECT search_article.rowid FROM search_article JOIN article ON article.id = search_article.rowid"
        " JOIN article_version ON article_version.article_id = article.id"
        " AND article_version.number = article.published_version AND article_version.visibility = 'public'"
        " WHERE search_article MATCH :q"
        " ORDER BY bm25(search_article, 4.0, 1.0), search_article.rowid DESC LIMIT :most"
    ),
    False: text(
        "SELECT search_article.article_id FROM search_article JOIN article ON article.id = search_article.article_id"
        " JOIN article_version ON article_version.article_id = article.id"
        " AND article_version.number = article.published_version AND article_version.visibility = 'public'"
        " WHERE tsv @@ CAST(:q AS tsquery)"
        " ORDER BY ts_rank(tsv, CAST(:q AS tsquery), 1) DESC, search_article.article_id DESC LIMIT :most"
    ),
}
_MARK = update(Article.__table__).where(_a.id == bindparam("b_id")).values(indexed=True)
_UNINDEXED = select(_a.id, _a.title, _a.body).where(~_a.indexed).order_by(_a.id).limit(_AT_ONCE)
_FOUND: Select[Any] = select(_a.id, _a.title, _a.language, _a.state, _a.ticket_id).where(
    _a.id.in_(bindparam("ids", expanding=True)),
    or_(bindparam("department") == 0, _a.department_id == bindparam("department"), _a.visibility == "public"),
    or_(bindparam("drafts"), _a.published_version.is_not(None)),
)


def index_article(tx: Connection, article_id: int, title: str, body: str) -> None:
    """Make the newest text of an article findable."""
    known, sqlite = glossary(tx), is_sqlite(tx)
    tx.execute(_DROP[sqlite], {"id": article_id})
    values = {"subject": " ".join(keys(title, known)), "body": " ".join(keys(body, known, _MOST_WORDS))}
    tx.execute(_ADD[sqlite], {"id": article_id, **values})
    tx.execute(_MARK, {"b_id": article_id})


def index_articles(tx: Connection) -> int:
    """Index what is not indexed (after an upgrade, or a change of the glossary); how many there were. Called in the background."""
    rows = tx.execute(_UNINDEXED).all()
    for row in rows:
        index_article(tx, row.id, row.title, row.body)
    return len(rows)


def find_articles(
    tx: Connection, asked: Sequence[str], department_id: int | None, *, drafts: bool = True, every: bool = True
) -> list[FoundArticle]:
    """Articles with these words (as `keys` gives them), the best first: with every word, or (`every` False) with some."""
    if not asked:
        return []
    hits = list(tx.execute(_HITS[is_sqlite(tx)], _query(tx, asked, every=every)).scalars())
    if not hits:
        return []
    rows = tx.execute(_FOUND, {"ids": hits, "department": department_id or 0, "drafts": drafts})
    found = {row.id: FoundArticle(*row) for row in rows}
    return [found[one] for one in hits if one in found]


def public_hits(tx: Connection, asked: Sequence[str], *, every: bool) -> list[int]:
    """The ids of published public articles whose newest text has these words, the best first."""
    if not asked:
        return []
    return list(tx.execute(_PUBLIC_HITS[is_sqlite(tx)], _query(tx, asked, every=every)).scalars())


def _query(tx: Connection, asked: Sequence[str], *, every: bool) -> dict[str, Any]:
    sqlite = is_sqlite(tx)
    joined = (" AND " if every else " OR ") if sqlite else (" & " if every else " | ")
    return {"q": joined.join(f'"{word}"' if sqlite else word for word in asked), "most": _MOST_HITS}
