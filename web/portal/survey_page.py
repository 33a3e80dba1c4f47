"""The customer rates their request: behind the link in a survey's mail, and on the request page. Looking at it rates nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for

from core.actors import customer as as_customer
from core.configuration import setting
from core.directory import directory
from core.errors import Conflict, Invalid, NotFound
from core.links import read_survey_link, request_link
from core.moments import now_ms
from core.surveys import SCALES
from core.texts import _
from core.tickets import surveys
from core.tickets.rating import rate as rate_request
from core.tickets.request_page import request_of
from web.languages import speak_with
from web.portal import portal
from web.security import limiter
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.surveys import Scale
    from core.tickets.request_page import Request
    from core.tickets.surveys import Asked

_ZONE = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class ShownSurvey:
    """A survey as a page shows it. `wrong` and `comment` are of an answer that could not be used."""

    asked: Asked
    scale: Scale
    changeable: bool
    comment: str
    wrong: str = ""


def shown_surveys(
    tx: Connection, found: Request, typed: Mapping[int, tuple[str, str]] | None = None
) -> list[ShownSurvey]:
    """The surveys of a request that can be answered or have been; nobody else's. `typed`: (comment, what was wrong) of one not taken."""
    now = now_ms()
    mine = [
        _shown(one, found, now, *(typed or {}).get(one.step_id, (None, "")))
        for one in surveys.surveys_of(tx, found.id)
        if one.customer_id == found.customer_id
    ]
    return [one for one in mine if one.changeable or one.asked.score is not None]


def _shown(asked: Asked, found: Request, now: int, typed: str | None = None, wrong: str = "") -> ShownSurvey:
    comment = asked.comment if typed is None else typed
    return ShownSurvey(asked, SCALES[asked.type], asked.changeable(found.status, now), comment, wrong)


def _open(tx: Connection, signed: str) -> tuple[Asked, Request]:
    asked = surveys.survey_behind(tx, read_survey_link(settings(), signed))
    found = request_of(tx, asked.ticket_id)
    speak_with(found.customer_language, _ZONE)
    return asked, found


@portal.get("/s/<signed>")
def survey_page(signed: str) -> ResponseReturnValue:
    """The question with its scores."""
    return _page(signed)


def _page(signed: str, typed: str | None = None, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    try:
        with database().read() as tx:
            asked, found = _open(tx, signed)
            brand = setting(tx, "firm_name") or directory(tx).departments[found.department_id].title
    except NotFound:
        return render_template("portal/no_link.html"), 404
    page = render_template(
        "portal/survey.html",
        survey=_shown(asked, found, now_ms(), typed, wrong),
        r=found,
        brand=brand,
        signed=signed,
        thanks="done" in request.args,
        request_path=request_link(settings(), found.id, found.customer_id, found.link_epoch),
    )
    return page, status


@portal.post("/s/<signed>")
@limiter.limit("30/minute;200/hour")
def rate(signed: str) -> ResponseReturnValue:
    """Answer, or change the answer."""
    try:
        with database().write() as tx:
            asked, found = _open(tx, signed)
            rate_from_form(tx, found, asked.step_id)
    except NotFound:
        return render_template("portal/no_link.html"), 404
    except Invalid as error:
        return _page(signed, request.form.get("comment", ""), str(error.errors[0].message), 422)
    except Conflict as error:
        return _page(signed, request.form.get("comment", ""), str(error), 409)
    return redirect(url_for("portal.survey_page", signed=signed, lang=request.args.get("lang"), done=1), 303)


def rate_from_form(tx: Connection, found: Request, step_id: int) -> None:
    """The customer of this request answers one of its surveys with what the form holds."""
    asked = surveys.find_survey(tx, step_id)
    if (asked.ticket_id, asked.customer_id) != (found.id, found.customer_id):
        raise NotFound(_("There is no such survey."))
    given = request.form.get("score", "")
    score = int(given) if given.isdecimal() and len(given) < 4 else None
    me = as_customer(found.customer_id, found.customer)
    rate_request(tx, settings(), me, step_id, score, request.form.get("comment", ""))
