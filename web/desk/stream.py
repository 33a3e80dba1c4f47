"""The live stream of a window: what changed in the reader's department, and on the ticket they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request, stream_with_context

from core.permissions import require, sees_all_departments
from core.texts import _
from core.tickets.head import ticket_head
from web.desk import desk
from web.desk.acting import number
from web.desk.ticket import team_ids
from web.live import messages
from web.signin import actor, reader
from web.wiring import database, wiring

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@desk.get("/live")
def live() -> ResponseReturnValue:
    """Server-sent events. When every stream is taken, the browser is asked to come again later."""
    require(actor(), "read_tickets")
    ticket_id = number(request.args.get("ticket"))
    if ticket_id is not None:
        with database().read() as tx:
            ticket_head(tx, actor(), ticket_id, team_ids(reader()))
    hub = wiring().hub
    department = None if sees_all_departments(actor()) else actor().department_id
    everything, mark = sees_all_departments(actor()), request.args.get("mark", "")
    stream = hub.open(department, everything=everything, ticket_id=ticket_id, mark=mark, person_id=reader().id)
    if stream is None:
        busy = Response(_("Too many windows are open. This one looks again in a while."), 503, mimetype="text/plain")
        busy.headers["Retry-After"] = "15"
        return busy
    resumed = "Last-Event-ID" in request.headers
    lines = stream_with_context(messages(hub, stream, resumed=resumed))
    response = Response(lines, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response
