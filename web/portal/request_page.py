"""The page of one request, opened by the signed address in a mail: follow it, answer, do what one is asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for

from core.actors import customer as as_customer
from core.configuration import setting
from core.directory import directory
from core.errors import CommandError, Conflict, Forbidden, Invalid, NotFound, Refused
from core.estimates import first_answer
from core.links import read_link
from core.moments import now_ms
from core.texts import _, language
from core.tickets.conversation import IncomingMessage, receive_reply
from core.tickets.documents import documents
from core.tickets.opening import check_files
from core.tickets.request_page import conversation, find_request, read_file, steps_of
from core.tickets.steps import complete_step
from core.tickets.ways import find_step
from core.tickets.withdrawing import withdraw
from core.tickets.writings import files_of
from web.desk.files import download
from web.desk.stepform import file_fields, read_fields
from web.languages import speak_with
from web.portal import portal
from web.portal.form_token import new_token, once
from web.portal.journey import asked, asks_customer, journey, promise
from web.portal.survey_page import rate_from_form, shown_surveys
from web.portal.uploads import uploaded
from web.security import limiter
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.tickets.request_page import Request, Shown

_FORM = "reply"
_ZONE = "Asia/Jakarta"
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and could not be used: it is still there when the page is shown again."""

    reply: str = ""
    steps: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    reason: str = ""
    surveys: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # the comment, and what was wrong
    status: int = 200


def _find(tx: Connection, signed: str) -> Request:
    found = find_request(tx, read_link(settings(), signed))
    speak_with(found.customer_language, _ZONE)
    return found


@portal.get("/r/<signed>")
def request_page(signed: str) -> ResponseReturnValue:
    """The request."""
    return _page(signed, Typed())


def _page(signed: str, typed: Typed) -> ResponseReturnValue:
    now = now_ms()
    with database().read() as tx:
        try:
            found = _find(tx, signed)
        except NotFound:
            return render_template("portal/no_link.html"), 404
        firm = directory(tx)
        said, files = conversation(tx, found)
        version, visits = steps_of(tx, found)
        sop = documents(tx, [version]).get(version or 0)
        estimate = first_answer(tx, firm, found.department_id).say()
        brand = setting(tx, "firm_name") or firm.departments[found.department_id].title
        surveys = shown_surveys(tx, found, typed.surveys)
    stops = journey(sop, visits, found, now)
    page = render_template(
        "portal/request.html",
        r=found,
        signed=signed,
        brand=brand,
        said=[(one, _author(one, brand), files.get(one.id, ())) for one in said],
        stops=stops,
        asked=asked(sop, visits, typed.steps),
        promise=promise(found, stops, estimate, now),
        holder=_first_name(firm.people[found.holder_id].name) if found.holder_id else "",
        over=found.status in {"resolved", "closed"},
        surveys=surveys,
        typed=typed,
        form_token=new_token(settings(), _FORM),
    )
    return page, typed.status


def _first_name(name: str) -> str:
    return name.split()[0] if name.split() else name


def _author(one: Shown, brand: str) -> str:
    if one.mine:
        return _("You")
    if not one.ours:
        return one.author
    return f"{_first_name(one.author)}, {brand}" if one.author else brand


def _back(signed: str, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("portal.request_page", signed=signed, lang=request.args.get("lang"), _anchor=anchor), 303)


@portal.post("/r/<signed>/reply")
@limiter.limit("20/minute;200/hour")
def reply(signed: str) -> ResponseReturnValue:
    """The customer writes: an answer, that it is not solved, or that it is."""
    text, files = request.form.get("reply", "").strip(), uploaded("files")
    try:
        with database().write() as tx:
            found = _find(tx, signed)
            _send(tx, found, _words(text), files)
    except NotFound:
        return render_template("portal/no_link.html"), 404
    except Invalid as error:
        wrong = {"files" if one.pointer == "/attachments" else "reply": one.message for one in error.errors}
        return _page(signed, Typed(reply=text, errors=wrong, status=422))
    return _back(signed, "conversation")


def _words(text: str) -> str:
    """What is said by one of the two buttons that need no words."""
    if text or "solved" not in request.form:
        return text
    if request.form["solved"] == "yes":
        return _("It is solved. Thank you.")
    return _("It is not solved yet.")


def _send(tx: Connection, found: Request, text: str, files: tuple[Any, ...]) -> None:
    errors: list[Any] = []
    check_files(files, errors)
    if errors:
        raise Invalid(*errors)
    me = as_customer(found.customer_id, found.customer)
    incoming = IncomingMessage(
        subject=found.subject,
        text=text[:_LONGEST],
        attachments=files,
        channel="portal",
        author_email=found.customer_email,
        author_name=found.customer,
    )
    ticket_id = found.merged_into or found.id
    content = (text, *((file.name, file.content) for file in files))
    once(
        tx,
        request.form.get("form_token", ""),
        (ticket_id, *content),
        lambda: receive_reply(tx, settings(), me, ticket_id, incoming).message_id,
    )


