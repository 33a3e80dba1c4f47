"""Ask for help: the form on our own page and inside other sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for

from core.actors import SYSTEM
from core.configuration import setting
from core.directory import directory
from core.errors import FieldError, Invalid
from core.estimates import first_answer
from core.public_articles import has_public_articles
from core.texts import _, language
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.portal import portal
from web.portal.form_token import genuine, new_token, once
from web.portal.uploads import uploaded
from web.security import limiter
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Department

_FORM = "help"
_TRAP = "website"  # no person sees this field; programs fill in whatever is there
_IDS = {
    "/customer/email": "email",
    "/customer/name": "name",
    "/subject": "subject",
    "/body": "message",
    "/attachments": "files",
    "/department": "department",
    "/topic": "topic",
}
_TYPED = ("department", "topic", "name", "email", "subject", "message")


@dataclass(frozen=True, slots=True)
class Topic:
    """Something people ask about; `department` takes care of it (None: whichever is chosen)."""

    name: str
    title: str
    department: str | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers."""

    departments: tuple[Department, ...]
    topics: tuple[Topic, ...]


def _choices(tx: Connection) -> Choices:
    """Departments that take tickets, and the topics of the setting `help_topics`: [{name, title: {en, id}, department}]."""
    firm = directory(tx)
    departments = tuple(one for one in firm.departments.values() if firm.first_team(one.id))
    topics = tuple(
        Topic(str(one["name"]), _said(one.get("title"), str(one["name"])), one.get("department"))
        for one in setting(tx, "help_topics", [])
    )
    return Choices(departments, topics)


def _said(title: Any, name: str) -> str:
    if isinstance(title, dict):
        return str(title.get(language()) or next(iter(title.values()), name))
    return str(title or name)


@portal.get("/help")
def help_form() -> ResponseReturnValue:
    """The form on its own page."""
    return _form(_wished(), {}, embedded=False)


@portal.get("/help/embed")
def embedded_form() -> ResponseReturnValue:
    """The form to be shown inside another site."""
    return _form(_wished(), {}, embedded=True)


@portal.post("/help")
@limiter.limit("10/minute;100/hour")
def ask() -> ResponseReturnValue:
    """Send the form."""
    return _take(embedded=False)


@portal.post("/help/embed")
@limiter.limit("10/minute;100/hour")
def ask_embedded() -> ResponseReturnValue:
    """Send the form from inside another site."""
    return _take(embedded=True)


@portal.get("/help/thanks")
def thanks() -> ResponseReturnValue:
    """It has arrived; when will they hear from us?"""
    with database().read() as tx:
        firm = directory(tx)
        department = firm.department(request.args.get("department", ""))
        estimate = first_answer(tx, firm, department.id).say() if department else ""
    embedded = request.args.get("embed") == "1"
    return render_template("portal/thanks.html", estimate=estimate, embedded=embedded, home=_home(embedded))


def _wished() -> dict[str, str]:
    """What the link to the form has chosen already: `/help?department=billing&topic=refund`."""
    return {name: request.args[name][:998] for name in _TYPED if request.args.get(name)}


def _home(embedded: bool) -> str:
    return url_for("portal.embedded_form" if embedded else "portal.help_form", lang=request.args.get("lang"))


def _form(typed: dict[str, str], errors: dict[str, str], *, embedded: bool, status: int = 200) -> ResponseReturnValue:
    with database().read() as tx:
        choices, answers = _choices(tx), has_public_articles(tx)
    page = render_template(
        "portal/help.html",
        typed=typed,
        errors=errors,
        choices=choices,
        answers=answers,
        embedded=embedded,
        trap=_TRAP,
        form_token=new_token(settings(), _FORM),
    )
    return page, status


def _take(*, embedded: bool) -> ResponseReturnValue:
    typed = {name: request.form.get(name, "").strip() for name in _TYPED}
    token = request.form.get("form_token", "")
    if request.form.get(_TRAP):
        return _thanked(typed["department"], embedded)  # a program that fills in everything; it learns nothing
    if not genuine(settings(), _FORM, token):
        return _form(typed, {"message": _too_old()}, embedded=embedded, status=422)
    try:
        with database().write() as tx:
            department = _open(tx, typed, token)
    except Invalid as error:
        wrong = {_IDS.get(one.pointer, "message"): one.message for one in error.errors}
        return _form(typed, wrong, embedded=embedded, status=422)
    return _thanked(department, embedded)


def _too_old() -> str:
    return _("This page was open for a very long time. Look over what you wrote and send it again; nothing is lost.")


def _open(tx: Connection, typed: dict[str, str], token: str) -> str:
    choices = _choices(tx)
    topic = next((one for one in choices.topics if one.name == typed["topic"]), None)
    department = (topic.department if topic else None) or typed["department"] or choices.departments[0].name
    files = uploaded("files")
    new = NewTicket(
        subject=typed["subject"],
        body=typed["message"],
        customer=CustomerRef(typed["email"], typed["name"]),
        channel="form",
        department=department,
        topic=typed["topic"][:64] or None,
        language=language(),
        attachments=files,
    )
    _check(typed)
    content = (*typed.values(), *((file.name, file.content) for file in files))
    once(tx, token, content, lambda: open_ticket(tx, settings(), SYSTEM, new).ticket_id)
    return department


def _check(typed: dict[str, str]) -> None:
    """What the form asks for beyond what a ticket needs; the rest is named in the same answer."""
    errors = []
    if not typed["email"]:
        errors.append(FieldError("/customer/email", _("Enter your e-mail address, like name@example.com")))
    if not typed["subject"]:
        errors.append(FieldError("/subject", _("Say in a few words what it is about")))
    if not typed["message"]:
        errors.append(FieldError("/body", _("Tell us what we can do for you")))
    if errors:
        raise Invalid(*errors)


def _thanked(department: str, embedded: bool) -> ResponseReturnValue:
    values: dict[str, Any] = {
        "department": department,
        "lang": request.args.get("lang"),
        "embed": "1" if embedded else None,
    }
    return redirect(url_for("portal.thanks", **values), 303)
