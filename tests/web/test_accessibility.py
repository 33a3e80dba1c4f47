"""Every page of the desk as a screen reader and a keyboard meet it: axe finds nothing, keys act, focus goes where one looks next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

DESK = [
    "/?view=all",
    "/?view=due&q=zzz",
    "/tickets/1",
    "/tickets/1/procedure",
    "/tickets/1/timeline",
    "/work",
    "/search?q=fridge",
]
MORE = ["/customers/1", "/articles", "/tickets/new", "/me", "/keys", "/admin/status", "/admin/mail", "/no/such/page"]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(
    enter: Callable[..., Page], findings: Callable[[Page], list[str]], ticket_id: int, width: int
) -> None:
    page = enter("lina", "/", width)
    found = {}
    for path in DESK + MORE:
        if path == "/no/such/page":
            continue
        page.goto(path)
        for folded in page.query_selector_all("details.why"):
            folded.evaluate("one => { one.open = true; }")
        found[path] = findings(page)
    assert {path: some for path, some in found.items() if some} == {}


@pytest.mark.parametrize("path", ["/signin", "/password"])
def test_axe_finds_nothing_at_the_door(page: Page, site: str, findings: Callable[[Page], list[str]], path: str) -> None:
    page.goto(site + path)
    assert findings(page) == []


def test_focus_goes_to_the_next_step(enter: Callable[..., Page], ticket_id: int) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    page.locator("#sop .leg-work button[value=solved]").click()
    expect(page.locator("#sop [aria-current=step] > .leg-name")).to_be_focused()


def test_errors_take_the_focus(enter: Callable[..., Page], ticket_id: int) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    page.locator("[data-send]").click()
    expect(page.locator("#problem")).to_be_focused()
    assert page.title().startswith("Error:")


def test_keys_of_the_ticket(enter: Callable[..., Page], ticket_id: int) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    page.keyboard.press("r")
    expect(page.locator("#body")).to_be_focused()
    page.locator("body").press("Escape")
    page.keyboard.press("s")
    expect(page.locator("#sop .leg-work :focus")).to_have_count(1)
    page.locator("#talk-h").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("b")
    expect(page.locator("details[data-key=b]")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("details[data-key=b] > summary")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("[data-theirs]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.wait_for_url("**/keys")
