"""How is a plugin asked, and what can come back? One question, one answer, whatever the plugin does to its process."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, TEMPORARY, PERMANENT, UNKNOWN_OUTCOME, LIMIT, BROKEN, LOST = (
    "ok", "temporary", "permanent", "unknown", "limit", "broken", "lost",
)  # fmt: skip


class Busy(Exception):
    """The plugin's processes are all at work."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`how`: ok, or how it failed; lost: its process had to be replaced. `ms` is how long it took."""

    how: str
    value: Any = None
    detail: str = ""
    wait: float | None = None
    ms: int = 0

    @property
    def ok(self) -> bool:
        return self.how == OK


class Caller(Protocol):
    """Whoever has processes in which plugins run."""

    def slot(self, name: str) -> AbstractContextManager[None]:
        """A place in the plugin's processes for one question; Busy when there is none."""

    def ask(self, source: Mapping[str, Any], question: Mapping[str, Any]) -> Answer:
        """Ask within a slot: `{"do": …}` as `core.plugins.child` knows it."""


def read_answer(text: str, ms: int) -> Answer:
    """The answer a child wrote."""
    raw = json.loads(text)
    if "ok" in raw:
        return Answer(OK, raw["ok"], ms=ms)
    return Answer(str(raw["failed"]), None, str(raw["detail"])[:1500], raw.get("wait"), ms)
