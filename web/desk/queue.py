"""The queue: what waits, in the order in which it should be taken up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import render_template, request

from core.directory import directory
from core.moments import now_ms
from core.permissions import require, sees_all_departments
from core.sop.shapes import humanised
from core.texts import N_, _
from core.tickets import duties
from core.tickets import queue as tickets
from core.tickets.documents import documents
from core.tickets.ways import Standing, find_step, leg_at, standing
from web import words
from web.desk import desk
from web.desk.filters import apply_filter
from web.desk.telling import title_in_list
from web.signin import actor, reader
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.directory import Directory
    from core.people import Reader
    from core.sop.document import Sop
    from core.tickets.queue import Counts, Listing, QueueRow

SOON_MS = 2 * 3_600_000
CHANNELS = ("email", "chat", "phone", "form", "portal", "api")


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the sidebar. `count` names the number of `Counts` beside it."""

    code: str
    title: str
    group: str
    count: str = ""


VIEWS = (
    View("offered", N_("Batons offered to you"), "yours", "offered"),
    View("team", N_("Team queue"), "yours", "team"),
    View("mine", N_("You hold"), "yours", "mine"),
    View("unheld", N_("Nobody holds"), "department", "unheld"),
    View("due", N_("Due within 2 hours"), "department", "due"),
    View("vip", N_("VIP"), "department", "vip"),
    View("waiting", N_("Waiting for customer"), "department", "waiting"),
    View("all", N_("All open"), "department", "everything"),
    View("last", N_("Newest activity"), "department"),
)
_BY_CODE = {view.code: view for view in VIEWS}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the queue as it is shown: the row, its step's title, and where its relay stands."""

    row: QueueRow
    step_title: str
    standing: Standing | None
    why: str


@desk.get("/")
def queue() -> ResponseReturnValue:
    """The queue, or one view of it."""
    require(actor(), "read_tickets")
    me, code = reader(), request.args.get("view", "team" if reader().teams else "all")
    shown = _BY_CODE.get(code) or _BY_CODE["all"]
    channel = code.removeprefix("channel:") if code.startswith("channel:") else ""
    typed = request.args.get("q", "").strip()
    department = None if sees_all_departments(actor()) else me.department_id
    now = now_ms()
    with database().read() as tx:
        listing = apply_filter(tx, _listing(shown.code, channel, me, department, now), typed)
        page = tickets.queue_page(tx, replace(listing, after=_cursor(request.args.get("after", ""))))
        counts = tickets.counts(tx, me.id, tuple(team.id for team in me.teams), department, now + SOON_MS)
        offers = duties.offers(tx, me.id)
        sops = documents(tx, (row.version_id for row in page.rows))
        begun = tickets.begun(tx, page.rows)
        firm = directory(tx)
    code = f"channel:{channel}" if channel else shown.code
    return render_template(
        "desk/queue.html",
        here="queue",
        view=code,
        title=words.channel(channel) if channel else _(shown.title),
        total=None if channel or typed else _number(counts, shown.count),
        views=VIEWS,
        channels=CHANNELS,
        counts=counts,
        cap=tickets.CAP,
        offers=offers,
        lines=[line(row, sops, begun, firm, _why(shown.code, firm, row)) for row in page.rows]
        if shown.code != "offered"
        else [],
        next=page.next,
        typed=typed,
        now=now,
    )


def _number(counts: Counts, name: str) -> int | None:
    return getattr(counts, name) if name else None


def _listing(code: str, channel: str, me: Reader, department: int | None, now: int) -> Listing:
    """The wish behind a view."""
    wide = tickets.Listing("everything") if department is None else tickets.Listing("department", (department,))
    if channel:
        return replace(wide, channels=("form", "web") if channel == "form" else (channel,))
    match code:
        case "team":
            return tickets.Listing("team", tuple(team.id for team in me.teams))
        case "mine":
            return tickets.Listing("holder", (me.id,))
        case "unheld":
            return replace(wide, unheld=True)
        case "due":
            return replace(wide, order="due", due_before=now + SOON_MS)
        case "vip":
            return replace(wide, vip=True)
        case "waiting":
            return replace(wide, statuses=("pending_customer",))
        case "last":
            return replace(wide, order="last")
        case _:
            return wide


def _cursor(text: str) -> tuple[int, int] | None:
    key, _dot, last = text.partition(".")
    return (int(key), int(last)) if key.isdecimal() and last.isdecimal() else None


def line(row: QueueRow, sops: dict[int, Sop], begun: dict[int, set[str]], firm: Directory, why: str = "") -> Line:
    """A row with what its document says about its step, and why it stands where it does."""
    sop = sops.get(row.version_id or 0)
    if sop is None:
        return Line(row, "", None, why)
    if not row.step:
        return Line(row, "", None, why)
    step = find_step(sop, row.step) or leg_at(sop, row.path)
    title = title_in_list(firm, sop, step, row.fields, row.customer) if step else humanised(row.step)
    return Line(row, title, standing(sop, row.path, begun.get(row.run_id or 0, ())), why)


def _why(view: str, firm: Directory, row: QueueRow) -> str:
    """Why a row stands where it stands: the order of its own team's queue."""
    order = firm.queue_order(row.team_id, row.department_id)
    if view == "due":
        return _("Sorted by what is due first.")
    if view == "last":
        return _("Sorted by the newest activity.")
    if order == "urgency":
        return _(
            "Most urgent first: priority is %(priority)s. Among equals the one that came in first.",
            priority=words.priority(row.priority),
        )
    if order == "vip_lane" and row.vip:
        return _("VIP lane: %(name)s is a VIP customer. Inside the lane the one that came in first.", name=row.customer)
    if order == "vip_lane":
        return _("Behind the VIP lane, first in, first out.")
    return _("First in, first out.")
