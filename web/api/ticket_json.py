"""A ticket, its steps and its events as the API answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.clocks.book import calendar_of, policy_of
from core.clocks.page import clocks_of_tickets
from core.directory import directory
from core.moments import rfc3339
from core.sop.shapes import humanised
from core.sop.titles import bare_title
from core.tickets.documents import documents
from core.tickets.in_hand import in_hand
from core.tickets.listing import one_ticket, open_steps
from core.tickets.rows import PRIORITY_NAMES, flush
from core.tickets.ways import find_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.clocks.folding import Clock
    from core.directory import Directory
    from core.sop.document import Sop
    from core.tickets.listing import Listed, OpenStep
    from core.tickets.relay import StepRow
    from core.timeline import Happening


def ticket_json(tx: Connection, ticket_id: int) -> dict[str, Any]:
    """One ticket, as this transaction has left it."""
    flush(tx)
    mine = in_hand(tx, ticket_id)
    if mine is not None:
        sops = {mine.ticket.version_id or 0: mine.sop}
        return _ticket(directory(tx), mine.ticket, mine.steps, sops, mine.clocks)
    return tickets_json(tx, [one_ticket(tx, ticket_id)])[0]


def etag(ticket: Mapping[str, Any]) -> dict[str, str]:
    """The header that names this state of the ticket."""
    return {"ETag": f'"{ticket["version"]}.{ticket["seq"]}"'}


def tickets_json(tx: Connection, rows: Sequence[Listed]) -> list[dict[str, Any]]:
    """A page of tickets with their open steps: two statements, however many there are."""
    firm = directory(tx)
    steps = open_steps(tx, [row.id for row in rows])
    clocks = clocks_of_tickets(tx, [row.id for row in rows])
    sops = documents(tx, (row.version_id for row in rows if steps[row.id]))
    return [_ticket(firm, row, steps[row.id], sops, clocks[row.id]) for row in rows]


def _ticket(
    firm: Directory, row: Listed, steps: list[OpenStep], sops: Mapping[int, Sop], clocks: list[Clock]
) -> dict[str, Any]:
    sop = sops.get(row.version_id or 0)
    return {
        "id": row.id,
        "subject": row.subject,
        "status": row.status,
        "priority": PRIORITY_NAMES[row.priority],
        "channel": row.channel,
        "department": firm.departments[row.department_id].name,
        "team": firm.teams[row.team_id].name,
        "holder": holder(firm, row.holder_id, row.team_id),
        "customer": {
            "id": row.customer_id,
            "name": row.customer,
            "email": row.customer_email,
            "class": row.customer_class,
        },
        "organisation": None if row.organisation_id is None else {"id": row.organisation_id, "name": row.organisation},
        "topic": row.topic,
        "product": row.product,
        "language": row.language,
        "tags": row.tags,
        "fields": (row.run_fields or {}).get("", {}),
        "sop": None if row.sop is None else {"name": row.sop, "version": row.sop_number, "state": row.run_state},
        "open_steps": [_open_step(firm, step, sop) for step in steps],
        "clocks": [clock_json(clock) for clock in clocks],
        "resolution": row.resolution,
        "attention": row.attention,
        "upset": row.upset.split() if row.upset else None,
        "merged_into": row.merged_into,
        "reopened": row.reopened,
        "seq": row.last_seq,
        "version": row.version,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.last_at),
        "resolved_at": rfc3339(row.resolved_at),
        "closed_at": rfc3339(row.closed_at),
    }


def holder(firm: Directory, person_id: int | None, team_id: int) -> dict[str, Any]:
    """Who has the baton: a person, else the team's backlog."""
    if person_id is not None:
        return {"kind": "person", "id": person_id, "name": firm.people[person_id].name}
    return {"kind": "team", "id": team_id, "name": firm.teams[team_id].name}


