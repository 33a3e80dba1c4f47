"""Ledgers of real tickets, recorded in every situation of their procedures: walking them again changes nothing.

How they were recorded, and how to add others: tests/ledgers/recording.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .recording import HERE, stands, walk_again

RECORDINGS = [file for file in sorted(HERE.glob("*/*.json")) if file.name != "firm.json"]


def name_of(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


@pytest.mark.parametrize("file", RECORDINGS, ids=name_of)
def test_recorded_ticket_stays_as_it_is(file: Path) -> None:
    move, stood = walk_again(file)
    assert move.empty, move
    assert stands(move) == stood


def test_recordings_show_every_situation() -> None:
    kept = [json.loads(file.read_text("utf-8")) for file in RECORDINGS]
    documents = {one["document"] for one in kept}
    states = {visit["state"] for one in kept for visit in one["visits"]}
    kinds = {visit["kind"] for one in kept for visit in one["visits"]}
    statuses = {one["ticket"]["status"] for one in kept}
    assert len(documents) >= 12
    assert states >= {"open", "done", "skipped", "cancelled"}
    assert kinds >= {"task", "approval", "wait", "switch", "fork", "notify", "resolve", "document", "assign"}
    assert statuses == {"open", "in_progress", "pending_customer", "pending_third_party", "resolved", "closed"}
