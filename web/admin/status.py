"""What is going on: processes, how far the procedures are behind, and what went out without a known end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template

from core.moments import now_ms
from core.status import status_page
from web.admin import admin
from web.admin.processes import process_name, sentences
from web.signin import actor
from web.wiring import database, wiring

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@admin.get("/status")
def status() -> ResponseReturnValue:
    """How the installation stands."""
    with database().read() as tx:
        page = status_page(tx, actor())
    return render_template(
        "admin/status.html",
        here="admin",
        page=page,
        now=now_ms(),
        windows=wiring().hub.count,
        process_name=process_name,
        sentences=sentences,
    )
