"""The plugin host: it publishes what plugins register, performs their calls, hands them facts, and tests their connections."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from temporalio.worker import Worker

from core.database import Database
from core.moments import now_ms
from core.plugins.discovery import find_sources
from core.plugins.publishing import publish
from core.plugins.reading import read_sources
from workflows.chores import ChoreWorkflow
from workflows.client import connect
from workflows.facts import FactsWorkflow
from workflows.plugin_activities import HostActivities
from workflows.plugin_pool import PluginPool
from workflows.tending import Tending
from workflows.timing import PLUGIN_QUEUE

if TYPE_CHECKING:
    from collections.abc import Callable

    from temporalio.client import Client

    from core.settings import Settings

log = structlog.get_logger()

THREADS = 16


def build_host(
    settings: Settings, database: Database, pool: PluginPool, client: Client, *, task_queue: str = PLUGIN_QUEUE
) -> Worker:
    """The Temporal worker of the plugin host, wired."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[FactsWorkflow, ChoreWorkflow],
        activities=HostActivities(settings, database, pool).all(),
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="plugin-call"),
        max_concurrent_activities=THREADS,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=5),
    )


def publish_plugins(settings: Settings, database: Database, pool: PluginPool) -> None:
    """Find, load and check every plugin, and write what they register."""
    found = read_sources(pool, find_sources(settings))
    for one in found:
        if one.error:
            log.warning("plugin not loaded", plugin=one.name, reason=one.error)
    with database.write() as tx:
        publish(tx, found, now_ms())


async def serve(settings: Settings, *, when_ready: Callable[[], None]) -> None:
    """Run the host until SIGTERM or SIGINT; Temporal may come and go."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    temporal_environment = {name: os.environ[name] for name in os.environ if name.startswith("TEMPORAL_")}
    forget_secrets(settings)
    database, pool = Database(settings), PluginPool()
    tending = Tending(settings, database, pool)
    try:
        await asyncio.to_thread(publish_plugins, settings, database, pool)
        client = await connect(settings, lazy=True, environ=temporal_environment)
        looking = asyncio.create_task(tending.run(stop, client))
        await _work(settings, database, pool, stop, when_ready, temporal_environment)
        await looking
    finally:
        await asyncio.to_thread(pool.close)
        database.close()
    log.info("plugin host stopped")


def forget_secrets(settings: Settings) -> None:
    """Take out of this process's environment what its children must not inherit, and name the folder in which they may keep data (PLUGIN_DATA)."""
    for name in list(os.environ):
        if name.startswith(("ESTAFET_", "TEMPORAL_")):
            del os.environ[name]
    os.environ["PLUGIN_DATA"] = str(settings.home / "plugin-data")


async def _work(
    settings: Settings,
    database: Database,
    pool: PluginPool,
    stop: asyncio.Event,
    when_ready: Callable[[], None],
    environ: dict[str, str],
) -> None:
    away = False
    while not stop.is_set():
        try:
            async with build_host(settings, database, pool, await connect(settings, environ=environ)):
                log.info("plugin host polls Temporal")
                away = False
                when_ready()
                await stop.wait()
        except Exception as error:  # noqa: BLE001 (whatever ended the polling: begin again)
            if not away:
                log.warning("plugin host: Temporal does not answer", error=type(error).__name__)
            away = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)
