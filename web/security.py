"""Headers, tokens against forged forms, and limits on guessing: what every answer carries and every form needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

if TYPE_CHECKING:
    from flask import Flask, Response

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# A mail brings its own styles, so they are allowed inside its frame; scripts, forms, links' targets and everything from outside are not.
FRAMED_MAIL = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_ADDED = tuple((name, name.lower(), value) for name, value in _HEADERS.items())

csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://", headers_enabled=True)


def protect(app: Flask) -> None:
    """Add the headers, the check of every form's token, and the limiter to the application."""
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_add_headers)


@limiter.request_filter
def _called_by_program() -> bool:
    """The API limits wrong tokens itself (see `web.api.caller`); none of its calls has a limit that would have to be looked up."""
    return (request.endpoint or "").startswith("api-")


def _add_headers(response: Response) -> Response:
    headers = response.headers
    given = {name.lower(): value for name, value in headers}  # once: each question would go through all of them
    framed = "frame-ancestors *" in given.get("content-security-policy", "")
    for name, lower, value in _ADDED:
        if lower not in given and not (framed and name == "X-Frame-Options"):
            headers.add(name, value)
    if request.is_secure and "strict-transport-security" not in given:
        headers.add("Strict-Transport-Security", "max-age=31536000")
    if "cache-control" not in given and request.endpoint != "static":
        headers.add("Cache-Control", "private, no-store")
    return response
