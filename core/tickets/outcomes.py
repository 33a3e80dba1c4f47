"""How did it go outside? Somebody decides about a step whose effect nobody knew of: that is the end of the effect, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from core.effects import DONE, FAILED, UNKNOWN
from core.schema import Effect

if TYPE_CHECKING:
    from sqlalchemy import Connection

_e = Effect.__table__.c


def step_path(key: str) -> str:
    """The visit that wants an effect, from the effect's key `ticket/run/path:action`; "" for an effect of no step."""
    parts = key.split("/", 2)
    return parts[2].rsplit(":", 1)[0] if len(parts) == 3 and ":" in parts[2] else ""


def settle_unknown(tx: Connection, ticket_id: int, run_id: int, path: str, *, done: bool, now: int) -> None:
    """The effects of a visit that are unknown were done, or they were not."""
    wanted = _e.key.startswith(f"{ticket_id}/{run_id}/{path}:", autoescape=True)
    tx.execute(
        update(Effect.__table__)
        .where(_e.ticket_id == ticket_id, wanted, _e.state == UNKNOWN)
        .values(state=DONE if done else FAILED, ended_at=now, next_at=None)
    )
