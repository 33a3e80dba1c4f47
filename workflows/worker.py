"""The worker process: it runs tickets' workflows and activities, the relay, and what keeps the search up to date."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from core.clocks.reckoning import reckon
from core.database import Database
from core.figures.keeping import catch_up as count_figures
from core.idempotency import forget_old
from core.learning.found_articles import index_articles
from core.learning.solved import index_solved
from core.moments import now_ms
from core.person_mail import next_due, send_due
from core.plugins.arriving import forget_old_deliveries
from core.presence import let_go
from core.routing.answering import answer_overdue
from core.tickets.bulk_rerouting import go_on
from core.tickets.search import index_messages
from workflows.activities import Activities
from workflows.client import TASK_QUEUE, connect
from workflows.posting import Posting
from workflows.relay import Relay
from workflows.ticket import TicketWorkflow
from workflows.upkeep import Errand, Job, Upkeep, seldom

if TYPE_CHECKING:
    from collections.abc import Callable

    from temporalio.client import Client

    from core.settings import Settings

log = structlog.get_logger()

THREADS = 16
GRACE = timedelta(seconds=5)
JOBS = (
    Job("search", index_messages),
    Job("similar", index_solved),
    Job("articles", index_articles),
    Job("figures", seldom(count_figures, seconds=5.0)),
    Job("idempotency", seldom(lambda tx: forget_old(tx, now_ms()))),
    Job("webhooks", seldom(lambda tx: forget_old_deliveries(tx, now_ms()))),
)
BUSY_MS = 2_000  # shorter than an attempt of `advance`: better to try again than to queue behind somebody


def build_worker(settings: Settings, database: Database, client: Client, *, task_queue: str = TASK_QUEUE) -> Worker:
    """The Temporal worker, wired."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[TicketWorkflow],
        activities=Activities(settings, database).all(),
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="activity"),
        max_concurrent_activities=THREADS,
        max_cached_workflows=1000,
        # After a crash the first task would wait this long for the old process's cache (default: 10 s).
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=GRACE,
        workflow_runner=SandboxedWorkflowRunner(),
    )


async def serve(settings: Settings, *, when_ready: Callable[[], None]) -> None:
    """Run everything until SIGTERM or SIGINT. Temporal may come, go and come back; `when_ready` is called each time it is polled."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    database = Database(settings, busy_ms=BUSY_MS)
    posting = Posting(settings, database)
    relay = Relay(settings, database, await connect(settings, lazy=True), posting=posting)
    unanswered = Errand("choices", lambda database, settings: answer_overdue(database, settings, now_ms()))
    leaving = Errand("presence", lambda database, settings: let_go(database, settings, now_ms()))
    jobs = (unanswered, leaving, *JOBS, Job("clocks", lambda tx: reckon(tx, settings)), Errand("rerouting", go_on))
    upkeep = Upkeep(settings, database, jobs, lambda: relay.leadership.ours)
    mails = [Errand("mails to persons", send_due)]
    letters = Upkeep(settings, database, mails, lambda: relay.leadership.ours, next_due=next_due)
    upkeep.start()
    letters.start()
    relaying = asyncio.create_task(relay.run())
    working = asyncio.create_task(_work(settings, database, stop, when_ready))
    log.info("worker started", namespace=settings.temporal_namespace)
    await stop.wait()
    relay.stop.set()
    upkeep.stop()
    letters.stop()
    await asyncio.gather(relaying, working)
    posting.close()
    await asyncio.to_thread(upkeep.join, 6)
    await asyncio.to_thread(
        letters.join, 1
    )  # a mail server that does not answer keeps nobody: the attempt is known as begun
    await asyncio.to_thread(relay.leadership.resign)
    database.close()
    log.info("worker stopped")


async def _work(settings: Settings, database: Database, stop: asyncio.Event, when_ready: Callable[[], None]) -> None:
    """Poll Temporal; wait while it is away, and begin again when polling ended with an error."""
    away = False
    while not stop.is_set():
        try:
            worker = build_worker(settings, database, await connect(settings))
            away = False
            async with worker:
                log.info("worker polls Temporal")
                when_ready()
                await stop.wait()
        except Exception as error:  # noqa: BLE001 (whatever ended the polling: begin again)
            if not away:
                log.warning("worker: Temporal does not answer", error=type(error).__name__, detail=str(error)[:200])
            away = True
            await _nap(stop, 1.0)


async def _nap(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