def _open_step(firm: Directory, step: OpenStep, sop: Sop | None) -> dict[str, Any]:
    parties = _parties(firm, step.assignees)
    return {
        "id": step.id,
        "name": step.name,
        "path": step.path,
        "kind": step.kind,
        "title": step_title(sop, step.name),
        "assignee": parties[0] if parties else None,
        "opened_at": rfc3339(step.opened_at),
        "due_at": rfc3339(step.due_at),
    }


def step_title(sop: Sop | None, name: str) -> str:
    """What the document calls the step, in the caller's language."""
    found = find_step(sop, name) if sop is not None else None
    return bare_title(found, sop) if found is not None else humanised(name)


def clock_json(clock: Clock) -> dict[str, Any]:
    """One clock. `due_at` is none while it is paused; `used_seconds` of opening time had passed at `as_of`."""
    (policy, version), (calendar, calendar_version) = policy_of(clock.policy), calendar_of(clock.policy)
    return {
        "kind": clock.metric,
        "visit": clock.visit,
        "state": clock.state,
        "started_at": rfc3339(clock.started_at),
        "due_at": rfc3339(clock.due_at),
        "limit_at": rfc3339(clock.limit_at),
        "ended_at": rfc3339(clock.ended_at),
        "met_at": rfc3339(clock.ended_at) if clock.state == "met" else None,
        "tier": clock.tiers,
        "used_seconds": clock.used // 1000,
        "as_of": rfc3339(clock.since),
        "pauses": [{"from": rfc3339(pause.since), "to": rfc3339(pause.until)} for pause in clock.pauses],
        "policy": {"id": policy or None, "version": version},
        "calendar": {"id": calendar if calendar > 0 else None, "version": calendar_version},
    }


# ---- steps and events -----------------------------------------------------------------------------------------------------


def step_json(firm: Directory, row: StepRow, sop: Sop | None) -> dict[str, Any]:
    """One row of the step ledger."""
    parties = _parties(firm, row.assignees)
    return {
        "id": row.id,
        "name": row.name,
        "path": row.path,
        "visit": row.visit,
        "kind": row.kind,
        "title": step_title(sop, row.name),
        "state": row.state,
        "assignee": parties[0] if parties else None,
        "assignees": parties,
        "opened_at": rfc3339(row.opened_at),
        "due_at": rfc3339(row.due_at),
        "ended_at": rfc3339(row.ended_at),
        "ended_by": ended_by(firm, row.ended_by),
        "outcome": row.outcome,
        "result": row.result,
    }


def ended_by(firm: Directory, code: str | None) -> dict[str, Any] | None:
    """Who or what ended a step: a person, or a code such as `timer`, `event`, `effect`, `customer`."""
    if code is None:
        return None
    if code.isdecimal():
        return party(firm, "person", code)
    return {"kind": code, "id": None, "name": code}


def _parties(firm: Directory, assignees: Sequence[Any]) -> list[dict[str, Any]]:
    return [party(firm, str(kind), str(name)) for kind, name in assignees]


def party(firm: Directory, kind: str, name: str) -> dict[str, Any]:
    """Somebody a step waits for, with a name."""
    number = int(name) if name.isdecimal() else None
    known: Any = None
    match kind:
        case "person":
            known = firm.people.get(number or 0)
        case "team":
            known = firm.teams.get(number or 0)
        case "department":
            known = firm.departments.get(number or 0)
    return {"kind": kind, "id": number, "name": known.name if known else kind if number is not None else name}


def event_json(firm: Directory, event: Happening) -> dict[str, Any]:
    """One event of a timeline."""
    person = firm.people.get(event.actor_id or 0) if event.actor_kind == "person" else None
    return {
        "seq": event.seq,
        "kind": event.kind,
        "actor": {
            "kind": event.actor_kind,
            "id": event.actor_id,
            "name": person.name if person else event.actor_kind,
        },
        "at": rfc3339(event.at),
        "data": {name: value for name, value in event.data.items() if name != "v"},
        "cause": event.cause,
    }
