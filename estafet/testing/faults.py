"""A clock that is moved, faults on the way to a plugin, and a record of what plugins were asked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.moments import now_ms
from core.plugins import child
from core.plugins.asking import LOST, Answer, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass
class Clock:
    """The desk's clock: it stands until it is moved."""

    now: datetime

    def forward(self, **how_long: float) -> None:
        """`forward(hours=2)`."""
        self.now += timedelta(**how_long)

    def time_ns(self) -> int:
        return round(self.now.timestamp() * 1_000_000_000)


@dataclass
class Faults:
    """What goes wrong on the way to a plugin: `fail` before it does anything, `lose` the answer after it has done everything."""

    _waiting: list[tuple[str, bool]] = field(default_factory=list)

    def fail(self, action: str, times: int = 1) -> None:
        """The next calls of the action never begin: their process dies first."""
        self._waiting += [(action, False)] * times

    def lose(self, action: str, times: int = 1) -> None:
        """The next calls of the action are carried out, and their process dies before it can say so."""
        self._waiting += [(action, True)] * times

    def take(self, question: Mapping[str, Any]) -> bool | None:
        """What happens to this question: None, nothing; False, it fails; True, its answer is lost."""
        name = question["call"]["action"] if question["do"] == "call" else question["do"]
        for one in self._waiting:
            if one[0] == name:
                self._waiting.remove(one)
                return one[1]
        return None


@dataclass(frozen=True)
class Recorded:
    """A question that a plugin was asked, and how it was answered."""

    plugin: str
    do: str
    question: Mapping[str, Any]
    answer: Answer


@dataclass
class InProcess:
    """Asks plugins in this very process, through the same JSON as in the product."""

    faults: Faults
    asked: list[Recorded] = field(default_factory=list)

    @contextmanager
    def slot(self, _name: str) -> Iterator[None]:
        yield

    def ask(self, source: Mapping[str, Any], question: Mapping[str, Any]) -> Answer:
        fault = self.faults.take(question)
        answer = Answer(LOST, None, "its process ended and was replaced")
        if fault is not False:
            before = now_ms() / 1000 + 10**9
            given = read_answer(child.answer(json.dumps({**question, "source": source, "before": before})), 1)
            answer = answer if fault else given
        self.asked.append(Recorded(str(source["name"]), str(question["do"]), question, answer))
        return answer
