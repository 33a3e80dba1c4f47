"""Alerts in the page: one's own list with what is unread, how mails come, why a ticket was called out and why not, silence, watching."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import flash, jsonify, redirect, render_template, request, url_for

from core import people
from core.alerts import page, store
from core.alerts.delivering import QUIETS, clock, read_wishes, wishes_of
from core.alerts.digesting import place_name
from core.alerts.silencing import hear_again, silence
from core.alerts.watching import HEARS, unwatch, watch
from core.alerts.words import headline, kind_name, missing, threshold
from core.directory import directory
from core.errors import CommandError, Invalid
from core.moments import now_ms
from core.permissions import require
from core.texts import _
from core.tickets.head import ticket_head
from web.desk import desk
from web.desk.acting import back_to, changing, field_errors, number, shown_again
from web.desk.ticket import team_ids
from web.desk.why_alerted import why_called
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """An alert as a line: what it is about, its sentence, and the lines of its Why."""

    alert: page.Mine
    kind: str
    text: str
    place: str
    why: tuple[str, ...]


@desk.get("/alerts")
def alerts() -> ResponseReturnValue:
    """The reader's alerts, the newest first."""
    return _alerts_page({}, 200)


def _alerts_page(errors: dict[str, str], status: int) -> ResponseReturnValue:
    require(actor(), "read_tickets")
    unread, before = request.args.get("unread") == "1", number(request.args.get("before"))
    with database().read() as tx:
        rows = page.mine(tx, reader().id, unread=unread, before=before, limit=PAGE + 1)
        lines = []
        for row in rows[:PAGE]:
            rule = store.rule_version(tx, row.rule_id, row.rule_version or 0) if row.rule_id else None
            why = why_called(rule, row.kind, row.facts)
            place = place_name(tx, row.team_id, row.department_id)
            lines.append(Line(row, kind_name(row.kind), headline(row.kind, row.facts), place, why))
    shown = page_of_wishes() if not errors else request.form
    more = lines[-1].alert.id if len(rows) > PAGE else None
    context = {"lines": lines, "more": more, "unread": unread, "wishes": shown, "quiets": QUIETS, "errors": errors}
    return render_template("desk/alerts.html", here="alerts", **context), status


def page_of_wishes() -> dict[str, str]:
    """How the reader wants mails of alerts, as the form shows it."""
    wishes = wishes_of(reader().settings)
    return {
        "digest": clock(wishes.digest),
        "quiet": wishes.quiet,
        "begins": clock(wishes.begins),
        "ends": clock(wishes.ends),
    }


@desk.get("/alerts/count")
def count_alerts() -> ResponseReturnValue:
    """How many are unread: the bell asks when the live stream says that there is news."""
    require(actor(), "read_tickets")
    answer = jsonify(unread=reader().unread)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@desk.post("/alerts/read")
def read_alerts() -> ResponseReturnValue:
    """Mark one alert, or all of them, as read."""
    require(actor(), "read_tickets")
    chosen = [n for text in request.form.getlist("alert") if (n := number(text)) is not None]
    with database().write() as tx:
        page.mark_read(tx, reader().id, chosen or None, now_ms())
    return redirect(url_for("desk.alerts"), 303)


@desk.post("/alerts/wishes")
def change_wishes() -> ResponseReturnValue:
    """Keep at which hour the digest comes, and when it is quiet."""
    require(actor(), "read_tickets")
    try:
        wishes = read_wishes(request.form, wishes_of(reader().settings))
    except Invalid as error:
        return _alerts_page(field_errors(error), 422)
    with database().write(quietly=True) as tx:
        people.change_settings(tx, reader().id, {**reader().settings, "alerts": asdict(wishes)})
    flash(_("Saved."))
    return redirect(url_for("desk.alerts"), 303)


# ---- of one ticket ---------------------------------------------------------------------------------------------------------


@desk.get("/tickets/<int:ticket_id>/alerts")
def ticket_alerts(ticket_id: int) -> ResponseReturnValue:
    """What was called out about the ticket and why, and what every other rule missed."""
    require(actor(), "read_tickets")
    with database().read() as tx:
        head = ticket_head(tx, actor(), ticket_id, team_ids(reader()))
        found = page.of_ticket(tx, ticket_id, now_ms())
        firm = directory(tx)
    called = [
        (one, kind_name(one.kind), headline(one.kind, one.facts), why_called(one.rule, one.kind, one.facts))
        for one in found.called
    ]
    silent = [
        (one.rule, kind_name(one.rule.kind), threshold(one.rule), missing(one.rule, one.part))
        for one in found.not_called
    ]
    context = {"t": head, "found": found, "called": called, "silent": silent, "firm": firm}
    return render_template("desk/ticket_alerts.html", here="queue", **context)


@desk.post("/tickets/<int:ticket_id>/silence")
def silence_ticket(ticket_id: int) -> ResponseReturnValue:
    """No more alerts about this ticket."""
    with changing(ticket_id) as tx:
        silence(tx, actor(), ticket_id)
        page.mark_ticket_read(tx, reader().id, ticket_id, now_ms())
    return redirect(_back(ticket_id), 303)


@desk.post("/tickets/<int:ticket_id>/unsilence")
def unsilence_ticket(ticket_id: int) -> ResponseReturnValue:
    """Let its alerts be heard again."""
    with changing(ticket_id) as tx:
        hear_again(tx, actor(), ticket_id)
    return redirect(_back(ticket_id), 303)


def _back(ticket_id: int) -> str:
    """The list from which the button was pressed, else the ticket's alerts."""
    mine = request.form.get("back") == "alerts"
    return url_for("desk.alerts") if mine else url_for("desk.ticket_alerts", ticket_id=ticket_id)


@desk.post("/tickets/<int:ticket_id>/watch")
def watch_ticket(ticket_id: int) -> ResponseReturnValue:
    """Watch the ticket, or let a colleague watch it: of what to hear, and how."""
    person = number(request.form.get("person")) or reader().id
    hears = request.form.getlist("hears") if "chosen" in request.form else list(HEARS)
    try:
        with changing(ticket_id) as tx:
            watch(tx, actor(), ticket_id, person, hears=hears, how=request.form.get("how", "page"))
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)


@desk.post("/tickets/<int:ticket_id>/unwatch")
def unwatch_ticket(ticket_id: int) -> ResponseReturnValue:
    """Watch it no more, or take a colleague off the list."""
    try:
        with changing(ticket_id) as tx:
            unwatch(tx, actor(), ticket_id, number(request.form.get("person")) or reader().id)
    except CommandError as error:
        return shown_again(ticket_id, error)
    return back_to(ticket_id)
