"""Workflows that began under an older version go on under this one: every recorded history is replayed with the shipped code."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from workflows.ticket import TicketWorkflow

HISTORIES = sorted((Path(__file__).parents[1] / "histories").glob("*.json"))


def test_histories_were_recorded():
    assert len(HISTORIES) >= 10


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
def test_history_replays(file):
    history = WorkflowHistory.from_json("ticket-1", file.read_text())
    asyncio.run(Replayer(workflows=[TicketWorkflow]).replay_workflow(history))
