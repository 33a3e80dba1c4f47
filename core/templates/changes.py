"""A team lead changes a template: a new version is kept with who and when, and every mail that is written afterwards uses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from core import configuration
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.moments import now_ms
from core.notices import COLLEAGUE, CUSTOMER
from core.permissions import require, sees_all_departments
from core.schema import TemplateVersion
from core.templates.facts import catalogue
from core.templates.language import problems
from core.templates.wordings import FIRM, Template, template_of, templates
from core.texts import LANGUAGES, _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.templates.facts import Catalogue

NOT_EDITED = frozenset({"password"})  # it carries a secret link, and nothing else belongs into it
PARTS = ("subject", "text", "html")
LONGEST_SUBJECT = 300
_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")
_v = TemplateVersion.__table__.c
_INSERT = insert(TemplateVersion.__table__)
_VERSION = select(TemplateVersion.__table__).where(
    _v.department_id == bindparam("department"), _v.name == bindparam("name"), _v.number == bindparam("number")
)


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be saved. `texts`: {language: {subject, text, html}}; `seen`: the version that was on the page (0: nobody's)."""

    texts: Mapping[str, Mapping[str, str]]
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """One that the firm adds for its own procedures."""

    name: str
    title: str
    audience: str = CUSTOMER


def may_edit(actor: Actor, department_id: int) -> bool:
    """Leads those of their department; managers all, and those for every department."""
    return sees_all_departments(actor) or department_id == actor.department_id


def editable(tx: Connection, actor: Actor, name: str, department_id: int) -> Template:
    """The template that this person may change there."""
    require(actor, "write_templates")
    if not may_edit(actor, department_id):
        raise Forbidden(_("Templates for all departments, and those of others, are changed by managers."))
    known = templates(tx)
    found = known.find(name, department_id) or known.edited.get((department_id, name))
    if found is None or name in NOT_EDITED:
        raise NotFound(_("There is no template “%(name)s”.", name=name))
    return found


def save_template(
    tx: Connection, actor: Actor, name: str, department_id: int, edit: Edit, *, now: int | None = None
) -> int:
    """Keep a new version; returns its number. Invalid names each wrong place with its line; Conflict when somebody else saved meanwhile."""
    template = editable(tx, actor, name, department_id)
    texts = _checked(catalogue(tx, templates(tx), template), edit.texts)
    if not texts:
        raise Invalid(FieldError("/en/text", _("There are no words in any language. Write a subject and a text.")))
    return _keep(tx, actor, department_id, template, texts, edit.seen, now or now_ms())


def add_template(tx: Connection, actor: Actor, new: NewTemplate, department_id: int, *, now: int | None = None) -> int:
    """A template of the firm's own, empty but for its title; returns its number."""
    require(actor, "write_templates")
    if not may_edit(actor, department_id):
        raise Forbidden(_("Templates for all departments, and those of others, are changed by managers."))
    errors = []
    if not new.title.strip():
        errors.append(FieldError("/title", _("The title is empty. Say what the template is for.")))
    if not _NAME.fullmatch(new.name):
        words = _("“%(name)s” is no name: begin with a letter, go on with a–z, 0–9 and _.", name=new.name)
        errors.append(FieldError("/name", words))
    elif new.name in templates(tx).names() or (department_id, new.name) in templates(tx).edited:
        errors.append(FieldError("/name", _("There is a template of this name already. Choose another one.")))
    if new.audience not in {CUSTOMER, COLLEAGUE}:
        known = f"{CUSTOMER}, {COLLEAGUE}"
        errors.append(FieldError("/audience", _("Write one of: %(known)s.", known=known)))
    if errors:
        raise Invalid(*errors)
    start = {
        code: {"subject": new.title.strip(), "text": _greeting(code, new.audience), "html": None} for code in LANGUAGES
    }
    template = Template(new.name, new.title.strip(), new.audience, {}, FIRM)
    return _keep(tx, actor, department_id, template, start, 0, now or now_ms())


