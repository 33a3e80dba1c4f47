"""Plays the stories of the demo in the order of time: each deed by the product's own command at its own moment, timers and mails in between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core import estimates
from core.actors import SYSTEM, Actor
from core.actors import customer as as_customer
from core.demo import deeds
from core.demo.files import attachments
from core.demo.past import let_time_pass
from core.demo.reading import seconds
from core.directory import directory
from core.moments import to_datetime
from core.requesters import CustomerRef
from core.tickets.holding import set_availability
from core.tickets.opening import NewTicket, open_ticket
from core.tickets.rows import read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from core.demo.firm import Firm
    from core.demo.reading import Deed, Story
    from core.settings import Settings

_DAY = re.compile(r"D([+-]\d+)")


@dataclass(slots=True)
class Play:
    """What the deeds need to know: the transaction, the firm, and the tickets that are there already."""

    tx: Connection
    settings: Settings
    firm: Firm
    now: int
    tickets: dict[str, int] = field(default_factory=dict)
    messages: int = 0

    def perform(self, stories: Sequence[Story], presence: Sequence[dict[str, str]]) -> None:
        """Play everything up to `now`."""
        plan: list[tuple[int, int, Callable[[int], None]]] = []
        for place, story in enumerate(stories):
            opened = self._opening(story, place)
            plan.append((opened, len(plan), self._open(story)))
            for deed in story.deeds:
                at = self._calendar(story).add(opened, deed.after)
                plan.append((min(at, self.now), len(plan), self._do(story, deed)))
        for change in presence:
            at = directory(self.tx).calendars["lentera"].add(self.now, -seconds(change["ago"]))
            plan.append((at, len(plan), self._presence(change)))
        for at, _place, act in sorted(plan, key=lambda one: one[:2]):
            let_time_pass(self.tx, self.settings, at)
            act(at)
        let_time_pass(self.tx, self.settings, self.now, last=True)

    def _calendar(self, story: Story) -> Any:
        return directory(self.tx).calendar_of(self.firm.departments[story.ticket["department"]])

    def _opening(self, story: Story, place: int) -> int:
        """Some seconds off the round minute, so that not everything happens on the stroke of it."""
        return int(self._calendar(story).add(self.now, -story.ago)) - (place * 7919 % 50) * 1000

    def _open(self, story: Story) -> Callable[[int], None]:
        def act(at: int) -> None:
            estimates.forget()  # what customers are promised follows from what had been answered by then
            given = dict(story.ticket)
            opener = self.firm.people[given.pop("by")] if "by" in given else SYSTEM
            customer = self.firm.customers[given.pop("customer")]
            if given.get("channel") == "email":
                given["message_id"] = self.message_id(story.key)
            new = NewTicket(
                **{
                    **given,
                    "customer": CustomerRef(id=customer),
                    "body": given["body"].strip(),
                    "tags": tuple(given.get("tags", ())),
                    "attachments": attachments(given.pop("attachments", ())),
                }
            )
            self.tickets[story.key] = open_ticket(self.tx, self.settings, opener, new, now=at).ticket_id

        return act

    def _do(self, story: Story, deed: Deed) -> Callable[[int], None]:
        def act(at: int) -> None:
            ticket = self.tickets[story.key]
            try:
                actor = self._actor(story, deed, ticket)
                deeds.DEEDS[deed.verb](self, actor, ticket, deed, at)
            except Exception as error:
                error.add_note(f"in the demo's story {story.key!r}: {deed.verb} {deed.value!r} by {deed.by}")
                raise

        return act

    def _presence(self, change: dict[str, str]) -> Callable[[int], None]:
        def act(at: int) -> None:
            actor = self.firm.people[change["who"]]
            assert actor.id is not None
            set_availability(self.tx, self.settings, actor, actor.id, change["is"], now=at)

        return act

    def _actor(self, story: Story, deed: Deed, ticket: int) -> Actor:
        """Who acts: a colleague by nick, the story's customer, or whoever holds the ticket then (nobody: the lead)."""
        if deed.by == "customer":
            return as_customer(self.firm.customers[story.ticket["customer"]])
        if deed.by != "holder":
            return self.firm.people[deed.by]
        row = read(self.tx, ticket)
        lead = directory(self.tx).lead_of(row.team_id, row.department_id)
        return next(actor for actor in self.firm.people.values() if actor.id == (row.holder_id or lead))

    def message_id(self, key: str) -> str:
        """The Message-ID that a customer's own mail program gave."""
        self.messages += 1
        return f"<{key}.{self.messages}@mail.example>"

    def day(self, value: Any) -> Any:
        """`D-30` is the date thirty days ago; everything else stays as it is."""
        found = _DAY.fullmatch(value) if isinstance(value, str) else None
        return (to_datetime(self.now) + timedelta(days=int(found[1]))).date().isoformat() if found else value
