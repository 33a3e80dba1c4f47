"""What is one's own: open steps over all tickets, language, availability, keys, access tokens, the password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from core import people, tokens
from core.directory import directory
from core.errors import Invalid
from core.moments import now_ms
from core.permissions import may, require
from core.sop.shapes import humanised
from core.texts import _, set_language
from core.tickets import duties
from core.tickets.documents import documents
from core.tickets.holding import set_availability
from core.tickets.ways import find_step
from web.desk import desk
from web.desk.acting import field_errors
from web.desk.telling import title_in_list
from web.desk.ticket import team_ids
from web.signin import actor, begin_session, reader
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.tickets.duties import Duty


@dataclass(frozen=True, slots=True)
class Work:
    """An open step with its title in the reader's language."""

    duty: Duty
    title: str


@desk.get("/work")
def work() -> ResponseReturnValue:
    """The batons offered to the reader, and their open steps, the most urgent first."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        offered = duties.offers(tx, reader().id)
        found = duties.duties(tx, reader().id, team_ids(reader()))
        sops = documents(tx, (duty.version_id for duty in found))
        firm = directory(tx)
    lines = []
    for duty in found:
        sop = sops.get(duty.version_id)
        step = find_step(sop, duty.name) if sop else None
        known = title_in_list(firm, sop, step, duty.fields, duty.customer) if sop and step else ""
        lines.append(Work(duty, known or humanised(duty.name)))
    return render_template("desk/work.html", here="work", lines=lines, offered=offered, now=now_ms())


@desk.get("/keys")
def keys() -> ResponseReturnValue:
    """Every key of the keyboard."""
    return render_template("desk/keys.html", here="me")


@desk.get("/me")
def me_page() -> ResponseReturnValue:
    """The reader's own settings."""
    return _settings_page({}, 200)


def _settings_page(errors: dict[str, str], status: int, new_token: str = "") -> ResponseReturnValue:
    own: list[tokens.TokenRow] = []
    if may(actor(), "manage_own_tokens"):
        with database().read() as tx:
            own = [token for token in tokens.tokens_of(tx, actor()) if not token.revoked]
    return render_template("desk/me.html", here="me", tokens=own, errors=errors, new_token=new_token), status


@desk.post("/me/language")
def change_language() -> ResponseReturnValue:
    """Speak the other language with this person."""
    with database().write(quietly=True) as tx:
        people.change_language(tx, reader().id, request.form.get("language", ""))
    return redirect(_where_from(), 303)


@desk.post("/me/availability")
def change_availability() -> ResponseReturnValue:
    """Come online, be busy, go away."""
    with database().write() as tx:
        set_availability(tx, settings(), actor(), reader().id, request.form.get("availability", ""))
    return redirect(_where_from(), 303)


@desk.post("/me/settings")
def change_settings() -> ResponseReturnValue:
    """Switch single-key shortcuts on or off."""
    with database().write(quietly=True) as tx:
        people.change_settings(tx, reader().id, {**reader().settings, "keys": "keys" in request.form})
    flash(_("Saved."))
    return redirect(url_for("desk.me_page"), 303)


@desk.post("/me/password")
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other session ends, this one goes on."""
    try:
        with database().write(quietly=True) as tx:
            people.change_password(tx, reader(), request.form.get("old", ""), request.form.get("password", ""))
    except Invalid as error:
        return _settings_page(field_errors(error), 422)
    with database().read() as tx:
        again = people.load_reader(tx, reader().id)
    assert again is not None
    begin_session(again)
    set_language(again.language)
    flash(_("Your password is changed. Every other session has ended."))
    return redirect(url_for("desk.me_page"), 303)


@desk.post("/me/tokens")
def make_token() -> ResponseReturnValue:
    """Make a token for a program; it is shown once."""
    try:
        with database().write(quietly=True) as tx:
            _row, token = tokens.make_token(tx, actor(), request.form.get("name", ""), now=now_ms())
    except Invalid as error:
        return _settings_page(field_errors(error), 422)
    return _settings_page({}, 200, token)


@desk.post("/me/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Take a token back; programs that use it are refused from now on."""
    with database().write(quietly=True) as tx:
        tokens.revoke_token(tx, actor(), token_id)
    flash(_("The token is revoked."))
    return redirect(url_for("desk.me_page"), 303)


def _where_from() -> str:
    """The page on which the button was, if it is ours."""
    referrer = request.referrer or ""
    return referrer if referrer.startswith(request.host_url) else url_for("desk.queue")
