"""Pages of the customers: ask for help, follow a request, answer. No account, no cookie that means anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, request

from core.texts import language
from web.portal.moments import moment
from web.security import csrf

if TYPE_CHECKING:
    from flask import Response

portal = Blueprint("portal", __name__)
csrf.exempt(
    portal
)  # the help form carries a signed token of its own (it also works inside other sites), a request page its signed address


@portal.context_processor
def _furnish() -> dict[str, Any]:
    """The same address in the other language, and how moments read here."""
    other = "en" if language() == "id" else "id"
    return {"other_language": urlencode({**request.args.to_dict(), "lang": other}), "moment": moment}


@portal.after_request
def _private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


from web.portal import help_form, request_page  # noqa: E402  (the views attach themselves to `portal`)

__all__ = ["help_form", "portal", "request_page"]
