"""The library: every SOP, its versions, and a version as its text and its relay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from core import sop_pages
from core.moments import now_ms
from core.sop.reading import load
from core.tickets.relay import legs
from web.signin import actor
from web.studio import studio
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@studio.get("/")
def library() -> ResponseReturnValue:
    """Every SOP."""
    with database().read() as tx:
        found = sop_pages.sop_list(tx, actor())
    sops = [(line, load(line.text) if line.text else None) for line in found]
    return render_template("studio/library.html", here="studio", sops=sops)


@studio.get("/<int:sop_id>")
def sop(sop_id: int) -> ResponseReturnValue:
    """One SOP with its versions."""
    with database().read() as tx:
        line, versions = sop_pages.sop_versions(tx, actor(), sop_id)
    document = load(line.text) if line.text else None
    return render_template("studio/sop.html", here="studio", line=line, sop=document, versions=versions)


@studio.get("/<int:sop_id>/versions/<int:number>")
def version(sop_id: int, number: int) -> ResponseReturnValue:
    """One version: its text, and the relay it makes."""
    with database().read() as tx:
        state, text = sop_pages.version_text(tx, actor(), sop_id, number)
    document = load(text)
    return render_template(
        "studio/version.html",
        here="studio",
        sop=document,
        sop_id=sop_id,
        number=number,
        state=state,
        text=text,
        relay=legs(document, (), now_ms()),
    )
