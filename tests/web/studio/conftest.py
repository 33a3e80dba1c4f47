"""What tests of the studio share: a window of a person's own in a real browser, which fails on whatever the browser complains of."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from core.actors import SYSTEM
from core.moments import now_ms
from core.procedures import publish_library

from ..conftest import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from playwright.sync_api import Browser, Page

    from core.database import Database

AXE = Path(__file__).parents[3] / "vendor" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def library(firm: Database) -> Database:
    """The small firm with the procedures that come with the product."""
    with firm.write() as tx:
        publish_library(tx, SYSTEM, now_ms())
    return firm


@pytest.fixture
def site(app: Flask, library: Database) -> Iterator[str]:
    """The application behind a real server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)


@pytest.fixture
def enter(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """`enter("lina", "/studio/")`: a window of this person's own. A script error or a breach of the content policy fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_window(nick: str, path: str, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=site)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        page.goto("/signin")
        page.fill("#email", f"{nick}@example.com")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/signin" not in url)
        page.goto(path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def findings() -> Callable[[Page], list[str]]:
    """`findings(page)`: what axe finds on the page as it is shown."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci in vendor/)")

    def look(page: Page) -> list[str]:
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]

    return look
