"""One line for each request, with an id that the answer carries too, so that a person's report leads to its line."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

import structlog
from flask import g, request

if TYPE_CHECKING:
    from flask import Flask, Response

_log = structlog.get_logger("estafet.web")
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is misread on the telephone
_GIVEN = re.compile(r"[A-Za-z0-9._-]{6,64}")


def log_requests(app: Flask) -> None:
    """Give every request an id and write its line."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The id of this request, as `F3K-82Q`, or the one a proxy in front gave it."""
    return str(g.get("request_id", "-"))


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _GIVEN.fullmatch(given) else _new_id()
    g.began = time.perf_counter()


def _new_id() -> str:
    letters = "".join([_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(6)])  # of 32: equally likely
    return f"{letters[:3]}-{letters[3:]}"


def _end(response: Response) -> Response:
    this = request_id()
    response.headers["X-Request-Id"] = this
    if request.endpoint != "static":
        _log.info(
            "request",
            id=this,
            method=request.method,
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        )
    return response
