"""Who is told what by a step? A notice becomes a message on the ticket (to the customer) or a mail to colleagues, in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from sqlalchemy import bindparam, select

from core import effects, notices, timeline
from core.actors import FLOW
from core.estimates import first_answer
from core.links import request_url
from core.moments import to_datetime
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.schema import Message, MessageBody
from core.sop.expressions import ExpressionError, fill
from core.spoken import say_value
from core.texts import speaking
from core.tickets.messages import IN, OUT, NewMessage, write_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.procedure.values import Effect, Party, Visit
    from core.settings import Settings
    from core.sop.document import Step
    from core.sop.expressions import Scope
    from core.world import DatabaseWorld

SEND_MAIL = "send_mail"
_m, _b = Message.__table__.c, MessageBody.__table__.c


def notify_parties(
    tx: Connection,
    settings: Settings,
    world: DatabaseWorld,
    key: str,
    effect: Effect,
    visit: Visit | None,
    visits: Mapping[str, Visit],
    now: int,
) -> bool:
    """Carry out a `notify`, `remind` or `survey`; True when a mail was planned."""
    step = next((one for one in world.run.sop.steps() if visit and one.name == visit.name), None)
    scope = Facts(world).scope(Record(visits, now), "", world.run.sop, world.calendar(world.run.sop.calendar))
    parties = _parties(world, effect, visit, scope)
    name = _template(effect)
    values = _own_values(step, scope, world.row.language)
    customers = [party for party in parties if party.kind == "customer"]
    others = [party for party in parties if party.kind != "customer"]
    planned = False
    if customers and effect.kind != "remind":
        planned = _tell_customer(tx, settings, world, key, name, values, visit, now)
    elif customers:
        planned = _tell_customer(tx, settings, world, key, "update", values, visit, now)
    if others:
        planned = _tell_colleagues(tx, world, key + ":staff", name, others, visit, now) or planned
    return planned


def _template(effect: Effect) -> str:
    if effect.kind == "remind":
        return "reminder"
    name = str(effect.payload.get("template") or effect.kind)
    return name if name in notices.template_names() else "update"


def _parties(world: DatabaseWorld, effect: Effect, visit: Visit | None, scope: Scope) -> tuple[Party, ...]:
    if effect.kind == "survey":
        return world.resolve(("customer",), scope)
    if effect.kind == "remind" and visit and visit.assignees:
        return visit.assignees
    return world.resolve(tuple(effect.payload.get("to") or ("assignee",)), scope)


def _own_values(step: Step | None, scope: Scope, language: str) -> dict[str, Any]:
    """What the step hands to its template, amounts and dates as the customer's language writes them."""
    given = getattr(step.what, "with_", None) if step else None
    found: dict[str, Any] = {}
    for name, value in (given or {}).items():
        try:
            found[name] = say_value(fill(value, scope, lambda one: say_value(one, language)), language)
        except ExpressionError:
            found[name] = ""
    return found


def _tell_customer(
    tx: Connection,
    settings: Settings,
    world: DatabaseWorld,
    key: str,
    name: str,
    values: dict[str, Any],
    visit: Visit | None,
    now: int,
) -> bool:
    row, them = world.row, world.person_who_asked
    if name == "resolved" and _just_said(tx, row.id, row.resolution):
        timeline.append(
            tx, row.id, "notice.spared", FLOW, {"template": name, "step": visit.name if visit else None}, at=now
        )
        return False
    department = world.firm.departments[row.department_id]
    estimate = first_answer(tx, world.firm, row.department_id)
    with speaking(row.language):
        context = {
            "note": "",
            **values,
            "customer": {"name": them.name, "email": them.email},
            "ticket": {"subject": row.subject, "status": row.status},
            "department": {"title": department.title, "signature": department.signature or department.title},
            "estimate": estimate.say(),
            "link": request_url(settings, row.id, row.customer_id, them.link_epoch),
            "resolution": row.resolution or "",
        }
        words = notices.render(name, row.language, context)
    mailed = bool(them.email) and not (row.channel == "email" and _written_by_a_machine(tx, row.id))
    event = timeline.append(
        tx,
        row.id,
        "message.sent",
        FLOW,
        {"template": name, "step": visit.name if visit else None, "automatic": True},
        at=now,
    )
    new = NewMessage(
        direction=OUT,
        author_kind="flow",
        author_id=None,
        author_name=department.title,
        author_email=department.address,
        text=words.text,
        subject=words.subject,
        channel="email" if mailed else "portal",
        to=({"name": them.name, "email": them.email},) if mailed else (),
        automatic="notice",
        template=name,
        delivery="queued" if mailed else None,
    )
    promise = {}
    if name == "received" and row.promised_at is None and row.first_response_at is None:
        promise["promised_at"] = world.firm.calendar_of(row.department_id).add(now, estimate.seconds)
    message_id, world.row = write_message(tx, row, new, event.seq, now, **promise)
    if mailed:
        effects.plan(
            tx,
            row.id,
            key,
            SEND_MAIL,
            visit.name if visit else name,
            {"message": message_id},
            at=now,
            run_id=world.run.id,
        )
    return mailed


_NEWEST_OUT = (
    select(_b.text)
    .join(Message, _m.id == _b.message_id)
    .where(_m.ticket_id == bindparam("ticket"), _m.direction == OUT)
    .order_by(_m.id.desc())
    .limit(1)
)


def _just_said(tx: Connection, ticket_id: int, text: str | None) -> bool:
    """Did our newest message to the customer say exactly this? Then nobody needs to read it twice."""
    newest = tx.execute(_NEWEST_OUT, {"ticket": ticket_id}).scalar_one_or_none()
    return bool(text and newest) and str(newest).strip() == str(text).strip()


_NEWEST_IN = (
    select(_m.automatic).where(_m.ticket_id == bindparam("ticket"), _m.direction == IN).order_by(_m.id.desc()).limit(1)
)


def _written_by_a_machine(tx: Connection, ticket_id: int) -> bool:
    """An automatic mail (a list, a notice) is never answered automatically: two machines would write for ever."""
    return tx.execute(_NEWEST_IN, {"ticket": ticket_id}).scalar_one_or_none() is not None


def _tell_colleagues(
    tx: Connection, world: DatabaseWorld, key: str, name: str, parties: list[Party], visit: Visit | None, now: int
) -> bool:
    people: dict[str, None] = {}
    addresses: list[str] = []
    for party in parties:
        if party.kind == "mail":
            addresses.append(party.id)
        for member in world.members(party) or ():
            people[member] = None
    if not people and not addresses:
        return False
    payload = {
        "notice": name if name == "reminder" else "alert",
        "people": [int(person) for person in people],
        "path": visit.path if visit else "",
        "run": world.run.id,
    }
    if addresses:
        payload["to"] = addresses
    effects.plan(tx, world.row.id, key, SEND_MAIL, visit.name if visit else name, payload, at=now, run_id=world.run.id)
    data = {"template": name, "step": visit.name if visit else None, "people": payload["people"]}
    timeline.append(tx, world.row.id, "notice.sent", FLOW, data, at=now)
    return True


def say_moment(ms: int, language: str, tz: str) -> str:
    """A moment as a reader of this language and zone writes it."""
    return str(format_datetime(to_datetime(ms), "d MMM y, HH:mm", tzinfo=ZoneInfo(tz), locale=language))
