"""The glossary: words that mean the same in both languages. What is shipped is read, an installation's own groups are written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from core.errors import Invalid
from core.learning.glossary import own_groups, save_groups, shipped_groups
from core.permissions import require
from core.texts import _
from web.desk.acting import field_errors
from web.learning import learning
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@learning.get("/studio/glossary")
def glossary() -> ResponseReturnValue:
    """The form."""
    require(actor(), "write_sops")
    with database().read() as tx:
        own = own_groups(tx)
    return _page(own, {})


def _page(own: str, errors: dict[str, str]) -> str:
    return render_template("learning/glossary.html", here="studio", own=own, errors=errors, shipped=shipped_groups())


@learning.post("/studio/glossary")
def save_glossary() -> ResponseReturnValue:
    """Save the own groups; tickets and articles are indexed anew behind the click."""
    own = request.form.get("own", "").replace("\r\n", "\n")
    try:
        with database().write() as tx:
            save_groups(tx, actor(), own)
    except Invalid as error:
        return _page(own, field_errors(error)), 422
    flash(_("Saved. Solved tickets and articles are being read again by it."))
    return redirect(url_for("learning.glossary"), 303)
