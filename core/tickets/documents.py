"""Which document does a run follow? Versions' texts never change once published, so a process compiles each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from core.database import database_of
from core.schema import SopVersion
from core.sop.reading import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from core.sop.document import Sop
    from core.tickets.relay import StepRow

_v = SopVersion.__table__.c
_TEXTS = select(_v.id, _v.text, _v.state).where(_v.id.in_(bindparam("ids", expanding=True)))
_BY_HASH = select(_v.hash, func.max(_v.id)).where(_v.hash.in_(bindparam("hashes", expanding=True))).group_by(_v.hash)
_kept: dict[tuple[str, int], Sop] = {}


def documents(tx: Connection, version_ids: Iterable[int | None]) -> dict[int, Sop]:
    """The documents of these versions; asks the database only for those this process has not met yet."""
    where = database_of(tx)
    wanted = {n for n in version_ids if n is not None}
    found = {n: sop for n in wanted if (sop := _kept.get((where, n))) is not None}
    missing = sorted(wanted - found.keys())
    if missing:
        for row in tx.execute(_TEXTS, {"ids": missing}):
            found[row.id] = load(row.text)
            if row.state not in {"draft", "in_review"}:
                _kept[where, row.id] = found[row.id]
    return found


def sub_documents(tx: Connection, rows: Iterable[StepRow]) -> dict[str, Sop]:
    """The documents of the sub-SOPs that a ticket's `run` steps have begun, by hash; asks nothing when there are none."""
    hashes = sorted({str(row.marks["hash"]) for row in rows if row.kind == "run" and row.marks.get("hash")})
    if not hashes:
        return {}
    ids = {row[0]: row[1] for row in tx.execute(_BY_HASH, {"hashes": hashes})}
    found = documents(tx, ids.values())
    return {one: found[version] for one, version in ids.items() if version in found}
