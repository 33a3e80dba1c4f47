"""The ticket's workflow against a real Temporal server, in the strict sandbox, with a core whose answers the test writes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from temporalio.client import WorkflowExecutionStatus

from core.effects import Wanted
from core.moments import now_ms
from workflows.ticket import TicketWorkflow

BILLABLE = {"ACTIVITY_TASK_SCHEDULED", "TIMER_STARTED", "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_EXECUTION_STARTED"}


async def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


async def actions(handle) -> list[str]:
    """The billable actions in a workflow's history."""
    found = []
    async for event in handle.fetch_history_events():
        name = event.WhichOneof("attributes").removesuffix("_event_attributes").upper()
        if name in BILLABLE:
            found.append(name)
    return found


def test_hint_spares_looking(play):
    async def body(stage):
        handle = await stage.start(stage.core.move(effects=("1/ack",)))
        await until(lambda: stage.core.performed == ["1/ack"])
        await stage.nudge(handle, stage.core.move(ended=True))
        await handle.result()
        assert stage.core.looked == []

    play(body)


def test_start_without_hint_looks(play):
    async def body(stage):
        stage.core.move(ended=True)
        handle = await stage.start()
        await handle.result()
        assert stage.core.looked == [None]

    play(body)


def test_misfit_hint_is_harmless(play):
    async def body(stage):
        stage.core.move(effects=("1/ack",))
        handle = await stage.start(raw={"seq": "soon", "effects": 7})
        await until(lambda: stage.core.performed == ["1/ack"])
        stage.core.move(ended=True)
        await handle.signal("nudge", args=[stage.core.standing.seq, {"what": "is this"}])
        await handle.result()
        assert stage.core.looked == [None, None]

    play(body)


def test_old_nudges_change_nothing(play):
    async def body(stage):
        first = stage.core.move(effects=("1/a",))
        handle = await stage.start(first)
        await until(lambda: stage.core.performed == ["1/a"])
        second = stage.core.move(effects=("1/b",))
        for standing in (second, first, second, first):
            await stage.nudge(handle, standing)
        await until(lambda: stage.core.performed == ["1/a", "1/b"])
        await stage.nudge(handle, stage.core.move(ended=True))
        await handle.result()
        assert stage.core.performed == ["1/a", "1/b"]

    play(body)


def test_lost_hint_is_looked_up(play):
    async def body(stage):
        handle = await stage.start(stage.core.move())
        stage.core.move(effects=("1/a",))
        await stage.nudge(handle, seq=stage.core.standing.seq)
        await until(lambda: stage.core.performed == ["1/a"])
        await stage.nudge(handle, stage.core.move(ended=True))
        await handle.result()

    play(body)


def test_effect_leads_to_next(play):
    async def body(stage):
        stage.core.after["1/a"] = lambda s: replace(s, effects=(Wanted("1/b", "send_mail", "then"),))
        stage.core.after["1/b"] = lambda s: replace(s, ended=True)
        handle = await stage.start(stage.core.move(effects=("1/a",)))
        await handle.result()
        assert stage.core.performed == ["1/a", "1/b"]

    play(body)


def test_failed_effect_is_given_up(play):
    async def body(stage):
        stage.core.refuse = "1/a"
        stage.core.after["1/a"] = lambda s: replace(s, ended=True)
        handle = await stage.start(stage.core.move(effects=("1/a",)))
        await handle.result()
        assert stage.core.given_up == ["1/a"]

    play(body)


def test_alarm_walks_ticket(play):
    async def body(stage):
        at = now_ms() + 300
        stage.core.on_alarm = lambda s: replace(s, seq=s.seq + 1, alarm_at=None, ended=True)
        handle = await stage.start(stage.core.move(alarm_at=at))
        await handle.result()
        assert stage.core.looked == [at]

    play(body)


def test_later_alarm_keeps_timer(play):
    async def body(stage):
        soon, later = now_ms() + 400, now_ms() + 900
        stage.core.on_alarm = lambda s: replace(s, seq=s.seq + 1, alarm_at=None, ended=True)
        handle = await stage.start(stage.core.move(alarm_at=soon))
        await stage.nudge(handle, stage.core.move(alarm_at=later))
        await handle.result()
        assert stage.core.looked == [later]

    play(body)


def test_earlier_alarm_rings_first(play):
    async def body(stage):
        stage.core.on_alarm = lambda s: replace(s, seq=s.seq + 1, alarm_at=None, ended=True)
        handle = await stage.start(stage.core.move(alarm_at=now_ms() + 3_600_000))
        soon = now_ms() + 200
        await stage.nudge(handle, stage.core.move(alarm_at=soon))
        await handle.result()
        assert stage.core.looked == [soon]

    play(body)


def test_alarm_in_vain_does_not_spin(play):
    async def body(stage):
        handle = await stage.start(stage.core.move(alarm_at=now_ms() - 5_000))
        await until(lambda: stage.core.looked)
        await handle.query(TicketWorkflow.open_steps)
        await asyncio.sleep(0.5)  # a spinning workflow would look dozens of times
        assert len(stage.core.looked) == 1
        await stage.nudge(handle, stage.core.move(ended=True))
        await handle.result()

    play(body)


def test_failing_look_waits_for_news(play):
    async def body(stage):
        stage.core.fail_advance = 1
        handle = await stage.start()
        await until(lambda: len(stage.core.looked) == 1)
        assert await handle.query(TicketWorkflow.open_steps) == []
        assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
        stage.core.move(ended=True)
        await stage.nudge(handle, seq=stage.core.standing.seq)
        await handle.result()

    play(body)


def test_open_steps_are_told(play):
    async def body(stage):
        handle = await stage.start(stage.core.move())
        assert await handle.query(TicketWorkflow.open_steps) == ["answer"]
        await stage.nudge(handle, stage.core.move(ended=True))
        await handle.result()

    play(body)


def test_simple_ticket_costs_eight(play):
    """Acknowledged, answered, answered and resolved, closed by itself after its quiet time: the whole life."""

    async def body(stage):
        core = stage.core
        handle = await stage.start(core.move(effects=("1/ack",)))
        await until(lambda: core.performed == ["1/ack"])
        await stage.nudge(handle, core.move(effects=("1/reply/1",)))
        await until(lambda: len(core.performed) == 2)
        core.on_alarm = lambda s: replace(s, seq=s.seq + 1, alarm_at=None, ended=True)
        await stage.nudge(handle, core.move(effects=("1/reply/2",), alarm_at=now_ms() + 400))
        await handle.result()
        found = await actions(handle)
        assert len(found) == 8, found

    play(body)
