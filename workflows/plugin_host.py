"""The plugin host: it publishes what plugins register, performs their calls, hands them facts, and tests their connections."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from temporalio import activity
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from core.advance import Standing
from core.database import Database
from core.moments import now_ms
from core.performing import TryLater
from core.plugins import facts
from core.plugins.asking import Busy
from core.plugins.calling import call
from core.plugins.checks import run_wanted_checks
from core.plugins.discovery import find_sources
from core.plugins.publishing import publish
from core.plugins.reading import read_sources
from core.plugins.registry import plugins
from core.wake import Listener
from workflows.client import RPC_TIMEOUT, connect
from workflows.facts import FactsWorkflow
from workflows.leading import Leadership
from workflows.plugin_pool import PluginPool
from workflows.timing import DELIVER_FACTS, PLUGIN_QUEUE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from temporalio.client import Client

    from core.settings import Settings

log = structlog.get_logger()

THREADS = 16
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class HostActivities:
    """What the plugin host offers to Temporal. An error becomes a code: nobody's text enters a history."""

    settings: Settings
    database: Database
    pool: PluginPool

    def all(self) -> Sequence[Callable[..., Any]]:
        return [self.call_plugin, self.deliver_facts]

    @activity.defn(name="call_plugin")
    def call_plugin(self, key: str) -> Standing:
        """Perform one call of a procedure."""
        try:
            return call(self.database, self.settings, self.pool, key)
        except TryLater as later:
            log.info("call put off", effect=key, reason=str(later), wait=later.wait_s)
            raise _put_off("TryLater", later.wait_s) from None
        except Exception as error:
            log.exception("call failed", effect=key)
            raise _put_off(type(error).__name__, None) from None

    @activity.defn(name=DELIVER_FACTS)
    def deliver_facts(self, plugin: str) -> bool:
        """Hand a plugin its next events."""
        try:
            return facts.deliver(self.database, self.settings, self.pool, plugin)
        except facts.NotTaken as refusal:
            log.info("fact not taken", plugin=plugin, reason=str(refusal), wait=refusal.wait_s)
            raise _put_off("NotTaken", refusal.wait_s) from None
        except Busy:
            raise _put_off("Busy", 1.0) from None
        except Exception as error:
            log.exception("facts failed", plugin=plugin)
            raise _put_off(type(error).__name__, None) from None


def _put_off(code: str, wait: float | None) -> ApplicationError:
    return ApplicationError(code, type=code, next_retry_delay=None if wait is None else timedelta(seconds=wait))


def build_host(
    settings: Settings, database: Database, pool: PluginPool, client: Client, *, task_queue: str = PLUGIN_QUEUE
) -> Worker:
    """The Temporal worker of the plugin host, wired."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[FactsWorkflow],
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


class Tending:
    """Beside the calls: starts the delivery of facts when there are some, and runs the tests that administrators asked for."""

    def __init__(self, settings: Settings, database: Database, pool: PluginPool) -> None:
        self.settings, self.database, self.pool = settings, database, pool
        self.leadership = Leadership(database, "plugins")
        self._looked: dict[str, Any] = {}  # up to where nothing is wanted, by plugin
        self._delivering: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event, client: Client) -> None:
        """Look whenever something was committed, and every second."""
        kick, ended, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()
        ear = threading.Thread(target=self._listen, args=(loop, kick, ended), name="plugins-bell", daemon=True)
        ear.start()
        try:
            while not stop.is_set():
                kick.clear()
                try:
                    await self._look(client)
                except Exception:
                    log.exception("plugin host: a look failed")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(kick.wait(), LOOK_SECONDS)
        finally:
            ended.set()
            for task in list(self._delivering.values()):
                task.cancel()
            await asyncio.gather(*self._delivering.values(), return_exceptions=True)
            await asyncio.to_thread(ear.join, 3)
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self.leadership.resign)

    def _listen(self, loop: asyncio.AbstractEventLoop, kick: asyncio.Event, ended: threading.Event) -> None:
        listener = Listener(self.settings)
        try:
            while not ended.is_set():
                if listener.wait(1.0):
                    with contextlib.suppress(RuntimeError):  # the loop has ended
                        loop.call_soon_threadsafe(kick.set)
        finally:
            listener.close()

    async def _look(self, client: Client) -> None:
        await asyncio.to_thread(self.leadership.keep, dict)
        if not self.leadership.ours:
            return
        await asyncio.to_thread(run_wanted_checks, self.database, self.settings, self.pool)
        for name in await asyncio.to_thread(self._with_facts):
            if name not in self._delivering:
                self._delivering[name] = asyncio.create_task(self._deliver(client, name))

    def _with_facts(self) -> list[str]:
        """Plugins that have events to take."""
        found = []
        with self.database.read() as tx:
            for row in plugins(tx):
                if not row.works or not row.hooks:
                    continue
                place = facts.position_of(tx, row.name)
                looked = self._looked.get(row.name, place)
                begin = max((looked, place), key=lambda p: (p.xid, p.id))
                wanted, self._looked[row.name] = facts.wanted_behind(tx, row, begin)
                if wanted:
                    found.append(row.name)
        return found

    async def _deliver(self, client: Client, name: str) -> None:
        """Run the delivery until it has nothing left; whoever starts it a second time joins it."""
        try:
            handle = await client.start_workflow(
                FactsWorkflow.run,
                name,
                id=f"facts-{name}",
                task_queue=PLUGIN_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=RPC_TIMEOUT,
            )
            await handle.result()
        except Exception as error:  # noqa: BLE001 (Temporal is away, or somebody ended it: the next look begins again)
            log.warning("facts wait", plugin=name, error=type(error).__name__)
            await asyncio.sleep(2)
        finally:
            self._delivering.pop(name, None)


async def serve(settings: Settings, *, when_ready: Callable[[], None]) -> None:
    """Run the host until SIGTERM or SIGINT; Temporal may come and go."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    temporal_environment = {name: os.environ[name] for name in os.environ if name.startswith("TEMPORAL_")}
    forget_secrets()
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


def forget_secrets() -> None:
    """Take out of this process's environment what its children must not inherit."""
    for name in list(os.environ):
        if name.startswith(("ESTAFET_", "TEMPORAL_")):
            del os.environ[name]


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
