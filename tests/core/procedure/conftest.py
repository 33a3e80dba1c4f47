"""A ticket that follows a small document on a virtual clock; every walk is checked to be repeatable."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from textwrap import dedent
from typing import Any

import pytest

from core.calendar_reading import moment_of
from core.procedure import deeds
from core.procedure.case_reading import Deed, elapsed
from core.procedure.expectations import span
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.procedure.values import Visit
from core.procedure.walk import walk
from core.sop.document import Sop
from core.sop.reading import load

START = moment_of("2026-11-23T09:00+07:00")  # a Monday


class Ticket:
    """What a test does to a ticket, and what it sees of it."""

    def __init__(self, text: str, others: Mapping[str, str], examples: Mapping[str, Any] | None, **given: Any) -> None:
        self.sop: Sop = load(document(text))
        known = {name: load(document(other)) for name, other in others.items()}
        self.sim = Simulation(self.sop, Given(START, **given), known.get, examples)
        self.sim.begin()
        self.check()

    def check(self) -> None:
        """Walking again, also over the ledger as it would be read from rows, changes nothing."""
        rows = json.loads(json.dumps([visit.to_json() for visit in self.sim.ledger.values()]))
        reloaded = {row["path"]: Visit.from_json(row) for row in rows}
        assert reloaded == self.sim.ledger
        again = walk(self.sop, reloaded, self.sim, self.sim.now)
        assert again.empty, again
        assert (again.alarm_at, again.ended, again.attention) == (
            self.sim.move.alarm_at,
            self.sim.move.ended,
            self.sim.move.attention,
        )

    def wait(self, after: str) -> Ticket:
        """Time passes, counted from the start."""
        self.sim.advance(elapsed(after, START))
        self.check()
        return self

    def do(self, after: str, verb: str, target: Any, **details: Any) -> Ticket:
        """Something happens so long after the start."""
        self.sim.advance(elapsed(after, START))
        deeds.do(self.sim, Deed(verb, target, self.sim.now, 1, details))
        self.check()
        return self

    @property
    def path(self) -> list[str]:
        return [entry.what for entry in self.sim.log.opened]

    @property
    def open(self) -> list[str]:
        return deeds.open_steps(self.sim)

    @property
    def notices(self) -> list[str]:
        return [f"{entry.what} -> {entry.who} @ {span(entry.at - START)}" for entry in self.sim.log.notices]

    @property
    def calls(self) -> list[str]:
        return [f"{entry.what} @ {span(entry.at - START)}" for entry in self.sim.log.calls]

    @property
    def status(self) -> str:
        return str(self.sim.ticket["status"])

    @property
    def outcome(self) -> str | None:
        return self.sim.ended.outcome if self.sim.ended else None

    def visit(self, path: str) -> Visit:
        return self.sim.ledger[path]


def document(text: str) -> str:
    """A document from its steps alone, or as it is."""
    text = dedent(text).strip("\n")
    return text if text.startswith("sop:") else f"sop: test\ncalendar: id-jakarta\ndo:\n{text}\n"


@pytest.fixture
def play() -> Callable[..., Ticket]:
    """Start a ticket on a document: `play(text, answers={…}, sops={name: text})`."""

    def start(
        text: str, sops: Mapping[str, str] | None = None, examples: Mapping[str, Any] | None = None, **given: Any
    ) -> Ticket:
        return Ticket(text, sops or {}, examples, **given)

    return start
