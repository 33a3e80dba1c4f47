"""Was this form really opened here, not long ago, and is it sent for the first time? A signed moment with a number of its own."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeTimedSerializer

from core import idempotency
from core.moments import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from core.settings import Settings

OPEN_SECONDS = 24 * 3600
_OWNER = "form"


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("portal-form"), salt="form")


def new_token(settings: Settings, form: str) -> str:
    """A token for one form on one page."""
    return str(_signer(settings).dumps([form, secrets.token_urlsafe(9)]))


def genuine(settings: Settings, form: str, token: str) -> bool:
    """Was the token made here for this form, within the last day?"""
    try:
        made_for, _number = _signer(settings).loads(token, max_age=OPEN_SECONDS)
    except (BadData, ValueError, TypeError):
        return False
    return bool(made_for == form)


def once(tx: Connection, token: str, content: Iterable[object], work: Callable[[], int]) -> int:
    """Do the work of a form that was sent; the same form with the same content again (a double click, a reload) is answered with what was made."""
    digest = sha256(repr(tuple(content)).encode()).hexdigest()
    key = sha256(f"{token}\n{digest}".encode()).hexdigest()
    kept = idempotency.claim(tx, _OWNER, key, digest, now_ms())
    if kept is not None:
        return int(json.loads(kept.answer["made"]))
    made = work()
    idempotency.keep(tx, _OWNER, key, 201, {"made": json.dumps(made)})
    return made
