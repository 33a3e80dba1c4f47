"""What is ours about the Flask application: what every request would pay for and none of ours needs is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from web.incoming import CleanRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from flask.sessions import SecureCookieSession


class OwnSessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie. Without a cookie, as programs call, the machinery that would check one is not built."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)


class Application(Flask):
    """Every view and hook is an ordinary function, so none is asked whether it is a coroutine (twenty times a request)."""

    request_class = CleanRequest
    session_interface = OwnSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
