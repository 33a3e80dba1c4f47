"""What does a team lead see of the templates: the list, one with its versions, and how it reads on a real ticket?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import ledger
from core.directory import directory
from core.errors import FieldError, Invalid
from core.mail.rendering import html_page
from core.notices import COLLEAGUE, Wording, filled
from core.permissions import require
from core.person_mail import plan_trial
from core.procedure.record import Record
from core.procedure.seeing import Facts
from core.procedures import published, read_run
from core.schema import Person, TemplateVersion, Ticket
from core.sop.document import Notify, Survey
from core.templates.changes import NOT_EDITED, editable, may_edit, text_problems
from core.templates.facts import Telling, catalogue, customer_values
from core.templates.wordings import EVERYWHERE, Template, template_of, templates
from core.texts import LANGUAGES, _, language, speaking
from core.tickets.access import know
from core.tickets.rows import read
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.notices import Words
    from core.settings import Settings
    from core.templates.facts import Entry

_v, _p, _t = TemplateVersion.__table__.c, Person.__table__.c, Ticket.__table__.c
_VERSIONS = (
    select(TemplateVersion.__table__, _p.name.label("author"))
    .join(Person, _p.id == _v.author_id, isouter=True)
    .where(_v.department_id == bindparam("department"), _v.name == bindparam("name"))
    .order_by(_v.number.desc())
    .limit(50)
)
_NEWEST = select(_t.id).order_by(_t.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Line:
    """A template in the list. `own`: the departments (0: all) that have words of their own; `used`: the procedures that send it."""

    template: Template
    own: tuple[int, ...] = ()
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A saved version; `template` says its words."""

    template: Template
    author: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Page:
    """One template for one department: what is in use, what stands behind it, what it may name, and its versions, newest first."""

    template: Template
    own: bool
    seen: int
    behind: Template | None
    entries: tuple[Entry, ...]
    versions: tuple[Version, ...]
    texts: Mapping[str, Wording] = field(default_factory=dict)


def template_list(tx: Connection, actor: Actor) -> list[Line]:
    """All templates that this person may change, with who uses them."""
    require(actor, "write_templates")
    known = templates(tx)
    mine = [EVERYWHERE, *(one.id for one in directory(tx).departments.values() if may_edit(actor, one.id))]
    used: dict[str, list[str]] = {}
    for sop in (one.sop for one in published(tx)):
        for name in {step.what.template for step in sop.steps() if isinstance(step.what, Notify | Survey)}:
            used.setdefault(name or "survey", []).append(sop.title.say(language()))
    lines = []
    for name in sorted(known.names() - NOT_EDITED):
        own = tuple(at for at in mine if (kept := known.edited.get((at, name))) and not kept.withdrawn)
        here = known.find(name, actor.department_id or EVERYWHERE) or next(
            one for (at, edited), one in known.edited.items() if edited == name and (at in mine or not one.withdrawn)
        )
        lines.append(Line(here, own, tuple(sorted(set(used.get(name, ()))))))
    return lines


def template_page(tx: Connection, actor: Actor, name: str, department_id: int) -> Page:
    """One template as this department has it."""
    template = editable(tx, actor, name, department_id)
    known = templates(tx)
    kept = known.edited.get((department_id, name))
    rows = tx.execute(_VERSIONS, {"department": department_id, "name": name}).all()
    return Page(
        template=template,
        own=bool(kept and not kept.withdrawn),
        seen=kept.number if kept else 0,
        behind=known.base(name, department_id),
        entries=catalogue(tx, known, template).entries,
        versions=tuple(Version(template_of(row), row.author, row.at) for row in rows),
        texts={code: known.wording(name, code, department_id)[0] for code in LANGUAGES},
    )


# ---- on a real ticket ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preview:
    """A template on a ticket, in one language. `page` is the mail's whole HTML."""

    language: str
    words: Words
    page: str


def newest_ticket(tx: Connection, actor: Actor, department_id: int) -> int | None:
    """The ticket on which a template is shown at first."""
    where = department_id or actor.department_id
    statement = _NEWEST.where(_t.department_id == where) if where else _NEWEST
    return tx.execute(statement).scalar_one_or_none()


def previews(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    template: Template,
    texts: Mapping[str, Mapping[str, str]],
    ticket_id: int,
    now: int,
) -> list[Preview]:
    """How these words read on that ticket, in each language that has some. Invalid when something is wrong with them."""
    know(tx, actor, ticket_id)
    known = catalogue(tx, templates(tx), template)
    errors = [error for code in LANGUAGES for error in text_problems(known, code, texts.get(code) or {})]
    if errors:
        raise Invalid(*errors)
    given = {code: texts[code] for code in LANGUAGES if texts.get(code, {}).get("text")}
    return [_preview(tx, settings, actor, template, code, one, ticket_id, now) for code, one in given.items()]


def _preview(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    template: Template,
    code: str,
    given: Mapping[str, str],
    ticket_id: int,
    now: int,
) -> Preview:
    values = _values(tx, settings, actor, template, code, ticket_id, now)
    words = filled(Wording(given["subject"], given["text"], given.get("html") or None), code, values)
    return Preview(code, words, html_page(words.text, words.html, "", "", code))


def _values(
    tx: Connection, settings: Settings, actor: Actor, template: Template, code: str, ticket_id: int, now: int
) -> dict[str, Any]:
    row = read(tx, ticket_id)
    assert row.run_id is not None  # every ticket follows a procedure from its first moment
    run = read_run(tx, row.run_id)
    visits = ledger.load(tx, run.id)
    world = DatabaseWorld(tx, directory(tx), row, run, now)
    steps = {step.name: step for step in run.sop.steps()}
    open_step = next((steps[one.name] for one in visits.values() if one.open and one.name in steps), None)
    title = (open_step.customer_label or open_step.title).say(code) if open_step else ""
    if template.audience == COLLEAGUE:
        with speaking(code):
            return {
                "recipient": directory(tx).people[actor.id].name if actor.id in directory(tx).people else "",
                "ticket": {"subject": row.subject},
                "customer": {"name": world.person_who_asked.name},
                "step": title,
                "text": _("what the step asks"),
                "facts": "",
                "due": "",
                "desk_link": f"{settings.public_url}/tickets/{row.id}",
                "answer_link": f"{settings.public_url}/a/…",
            }
    scope = Facts(world).scope(Record(visits, now), "", run.sop, world.calendar(run.sop.calendar))
    plain = (entry for entry in catalogue(tx, templates(tx), template).entries if "." not in entry.name)
    given = {entry.name: f"‹{entry.label}›" for entry in plain}  # what only a step hands over stands there by name
    return {**given, **customer_values(tx, settings, world, Telling(title, {"note": given["note"]}, scope), code)}


def send_trial(tx: Connection, actor: Actor, shown: Sequence[Preview], *, now: int) -> str:
    """Send what the preview shows to the person themselves, in their language if there is one; returns their address."""
    person = directory(tx).people[actor.id] if actor.id is not None else None
    if person is None or not shown:
        raise Invalid(FieldError("/en/text", _("There are no words in any language. Write a subject and a text.")))
    chosen = next((one for one in shown if one.language == person.language), shown[0])
    plan_trial(tx, person.id, chosen.words, now)
    return person.email