@portal.post("/r/<signed>/steps/<int:step_id>")
@limiter.limit("20/minute;200/hour")
def do_step(signed: str, step_id: int) -> ResponseReturnValue:
    """The customer completes a step that waits for them."""
    try:
        with database().write() as tx:
            _complete(tx, _find(tx, signed), step_id)
    except NotFound:
        return render_template("portal/no_link.html"), 404
    except Invalid as error:
        wrong = {f"f{step_id}-{one.pointer.rsplit('/', 1)[-1]}": one.message for one in error.errors}
        typed = {name.removeprefix("field."): text for name, text in request.form.items()}
        return _page(signed, Typed(steps={step_id: typed}, errors=wrong, status=422))
    except (Conflict, Refused, Forbidden) as error:
        kept = "\n".join(
            text.strip() for name, text in request.form.items() if name.startswith("field.") and text.strip()
        )
        return _page(signed, Typed(refused=_in_their_words(error, signed, step_id), reply=kept, status=409))
    return _back(signed, "journey")


def _complete(tx: Connection, found: Request, step_id: int) -> None:
    """Complete it, when it is theirs: whether it is, is asked of the ledger and not of the page."""
    version, visits = steps_of(tx, found)
    visit = next((one for one in visits if one.id == step_id), None)
    sop = documents(tx, [version]).get(version or 0)
    step = find_step(sop, visit.name) if sop and visit else None
    if sop is None or visit is None or step is None or not asks_customer(step, visit):
        raise Conflict(_("This is not open any more."))
    given = read_fields(sop, step, request.form)
    me = as_customer(found.customer_id, found.customer)
    for wanted in file_fields(sop, step):
        files = uploaded(f"field.{wanted.name}")
        if files:
            words = IncomingMessage("", wanted.label.say(language()), attachments=files[:1], channel="portal")
            sent = receive_reply(tx, settings(), me, found.id, words)
            file = files_of(tx, found.id)[sent.message_id][0]
            given[wanted.name] = {"file": file.id, "name": file.name, "size": file.size}
    complete_step(tx, settings(), me, found.id, step_id, fields=given, choice=request.form.get("choice") or None)


def _in_their_words(error: CommandError, signed: str, step_id: int) -> str:
    """Nobody outside needs to know who of us was faster or what a step is called inside."""
    if isinstance(error, Refused):
        return str(error)
    with database().read() as tx:
        _version, visits = steps_of(tx, _find(tx, signed))
    state = next((one.state for one in visits if one.id == step_id), None)
    if state == "expired":
        return _("The time for this has passed. Does it still matter? Then send it to us as a message.")
    if state in {None, "cancelled", "skipped"}:
        return _("This is not needed any more. Does it still matter? Then send it to us as a message.")
    return _("This has been answered already. Thank you; nothing more is needed.")


@portal.post("/r/<signed>/surveys/<int:step_id>")
@limiter.limit("30/minute;200/hour")
def rate_request(signed: str, step_id: int) -> ResponseReturnValue:
    """The customer answers a survey, or changes their answer."""
    try:
        with database().write() as tx:
            found = _find(tx, signed)
            rate_from_form(tx, found, step_id)
    except NotFound:
        return render_template("portal/no_link.html"), 404
    except Invalid as error:
        words = error.errors[0].message
        kept = {step_id: (request.form.get("comment", ""), words)}
        return _page(signed, Typed(errors={f"survey-{step_id}": words}, surveys=kept, status=422))
    except Conflict as error:
        return _page(signed, Typed(refused=str(error), reply=request.form.get("comment", "").strip(), status=409))
    return _back(signed, f"survey-{step_id}")


@portal.post("/r/<signed>/withdraw")
@limiter.limit("10/minute;60/hour")
def no_longer_needed(signed: str) -> ResponseReturnValue:
    """The customer no longer needs this."""
    reason = request.form.get("reason", "")
    try:
        with database().write() as tx:
            found = _find(tx, signed)
            withdraw(tx, settings(), as_customer(found.customer_id, found.customer), found.id, reason)
    except NotFound:
        return render_template("portal/no_link.html"), 404
    except Invalid as error:
        return _page(signed, Typed(errors={"reason": error.errors[0].message}, reason=reason, status=422))
    except Conflict as error:
        return _page(signed, Typed(refused=str(error), reply=reason.strip(), status=409))
    return _back(signed, "promise")


@portal.get("/r/<signed>/files/<int:file_id>")
def request_file(signed: str, file_id: int) -> ResponseReturnValue:
    """A file of the conversation."""
    try:
        with database().read() as tx:
            found, content = read_file(tx, _find(tx, signed), file_id)
    except NotFound:
        return render_template("portal/no_link.html"), 404
    return download(content, found.name, found.content_type)
