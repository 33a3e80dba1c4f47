"""Tokens of the API: each acts for the person who made it, and its secret is shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from core.moments import now_ms, rfc3339
from core.tokens import TokenRow, make_token, repeatable_secret, revoke_token, tokens_of
from web.api import shapes_firm as shapes
from web.api.answers import Answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.api.shapes_work import Nothing
from web.wiring import database, settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

part = Part("tokens", __name__, "Keys of programs.")


@part.reading("/tokens")
@part.response(200, listed(shapes.Token))
def list_tokens() -> Response:
    """Your tokens, the newest first"""
    with database().read() as tx:
        return items([_token(row) for row in tokens_of(tx, caller())])


@part.command("/tokens")
@part.arguments(shapes.NewToken)
@part.response(201, shapes.NewTokenShown)
def create_token(given: dict[str, Any]) -> Response:
    """Make a token

    It may do what you may. Its secret is in this answer only; what is kept is a hash.
    """
    secret = _repeatable()

    def work(tx: Connection) -> Answer:
        row, token = make_token(tx, caller(), given["name"], secret=secret, now=now_ms())
        return Answer(_token(row), 201, secret=("token", token))

    return command(work, refill=lambda: ("token", secret or ""))


def _repeatable() -> str | None:
    """With an Idempotency-Key the secret is derived from it, so that the same request can be given the same answer without keeping it."""
    key = request.headers.get("Idempotency-Key")
    return repeatable_secret(settings(), f"{caller().id}\n{key}") if key else None


@part.command("/tokens/<int:token_id>/revoke")
@part.arguments(Nothing)
@part.response(200, shapes.Token)
def revoke(_given: dict[str, Any], token_id: int) -> Response:
    """End a token: the next call with it is refused"""

    def work(tx: Connection) -> Answer:
        revoke_token(tx, caller(), token_id)
        return Answer(next(_token(row) for row in tokens_of(tx, caller()) if row.id == token_id))

    return command(work)


def _token(row: TokenRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "created_at": rfc3339(row.created_at),
        "last_used_at": rfc3339(row.last_used_at),
        "revoked": row.revoked,
    }
