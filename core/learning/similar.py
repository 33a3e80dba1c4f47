"""Which solved tickets are most like this one, in either language, and how were they solved? Bounded work, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, text

from core.database import is_sqlite
from core.learning.solved import SAID, words_of
from core.learning.words import SUBJECT, glossary
from core.permissions import require, sees_all_departments
from core.schema import Article, Run, Solved, SolvedWord, Sop, SopVersion, Ticket
from core.texts import language
from core.tickets.access import know
from core.tickets.documents import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from core.actors import Actor

SHOWN = 5
_CANDIDATES = 40
_MOST_WORDS, _BUDGET = 12, 4_000  # words looked for, and rows that may be touched for them
_NEAR, _SHARED = 0.3, 0.15  # of the best one's score, of what the words say: what is further away only disturbs
_t, _r, _v, _sop = Ticket.__table__.c, Run.__table__.c, SopVersion.__table__.c, Sop.__table__.c
_s, _w, _a = Solved.__table__.c, SolvedWord.__table__.c, Article.__table__.c


@dataclass(frozen=True, slots=True)
class Alike:
    """A solved ticket like this one, with the procedure it followed and how it was solved. `article_id`: what was learnt from it."""

    id: int
    subject: str
    language: str
    status: str
    resolved_at: int
    resolution: str | None
    sop_id: int | None
    sop: str | None
    sop_number: int | None
    version_id: int | None
    article_id: int | None
    article: str | None
    sop_title: str = ""


_MINE = SAID.where(_t.id == bindparam("ticket"))
_SIZE = select(func.count()).select_from(Solved.__table__)
_COUNTS = select(_w.word, _w.n).where(_w.word.in_(bindparam("words", expanding=True)), _w.n > 0)
_SQLITE = text(
    "SELECT rowid AS id, -bm25(search_solved, 3.0, 1.0) AS score FROM search_solved"
    " WHERE search_solved MATCH :q ORDER BY rank, rowid DESC LIMIT :most"
)
_FOUND: Select[Any] = (
    select(
        _t.id,
        _t.subject,
        _t.language,
        _t.status,
        _t.resolved_at,
        _t.resolution,
        _sop.id.label("sop_id"),
        _sop.name.label("sop"),
        _v.number,
        _v.id.label("version_id"),
        _a.id.label("article_id"),
        _a.title,
        _s.words,
    )
    .select_from(Ticket.__table__)
    .join(Solved.__table__, _s.ticket_id == _t.id)
    .outerjoin(Run.__table__, _r.id == _t.run_id)
    .outerjoin(SopVersion.__table__, _v.id == _r.version_id)
    .outerjoin(Sop.__table__, _sop.id == _v.sop_id)
    .outerjoin(Article.__table__, (_a.ticket_id == _t.id) & _a.published_version.is_not(None))
    .where(
        _t.id.in_(bindparam("ids", expanding=True)),
        _t.status.in_(["resolved", "closed"]),
        _t.merged_into.is_(None),
        or_(bindparam("department") == 0, _t.department_id == bindparam("department")),
    )
)


def similar_tickets(tx: Connection, actor: Actor, ticket_id: int, shown: int = SHOWN) -> list[Alike]:
    """The solved tickets most like this one, of those the actor may read; the most alike first."""
    require(actor, "read_tickets")
    know(tx, actor, ticket_id)
    department = 0 if sees_all_departments(actor) else actor.department_id or 0
    return find_alike(tx, words_of_ticket(tx, ticket_id), department, shown, but=ticket_id)


def words_of_ticket(tx: Connection, ticket_id: int) -> tuple[str, ...]:
    """What a ticket is about: the words of its subject, then those of its first message."""
    mine = tx.execute(_MINE, {"ticket": ticket_id}).one()
    return words_of(mine.subject, mine.said or "", mine.name or "", glossary(tx)).all


def find_alike(
    tx: Connection, words: Sequence[str], department_id: int, shown: int = SHOWN, *, but: int | None = None
) -> list[Alike]:
    """The solved tickets that share the rarest of these words."""
    chosen = _rarest(tx, words)
    if not chosen:
        return []
    ranked = _on_sqlite(tx, list(chosen)) if is_sqlite(tx) else _on_postgres(tx, chosen)
    scores = {row.id: float(row.score) for row in ranked if row.id != but}
    rows = (
        {row.id: row for row in tx.execute(_FOUND, {"ids": list(scores), "department": department_id})}
        if scores
        else {}
    )
    best, all_of_it = max((scores[one] for one in rows), default=0.0), sum(chosen.values())
    near = [
        rows[one]
        for one, score in scores.items()
        if one in rows and score >= _NEAR * best and _share_enough(set(rows[one].words), chosen, all_of_it)
    ][:shown]
    titles = documents(tx, [row.version_id for row in near])
    return [_alike(row, _title(titles, row)) for row in near]


def _share_enough(theirs: set[str], chosen: dict[str, float], all_of_it: float) -> bool:
    """A good part of what the words say; and one word alone may be chance, unless the glossary knows it as a subject."""
    shared = [word for word in chosen if word in theirs]
    enough = sum(chosen[word] for word in shared) >= _SHARED * all_of_it
    return enough and (len(shared) > 1 or any(word.startswith(SUBJECT) for word in shared))


def _alike(row: Any, title: str) -> Alike:
    values: list[Any] = [*row[:-1], title]
    return Alike(*values)


def _title(titles: Any, row: Any) -> str:
    sop = titles.get(row.version_id)
    return str(sop.title.say(language())) if sop else row.sop or ""


def _rarest(tx: Connection, words: Sequence[str]) -> dict[str, float]:
    """The words that say most, with how much: as many as the budget of rows allows, at least one."""
    if not words:
        return {}
    counts = sorted(tx.execute(_COUNTS, {"words": list(words)}), key=lambda row: (row.n, row.word))
    size = tx.execute(_SIZE).scalar_one()
    chosen: dict[str, float] = {}
    touched = 0
    for row in counts[:_MOST_WORDS]:
        touched += row.n
        if chosen and touched > _BUDGET:
            break
        chosen[row.word] = log(1 + size / row.n)
    return chosen


def _on_sqlite(tx: Connection, words: Sequence[str]) -> Sequence[Any]:
    return tx.execute(_SQLITE, {"q": " OR ".join(f'"{word}"' for word in words), "most": _CANDIDATES}).all()


def _on_postgres(tx: Connection, words: dict[str, float]) -> Sequence[Any]:
    """PostgreSQL ranks without knowing how rare a word is; so each word adds what it says, thrice when it stands in the subject."""
    values: dict[str, Any] = {"q": " | ".join(words), "most": _CANDIDATES}
    parts = []
    for n, (word, weight) in enumerate(words.items()):
        values |= {f"w{n}": word, f"a{n}": f"{word}:A", f"i{n}": weight}
        parts.append(
            f"CAST(:i{n} AS float8) * ((tsv @@ CAST(:w{n} AS tsquery))::int + 2 * (tsv @@ CAST(:a{n} AS tsquery))::int)"
        )
    ranking = text(
        f"SELECT ticket_id AS id, ({' + '.join(parts)}) / ln(10 + length(tsv)) AS score FROM search_solved"  # noqa: S608 (our own text)
        " WHERE tsv @@ CAST(:q AS tsquery) ORDER BY score DESC, ticket_id DESC LIMIT :most"
    )
    return tx.execute(ranking, values).all()
