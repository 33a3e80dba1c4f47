"""Where are the bytes? Raw mails and attachments, kept once by their hash, compressed, in the transaction that names them."""

from __future__ import annotations

import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from core.prepared import Prepared
from core.schema import Blob

if TYPE_CHECKING:
    from sqlalchemy import Connection

_b = Blob.__table__.c
_GROW = Prepared(update(Blob.__table__).where(_b.sha256 == bindparam("hash")).values(refs=_b.refs + 1))
_SHRINK = update(Blob.__table__).where(_b.sha256 == bindparam("hash")).values(refs=_b.refs - 1)
_READ = Prepared(select(_b.packed, _b.data).where(_b.sha256 == bindparam("hash")))
_INSERT = Prepared(insert(Blob.__table__), ["sha256", "size", "refs", "packed", "data"])


def keep(tx: Connection, content: bytes) -> str:
    """Keep the bytes (or count one more user of the same bytes); returns their sha256 in hex."""
    name = sha256(content).hexdigest()
    if _GROW.run(tx, {"hash": name}):
        return name
    packed = zlib.compress(content, 3)
    small = len(packed) < len(content)
    _INSERT.run(
        tx,
        {"sha256": name, "size": len(content), "refs": 1, "packed": small, "data": packed if small else content},
    )
    return name


def read(tx: Connection, name: str) -> bytes | None:
    """The bytes, or None when nobody needs them any more."""
    row = _READ.first(tx, {"hash": name})
    if row is None:
        return None
    return zlib.decompress(row.data) if row.packed else bytes(row.data)


def release(tx: Connection, name: str) -> None:
    """One user less; the last one takes the bytes along."""
    tx.execute(_SHRINK, {"hash": name})
    tx.execute(delete(Blob.__table__).where(_b.sha256 == name, _b.refs <= 0))
