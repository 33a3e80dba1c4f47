"""Which tickets speak of this? Full text over what was written, newest first, with a bound on the work whatever is asked.

The index is written behind the click by `index_messages`. SQLite has an FTS5 table whose rowid is the message's id; PostgreSQL a GIN index,
whose texts carry a word for their range of ids (`b17`), so that the newest ranges can be asked first (docs/scale.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, text, update

from core.database import is_sqlite
from core.learning.found_articles import FoundArticle, find_articles
from core.learning.words import glossary, keys
from core.schema import Article, Customer, Message, MessageBody, Organisation, Ticket

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.database import Database

MOST_HITS = 5000  # newest messages looked at; beyond, a filter that matches nothing would read forever
_SHOWN = 50
_BUCKET = 16
_WORD = re.compile(r"[\w@.+-]+", re.UNICODE)
_t, _c, _m, _b = Ticket.__table__.c, Customer.__table__.c, Message.__table__.c, MessageBody.__table__.c
_o, _a = Organisation.__table__.c, Article.__table__.c


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that was found, with the message that speaks of it."""

    id: int
    subject: str
    language: str
    status: str
    customer: str
    vip: bool
    last_at: int
    message_id: int | None
    snippet: str


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer whose name or address begins so."""

    id: int
    name: str
    email: str | None
    organisation: str | None


def words_of(typed: str) -> list[str]:
    """The words that are looked for: at most eight."""
    return [word.strip(".-+") for word in _WORD.findall(typed) if word.strip(".-+")][:8]


# ---- writing the index -------------------------------------------------------------------------------------------------

_UNINDEXED: Select[Any] = (
    select(_m.id, _m.ticket_id, _m.subject, _b.text)
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(~_m.indexed)
    .order_by(_m.id)
    .limit(bindparam("n"))
)
_WRITE_SQLITE = text("INSERT INTO search(rowid, subject, body) VALUES (:id, :subject, :body)")
_WRITE_POSTGRES = text(
    "INSERT INTO message_search(message_id, ticket_id, tsv)"
    " VALUES (:id, :ticket, to_tsvector('simple', left(:subject || ' ' || :body, 200000) || ' b' || CAST(:id >> 16 AS text)))"
    " ON CONFLICT (message_id) DO NOTHING"
)
_MARK = update(Message).where(_m.id.in_(bindparam("ids", expanding=True))).values(indexed=True)


def index_messages(tx: Connection, limit: int = 500) -> int:
    """Put up to `limit` new messages into the index; how many they were. Called behind the click, never in it."""
    rows = tx.execute(_UNINDEXED, {"n": limit}).all()
    if not rows:
        return 0
    values = [{"id": r.id, "ticket": r.ticket_id, "subject": r.subject, "body": r.text} for r in rows]
    if is_sqlite(tx):
        tx.execute(_WRITE_SQLITE, [{k: v for k, v in one.items() if k != "ticket"} for one in values])
    else:
        tx.execute(_WRITE_POSTGRES, values)
    tx.execute(_MARK, {"ids": [row.id for row in rows]})
    return len(rows)


def unindexed(tx: Connection) -> bool:
    """Is there a message that the index does not know yet?"""
    return tx.execute(select(_m.id).where(~_m.indexed).limit(1)).first() is not None


# ---- asking it ---------------------------------------------------------------------------------------------------------

_HITS_SQLITE = text("SELECT rowid FROM search WHERE search MATCH :q ORDER BY rowid DESC LIMIT :most")
_HITS_POSTGRES = text(
    "SELECT message_id FROM message_search WHERE tsv @@ (CAST(:q AS tsquery) && CAST(:ranges AS tsquery))"
    " ORDER BY message_id DESC LIMIT :most"
)
_FOUND: Select[Any] = (
    select(
        _t.id, _t.subject, _t.language, _t.status, _c.name, _t.vip, _t.last_at, _m.id, func.substr(_b.visible, 1, 300)
    )
    .select_from(Message.__table__)
    .join(Ticket.__table__, _t.id == _m.ticket_id)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .outerjoin(MessageBody.__table__, _b.message_id == _m.id)
    .where(
        _m.id.in_(bindparam("messages", expanding=True)),
        or_(bindparam("department") == 0, _t.department_id == bindparam("department")),
    )
    .order_by(_m.id.desc())
)
_BY_NUMBER: Select[Any] = (
    select(_t.id, _t.subject, _t.language, _t.status, _c.name, _t.vip, _t.last_at)
    .join(Customer.__table__, _c.id == _t.customer_id)
    .where(_t.id == bindparam("id"), or_(bindparam("department") == 0, _t.department_id == bindparam("department")))
)


_OF_MESSAGES = select(_m.ticket_id).where(_m.id.in_(bindparam("messages", expanding=True))).distinct()
_OF_CUSTOMERS = (
    select(_t.id)
    .where(_t.customer_id.in_(bindparam("customers", expanding=True)))
    .order_by(_t.id.desc())
    .limit(bindparam("most"))
)


def search_tickets(tx: Connection, typed: str, department_id: int | None) -> list[Found]:
    """Tickets whose messages hold every word (the last one may be a beginning), or whose number was typed; newest first."""
    words = words_of(typed)
    found: dict[int, Found] = {}
    department = department_id or 0
    if typed.strip().isdecimal() and len(typed.strip()) < 16:
        row = tx.execute(_BY_NUMBER, {"id": int(typed), "department": department}).one_or_none()
        if row is not None:
            values: list[Any] = [*row, None, ""]
            found[row.id] = Found(*values)
    hits = (_sqlite_hits(tx, words) if is_sqlite(tx) else _postgres_hits(tx, words)) if words else []
    for start in range(0, len(hits), 500):
        rows = tx.execute(_FOUND, {"messages": hits[start : start + 500], "department": department})
        for one in (Found(*row) for row in rows):
            found.setdefault(one.id, one)
        if len(found) >= _SHOWN:
            break
    return list(found.values())[:_SHOWN]


def matching_tickets(tx: Connection, typed: str) -> tuple[int, ...]:
    """The ids of all tickets that the search would show for these words: by what was written, by their number, by their customer."""
    words = words_of(typed)
    found: set[int] = set()
    if typed.strip().isdecimal() and len(typed.strip()) < 16:
        found.add(int(typed))
    hits = (_sqlite_hits(tx, words) if is_sqlite(tx) else _postgres_hits(tx, words)) if words else []
    for start in range(0, len(hits), 500):
        found.update(tx.execute(_OF_MESSAGES, {"messages": hits[start : start + 500]}).scalars())
    customers = [one.id for one in search_customers(tx, typed)]
    if customers:
        found.update(tx.execute(_OF_CUSTOMERS, {"customers": customers, "most": MOST_HITS}).scalars())
    return tuple(sorted(found))


def catch_up(database: Database) -> None:
    """Index the newest messages if nobody has yet, so that what was just written is found."""
    with database.read() as tx:
        behind = unindexed(tx)
    if behind:
        with database.write(quietly=True) as tx:
            index_messages(tx)


def _sqlite_hits(tx: Connection, words: list[str]) -> list[int]:
    quoted = ['"' + word.replace('"', "") + '"' for word in words]
    return list(tx.execute(_HITS_SQLITE, {"q": " ".join(quoted) + "*", "most": MOST_HITS}).scalars())


def _postgres_hits(tx: Connection, words: list[str]) -> list[int]:
    """Ask the newest range of ids, then older ones in growing portions, until there is enough to show."""
    newest = tx.execute(text("SELECT coalesce(max(message_id), 0) FROM message_search")).scalar_one() >> _BUCKET
    query = tx.execute(
        text("SELECT CAST(plainto_tsquery('simple', :all) AS text)"), {"all": " ".join(words)}
    ).scalar_one()
    query = query + ":*" if query and query.endswith("'") else query
    hits: list[int] = []
    portion = 1
    while query and newest >= 0 and len(hits) < 4 * _SHOWN:
        ranges = " | ".join(f"b{n}" for n in range(newest, max(-1, newest - portion), -1))
        hits += tx.execute(_HITS_POSTGRES, {"q": query, "ranges": ranges, "most": MOST_HITS}).scalars()
        newest -= portion
        portion *= 2
    return hits


# ---- customers and articles --------------------------------------------------------------------------------------------

_LAST_LETTER = "\U0010fffd"
_CUSTOMERS: Select[Any] = (
    select(_c.id, _c.name, _c.email, _o.name)
    .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
    .where(
        or_(
            _c.name.between(bindparam("a"), bindparam("a_end")),
            _c.name.between(bindparam("b"), bindparam("b_end")),
            _c.email.between(bindparam("c"), bindparam("c_end")),
        )
    )
    .order_by(_c.name)
    .limit(20)
)
_ARTICLES: Select[Any] = (
    select(_a.id, _a.title, _a.language, _a.state)
    .where(
        func.lower(_a.title).like(bindparam("like"), escape="\\"),
        or_(bindparam("department") == 0, _a.department_id == bindparam("department"), _a.visibility == "public"),
    )
    .order_by(_a.updated_at.desc())
    .limit(10)
)


def search_customers(tx: Connection, typed: str) -> list[FoundCustomer]:
    """Customers whose name or address begins with what was typed; read from the index, however many there are."""
    start = " ".join(typed.split())
    if len(start) < 2:
        return []
    values = {"a": start, "b": start.title(), "c": start.lower()}
    values |= {f"{name}_end": value + _LAST_LETTER for name, value in values.items()}
    return [FoundCustomer(*row) for row in tx.execute(_CUSTOMERS, values)]


def search_articles(tx: Connection, typed: str, department_id: int | None) -> list[FoundArticle]:
    """Articles that speak of what was typed, in either language, and those with it in their title; ten at most."""
    asked = typed.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if len(asked) < 2:
        return []
    titled = tx.execute(_ARTICLES, {"like": f"%{asked}%", "department": department_id or 0})
    found = {one.id: one for one in find_articles(tx, keys(typed, glossary(tx), 8), department_id)}
    found |= {row.id: FoundArticle(*row) for row in titled if row.id not in found}
    return list(found.values())[:10]
