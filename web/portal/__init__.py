"""Pages of the customers: ask for help, follow a request, answer. No account, no cookie that means anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, request

from core.texts import language
from web.portal.moments import moment
from web.portal.trouble import handle_trouble
from web.security import CONTENT_POLICY, csrf

if TYPE_CHECKING:
    from flask import Response

portal = Blueprint("portal", __name__)
handle_trouble(portal)
# The help form carries a signed token of its own (it also works inside other sites), a request page its signed address.
csrf.exempt(portal)
_FRAMED = CONTENT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")


@portal.context_processor
def _furnish() -> dict[str, Any]:
    """The same address in the other language, and how moments read here."""
    other = "en" if language() == "id" else "id"
    return {"other_language": urlencode({**request.args.to_dict(), "lang": other}), "moment": moment}


@portal.after_request
def _private(response: Response) -> Response:
    if request.endpoint not in {"portal.help_articles", "portal.help_article"}:  # what everybody may read may be found
        response.headers["X-Robots-Tag"] = "noindex"
    if request.path == "/help/embed" or (request.path == "/help/thanks" and request.args.get("embed") == "1"):
        _let_others_show(response)
    return response


def _let_others_show(page: Response) -> None:
    """Other sites may show this page: it holds nothing of anybody, and what is sent with it does not rest on a cookie."""
    page.headers["Content-Security-Policy"] = _FRAMED
    page.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


from web.portal import asked_page, help_articles, help_form, request_page, survey_page  # noqa: E402  (the views attach themselves to `portal`)

__all__ = ["asked_page", "help_articles", "help_form", "portal", "request_page", "survey_page"]
