"""Every page of the desk also works over PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.moments import now_ms
from core.procedures import publish_library
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.app import create_app

from .conftest import PASSWORD, fill_firm, post

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings

PAGES = [
    *("/", "/?view=mine", "/?view=all", "/?view=due", "/?view=last", "/?view=vip", "/?view=unheld", "/?view=waiting"),
    *("/?view=channel:email&q=status:open,in-progress+fridge", "/?view=all&after=1.1", "/?view=offered"),
    *("/tickets/1", "/tickets/1/timeline", "/work", "/search?q=fridge", "/search?q=1", "/customers/1", "/articles"),
    *("/tickets/new", "/me", "/studio/", "/studio/1", "/admin/status", "/admin/mail"),
]


def test_every_page_opens(postgres: Database, postgres_settings: Settings) -> None:
    with postgres.write() as tx:
        fill_firm(tx)
        publish_library(tx, SYSTEM, now_ms())
        customer = CustomerRef("sari@example.com", "Sari Wulandari")
        new = NewTicket("The fridge leaks", "Water", customer, channel="email", department="service")
        open_ticket(tx, postgres_settings, SYSTEM, new)
    app = create_app(postgres_settings, postgres)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=True)
    for nick in ("mira", "lina"):
        client = app.test_client()
        assert post(client, "/signin", {"email": f"{nick}@example.com", "password": PASSWORD}).status_code == 303
        for path in PAGES:
            assert client.get(path).status_code in {200, 302}, path
    assert post(client, "/tickets/1/reply", {"body": "Tomorrow", "then": "wait"}).status_code == 303
    assert post(client, "/tickets/1/take").status_code == 303
    assert "Tomorrow" in client.get("/tickets/1").text
