"""The page behind the link in a mail that asks for a decision or an answer: nobody signs in, and looking at it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for

from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from core.texts import language
from core.tickets import by_link
from web.languages import speak_with
from web.portal import portal
from web.security import limiter
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

_ZONE = "Asia/Jakarta"


def _speak(tx: Connection, signed: str) -> None:
    person = by_link.who_reads(tx, settings(), signed)[1].person
    if person is not None:
        speak_with(person.language, person.tz)
    else:
        speak_with(language(), _ZONE)


@portal.get("/a/<signed>")
def asked_page(signed: str) -> ResponseReturnValue:
    """The question with its facts, or what has become of it."""
    return _page(signed)


def _page(signed: str, typed: str = "", wrong: str = "", lost: str = "", status: int = 200) -> ResponseReturnValue:
    try:
        with database().read() as tx:
            _speak(tx, signed)
            found = by_link.asked(tx, settings(), signed, language())
    except NotFound:
        return render_template("portal/asked_gone.html"), 404
    page = render_template(
        "portal/asked.html", a=found, signed=signed, typed=typed, wrong=wrong, lost=lost, thanks="done" in request.args
    )
    return page, status


@portal.post("/a/<signed>")
@limiter.limit("30/minute;200/hour")
def decide(signed: str) -> ResponseReturnValue:
    """Approve, reject or answer: once."""
    said, verdict = request.form.get("text", "").strip(), request.form.get("verdict", "")
    try:
        with database().write() as tx:
            _speak(tx, signed)
            if verdict:
                by_link.vote_by_link(tx, settings(), signed, verdict, comment=said)
            else:
                by_link.answer_by_link(tx, settings(), signed, said)
    except NotFound:
        return render_template("portal/asked_gone.html"), 404
    except Invalid as error:
        return _page(signed, said, wrong=str(error), status=422)
    except (Conflict, Forbidden, Refused) as error:
        return _page(signed, said, lost=str(error), status=409)
    return redirect(url_for("portal.asked_page", signed=signed, lang=request.args.get("lang"), done=1), 303)