def _greeting(code: str, audience: str) -> str:
    if audience == COLLEAGUE:
        return {"id": "Halo {{ recipient }},\n\n{{ desk_link }}\n"}.get(
            code, "Hello {{ recipient }},\n\n{{ desk_link }}\n"
        )
    dear = {"id": "Bapak/Ibu {{ customer.name }},"}.get(code, "Dear {{ customer.name }},")
    return f"{dear}\n\n{{{{ link }}}}\n\n{{{{ department.signature }}}}\n"


def restore_template(
    tx: Connection, actor: Actor, name: str, department_id: int, number: int, *, seen: int | None = None
) -> int:
    """Use an earlier version again, as a new one; number 0 stands for the words behind it. Returns the new number."""
    template = editable(tx, actor, name, department_id)
    if number == 0:
        if templates(tx).base(name, department_id) is None:
            raise Invalid(FieldError("/number", _("Nothing stands behind this template. Write its words anew.")))
        return _keep(tx, actor, department_id, template, {}, seen, now_ms())
    row = tx.execute(_VERSION, {"department": department_id, "name": name, "number": number}).one_or_none()
    if row is None:
        raise NotFound(_("There is no such version."))
    return _keep(tx, actor, department_id, template_of(row), row.texts, seen, now_ms())


def _keep(
    tx: Connection,
    actor: Actor,
    department_id: int,
    template: Template,
    texts: Mapping[str, Any],
    seen: int | None,
    now: int,
) -> int:
    newest = templates(tx).edited.get((department_id, template.name))
    number = newest.number if newest else 0
    changed = Conflict(
        _("Somebody has saved this template since you opened it. Your text is still here; compare it with theirs.")
    )
    if seen is not None and seen != number:
        raise changed
    values = {
        "department_id": department_id,
        "name": template.name,
        "number": number + 1,
        "title": template.title if isinstance(template.title, str) else "",  # a plugin's stays the plugin's
        "audience": template.audience,
        "texts": dict(texts),
        "author_id": actor.id if actor.is_person else None,
        "at": now,
    }
    try:
        tx.execute(_INSERT, values)
    except IntegrityError:
        raise changed from None
    configuration.bump(tx)
    data = {"template": template.name, "number": number + 1}
    department = department_id or None
    append_to(tx, "system", 1, "template.changed", actor, data, at=now, department_id=department)
    return number + 1


# ---- what may be saved -----------------------------------------------------------------------------------------------------


def _checked(known: Catalogue, texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str | None]]:
    """The texts as they are kept; Invalid with everything that is wrong in any language."""
    errors = [error for code in LANGUAGES for error in text_problems(known, code, texts.get(code) or {})]
    if errors:
        raise Invalid(*errors)
    found: dict[str, dict[str, str | None]] = {}
    for code in LANGUAGES:
        given = texts.get(code) or {}
        subject, text, html = (_lines(given.get(part) or "") for part in PARTS)
        if subject or text:
            found[code] = {"subject": " ".join(subject.split()), "text": text + "\n", "html": html or None}
    return found


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def text_problems(known: Catalogue, code: str, given: Mapping[str, str]) -> Iterator[FieldError]:
    """What is wrong with the words in one language; a language that is left empty uses the words behind it."""
    subject, text, html = ((given.get(part) or "").strip() for part in PARTS)
    if not (subject or text or html):
        return
    if not subject:
        yield FieldError(f"/{code}/subject", _("The subject is empty."))
    if not text:
        yield FieldError(f"/{code}/text", _("The text is empty. Mail programs without HTML show it."))
    if len(subject) > LONGEST_SUBJECT:
        yield FieldError(f"/{code}/subject", _("A subject has at most %(n)s characters.", n=LONGEST_SUBJECT))
    for part in PARTS:
        for problem in problems(given.get(part) or "", known.knows, known.names()):
            words = _("Line %(line)s: %(words)s", line=problem.line, words=problem)
            yield FieldError(f"/{code}/{part}", str(problem) if part == "subject" else words)


def unsigned(template: Template) -> bool:
    """Does a mail to customers lack the department's signature in some language?"""
    return template.audience == CUSTOMER and any(
        "department.signature" not in (one.html or one.text) for one in template.texts.values()
    )
