"""The mail catcher: what would have left the house, to be looked at on a laptop or a test installation."""

from __future__ import annotations

from email import message_from_string, policy
from typing import TYPE_CHECKING

from flask import Response, render_template, request

from core.status import caught_mail, caught_mails
from core.texts import _
from web.admin import admin
from web.sanitise import paragraphs
from web.security import CONTENT_POLICY, FRAMED_MAIL
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from email.message import EmailMessage

    from flask.typing import ResponseReturnValue


@admin.get("/mail")
def mails() -> ResponseReturnValue:
    """The caught mails, newest first."""
    before = request.args.get("before", "")
    with database().read() as tx:
        found = caught_mails(tx, actor(), int(before) if before.isdecimal() else None)
    return render_template("admin/mails.html", here="admin", mails=found)


@admin.get("/mail/<int:mail_id>")
def mail(mail_id: int) -> ResponseReturnValue:
    """One mail: headers, text, its HTML in a frame that can do nothing, and all of it as it would have left."""
    with database().read() as tx:
        found, raw = caught_mail(tx, actor(), mail_id)
    parsed = _parsed(raw)
    page = render_template(
        "admin/mail.html",
        here="admin",
        mail=found,
        headers=[(name, str(value)) for name, value in parsed.items()],
        text=paragraphs(_part(parsed, "plain")),
        html=bool(_part(parsed, "html")),
        files=[part.get_filename() or _("file") for part in parsed.iter_attachments()],
        raw=raw,
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = CONTENT_POLICY + "; frame-src 'self'"
    return response


@admin.get("/mail/<int:mail_id>/html")
def mail_html(mail_id: int) -> ResponseReturnValue:
    """The mail's HTML for the frame: sandboxed, with nothing fetched from outside."""
    with database().read() as tx:
        _found, raw = caught_mail(tx, actor(), mail_id)
    response = Response(_part(_parsed(raw), "html"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAMED_MAIL
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _parsed(raw: str) -> EmailMessage:
    return message_from_string(raw, policy=policy.default)


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    try:
        return str(body.get_content()) if body is not None else ""
    except (LookupError, KeyError, ValueError):
        return ""
