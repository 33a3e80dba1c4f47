"""Which way did a ticket really go? Its events become the acts of people, in order: asked, answered, handed over and back, waited, called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.learning.happened import (
    CALLED,
    GIVEN,
    HANDED,
    NOTICE,
    QUESTION,
    REPLY,
    WAITED,
    Act,
    opening_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.calendars import Calendar
    from core.learning.happened import Happened, Story

MOST_ACTS = 40


def acts_of(story: Story, hours: Calendar) -> list[Act]:
    """What was done, in the order of its beginning. Work of the SOP's own steps is not among it: the ledger has that."""
    return sorted(_Telling(story, hours).acts(), key=lambda act: (act.at, act.seq))[:MOST_ACTS]


class _Telling:
    """One pass over the events."""

    def __init__(self, story: Story, hours: Calendar) -> None:
        self.story, self.hours = story, hours
        self.found: list[Act] = []
        self.before = story.events[0].at if story.events else 0

    def acts(self) -> list[Act]:
        events = self.story.events
        calls = {call.seq: call for call in self.story.calls if call.step is None}
        for n, event in enumerate(events):
            said = self.story.said.get(event.seq)
            if event.kind == "message.sent" and said is not None:
                self._sent(event, said.template, said.text)
            elif event.kind == "comment.added" and said is not None and said.asks and not event.data.get("step"):
                self._asked(event, said.asks[0], said.text, events[n + 1 :])
            elif event.kind == "customer.replied":
                self._waited(event)
            elif event.kind == "ticket.assigned" and event.actor_kind == "person":
                self._handed(event, events[n + 1 :])
            if event.seq in calls:
                self._add(CALLED, event, name=calls[event.seq].action)
            if event.actor_kind == "person":
                self.before = event.at
        return self.found

    def _add(
        self, kind: str, event: Happened, *, start: int = 0, end: int = 0, who: str = "", name: str = "", text: str = ""
    ) -> None:
        start, end = start or event.at, end or event.at
        took = opening_seconds(self.hours, start, end)
        self.found.append(Act(kind, event.seq, event.kind, start, end, took, who, name, text))

    def _sent(self, event: Happened, template: str | None, text: str) -> None:
        if template:
            if all(act.name != template for act in self.found):
                self._add(NOTICE, event, name=template)
        elif event.actor_kind == "person":
            last = next((act for act in reversed(self.found) if act.kind != NOTICE), None)
            if last is None or last.kind != REPLY:  # what was written in one go is one answer
                self._add(REPLY, event, start=self._since(event), end=event.at, text=text)

    def _since(self, event: Happened) -> int:
        """From when on somebody worked on an answer: the last happening that another one could have waited for."""
        earlier = [
            one.at
            for one in self.story.events
            if one.seq < event.seq and one.kind in ("ticket.opened", "customer.replied")
        ]
        ended = [act.until for act in self.found if act.until <= event.at]
        return max([*earlier[-1:], *ended, 0])

    def _asked(self, event: Happened, whom: str, text: str, later: Sequence[Happened]) -> None:
        """A question to another team in a comment; answered by the first of them who comments."""
        if self._is_home(event, whom):
            return
        answer = next((one for one in later if one.kind == "comment.added" and self._belongs(one.actor_id, whom)), None)
        if all((act.kind, act.who, act.until > event.at) != (QUESTION, whom, True) for act in self.found):
            self._add(QUESTION, event, end=answer.at if answer else 0, who=whom, text=text)

    def _is_home(self, event: Happened, whom: str) -> bool:
        return self._belongs(event.actor_id, whom) or whom == f"team:{self.story.team}"

    def _belongs(self, person: int | None, whom: str) -> bool:
        team = self.story.teams.get(person or 0, "")
        return whom in {f"team:{team}", f"department:{self.story.departments.get(team, '')}"}

    def _waited(self, event: Happened) -> None:
        """The customer answered what they were asked."""
        reply = next((act for act in reversed(self.found) if act.kind in (REPLY, WAITED)), None)
        if reply is not None and reply.kind == REPLY:
            asked = next(one for one in self.story.events if one.seq == reply.seq)
            if asked.data.get("then") != "wait" and "?" not in reply.text:
                return  # the customer had something to say, but nobody waited for it
            self.found.append(
                Act(WAITED, asked.seq, asked.kind, reply.until, event.at, _elapsed(reply.until, event.at))
            )

    def _handed(self, event: Happened, later: Sequence[Happened]) -> None:
        """The ticket went to another team; it came back, or it stayed there."""
        team = self._team_after(event)
        if not team or team == self._team_before(event):
            return
        if team == self.story.team:
            return  # the way back is the end of the way there
        back = next((one for one in later if one.kind == "ticket.assigned" and self._team_after(one) != team), None)
        if back is None:
            self._add(GIVEN, event, who=f"team:{team}")
            return
        words = [
            self.story.said[one.seq].text
            for one in later
            if event.at <= one.at <= back.at
            and one.seq in self.story.said
            and self._belongs(one.actor_id, f"team:{team}")
        ]
        self._add(HANDED, event, end=back.at, who=f"team:{team}", text=words[-1] if words else "")

    def _team_after(self, event: Happened) -> str:
        given = event.data.get("team") or (
            event.data["to"].get("id") if event.data.get("to", {}).get("kind") == "team" else None
        )
        return self.story.team_names.get(int(given), "") if given else ""

    def _team_before(self, event: Happened) -> str:
        earlier = [
            team
            for one in self.story.events
            if one.seq < event.seq and one.kind == "ticket.assigned" and (team := self._team_after(one))
        ]
        return earlier[-1] if earlier else self.story.team


def _elapsed(start: int, end: int) -> int:
    return max(0, (end - start) // 1000)
