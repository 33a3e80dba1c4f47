"""Reads the story of a ticket out of the database: its events, what was said (without anything personal), its calls, the ledger of its run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from core import ledger
from core.directory import directory
from core.learning.happened import Called, Happened, Said, Story
from core.personal import without_personal
from core.schema import Effect, Message, MessageBody, Ticket
from core.tickets.participants import participants
from core.timeline import timeline_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.timeline import Happening

MOST_EVENTS, MOST_MESSAGES = 2_000, 500
_t, _m, _b, _e = Ticket.__table__.c, Message.__table__.c, MessageBody.__table__.c, Effect.__table__.c
_TICKET = select(_t.subject, _t.topic, _t.department_id, _t.team_id, _t.run_id).where(_t.id == bindparam("ticket"))
_SAID = (
    select(_m.seq, _m.direction, _m.author_kind, _m.template, _b.visible)
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"), or_(_m.automatic.is_(None), _m.direction == "out"))
    .order_by(_m.id)
    .limit(MOST_MESSAGES)
)
_CALLS = (
    select(_e.key, _e.step_id, _e.title, _e.payload, _e.ended_at)
    .where(_e.ticket_id == bindparam("ticket"), _e.state == "done", _e.kind == "call_plugin")
    .order_by(_e.planned_at, _e.key)
    .limit(100)
)
_MENTION = re.compile(r"(?<![\w.])@([\w][\w.-]*\w|\w)")


def story_of(tx: Connection, ticket_id: int) -> Story:
    """Everything that happened on a ticket, ready to be told again."""
    row = tx.execute(_TICKET, {"ticket": ticket_id}).one()
    firm = directory(tx)
    events = timeline_page(tx, ticket_id, limit=MOST_EVENTS)
    visits = ledger.load(tx, row.run_id) if row.run_id is not None else {}
    team, department = _home(firm, events, row)
    known = participants(tx, ticket_id)
    said = {
        one.seq: Said(
            one.direction,
            one.template,
            without_personal(one.visible, known).text if one.author_kind == "person" else "",
            tuple(_asked(firm, one.visible)) if one.direction == "internal" else (),
        )
        for one in tx.execute(_SAID, {"ticket": ticket_id})
    }
    return Story(
        ticket_id=ticket_id,
        department=department,
        team=team,
        subject=without_personal(row.subject, known).text,
        topic=row.topic,
        events=tuple(Happened(e.seq, e.at, e.kind, e.actor_kind, e.actor_id, e.data) for e in events),
        said=said,
        calls=tuple(_calls(tx, ticket_id, events)),
        teams=_teams(firm),
        departments={one.name: firm.departments[one.department_id].name for one in firm.teams.values()},
        team_names={one.id: one.name for one in firm.teams.values()},
        visits=visits,
    )


def _home(firm: Directory, events: Sequence[Happening], row: Any) -> tuple[str, str]:
    """The team that the ticket came to first, and its department; where it is now when nobody was given it."""
    first = next((one for one in events if one.kind == "ticket.assigned"), None)
    data = first.data if first else {}
    team_id = data.get("team") or (data["to"]["id"] if data.get("to", {}).get("kind") == "team" else row.team_id)
    team = firm.teams.get(int(team_id)) or firm.teams[row.team_id]
    return team.name, firm.departments[team.department_id].name


def _teams(firm: Directory) -> dict[int, str]:
    """One team for each colleague: a first one of their own department."""
    found: dict[int, str] = {}
    for team in firm.teams.values():
        for person in team.members:
            at_home = firm.people[person].department_id == team.department_id if person in firm.people else False
            if person not in found or at_home:
                found[person] = team.name
    return found


def _asked(firm: Directory, text: str) -> Iterable[str]:
    """The teams and departments that a comment mentions: by their name, or by somebody of theirs."""
    teams = _teams(firm)
    for name in dict.fromkeys(_MENTION.findall(text)):
        if name in firm.team_names:
            yield f"team:{name}"
        elif name in firm.department_names:
            yield f"department:{name}"
        elif (person := firm.people.get(firm.nicks.get(name.lower(), 0))) is not None:
            if person.id in teams:
                yield f"team:{teams[person.id]}"
            elif person.department_id is not None:
                yield f"department:{firm.departments[person.department_id].name}"


def _calls(tx: Connection, ticket_id: int, events: Sequence[Happening]) -> Iterable[Called]:
    """The actions that were run, each at the event that says it is done."""
    done = {str(one.data.get("key")): one.seq for one in events if one.kind == "effect.done"}
    for row in tx.execute(_CALLS, {"ticket": ticket_id}):
        action = (row.payload or {}).get("action")
        if action and row.key in done:
            by_step = row.step_id is not None or bool((row.payload or {}).get("path"))
            yield Called(done[row.key], str(action), row.title if by_step else None)
