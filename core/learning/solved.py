"""Keeps the newest solved tickets findable by their words: written behind the click, and never more than `KEPT` of them.

SQLite has an FTS5 table whose rowid is the ticket's id, PostgreSQL a tsvector with a GIN index. `solved_word` counts in how many tickets each
word stands, so that a search can begin with the words that say most and knows beforehand how many rows it will touch.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite
from core.learning.words import glossary, keys
from core.personal import Known, without_personal
from core.schema import Article, Customer, Message, MessageBody, Solved, SolvedWord, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select

    from core.learning.words import Glossary

KEPT = 20_000  # the newest solved tickets; what was solved before is found by the search
_AT_ONCE = 200
_LATE_MS = 3_600_000  # a transaction may commit later than one that resolved after it
_READ = 4_000  # characters of the first message
MOST_SUBJECT, MOST_BODY = 12, 50  # words
_t, _c, _m, _b = Ticket.__table__.c, Customer.__table__.c, Message.__table__.c, MessageBody.__table__.c
_s, _w = Solved.__table__.c, SolvedWord.__table__.c


@dataclass(frozen=True, slots=True)
class Words:
    """What a ticket is about: the words of its subject, and those of its first message that the subject has not."""

    subject: tuple[str, ...]
    body: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Each word once."""
        return (*self.subject, *self.body)


_first = (
    select(func.min(_m.id))
    .where(_m.ticket_id == _t.id, _m.direction == "in")
    .correlate(Ticket.__table__)
    .scalar_subquery()
)
SAID: Select[Any] = (
    select(_t.id, _t.subject, _c.name, _t.resolved_at, func.substr(_b.visible, 1, _READ).label("said"))
    .join(Customer.__table__, _c.id == _t.customer_id)
    .outerjoin(MessageBody.__table__, _b.message_id == _first)
)
_WANTED: Select[Any] = (
    SAID.outerjoin(Solved.__table__, _s.ticket_id == _t.id)
    .where(_t.resolved_at > bindparam("since"), _s.ticket_id.is_(None), _t.merged_into.is_(None))
    .order_by(_t.resolved_at)
    .limit(bindparam("n"))
)
_NEWEST = select(func.max(_s.resolved_at))
_OLDEST = select(_s.resolved_at).order_by(_s.resolved_at.desc()).offset(bindparam("kept")).limit(1)
_FLOOR = (
    select(_t.resolved_at)
    .where(_t.resolved_at.is_not(None))
    .order_by(_t.resolved_at.desc())
    .offset(bindparam("kept"))
    .limit(1)
)
_TOO_MANY = (
    select(_s.ticket_id, _s.words)
    .order_by(_s.resolved_at.desc(), _s.ticket_id.desc())
    .offset(bindparam("kept"))
    .limit(2 * _AT_ONCE)
)
_ADD = {
    True: text("INSERT INTO search_solved(rowid, subject, body) VALUES (:id, :subject, :body)"),
    False: text(
        "INSERT INTO search_solved(ticket_id, tsv) VALUES (:id, setweight(to_tsvector('simple', :subject), 'A')"
        " || to_tsvector('simple', :body)) ON CONFLICT (ticket_id) DO NOTHING"
    ),
}
_DROP = {
    True: text("DELETE FROM search_solved WHERE rowid = :id"),
    False: text("DELETE FROM search_solved WHERE ticket_id = :id"),
}


def words_of(subject: str, said: str, customer: str, known: Glossary) -> Words:
    """The words of a ticket, without its customer's name and numbers."""
    theirs = Known(people=(customer,) if customer else ())
    first = keys(without_personal(subject, theirs).text, known, MOST_SUBJECT)
    rest = [key for key in keys(without_personal(said, theirs).text, known, MOST_BODY + len(first)) if key not in first]
    return Words(tuple(first), tuple(rest[:MOST_BODY]))


def index_solved(tx: Connection) -> int:
    """Make newly solved tickets findable, and forget what is too old; how many there were. Called behind the click, never in it."""
    since = _since(tx)
    rows = tx.execute(_WANTED, {"since": since, "n": _AT_ONCE}).all()
    if not rows:
        return 0
    known = glossary(tx)
    found = [(row, words_of(row.subject, row.said or "", row.name or "", known)) for row in rows]
    tx.execute(
        insert(Solved.__table__),
        [{"ticket_id": row.id, "resolved_at": row.resolved_at, "words": list(words.all)} for row, words in found],
    )
    tx.execute(
        _ADD[is_sqlite(tx)],
        [{"id": row.id, "subject": " ".join(words.subject), "body": " ".join(words.body)} for row, words in found],
    )
    _count(tx, (words.all for _row, words in found))
    _forget_oldest(tx)
    return len(rows)


def _since(tx: Connection) -> int:
    """From which moment on a solved ticket may be missing: a while before the newest known one, never before the oldest that is kept."""
    newest = tx.execute(_NEWEST).scalar()
    if newest is None:
        return int(tx.execute(_FLOOR, {"kept": KEPT}).scalar() or 0)
    return max(int(newest) - _LATE_MS, tx.execute(_OLDEST, {"kept": KEPT - 1}).scalar() or 0)


def _count(tx: Connection, tickets: Iterable[Iterable[str]]) -> None:
    counts = Counter(word for words in tickets for word in words)
    if not counts:
        return
    statement = (sqlite if is_sqlite(tx) else postgresql).insert(SolvedWord.__table__)
    more = statement.on_conflict_do_update(index_elements=["word"], set_={"n": _w.n + statement.excluded.n})
    tx.execute(more, [{"word": word, "n": n} for word, n in sorted(counts.items())])


_LESS = update(SolvedWord.__table__).where(_w.word == bindparam("b_word")).values(n=_w.n - bindparam("b_n"))


def _forget_oldest(tx: Connection) -> None:
    old = tx.execute(_TOO_MANY, {"kept": KEPT}).all()
    if not old:
        return
    ids = [row.ticket_id for row in old]
    tx.execute(_DROP[is_sqlite(tx)], [{"id": one} for one in ids])
    tx.execute(delete(Solved.__table__).where(_s.ticket_id.in_(ids)))
    counts = Counter(word for row in old for word in row.words)
    if counts:
        tx.execute(_LESS, [{"b_word": word, "b_n": n} for word, n in sorted(counts.items())])
        tx.execute(delete(SolvedWord.__table__).where(_w.word.in_(sorted(counts)), _w.n <= 0))


def forget_all(tx: Connection) -> None:
    """Begin again: the glossary has changed, and every ticket and article is read anew by it, behind the click."""
    for table in ("search_solved", "search_article"):
        tx.execute(text(f"DELETE FROM {table}"))  # noqa: S608 (two names that stand here)
    tx.execute(delete(Solved.__table__))
    tx.execute(delete(SolvedWord.__table__))
    tx.execute(update(Article.__table__).values(indexed=False))
