"""A core that the tests write the answers for: what the ticket's workflow asks, and what it performs."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from core.advance import Standing
from core.effects import Wanted
from workflows.hints import write_hint
from workflows.ticket import TicketWorkflow

QUEUE = "test"
HISTORIES = Path(__file__).parents[1] / "histories"


@pytest.fixture(autouse=True)
def _record(request):
    """With ESTAFET_RECORD_HISTORIES=1 the histories of a test's workflows are kept, to be replayed for ever (docs/contributing.md)."""
    wanted = os.environ.get("ESTAFET_RECORD_HISTORIES") and "temporal_namespace" in request.fixturenames
    places = [request.getfixturevalue(name) for name in ("temporal_server", "temporal_namespace") if wanted]
    yield
    if places:
        asyncio.run(_keep_histories(places[0].address, places[1], request.node.originalname))


async def _keep_histories(address: str, namespace: str, name: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    async for found in client.list_workflows():
        history = await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
        file = HISTORIES / f"{name.removeprefix('test_')}.json"
        text = json.dumps(json.loads(history.to_json()), indent=1).replace(str(HISTORIES.parents[1]) + "/", "")
        file.write_text(text.replace(f"@{socket.gethostname()}", "@recorded") + "\n")


@dataclass
class FakeCore:
    """`standing` is how the ticket stands; `after` says what an effect changes; everything asked is counted."""

    standing: Standing = field(default_factory=lambda: Standing(1, 1))
    after: dict[str, Callable[[Standing], Standing]] = field(default_factory=dict)
    performed: list[str] = field(default_factory=list)
    looked: list[int | None] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    fail_advance: int = 0
    refuse: str | None = None
    on_alarm: Callable[[Standing], Standing] | None = None

    def move(self, *, effects: tuple[str, ...] = (), alarm_at: int | None = None, ended: bool = False) -> Standing:
        """Something happened: the next standing."""
        self.standing = Standing(
            1,
            self.standing.seq + 1,
            tuple(Wanted(key, "send_mail", "tell") for key in effects),
            alarm_at,
            ended,
            () if ended else ("answer",),
        )
        return self.standing

    @activity.defn(name="advance")
    def advance(self, ticket_id: int, moment: int | None) -> Standing:
        self.looked.append(moment)
        if self.fail_advance:
            self.fail_advance -= 1
            raise ApplicationError("broken", non_retryable=self.fail_advance == 0)
        if moment and self.on_alarm:
            self.standing = self.on_alarm(self.standing)
        return self.standing

    @activity.defn(name="send_mail")
    def send_mail(self, key: str) -> Standing:
        if self.refuse == key:
            raise ApplicationError("no", non_retryable=True)
        self.performed.append(key)
        return self._ended(key)

    @activity.defn(name="give_up")
    def give_up(self, key: str) -> Standing:
        self.given_up.append(key)
        return self._ended(key)

    def _ended(self, key: str) -> Standing:
        rest = tuple(wanted for wanted in self.standing.effects if wanted.key != key)
        self.standing = replace(self.standing, seq=self.standing.seq + 1, effects=rest)
        if key in self.after:
            self.standing = self.after[key](self.standing)
        return self.standing


@dataclass
class Stage:
    """A running worker and a client; `start` begins ticket 1."""

    client: Client
    core: FakeCore

    async def start(self, hint: Standing | None = None, raw: object = None) -> WorkflowHandle:
        return await self.client.start_workflow(
            TicketWorkflow.run,
            args=[1, raw if raw is not None else hint and write_hint(hint)],
            id="ticket-1",
            task_queue=QUEUE,
        )

    async def nudge(self, handle: WorkflowHandle, standing: Standing | None = None, seq: int | None = None) -> None:
        number = seq if seq is not None else standing.seq
        await handle.signal(TicketWorkflow.nudge, args=[number, standing and write_hint(standing)])


def strict_worker(client: Client, core: FakeCore) -> Worker:
    strict = SandboxRestrictions.default.with_import_notification_policy(
        workflow.SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
        | workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
    )
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[TicketWorkflow],
        activities=[core.advance, core.send_mail, core.give_up],
        activity_executor=ThreadPoolExecutor(4),
        workflow_runner=SandboxedWorkflowRunner(restrictions=strict),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
    )


@pytest.fixture(name="stage_of")
def _stage_of() -> Callable:
    """`async with stage_of(address, namespace) as stage`."""
    return stage_of


@asynccontextmanager
async def stage_of(address: str, namespace: str) -> AsyncIterator[Stage]:
    client = await Client.connect(address, namespace=namespace)
    core = FakeCore()
    async with strict_worker(client, core):
        yield Stage(client, core)


@pytest.fixture
def play(temporal_server, temporal_namespace) -> Callable:
    """Run an async test body with a `Stage`."""

    def run(body: Callable) -> None:
        async def all_of_it() -> None:
            async with stage_of(temporal_server.address, temporal_namespace) as stage:
                await asyncio.wait_for(body(stage), 60)

        asyncio.run(all_of_it())

    return run
