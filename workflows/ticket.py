"""The story of a ticket, as Temporal runs it: perform what is wanted, wait until something is new or the alarm rings, look what is next.

What is next is decided in the database (`core.advance`); this workflow makes sure that it happens. It lives as long as its ticket and keeps
nothing that the database does not know: lost, doubled and reordered nudges change nothing.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from core.advance import Standing
    from core.effects import Wanted
    from workflows.hints import read_hint
    from workflows.timing import ADVANCE, GIVE_UP, PLUGIN_QUEUE, limits

AGAIN_AFTER = 60.0  # seconds until an alarm that changed nothing rings once more


@workflow.defn(name="Ticket")
class TicketWorkflow:
    """One ticket, from opening to closing; reopening starts it again."""

    def __init__(self) -> None:
        self.ticket_id = 0
        self.known: Standing | None = None  # the newest standing that we were told
        self.told = 0  # the newest seq that we heard of
        self.in_vain = -1  # the seq up to which looking failed for good: a person must act first
        self.running: dict[str, asyncio.Task[None]] = {}
        self.alarm: asyncio.Task[None] | None = None
        self.alarm_at = 0
        self.rang: int | None = None
        self.last_rang = 0
        self.stirred = False

    @workflow.run
    async def run(self, ticket_id: int, hint: dict[str, Any] | None = None) -> None:
        self.ticket_id = ticket_id
        self.hear(read_hint(hint))
        while True:
            self.stirred = False
            if self.must_look():
                await self.look()
            self.start_effects()
            if self.is_over():
                return
            if self.may_start_afresh():
                workflow.continue_as_new(self.ticket_id)
            self.set_alarm()
            workflow.set_current_details(self.details())
            await workflow.wait_condition(lambda: self.stirred)

    @workflow.signal
    def nudge(self, seq: int, hint: dict[str, Any] | None = None) -> None:
        """Something is new up to `seq`; `hint` says how the ticket stands then."""
        self.told = max(self.told, seq)
        self.hear(read_hint(hint))
        self.stirred = True

    @workflow.query
    def open_steps(self) -> list[str]:
        """The names of the steps that the ticket waits for."""
        return list(self.known.open_steps) if self.known else []

    # ---- what is next ------------------------------------------------------------------------------------------------------

    def must_look(self) -> bool:
        unheard = self.known is None or self.told > self.known.seq
        return self.rang is not None or (unheard and self.told > self.in_vain)

    async def look(self) -> None:
        """Walk the ticket. The timer's moment is authoritative, not the clock of the machine that walks."""
        moment, self.rang = self.rang, None
        told = self.told
        try:
            self.hear(
                await workflow.execute_activity(
                    ADVANCE,
                    args=[self.ticket_id, moment],
                    result_type=Standing,
                    summary="what is next",
                    **limits(ADVANCE),
                )
            )
        except ActivityError:  # noted on the ticket by its last attempt
            self.in_vain = told

    def hear(self, standing: Standing | None) -> None:
        """Standings arrive in any order: the newest wins."""
        if standing is not None and (self.known is None or standing.seq >= self.known.seq):
            self.known = standing
            self.told = max(self.told, standing.seq)

    # ---- effects -----------------------------------------------------------------------------------------------------------

    def start_effects(self) -> None:
        for wanted in self.known.effects if self.known else ():
            if wanted.key not in self.running:
                self.running[wanted.key] = asyncio.create_task(self.perform(wanted))

    async def perform(self, wanted: Wanted) -> None:
        """Carry out one effect; the answer says how the ticket stands after it."""
        try:
            standing = await workflow.execute_activity(
                wanted.kind,
                wanted.key,
                result_type=Standing,
                activity_id=wanted.key,
                task_queue=PLUGIN_QUEUE if wanted.plugin else None,
                summary=wanted.title,
                **limits(wanted.kind),
            )
        except ActivityError:
            standing = await workflow.execute_activity(
                GIVE_UP,
                wanted.key,
                result_type=Standing,
                summary=wanted.title,
                **limits(GIVE_UP),
            )
        del self.running[wanted.key]
        self.hear(standing)
        self.stirred = True

    # ---- the alarm ---------------------------------------------------------------------------------------------------------

    def set_alarm(self) -> None:
        """One timer. It stays when the alarm moves to a later moment, and is set again when it rings too early."""
        at = self.known.alarm_at if self.known else None
        if at is None or (self.alarm and self.alarm_at <= at):
            return
        if self.alarm:
            self.alarm.cancel()
        self.alarm_at = at
        self.alarm = asyncio.create_task(self.ring(at))

    async def ring(self, at: int) -> None:
        wait = at / 1000 - workflow.time()
        if at <= self.last_rang:
            wait = max(wait, AGAIN_AFTER)  # it has rung and is still wanted: looking at once would spin
        step = self.known.open_steps[0] if self.known and self.known.open_steps else "closing"
        await workflow.sleep(timedelta(seconds=max(0.0, wait)), summary=step)
        self.alarm = None
        due = self.known.alarm_at if self.known else None
        if due is not None and due <= at:
            self.rang = self.last_rang = at
        self.stirred = True

    # ---- its end -----------------------------------------------------------------------------------------------------------

    def is_over(self) -> bool:
        return self.known is not None and self.known.ended and not self.running and self.told <= self.known.seq

    def may_start_afresh(self) -> bool:
        """A long history is cut when nothing is in flight; the new run carries the ticket's id and looks for itself."""
        return workflow.info().is_continue_as_new_suggested() and not self.running and workflow.all_handlers_finished()

    def details(self) -> str:
        """What Temporal's page shows of the present."""
        if self.known is None:
            return "needs attention"
        waiting = ", ".join(self.known.open_steps) or ("closing" if self.known.alarm_at else "nothing")
        return f"waiting for: {waiting}"
