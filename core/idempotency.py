"""Was this asked before? A command with a key is carried out once; its answer is kept in the same transaction and given again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite
from core.errors import FieldError, Invalid
from core.prepared import Prepared
from core.schema import Idempotency
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

LONGEST_KEY = 200
KEEP_MS = 3 * 24 * 3_600_000  # a client that has not asked again after three days never will
_table = Idempotency.__table__
_i = _table.c
_UNDER_WAY = 0
_READ = Prepared(
    select(_i.body_hash, _i.status, _i.answer).where(_i.owner == bindparam("owner"), _i.key == bindparam("key"))
)
_KEEP = Prepared(
    update(_table)
    .where(_i.owner == bindparam("b_owner"), _i.key == bindparam("b_key"))
    .values(status=bindparam("b_status"), answer=bindparam("b_answer"))
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer that was given."""

    status: int
    answer: dict[str, Any]


def claim(tx: Connection, owner: str, key: str, body_hash: str, now: int) -> Kept | None:
    """None: nobody has asked under this key, and now it is the caller's. Else the answer that was given to the same body.

    Whoever asks at the same moment waits for the first one's transaction: the row is written before the command and not after it.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        text = _("An Idempotency-Key has between 1 and %(most)s printable characters.", most=LONGEST_KEY)
        raise Invalid(FieldError("/Idempotency-Key", text))
    values = {"owner": owner, "key": key, "body_hash": body_hash, "status": _UNDER_WAY, "answer": {}, "at": now}
    if _claim(is_sqlite(tx)).first(tx, values) is not None:
        return None
    row = _READ.one(tx, {"owner": owner, "key": key})
    if row.body_hash != body_hash:
        text = _("This Idempotency-Key was used for another request. Take a new key for each thing that you want done.")
        raise Invalid(FieldError("/Idempotency-Key", text))
    return Kept(row.status, row.answer)


@cache
def _claim(on_sqlite: bool) -> Prepared:
    statement = (sqlite if on_sqlite else postgresql).insert(_table)
    once = statement.on_conflict_do_nothing(index_elements=["owner", "key"]).returning(_i.key)
    return Prepared(once, ["owner", "key", "body_hash", "status", "answer", "at"])


def keep(tx: Connection, owner: str, key: str, status: int, answer: dict[str, Any]) -> None:
    """Keep the answer of the command that this transaction carries out under the key it has claimed."""
    _KEEP.run(tx, {"b_owner": owner, "b_key": key, "b_status": status, "b_answer": answer})


def forget_old(tx: Connection, now: int, *, most: int = 2000) -> int:
    """Forget answers nobody will ask for any more; returns how many."""
    old = select(_i.owner, _i.key).where(_i.at < now - KEEP_MS).limit(most)
    rows = tx.execute(old).all()
    for row in rows:
        tx.execute(delete(_table).where(_i.owner == row.owner, _i.key == row.key))
    return len(rows)
