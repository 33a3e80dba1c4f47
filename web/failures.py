"""What does a person see when something did not work? What happened, what is safe, what to do; programs get RFC 9457 problems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from flask import current_app, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from core.errors import CommandError, Conflict, Forbidden, Invalid, NotFound, Refused
from core.texts import _
from web.api.problems import database_away, problem, refused_by_http
from web.log import request_id

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

_log = structlog.get_logger("estafet.web")
_PROGRAMS = ("/api/", "/hooks/", "/healthz", "/readyz", "/metrics")
_STATUS: tuple[tuple[type[CommandError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Invalid, 422),
    (Conflict, 409),
    (Refused, 409),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """The page of one failure. `again`: offer to try again."""

    status: int
    title: str
    text: str
    again: bool = False


def status_of(error: CommandError) -> int:
    """The HTTP status of a command that was not carried out."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def handle_failures(app: Flask) -> None:
    """Answer every error with a page in the reader's language."""
    app.register_error_handler(CommandError, _command_failed)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _refused_by_http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(InterfaceError, _database_away)
    app.register_error_handler(Exception, _broken)


def answer(failure: Failure) -> ResponseReturnValue:
    """The failure as a page, or as a problem for programs."""
    if request.path.startswith(_PROGRAMS):
        return problem(failure.status, failure.text), failure.status
    return render_template("failure.html", failure=failure, code=request_id()), failure.status


def _command_failed(error: CommandError) -> ResponseReturnValue:
    status = status_of(error)
    titles = {
        404: _("This page does not exist"),
        403: _("You may not do this"),
        422: _("There is a problem"),
        409: _("This was not done"),
    }
    text = str(error) or _("Nothing was changed.")
    return answer(Failure(status, titles.get(status, _("This was not done")), text))


def _form_too_old(_error: CSRFError) -> ResponseReturnValue:
    return answer(
        Failure(
            400,
            _("This form is too old"),
            _("Nothing was sent. Go back, reload the page and send it again; what you wrote is kept in your browser."),
            again=True,
        )
    )


def _refused_by_http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    if request.path.startswith(_PROGRAMS):
        return refused_by_http(error)
    known = {
        403: (_("You may not do this"), _("Your role does not allow this page. Ask your team lead.")),
        404: (
            _("This page does not exist"),
            _(
                "It was not found, or it belongs to a department you are not in. If someone sent you the link, ask them to invite you."
            ),
        ),
        405: (_("This page cannot do that"), _("Nothing was changed. Go back and use the button of the page.")),
        413: (_("This is too large"), _("Nothing was sent. Files of one message may have 25 MB together.")),
        429: (_("Too many attempts"), _("Wait a minute, then try again. This protects accounts from guessing.")),
        503: (_("Busy at the moment"), _("Nothing is lost. Try again in a few seconds.")),
    }
    title, text = known.get(code, (_("This did not work"), _("Nothing was changed. Go back and try again.")))
    answered = answer(Failure(code, title, text, again=code in {429, 503}))
    return (*answered, _kept_headers(error)) if isinstance(answered, tuple) else answered


def _kept_headers(error: HTTPException) -> dict[str, str]:
    return {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}


def _database_away(error: Exception) -> ResponseReturnValue:
    """The database is locked for long, or away. The page asks it nothing: neither who reads nor whether procedures lag."""
    if request.path.startswith(_PROGRAMS):
        return database_away(error)
    _log.warning(
        "database does not answer", id=request_id(), path=request.path, error=str(getattr(error, "orig", error))[:300]
    )
    text = _(
        "The database does not answer just now. What you sent was not saved; what you wrote is kept in your browser. Try again in a few seconds."
    )
    failure = Failure(503, _("Busy at the moment"), text, again=True)
    page = current_app.jinja_env.get_template("failure.html").render(failure=failure, code=request_id(), me=None)
    return page, 503, {"Retry-After": "5"}


def _broken(error: Exception) -> ResponseReturnValue:
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    _log.exception("request failed", id=request_id(), path=request.path, error=type(error).__name__)
    text = _(
        "What you sent was not saved; what you wrote is kept in your browser. Try again; "
        "if it fails again, tell your administrator the code %(code)s.",
        code=request_id(),
    )
    return answer(Failure(500, _("Something broke on our side"), text, again=True))
