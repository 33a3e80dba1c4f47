"""Plugins: what is installed, how each one fares, its switch and settings, and the events that it could not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from core.errors import Invalid
from core.plugins.arriving import turn_again
from core.plugins.checks import ask_check
from core.plugins.facts import ask_again
from core.plugins.page import plugins_page
from core.plugins.publishing import switch
from core.plugins.settings import save_settings
from core.texts import _
from web.admin import admin
from web.signin import actor
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def _back(name: str = "") -> ResponseReturnValue:
    return redirect(url_for("admin.plugins_list", _anchor=f"p-{name}" if name else None), 303)


@admin.get("/plugins")
def plugins_list() -> ResponseReturnValue:
    """All plugins."""
    return _page("", {}, 200)


def _page(wrong: str, errors: dict[str, str], status: int) -> ResponseReturnValue:
    """The page; `errors` belong to the settings of the plugin `wrong`, whose form keeps what was typed in."""
    with database().read() as tx:
        lines = plugins_page(tx, settings(), actor())
    typed = request.form if wrong else {}
    page = render_template("admin/plugins.html", here="admin", lines=lines, wrong=wrong, errors=errors, typed=typed)
    return page, status


@admin.post("/plugins/<name>/switch")
def plugin_switch(name: str) -> ResponseReturnValue:
    """On or off, in the running product."""
    on = request.form.get("on") == "1"
    with database().write() as tx:
        switch(tx, actor(), name, on=on)
    words = _("Plugin “%(name)s” is on.", name=name) if on else _("Plugin “%(name)s” is off.", name=name)
    flash(words)
    return _back(name)


@admin.post("/plugins/<name>/settings")
def plugin_settings(name: str) -> ResponseReturnValue:
    """Keep its settings; its next call has them."""
    try:
        with database().write() as tx:
            save_settings(tx, settings(), actor(), name, request.form)
    except Invalid as error:
        return _page(name, {one.pointer.removeprefix("/"): one.message for one in error.errors}, 422)
    flash(_("The settings of “%(name)s” are saved.", name=name))
    return _back(name)


@admin.post("/plugins/<name>/check")
def plugin_check(name: str) -> ResponseReturnValue:
    """Test the connection: the plugin host does it, and the page says how it went."""
    with database().write() as tx:
        ask_check(tx, actor(), name)
    flash(_("The connection is being tested. Look again in a moment."))
    return _back(name)


@admin.post("/plugins/parked/<int:parked_id>/again")
def plugin_send_again(parked_id: int) -> ResponseReturnValue:
    """Send a parked event once more."""
    with database().write() as tx:
        ask_again(tx, actor(), parked_id)
    flash(_("The event will be sent again."))
    return _back()


@admin.post("/plugins/deliveries/<int:delivery_id>/again")
def plugin_turn_again(delivery_id: int) -> ResponseReturnValue:
    """Let a plugin take a delivery once more."""
    with database().write() as tx:
        turn_again(tx, actor(), delivery_id)
    flash(_("The delivery will be taken again."))
    return _back()
