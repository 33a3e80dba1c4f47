"""The desk in a real browser: what changes elsewhere appears, drafts survive, keys act, and nothing breaks the strict policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.actors import SYSTEM, Actor, customer
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.steps import complete_step

from .conftest import IDS
from .test_ticket import open_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from core.database import Database
    from core.settings import Settings

BAGUS = Actor("person", IDS["bagus"], "agent", "Bagus Wicaksono", 1)
SECOND = 1_000  # what changes elsewhere appears within a second (ms); the browser is given three on a busy machine


def test_comment_appears_in_open_window(enter: Callable[..., Page], firm: Database, ticket_id: int) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    with firm.write() as tx:
        add_comment(tx, BAGUS, ticket_id, Draft("The drain heater again."))
    expect(page.get_by_text("The drain heater again.")).to_be_visible(timeout=3 * SECOND)


def test_new_ticket_appears_in_queue(
    enter: Callable[..., Page], firm: Database, settings: Settings, ticket_id: int
) -> None:
    page = enter("dewi", "/?view=all")
    with firm.write() as tx:
        new = NewTicket("Rice cooker", "Spoils", CustomerRef("dian@example.com", "Dian"), department="service")
        open_ticket(tx, settings, SYSTEM, new)
    expect(page.get_by_role("link", name="Rice cooker")).to_be_visible(timeout=3 * SECOND)
    expect(page.locator("#views [aria-current] .count")).to_have_text("2")


def test_next_step_appears_elsewhere(
    enter: Callable[..., Page], firm: Database, settings: Settings, ticket_id: int
) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    with firm.write() as tx:
        complete_step(tx, settings, BAGUS, ticket_id, open_step_within(tx, ticket_id), choice="solved")
    expect(page.get_by_label("Resolution")).to_be_visible(timeout=3 * SECOND)


def open_step_within(tx: Any, ticket_id: int) -> int:
    from sqlalchemy import select

    from core.schema import StepVisit

    query = select(StepVisit.id).where(StepVisit.ticket_id == ticket_id, StepVisit.state == "open")
    return int(tx.execute(query.where(StepVisit.kind == "task")).scalar_one())


def test_draft_survives_reload(enter: Callable[..., Page], ticket_id: int) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    page.fill("#body", "Half a letter")
    page.reload()
    expect(page.locator("#body")).to_have_value("Half a letter")
    page.get_by_role("button", name="Send and wait for Sari").click()
    expect(page.locator(".msg--us").get_by_text("Half a letter")).to_be_visible()
    page.reload()
    expect(page.locator("#body")).to_have_value("")


def test_held_back_reply_keeps_its_words(
    enter: Callable[..., Page], firm: Database, settings: Settings, ticket_id: int
) -> None:
    page = enter("dewi", f"/tickets/{ticket_id}")
    page.fill("#body", "We come on Friday")
    with firm.write() as tx:
        receive_reply(tx, settings, customer(1, "Sari Wulandari"), ticket_id, IncomingMessage("Re", "It stopped."))
    expect(page.get_by_text("new since you began writing")).to_be_visible(timeout=3 * SECOND)
    page.get_by_role("button", name="Send and wait for Sari").click()
    expect(page.get_by_text("Your reply was held back.")).to_be_visible()
    expect(page.locator("#body")).to_have_value("We come on Friday")
    expect(page.locator("#held-back")).to_be_focused()
    page.get_by_role("button", name="Send as it is").click()
    expect(page.locator(".msg--us").get_by_text("We come on Friday")).to_be_visible()


def test_half_filled_step_survives_change(
    enter: Callable[..., Page], firm: Database, settings: Settings, ticket_id: int
) -> None:
    with firm.write() as tx:
        complete_step(tx, settings, BAGUS, ticket_id, open_step_within(tx, ticket_id), choice="solved")
    step = open_step(firm, ticket_id, "resolve")
    page = enter("dewi", f"/tickets/{ticket_id}")
    page.fill(f"#f{step}-resolution", "A new heater")
    with firm.write() as tx:
        add_comment(tx, BAGUS, ticket_id, Draft("Meanwhile"))
    expect(page.get_by_text("Meanwhile")).to_be_visible(timeout=3 * SECOND)
    expect(page.locator(f"#f{step}-resolution")).to_have_value("A new heater")
    expect(page.get_by_text("saved")).to_be_visible(timeout=3 * SECOND)


def test_keys_move_open_and_write(enter: Callable[..., Page], ticket_id: int) -> None:
    page = enter("dewi", "/?view=all")
    page.keyboard.press("j")
    expect(page.locator("[data-row][aria-current]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{ticket_id}?view=all")
    page.keyboard.press("c")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type("seen")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg--in").get_by_text("seen")).to_be_visible()
    page.locator("body").press("g")
    page.locator("body").press("q")
    expect(page.get_by_role("heading", level=1)).to_have_text("Team queue")


PAGES = ["/?view=all", "/tickets/1", "/tickets/1/timeline", "/work", "/search?q=fridge", "/customers/1", "/articles"]
MORE = ["/tickets/new", "/me", "/keys", "/studio/", "/studio/1", "/studio/1/versions/1", "/admin/status", "/admin/mail"]


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_scrolls_sideways(enter: Callable[..., Page], ticket_id: int, width: int) -> None:
    page = enter("lina", "/", width)
    for path in PAGES + MORE:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pages_are_light(enter: Callable[..., Page], ticket_id: int) -> None:
    page = enter("dewi", "/me")
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    sizes: list[int] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    client.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(f"/tickets/{ticket_id}")
    page.wait_for_timeout(200)
    assert sum(sizes) < 150_000
    client.send("Network.setCacheDisabled", {"cacheDisabled": False})
    page.goto("/?view=all")
    sizes.clear()
    page.goto(f"/tickets/{ticket_id}")
    page.wait_for_timeout(200)
    assert sum(sizes) < 30_000
