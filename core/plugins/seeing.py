"""What a plugin is shown of a ticket, as JSON: the host reads, so that a plugin needs no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.directory import directory
from core.moments import to_datetime
from core.plugins.linking import links_of
from core.procedures import read_run
from core.schema import Customer, Message, MessageBody, Organisation
from core.sop.document import Task
from core.sop.titles import bare_title
from core.texts import speaking
from core.tickets.rows import PRIORITY_NAMES, TicketRow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.settings import Settings
    from core.sop.document import Sop
    from core.timeline import Happening

_c, _o, _m, _b = Customer.__table__.c, Organisation.__table__.c, Message.__table__.c, MessageBody.__table__.c
_WHO = (
    select(
        _c.id, _c.name, _c.email, _c.klass, _c.language, _o.name.label("organisation"), _o.klass.label("their_class")
    )
    .join(Organisation.__table__, _o.id == _c.organisation_id, isouter=True)
    .where(_c.id == bindparam("customer"))
)
_MESSAGE = (
    select(_m.id, _m.direction, _m.author_name, _m.at, _b.text)
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"), _m.seq == bindparam("seq"))
)


def moment(ms: int) -> str:
    """A moment on its way to a plugin."""
    return to_datetime(ms).isoformat()


def ticket_json(tx: Connection, settings: Settings, row: TicketRow, plugin: str) -> dict[str, Any]:
    """The values of `estafet.Ticket`, as this plugin may see them: with its own links."""
    firm = directory(tx)
    run = read_run(tx, row.run_id) if row.run_id is not None else None
    return {
        "id": row.id,
        "subject": row.subject,
        "status": row.status,
        "priority": PRIORITY_NAMES[row.priority],
        "channel": row.channel,
        "department": firm.departments[row.department_id].name,
        "team": firm.teams[row.team_id].name,
        "holder": firm.people[row.holder_id].name if row.holder_id in firm.people else None,
        "topic": row.topic,
        "product": row.product,
        "tags": list(row.tags),
        "language": row.language,
        "url": f"{settings.public_url}/tickets/{row.id}",
        "created_at": moment(row.created_at),
        "customer": customer_json(tx, row.customer_id),
        "fields": run.fields.get("", {}) if run else {},
        "tasks": _tasks(run.sop, row.language) if run else [],
        "links": [
            {
                "ref": one.ref,
                "url": one.url,
                "title": one.title,
                "state": one.state,
                "path": one.path or None,
                "open": one.open,
                "step": one.step or None,
            }
            for one in links_of(tx, row.id, plugin)
        ],
    }


def _tasks(sop: Sop, spoken: str) -> list[dict[str, str]]:
    with speaking(spoken):
        return [
            {"name": step.name, "title": bare_title(step, sop)} for step in sop.steps() if isinstance(step.what, Task)
        ]


def customer_json(tx: Connection, customer_id: int) -> dict[str, Any]:
    """The values of `estafet.Customer`."""
    them = tx.execute(_WHO, {"customer": customer_id}).one()
    return {
        "id": them.id,
        "name": them.name or "",
        "email": them.email,
        "klass": them.klass if them.klass != "standard" else (them.their_class or them.klass),
        "language": them.language,
        "organisation": them.organisation,
    }


def event_json(event: Happening) -> dict[str, Any]:
    """The values of `estafet.Event`."""
    return {
        "id": event.id,
        "seq": event.seq,
        "kind": event.kind,
        "at": moment(event.at),
        "actor": event.actor_kind,
        "data": event.data,
    }


def message_json(tx: Connection, event: Happening) -> dict[str, Any] | None:
    """The values of `estafet.Message` that an event is about, or None."""
    found = tx.execute(_MESSAGE, {"ticket": event.stream_id, "seq": event.seq}).first()
    if found is None:
        return None
    return {
        "id": found.id,
        "direction": found.direction,
        "author": found.author_name or "",
        "text": found.text or "",
        "at": moment(found.at),
    }


def step_json(event: Happening) -> dict[str, Any]:
    """The values of `estafet.Step` that an event is about."""
    data = event.data
    name = str(data.get("step", ""))
    return {
        "name": name,
        "path": str(data.get("path", name)),
        "kind": str(data.get("kind", "task")),
        "outcome": data.get("outcome"),
    }
