"""What does a customer read when something did not work? What happened and what to do; nothing of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template
from werkzeug.exceptions import HTTPException

from core.texts import _

if TYPE_CHECKING:
    from flask import Blueprint
    from flask.typing import ResponseReturnValue


def handle_trouble(blueprint: Blueprint) -> None:
    """Answer what HTTP refuses with a page for customers."""
    blueprint.register_error_handler(HTTPException, _say)


def _say(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    words = {
        413: (
            _("The files are too large"),
            _("Nothing was sent. All files together may have 25 MB. Go back, choose smaller ones and send it again."),
        ),
        429: (_("That was very often"), _("Nothing was sent. Wait a minute, go back and send it once more.")),
    }
    known = (
        _("This did not work"),
        _("Nothing was sent. Go back and try again; what you wrote is still in your browser."),
    )
    title, text = words.get(status, known)
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return render_template("portal/trouble.html", title=title, text=text), status, kept
