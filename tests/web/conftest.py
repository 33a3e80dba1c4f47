"""What page tests share: a small firm, its people, an application and clients that have signed in."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert
from werkzeug.serving import make_server

from core.actors import SYSTEM
from core.moments import now_ms
from core.procedures import publish_library
from core.schema import Department, Membership, Person, PersonLoad, Team
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

    from core.database import Database
    from core.settings import Settings

AXE = Path(__file__).parents[2] / "vendor" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "tongkat estafet satu"
HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)  # cheap: the hash names its own cost
PEOPLE = {
    "mira": ("Mira Santoso", "manager", None),
    "lina": ("Lina Hartati", "lead", 1),
    "dewi": ("Dewi Anggraini", "agent", 1),
    "bagus": ("Bagus Wicaksono", "agent", 1),
    "wati": ("Wati Gudang", "light", 1),
    "oskar": ("Oskar Other", "agent", 2),
}
IDS = {nick: i for i, nick in enumerate(PEOPLE, 1)}


def fill_firm(tx: Any) -> None:
    """Two departments with a team each, and somebody in every role."""
    for i, name in ((1, "service"), (2, "billing")):
        tx.execute(
            insert(Department).values(
                id=i, name=name, title=name.title(), address=f"{name}@example.com", language="en", default_team_id=i
            )
        )
        tx.execute(insert(Team).values(id=i, department_id=i, name=f"{name}-team", title=f"{name.title()} team"))
    for nick, (name, role, department) in PEOPLE.items():
        tx.execute(
            insert(Person).values(
                id=IDS[nick],
                email=f"{nick}@example.com",
                name=name,
                nick=nick,
                role=role,
                department_id=department,
                language="en",
                availability="online",
                password_hash=HASH,
                settings={},
            )
        )
        tx.execute(insert(PersonLoad).values(person_id=IDS[nick], open_n=0))
        if role in {"agent", "lead"}:
            tx.execute(insert(Membership).values(team_id=department or 1, person_id=IDS[nick]))


@pytest.fixture
def firm(database: Database) -> Database:
    """The database with the small firm in it."""
    with database.write() as tx:
        fill_firm(tx)
    return database


@pytest.fixture
def ticket_id(settings: Settings, firm: Database) -> int:
    """A ticket that came by mail and follows the standard procedure."""
    with firm.write() as tx:
        publish_library(tx, SYSTEM, now_ms())
        new = NewTicket(
            "The fridge leaks",
            "Water runs under it.\n\nPlease come.",
            CustomerRef("sari@example.com", "Sari Wulandari"),
            channel="email",
            department="service",
            language="en",
        )
        return open_ticket(tx, settings, SYSTEM, new).ticket_id


@pytest.fixture
def app(settings: Settings, firm: Database) -> Iterator[Flask]:
    """The application over the small firm."""
    made = create_app(settings, firm)
    made.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=True)
    yield made
    made.extensions["estafet"].hub.stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


def token(client: FlaskClient, path: str = "/signin") -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path, follow_redirects=True).text)
    assert found, "the page has no token"
    return found[1]


def post(client: FlaskClient, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
    """Send a form with its token."""
    return client.post(path, data={"csrf_token": token(client), **(data or {})}, **more)


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], FlaskClient]:
    """`signed_in("dewi")`: a browser in which this person has signed in."""

    def enter(nick: str) -> FlaskClient:
        client = app.test_client()
        answer = post(client, "/signin", {"email": f"{nick}@example.com", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return enter


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application behind a real server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@pytest.fixture
def enter(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """`enter("dewi", "/")`: a window of this person's own, on this page. Whatever the browser complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_window(nick: str, path: str = "/", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=site)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(f"/signin?next={path}")
        page.fill("#email", f"{nick}@example.com")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/signin" not in url, wait_until="load")
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [line for line in complaints if "409" not in line and "422" not in line] == []


@pytest.fixture
def findings() -> Callable[[Page], list[str]]:
    """`findings(page)`: what axe finds on the page as it is shown."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci in vendor/)")

    def look(page: Page) -> list[str]:
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]

    return look
