"""What is next on a ticket? A pure function over the document, the step ledger and the world at one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.procedure.values import Move, Visit, World
    from core.sop.document import Sop


def walk(sop: Sop, ledger: Mapping[str, Visit], world: World, now: int) -> Move:
    """What is new since the last walk. The ledger is read, never changed; apply `Move.visits` to it (by path) and walk again at `alarm_at`."""
    raise NotImplementedError
