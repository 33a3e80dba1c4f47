"""Who is told what by a step? A notice becomes a message on the ticket (to the customer) or a mail to colleagues, in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import effects, timeline
from core.actors import FLOW
from core.clocks.keeping import due_moments
from core.clocks.policy import FIRST
from core.estimates import first_answer
from core.links import survey_url
from core.mail.rendering import text_to_html
from core.notices import COLLEAGUE
from core.plugins.threads import SEND, answering_plugin
from core.prepared import Prepared
from core.procedure.frames import steps_by_name
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedures import document_of
from core.schema import Message, MessageBody
from core.sop.expressions import ExpressionError, fill
from core.spoken import say_value
from core.surveys import SCALES
from core.templates.facts import Telling, customer_values
from core.templates.wordings import templates
from core.texts import speaking
from core.tickets import surveys
from core.tickets.messages import IN, OUT, NewMessage, write_message
from core.tickets.rows import held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.ledger import Visits
    from core.notices import Words
    from core.procedure.values import Effect, Party, Visit
    from core.settings import Settings
    from core.sop.document import Step
    from core.sop.expressions import Scope
    from core.templates.wordings import Templates
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
    visits: Visits,
    now: int,
) -> bool:
    """Carry out a `notify`, `remind` or `survey`; True when a mail was planned."""
    frame, sop = document_of(tx, world.run, visits, visit.path) if visit else ("", world.run.sop)
    step = steps_by_name(sop).get(visit.name) if visit else None
    scope = Facts(world).scope(Record(visits, now), frame, sop, world.calendar(sop.calendar))
    parties = _parties(world, effect, visit, scope)
    known = templates(tx)
    name = _template(known, effect, world.row.department_id)
    title = (step.customer_label or step.title).say(world.row.language) if step else ""
    asks = _survey(tx, settings, world, effect, visit, visits, now)
    telling = Telling(title, _own_values(step, scope, world.row.language) | asks, scope)
    customers = [party for party in parties if party.kind == "customer"]
    others = [party for party in parties if party.kind != "customer"]
    planned = False
    if customers and effect.kind != "remind":
        planned = _tell_customer(tx, settings, world, key, name, telling, visit, now)
    elif customers:
        planned = _tell_customer(tx, settings, world, key, "update", telling, visit, now)
    if others:
        planned = _tell_colleagues(tx, world, key + ":staff", name, others, visit, now) or planned
    return planned


def _template(known: Templates, effect: Effect, department_id: int) -> str:
    if effect.kind == "remind":
        return "reminder"
    name = str(effect.payload.get("template") or effect.kind)
    return name if known.find(name, department_id) else "update"


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


def _survey(
    tx: Connection,
    settings: Settings,
    world: DatabaseWorld,
    effect: Effect,
    visit: Visit | None,
    visits: Visits,
    now: int,
) -> dict[str, Any]:
    """What only the mail of a survey says: its question, and as its link the page where this one survey is answered."""
    if effect.kind != "survey" or visit is None:
        return {}
    kind, step_id = str(effect.payload["type"]), visits.ids[visit.path]
    surveys.ask(tx, world.row, step_id, visit.name, kind, now)
    with speaking(world.row.language):
        question = SCALES[kind].ask()
    link = survey_url(settings, step_id, world.row.customer_id, world.person_who_asked.link_epoch)
    return {"question": question, "survey_link": link}


def _with_link(words: Words, asks: Mapping[str, Any]) -> Words:
    """A survey's mail whose template forgot the link would ask in vain: question and link are put below."""
    if "survey_link" not in asks or asks["survey_link"] in words.text:
        return words
    below = f"{asks['question']}\n{asks['survey_link']}"
    html = None if words.html is None else words.html + text_to_html(below)
    return replace(words, text=f"{words.text.rstrip()}\n\n{below}\n", html=html)


def _tell_customer(
    tx: Connection,
    settings: Settings,
    world: DatabaseWorld,
    key: str,
    name: str,
    telling: Telling,
    visit: Visit | None,
    now: int,
) -> bool:
    row, them = world.row, world.person_who_asked
    of_step = visit.name if visit else None
    if name == "resolved" and _just_said(tx, row.id, row.resolution):
        timeline.append(tx, row.id, "notice.spared", FLOW, {"template": name, "step": of_step}, at=now)
        return False
    department = world.firm.departments[row.department_id]
    promise = _promise(tx, world, name, now)
    values = customer_values(tx, settings, world, telling, row.language, **promise)
    words, number = templates(tx).render(name, row.language, row.department_id, values)
    words = _with_link(words, telling.given)
    told = {"template": name, "step": of_step, "automatic": True} | ({"template_version": number} if number else {})
    owner = answering_plugin(tx, row.channel)
    mailed = bool(them.email) and not owner and not (row.channel == "email" and _written_by_a_machine(tx, row.id))
    event = timeline.append(tx, row.id, "message.sent", FLOW, told, at=now)
    new = NewMessage(
        direction=OUT,
        author_kind="flow",
        author_id=None,
        author_name=department.title,
        author_email=department.answers_from(row.mailbox),
        text=words.text,
        html=words.html,
        subject=words.subject,
        channel=row.channel if owner else "email" if mailed else "portal",
        to=({"name": them.name, "email": them.email},) if mailed and them.email else (),
        automatic="notice",
        template=name,
        delivery="queued" if mailed or owner else None,
    )
    message_id, world.row = write_message(tx, row, new, event.seq, now, **promise)
    if mailed or owner:
        effects.plan(
            tx,
            row.id,
            key,
            SEND if owner else SEND_MAIL,
            visit.name if visit else name,
            {"message": message_id},
            at=now,
            run_id=world.run.id,
            plugin=owner,
        )
    return mailed or owner is not None


def _promise(tx: Connection, world: DatabaseWorld, template: str, now: int) -> dict[str, int]:
    """What the first answer promises, to be kept on the ticket."""
    row = world.row
    if template != "received" or row.promised_at is not None or row.first_response_at is not None:
        return {}
    clock = next((at for at, metric in due_moments(held(tx, row.id)) if metric == FIRST), None)
    if clock is not None:
        return {"promised_at": clock}
    estimate = first_answer(tx, world.firm, row.department_id)
    return {"promised_at": world.firm.calendar_of(row.department_id).add(now, estimate.seconds)}


_NEWEST_OUT = Prepared(
    select(_b.text)
    .join(Message, _m.id == _b.message_id)
    .where(_m.ticket_id == bindparam("ticket"), _m.direction == OUT)
    .order_by(_m.id.desc())
    .limit(1)
)


def _just_said(tx: Connection, ticket_id: int, text: str | None) -> bool:
    """Did our newest message to the customer say exactly this? Then nobody needs to read it twice."""
    newest = _NEWEST_OUT.scalar(tx, {"ticket": ticket_id})
    return bool(text and newest) and str(newest).strip() == str(text).strip()


_NEWEST_IN = Prepared(
    select(_m.automatic).where(_m.ticket_id == bindparam("ticket"), _m.direction == IN).order_by(_m.id.desc()).limit(1)
)


def _written_by_a_machine(tx: Connection, ticket_id: int) -> bool:
    """An automatic mail (a list, a notice) is never answered automatically: two machines would write for ever."""
    return _NEWEST_IN.scalar(tx, {"ticket": ticket_id}) is not None


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
        "notice": name if name in templates(tx).names(COLLEAGUE) else "alert",
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
