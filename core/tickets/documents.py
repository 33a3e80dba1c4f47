"""Which document does a run follow? Versions' texts never change once published, so a process compiles each of them once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.schema import SopVersion
from core.sop.reading import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from core.sop.document import Sop

_v = SopVersion.__table__.c
_TEXTS = select(_v.id, _v.text, _v.state).where(_v.id.in_(bindparam("ids", expanding=True)))
_kept: dict[tuple[str, int], Sop] = {}


def documents(tx: Connection, version_ids: Iterable[int | None]) -> dict[int, Sop]:
    """The documents of these versions; asks the database only for those this process has not met yet."""
    where = str(tx.engine.url)
    wanted = {n for n in version_ids if n is not None}
    found = {n: sop for n in wanted if (sop := _kept.get((where, n))) is not None}
    missing = sorted(wanted - found.keys())
    if missing:
        for row in tx.execute(_TEXTS, {"ids": missing}):
            found[row.id] = load(row.text)
            if row.state not in {"draft", "in_review"}:
                _kept[where, row.id] = found[row.id]
    return found
