"""Who tells Temporal that a ticket wants it? The relay: it reads what was committed and nudges, at least once, and notes it.

The bell wakes it at once. A slow sweep stands behind: over everything that is not nudged yet, and over alarms and effects that are overdue
because Temporal or a nudge was lost. Several relays at once are harmless: one of them leads, the others only sweep.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from core import advance as advancing
from core.moments import now_ms
from core.wake import Listener
from workflows.client import RPC_TIMEOUT, TASK_QUEUE
from workflows.hints import write_hint
from workflows.leading import Leadership
from workflows.ticket import TicketWorkflow

if TYPE_CHECKING:
    from core.advance import Standing
    from core.database import Database
    from core.settings import Settings
    from workflows.posting import Posting

log = structlog.get_logger()

IN_FLIGHT = 32
BATCH = 200
SWEEP_SECONDS = 2.0
OVERDUE_SECONDS = 10.0
_REMEMBERED = 20_000
REMIND_SECONDS, LONGEST_REMIND_SECONDS = 60.0, 3600.0


def workflow_id(ticket_id: int) -> str:
    """The id of a ticket's workflow."""
    return f"ticket-{ticket_id}"


class Relay:
    """Nudges until `stop` is set. `client` may be lazy: without Temporal, tickets wait and people's work goes on."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        client: Client,
        *,
        task_queue: str = TASK_QUEUE,
        posting: Posting | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.client = client
        self.task_queue = task_queue
        self.posting = posting
        self.stop = asyncio.Event()
        self.leadership = Leadership(database, "relay")
        self._kick = asyncio.Event()
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._done: dict[int, int] = {}
        self._alarms: dict[int, int] = {}  # the alarm that a ticket's workflow was last told of
        self._first_seen: dict[int, float] = {}  # since when a ticket waits for its nudge
        self._reminded: dict[int, tuple[float, float]] = {}  # overdue ticket: (not before, next wait)
        self._next_overdue = 0.0
        self._rest_until = 0.0  # Temporal is away: nobody is asked before
        self._reachable = True
        self._since = now_ms()

    async def run(self) -> None:
        """Work until stopped; an error of the database is waited out."""
        loop = asyncio.get_running_loop()
        ended = threading.Event()
        ear = threading.Thread(target=self._listen, args=(loop, ended), name="relay-bell", daemon=True)
        ear.start()
        try:
            while not self.stop.is_set():
                self._kick.clear()
                try:
                    await self._turn()
                except Exception:
                    log.exception("relay: a turn failed")
                    await asyncio.sleep(0.5)
                await self._rest()
        finally:
            ended.set()
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            with contextlib.suppress(Exception):
                await asyncio.to_thread(self._mark)
            await asyncio.to_thread(ear.join, 3)

    def _listen(self, loop: asyncio.AbstractEventLoop, ended: threading.Event) -> None:
        listener = Listener(self.settings)
        try:
            while not ended.is_set():
                if listener.wait(1.0) and self.leadership.ours:
                    with contextlib.suppress(RuntimeError):  # the loop has ended
                        loop.call_soon_threadsafe(self._kick.set)
        finally:
            listener.close()

    async def _rest(self) -> None:
        stopped, kicked = asyncio.create_task(self.stop.wait()), asyncio.create_task(self._kick.wait())
        _done, pending = await asyncio.wait(
            {stopped, kicked}, timeout=SWEEP_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()

    # ---- one turn ----------------------------------------------------------------------------------------------------------

    async def _turn(self) -> None:
        room = IN_FLIGHT - len(self._busy)  # when there is none: whoever is done kicks
        if time.monotonic() < self._rest_until:
            room = 0
        for standing, want, first in await asyncio.to_thread(self._look, room):
            self._busy[standing.ticket_id] = asyncio.create_task(self._nudge(standing, want, first=first))

    def _look(self, room: int) -> list[tuple[Standing, int, bool]]:
        """Everything of a turn that asks the database, in one thread."""
        self._mark()
        self.leadership.keep(self._facts)
        return self._next(room) if room > 0 else []

    def _mark(self) -> None:
        """Note in one transaction what Temporal has been told."""
        done, self._done = self._done, {}
        if not done:
            return
        try:
            with self.database.write(quietly=True) as tx:
                advancing.nudged(tx, list(done.items()))
        except Exception:
            self._done = {**done, **self._done}  # told again rather than never
            raise

    def _next(self, room: int) -> list[tuple[Standing, int, bool]]:
        """(standing, its want_seq, was it never nudged) of the tickets to nudge now."""
        with self.database.read() as tx:
            wanted = advancing.wanted(tx, BATCH)
            self._count(ticket for ticket, _want, _nudged in wanted)
            chosen = {
                ticket: (want, nudged == 0)
                for ticket, want, nudged in wanted
                if ticket not in self._busy and self._done.get(ticket, 0) < want
            }
            chosen = dict(list(chosen.items())[:room])
            for ticket in self._overdue(tx, room - len(chosen)):
                chosen.setdefault(ticket, (0, False))
            standings = advancing.standing(tx, list(chosen))
        return [(standing, *chosen[ticket]) for ticket, standing in standings.items()]

    def _count(self, waiting: object) -> None:
        now = time.monotonic()
        self._first_seen = {ticket: self._first_seen.get(ticket, now) for ticket in waiting}  # type: ignore[attr-defined]

    def _overdue(self, tx: object, room: int) -> list[int]:
        """Tickets whose alarm or effect Temporal should have taken up a minute ago; reminded of less and less often."""
        now = time.monotonic()
        if now < self._next_overdue or room <= 0:
            return []
        self._next_overdue = now + OVERDUE_SECONDS
        late = set(advancing.overdue(tx, now_ms(), BATCH))  # type: ignore[arg-type]
        self._reminded = {ticket: times for ticket, times in self._reminded.items() if ticket in late}
        chosen = [t for t in late if t not in self._busy and self._reminded.get(t, (0.0, 0.0))[0] <= now][:room]
        for ticket in chosen:
            wait = self._reminded.get(ticket, (0.0, REMIND_SECONDS))[1]
            self._reminded[ticket] = (now + wait, min(2 * wait, LONGEST_REMIND_SECONDS))
        return chosen

    def _facts(self) -> dict[str, object]:
        oldest = min(self._first_seen.values(), default=None)
        return {
            "temporal": {"reachable": self._reachable, "since": self._since},
            "lag_ms": 0 if oldest is None else round((time.monotonic() - oldest) * 1000),
            "waiting": len(self._first_seen),
            "host": socket.gethostname(),
        }

    # ---- one nudge ---------------------------------------------------------------------------------------------------------

    async def _nudge(self, standing: Standing, want: int, *, first: bool) -> None:
        try:
            found = standing
            if self.posting is not None:
                standing = await self.posting.post(found)
            if first or standing is found or not self._is_known(standing):
                await self._tell(standing, max(want, standing.seq), first=first)
                self._remember(standing)
            self._done[standing.ticket_id] = max(want, standing.seq, self._done.get(standing.ticket_id, 0))
            self._first_seen.pop(standing.ticket_id, None)
            self._notice(reachable=True)
        except RPCError as error:
            log.warning("relay: Temporal did not take a nudge", ticket=standing.ticket_id, status=error.status.name)
            self._rest_until = time.monotonic() + 0.5
            if error.status in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}:
                self._notice(reachable=False)
        except Exception as error:  # noqa: BLE001 (a lazy client that cannot connect raises RuntimeError; the sweep tries again)
            log.warning("relay: a nudge failed", ticket=standing.ticket_id, error=type(error).__name__)
            self._rest_until = time.monotonic() + 0.5
            self._notice(reachable=False)
        finally:
            self._busy.pop(standing.ticket_id, None)
            self._kick.set()

    def _is_known(self, standing: Standing) -> bool:
        """Its mails have left: is there nothing to do for the workflow but to wait for the alarm it was told of, or for an earlier one?"""
        if standing.effects or standing.ended:
            return False
        told = self._alarms.get(standing.ticket_id)
        return standing.alarm_at is None or (told is not None and now_ms() < told <= standing.alarm_at)

    def _remember(self, standing: Standing) -> None:
        self._alarms.pop(standing.ticket_id, None)
        if standing.alarm_at is not None:
            self._alarms[standing.ticket_id] = standing.alarm_at
            if len(self._alarms) > _REMEMBERED:
                self._alarms.pop(next(iter(self._alarms)), None)

    async def _tell(self, standing: Standing, seq: int, *, first: bool) -> None:
        """Start the ticket's workflow or signal it, whichever it needs. Starting with USE_EXISTING would swallow the nudge."""
        hint = write_hint(standing)
        for attempt in range(4):
            if first == (attempt % 2 == 0):
                if standing.ended and not standing.effects:
                    return  # nothing to do, and nobody there to be told
                if await self._start(standing.ticket_id, hint):
                    return
            elif await self._signal(standing.ticket_id, seq, hint):
                return
        raise RuntimeError("a workflow started and ended again and again")

    async def _start(self, ticket_id: int, hint: object) -> bool:
        try:
            await self.client.start_workflow(
                TicketWorkflow.run,
                args=[ticket_id, hint],
                id=workflow_id(ticket_id),
                task_queue=self.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"ticket {ticket_id}",
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def _signal(self, ticket_id: int, seq: int, hint: object) -> bool:
        handle = self.client.get_workflow_handle(workflow_id(ticket_id))
        try:
            await handle.signal(TicketWorkflow.nudge, args=[seq, hint], rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND and "namespace" not in str(error).lower():
                return False
            raise
        return True

    def _notice(self, *, reachable: bool) -> None:
        if reachable != self._reachable:
            self._reachable, self._since = reachable, now_ms()
            log.info("relay: Temporal answers again" if reachable else "relay: Temporal does not answer")
