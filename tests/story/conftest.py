"""The house of the story: `estafet up` in a temporary home, on ports of its own, and windows into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.estafet.conftest import House, house

__all__ = ["House", "Window", "house", "window"]

Window = Callable[..., Page]


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    """`window(url)`: a window of somebody's own; what its page complains of fails the test at the end."""
    complaints: list[str] = []
    contexts = []

    def open_window(url: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=url, locale="en-US")
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []
