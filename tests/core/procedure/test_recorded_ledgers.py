"""Ledgers that earlier versions of the walk have left behind: walking them again changes nothing.

To record the cases of a document in tests/core/procedure/documents, after a change of the language and never to make a failure go away:
`ESTAFET_RECORD=1 pytest tests/core/procedure/test_recorded_ledgers.py`. Existing files are kept.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.procedure.case_reading import read_cases
from core.procedure.cases import run_cases
from core.procedure.simulated_world import Given, SimulatedWorld
from core.procedure.simulation import Simulation
from core.procedure.values import Happening, Visit
from core.procedure.walk import walk
from core.sop.reading import load

LEDGERS = Path(__file__).parents[2] / "ledgers"
DOCUMENTS = Path(__file__).with_name("documents")


class RecordedWorld(SimulatedWorld):
    """The facts of a recorded ticket."""

    def __init__(self, facts: dict[str, Any], now: int) -> None:
        sops = {name: load(text) for name, text in facts["sops"].items()}
        super().__init__(Given(now, ticket=facts["ticket"], customer=facts["customer"]), sops.get)
        self._fields, self._vars = facts["fields"], facts["vars"]
        self._events = {kind: [Happening(*event) for event in events] for kind, events in facts["events"].items()}


def record(sim: Simulation, text: str) -> dict[str, Any]:
    """Everything that the walk of a simulated ticket looks at."""
    ticket = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in sim.ticket.items()}
    facts = {"ticket": ticket, "customer": dict(sim.customer), "fields": sim._fields, "vars": sim._vars, "sops": {}}
    facts["events"] = {kind: [[e.seq, e.at, dict(e.data)] for e in events] for kind, events in sim._events.items()}
    return {
        "document": text,
        "now": sim.now,
        "facts": facts,
        "ledger": [visit.to_json() for visit in sim.ledger.values()],
    }


def record_all() -> None:
    for file in sorted(DOCUMENTS.glob("*.cases.yaml")):
        text = file.with_name(file.name.replace(".cases", "")).read_text()
        for n, verdict in enumerate(run_cases(load(text), read_cases(file.read_text())).verdicts, 1):
            target = LEDGERS / f"{file.name.partition('.')[0]}-{n}.json"
            if verdict.simulation is not None and not target.exists():
                target.write_text(json.dumps(record(verdict.simulation, text), indent=1, ensure_ascii=False) + "\n")


if os.environ.get("ESTAFET_RECORD"):
    record_all()


@pytest.mark.parametrize("file", sorted(LEDGERS.glob("*.json")), ids=lambda file: file.stem)
def test_recorded_ledger_stays_as_it_is(file: Path):
    recorded = json.loads(file.read_text())
    ledger = {row["path"]: Visit.from_json(row) for row in recorded["ledger"]}
    move = walk(load(recorded["document"]), ledger, RecordedWorld(recorded["facts"], recorded["now"]), recorded["now"])
    assert move.empty, move
    assert move.attention is None


def test_there_are_recorded_ledgers():
    assert len(list(LEDGERS.glob("*.json"))) >= 5
