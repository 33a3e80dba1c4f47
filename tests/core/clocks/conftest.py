"""What tests of clocks share: a policy with everything in it, and short words for how a clock stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.actors import SYSTEM
from core.clocks.kept import clocks_of
from core.clocks.policies import create_policy

if TYPE_CHECKING:
    from core.clocks.folding import Clock
    from tests.core.conftest import Desk

POLICY: dict[str, Any] = {
    "name": "Everything",
    "metrics": {
        "first_response": {"goal": "PT2H", "limit": "PT4H", "warnings": [50, "PT15M"]},
        "next_response": {"goal": "PT3H"},
        "resolution": {"goal": {"urgent": "PT4H", "high": "PT8H", "medium": "PT18H"}, "warnings": [75]},
    },
}


def add_policy(desk: Desk, data: dict[str, Any] | None = None, department: int | None = None) -> int:
    with desk.database.write() as tx:
        return create_policy(tx, SYSTEM, department, data or POLICY, now=1)


def clocks(desk: Desk, ticket: int) -> dict[str, Clock]:
    """The newest clock of each metric."""
    with desk.database.read() as tx:
        return {clock.metric: clock for clock in clocks_of(tx, ticket)}


def states(desk: Desk, ticket: int) -> dict[str, str]:
    return {name: clock.state for name, clock in clocks(desk, ticket).items()}
