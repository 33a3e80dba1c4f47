"""The whole way in a real browser: a button on the ticket's page, a move on Jira's board, and the step that waited goes on."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import update

from core.schema import Person
from tests.conftest import wait_until
from tests.plugins.desk import connected
from tests.plugins.test_host import at_work
from tests.web.conftest import HASH, PASSWORD

SOP = """
sop: tracked
title: Tracked
do:
  - repair:
      task: Repair it
  - bug:
      call: jira.create_issue
      with: {type: Bug, summary: The printer itself}
      until: result.status == "Done"
  - finish:
      resolve: {require: [resolution]}
"""


@contextmanager
def working(host):
    """Worker, relay and plugin host beside a real Temporal, in a thread."""
    ready, stop = threading.Event(), threading.Event()

    async def work():
        async with at_work(host):
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    assert ready.wait(60)
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


@pytest.fixture
def desk(host, standin, temporal_server, temporal_namespace):
    host.settings = replace(
        host.settings, temporal_address=temporal_server.address, temporal_namespace=temporal_namespace
    )
    with connected(host, "jira", standin) as desk, working(host):
        with host.database.write() as tx:
            tx.execute(update(Person.__table__).values(password_hash=HASH, language="en"))
        yield desk


@pytest.mark.timeout(240)
def test_issue_of_a_button_moves_on_the_board_and_the_step_goes_on(desk, browser):
    ticket = desk.open(SOP)
    context = browser.new_context(base_url=desk.host.settings.public_url)
    page, board = context.new_page(), context.new_page()
    for one in (page, board):
        one.set_default_timeout(60_000)
    page.goto(f"/signin?next=/tickets/{ticket}")
    page.fill("#email", "dewi@example.com")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")

    outside = page.locator("#outside")
    outside.get_by_text("Create an issue in Jira").first.click()
    form = outside.locator("form[action$='jira.create_issue']")
    form.get_by_label("Summary").fill("Paper jam")
    form.get_by_label("Stands for the task").select_option("repair")
    form.get_by_role("button").click()
    wait_until(lambda: desk.links(ticket), seconds=90)
    page.reload()
    outside.get_by_role("link", name="KAN-1", exact=True).wait_for()
    assert desk.host.step(ticket, "repair").state == "open"

    move(board, desk, "KAN-1")
    wait_until(lambda: desk.host.step(ticket, "repair").state == "done", seconds=60, what="the task")
    wait_until(lambda: len(desk.links(ticket)) == 2, seconds=90, what="the issue of the step")
    assert desk.host.step(ticket, "bug").state == "open"
    move(board, desk, "KAN-2")
    wait_until(lambda: desk.host.step(ticket, "bug").state == "done", seconds=60, what="the step that waits")
    page.reload()
    outside.get_by_role("link", name="KAN-2", exact=True).wait_for()
    assert outside.locator("li", has_text="Paper jam").locator(".tag").inner_text() == "Done"
    context.close()


def move(board, desk, key):
    """On the stand-in's board, as a person does."""
    board.goto(desk.standin.url)
    board.locator("article", has_text=key).get_by_role("button", name="Done").click()
