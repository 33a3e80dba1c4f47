"""What does a program get when something did not work? An RFC 9457 problem in the caller's language, with every wrong value named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import structlog
from flask import Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from core.errors import CommandError, Conflict, FieldError, Forbidden, Invalid, NotFound, Refused
from core.texts import _
from web.log import request_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Blueprint

_log = structlog.get_logger("estafet.api")
_STATUS: tuple[tuple[type[CommandError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Invalid, 422),
    (Conflict, 409),
    (Refused, 409),
)
_KEPT_HEADERS = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})


class Stale(CommandError):
    """The thing was changed since the version named in If-Match."""


class OnStep(Exception):
    """A conflict on a step, with how the step stands now."""

    def __init__(self, error: CommandError, step: Mapping[str, Any]) -> None:
        super().__init__(str(error))
        self.error = error
        self.step = step


def problem(
    status: int,
    detail: str,
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """The problem as an answer."""
    body = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "detail": detail,
        "errors": [{"pointer": error.pointer, "message": error.message} for error in errors],
        "code": request_id(),
        **more,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, dict(headers or {}), mimetype="application/problem+json")


def handle_problems(blueprint: Blueprint) -> None:
    """Answer every error of this blueprint with a problem."""
    blueprint.register_error_handler(CommandError, command_failed)
    blueprint.register_error_handler(OnStep, _step_failed)
    blueprint.register_error_handler(HTTPException, refused_by_http)
    blueprint.register_error_handler(OperationalError, database_away)
    blueprint.register_error_handler(InterfaceError, database_away)
    blueprint.register_error_handler(Exception, _broken)


def command_failed(error: CommandError) -> Response:
    """A command that was not carried out."""
    status = 412 if isinstance(error, Stale) else next((s for kind, s in _STATUS if isinstance(error, kind)), 400)
    errors = error.errors if isinstance(error, Invalid) else ()
    more: dict[str, Any] = {}
    newest = getattr(error, "newest_id", None)
    if newest is not None:
        more["newest_message"] = newest
    return problem(status, str(error) or _("Nothing was changed."), errors, **more)


def _step_failed(error: OnStep) -> Response:
    answer = command_failed(error.error)
    body = json.loads(answer.get_data())
    answer.set_data(json.dumps({**body, "step": error.step}, ensure_ascii=False, separators=(",", ":")))
    return answer


def refused_by_http(error: HTTPException) -> Response:
    """What Flask or its libraries refused."""
    status = error.code or 500
    if status < 400:
        answer = error.get_response()
        assert isinstance(answer, Response)
        return answer
    headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    return problem(status, _detail(status, headers), headers=headers)


def database_away(error: Exception) -> Response:
    """The database is locked for long, or away."""
    _log.warning(
        "database does not answer", id=request_id(), path=request.path, error=str(getattr(error, "orig", error))[:300]
    )
    detail = _(
        "The database does not answer just now, and nothing was saved. Send the same request again in a few seconds, "
        "with the same Idempotency-Key."
    )
    return problem(503, detail, headers={"Retry-After": "5"})


def _broken(error: Exception) -> Response:
    _log.exception("call failed", id=request_id(), path=request.path, error=type(error).__name__)
    return problem(500, _detail(500, {}))


def _title(status: int) -> str:
    titles = {
        400: _("The request cannot be read"),
        401: _("Who are you?"),
        403: _("You may not do this"),
        404: _("Not found"),
        405: _("This method is not allowed here"),
        406: _("This format is not available"),
        409: _("This was not done"),
        412: _("This has changed meanwhile"),
        413: _("This is too large"),
        415: _("This form is not understood"),
        422: _("There is a problem"),
        429: _("Too many requests"),
        500: _("Something broke on our side"),
        503: _("Busy at the moment"),
    }
    return titles.get(status) or _("This did not work")


def _detail(status: int, headers: Mapping[str, str]) -> str:
    match status:
        case 400:
            return _("The body is not well-formed JSON. Send one JSON object in UTF-8.")
        case 401:
            return _(
                "Send a token: Authorization: Bearer est_… . Make one with POST /api/v1/tokens or in your settings."
            )
        case 404:
            return _(
                "There is nothing at %(path)s. The addresses that exist are in /api/v1/openapi.json.", path=request.path
            )
        case 405:
            return _(
                "%(method)s is not possible here. Possible: %(allow)s.",
                method=request.method,
                allow=headers.get("Allow", "-"),
            )
        case 413:
            return _("The request is too large. Files of one message may have 25 MB together.")
        case 415:
            return _("Send the body as JSON, with the header Content-Type: application/json.")
        case 429:
            return _("Wait a minute, then try again.")
        case 500:
            return _(
                "Nothing was saved. Send the same request again (with the same Idempotency-Key); if it fails again, "
                "tell your administrator the code %(code)s.",
                code=request_id(),
            )
        case 503:
            return _("Nothing is lost. Try again in a few seconds.")
        case _:
            return _("Nothing was changed.")
