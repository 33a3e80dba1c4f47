"""How does an answer look? JSON with names as they are documented, lists with a cursor, and commands that are carried out once."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask import Response, request

from core import idempotency
from core.errors import FieldError, Invalid
from core.moments import now_ms
from core.texts import _
from web.api.caller import caller
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answers. `secret` is shown but never kept: a name in the body and its value."""

    body: Mapping[str, Any] | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: tuple[str, str] | None = None


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The body as JSON."""
    return Response(_encode(body), status, dict(headers or {}), mimetype="application/json")


def items(found: Sequence[Any], following: str | None = None) -> Response:
    """A list."""
    return answer({"items": found, "next": following})


def command(work: Callable[[Connection], Answer], refill: Callable[[], tuple[str, str]] | None = None) -> Response:
    """Carry out a command in one transaction. With an Idempotency-Key the answer is kept in that same transaction, so that a repetition,
    even one at the same moment or after a crash, gets it again. `refill` makes a secret anew that was shown in the first answer.
    """
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    with database().write() as tx:
        if key is None:
            return _sent(work(tx))
        owner = f"person:{caller().id}"
        kept = idempotency.claim(tx, owner, key, _digest(), now_ms())
        if kept is None:
            given = work(tx)
            answered = {"body": _encode(given.body), "headers": dict(given.headers)}
            idempotency.keep(tx, owner, key, given.status, answered)
            return _sent(given)
    return _again(kept, refill)


def _digest() -> str:
    asked = f"{request.method} {request.path}\n".encode()
    return sha256(asked + request.get_data(cache=True)).hexdigest()


def _sent(given: Answer) -> Response:
    body = given.body
    if given.secret is not None:
        body = {**(body or {}), given.secret[0]: given.secret[1]}
    return answer(body, given.status, given.headers)


def _again(kept: idempotency.Kept, refill: Callable[[], tuple[str, str]] | None) -> Response:
    text = kept.answer["body"]
    if refill is not None:
        name, value = refill()
        text = _encode({**json.loads(text), name: value})
    headers = {**kept.answer["headers"], "Idempotent-Replayed": "true"}
    return Response(text, kept.status, headers, mimetype="application/json")


# ---- cursors ------------------------------------------------------------------------------------------------------------


def cursor(*parts: int | str) -> str:
    """Where the next page begins; opaque to the caller."""
    return base64.urlsafe_b64encode(_encode(list(parts)).encode()).decode().rstrip("=")


def read_cursor(given: str | None, *kinds: type) -> list[Any] | None:
    """The parts of a cursor that we gave; None when there is none."""
    if not given:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    fits = isinstance(parts, list) and len(parts) == len(kinds)
    if not fits or not all(type(part) is kind for part, kind in zip(parts, kinds, strict=True)):
        raise Invalid(
            FieldError("/next", _("This cursor was not given by us for this list. Begin again without “next”."))
        )
    numbers_fit = all(not isinstance(part, int) or abs(part) < 2**62 for part in parts)
    if not numbers_fit:
        raise Invalid(FieldError("/next", _("This cursor was not given by us for this list.")))
    found: list[Any] = parts
    return found
