"""Who calls? The bearer token's person, or (for reading only) the person whose desk is open in this browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app, g, request
from flask_limiter.util import get_remote_address
from limits import parse

from core import texts
from core.moments import now_ms
from core.texts import _
from core.tokens import find_caller, note_use
from web.api.problems import problem
from web.languages import speak_with
from web.security import limiter
from web.signin import current_reader
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Response

    from core.actors import Actor

View = TypeVar("View", bound="Callable[..., Any]")
_GUESSES = parse("60/minute")  # wrong tokens from one address; right ones are not counted
LARGEST_BODY = 36_000_000  # 25 MB of files are a third more in base64
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def need_caller(blueprint: Blueprint) -> None:
    """Every call of this blueprint needs somebody, except views marked `open_to_programs`."""

    @blueprint.before_request
    def check() -> Response | None:
        request.max_content_length = LARGEST_BODY
        view = current_app.view_functions.get(request.endpoint or "")
        return None if getattr(view, "open_to_programs", False) else _let_in()


def open_to_programs(view: View) -> View:
    """Mark a view that needs nobody."""
    view.open_to_programs = True  # type: ignore[attr-defined]
    return view


def caller() -> Actor:
    """Who calls, as commands know them."""
    return cast("Actor", g.actor)


def _let_in() -> Response | None:
    given = request.headers.get("Authorization", "")
    kind, _space, token = given.partition(" ")
    if kind.lower() == "bearer" and token:
        return _with_token(token.strip())
    if not given and request.method in _READING:
        reader = current_reader()
        if reader is not None:
            g.actor = reader.actor
            return None
    return _refuse(given)


def _with_token(token: str) -> Response | None:
    now = now_ms()
    with database().read() as tx:
        found = find_caller(tx, token, now)
    if found is None:
        return _refuse(token)
    if found.stale:
        with database().write(quietly=True) as tx:
            note_use(tx, found.token_id, now)
    g.actor = found.actor
    _speak(found.language, found.tz)
    return None


def _speak(language: str, tz: str) -> None:
    """What the call asks for (Accept-Language) comes first, then the person's own language."""
    wish = request.headers.get("Accept-Language")
    speak_with(texts.best_language(wish, language) if wish else language, tz)


def _refuse(given: str) -> Response:
    if given and not limiter.limiter.hit(_GUESSES, "api-token", get_remote_address()):
        return problem(
            429, _("Too many wrong tokens came from your address. Wait a minute."), headers={"Retry-After": "60"}
        )
    detail = (
        _("This token is not known, or it was revoked. Check it, or make a new one.")
        if given
        else _("Send a token: Authorization: Bearer est_… . Make one with POST /api/v1/tokens or in your settings.")
    )
    return problem(401, detail, headers={"WWW-Authenticate": 'Bearer realm="Estafet"'})
