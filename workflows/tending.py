"""Beside the calls, the plugin host looks what is to be done for each plugin, and starts it: facts, webhooks, boxes, care, tests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

import structlog
from temporalio.common import WorkflowIDConflictPolicy

from core.moments import now_ms
from core.plugins import facts
from core.plugins.arriving import with_deliveries
from core.plugins.checks import run_wanted_checks
from core.plugins.keeping import with_care
from core.plugins.panels import with_wanted_boxes
from core.plugins.registry import plugins
from core.wake import Listener
from workflows.client import RPC_TIMEOUT
from workflows.leading import Leadership
from workflows.timing import DELIVER_FACTS, KEEP_WEBHOOKS, LOOK_OUTSIDE, PLUGIN_QUEUE, RENEW_BOX, TAKE_DELIVERY

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from temporalio.client import Client

    from core.database import Database
    from core.settings import Settings
    from workflows.plugin_pool import PluginPool

log = structlog.get_logger()

LOOK_SECONDS = 1.0
CARE_SECONDS = 2.0  # what only the clock tells is looked up seldom, whatever is committed


class Tending:
    """Beside the calls: starts what is to be done for a plugin when there is something, and runs the tests that administrators asked for."""

    def __init__(self, settings: Settings, database: Database, pool: PluginPool) -> None:
        self.settings, self.database, self.pool = settings, database, pool
        self.leadership = Leadership(database, "plugins")
        self._looked: dict[str, Any] = {}  # up to where nothing is wanted, by plugin
        self._busy: dict[tuple[str, str], asyncio.Task[None]] = {}  # by chore and plugin
        self._cared = 0.0

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
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
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
        care = time.monotonic() - self._cared >= CARE_SECONDS
        for chore, names in (await asyncio.to_thread(self._to_do, care)).items():
            for name in names:
                if (chore, name) not in self._busy:
                    self._busy[chore, name] = asyncio.create_task(self._do(client, chore, name))
        if care:
            self._cared = time.monotonic()

    def _to_do(self, care: bool) -> dict[str, set[str]]:
        """Which plugins have something to do, by the activity that does it. One that is off has nothing."""
        with self.database.read() as tx:
            working = {row.name for row in plugins(tx) if row.works}
            found = {
                DELIVER_FACTS: self._with_facts(tx),
                TAKE_DELIVERY: with_deliveries(tx) & working,
                RENEW_BOX: with_wanted_boxes(tx) & working,
            }
            if care:
                due = with_care(tx, now_ms())
                found |= {KEEP_WEBHOOKS: due["keep"], LOOK_OUTSIDE: due["look"]}
        return found

    def _with_facts(self, tx: Connection) -> set[str]:
        """Plugins that have events to take."""
        found = set()
        for row in plugins(tx):
            if not row.works or not row.hooks:
                continue
            place = facts.position_of(tx, row.name)
            looked = self._looked.get(row.name, place)
            begin = max((looked, place), key=lambda p: (p.xid, p.id))
            wanted, self._looked[row.name] = facts.wanted_behind(tx, row, begin)
            if wanted:
                found.add(row.name)
        return found

    async def _do(self, client: Client, chore: str, name: str) -> None:
        """Run it until there is nothing left; whoever starts it a second time joins it."""
        try:
            facts_only = chore == DELIVER_FACTS
            handle = await client.start_workflow(
                "Facts" if facts_only else "Chore",
                args=[name] if facts_only else [chore, name],
                id=f"facts-{name}" if facts_only else f"{chore}-{name}",
                task_queue=PLUGIN_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=RPC_TIMEOUT,
            )
            await handle.result()
        except Exception as error:  # noqa: BLE001 (Temporal is away, or somebody ended it: the next look begins again)
            log.warning("plugin waits", plugin=name, chore=chore, error=type(error).__name__)
            await asyncio.sleep(2)
        finally:
            self._busy.pop((chore, name), None)
