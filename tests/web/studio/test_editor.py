"""The editor in a real browser: eight steps without a word of YAML, by mouse and by keyboard, under the strict content policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route


def begin(page: Page) -> None:
    page.fill("#title", "Refund above 5 million")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(re.compile("/edit$"))


def add(page: Page, kind: str, words: str, form: str = "add-main") -> None:
    page.select_option(f"#{form}-kind", kind)
    page.fill(f"#{form}-words", words)
    before = page.get_attribute("#work", "data-revision")
    page.press(f"#{form}-words", "Enter")
    saved(page, before)


def saved(page: Page, before: str | None) -> None:
    expect(page.locator("#work")).not_to_have_attribute("data-revision", before or "")


def fill(page: Page, field: str, value: str) -> None:
    before = page.get_attribute("#work", "data-revision")
    page.fill(f"#{field}", value)
    page.press(f"#{field}", "Tab")
    saved(page, before)


def pick(page: Page, field: str, value: str) -> None:
    before = page.get_attribute("#work", "data-revision")
    page.select_option(f"#{field}", value)
    saved(page, before)


def steps(page: Page) -> list[str]:
    return [one.get_attribute("data-step") or "" for one in page.locator("#l-main > li").all()]


def test_lead_publishes_eight_steps(enter: Callable[..., Page], findings: Callable[[Page], list[str]]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "assign", "Take")
    add(page, "task", "Check the invoice")
    fill(page, "f-check_the_invoice-due", "2")
    expect(page.locator("#f-check_the_invoice-due-u")).to_be_focused()
    add(page, "approval", "May we pay?")
    pick(page, "f-may_we_pay-on\\.reject", "check_the_invoice")
    add(page, "fork", "Work")
    add(page, "notify", "Tell the customer")
    add(page, "survey", "How was it")
    assert (
        steps(page) == ["take", "check_the_invoice", "may_we_pay", "work", "tell_the_customer", "how_was_it", "finish"]
        or len(steps(page)) == 7
    )
    assert findings(page) == []
    assert "do:" not in page.inner_text("main")
    page.get_by_role("link", name="Publish").click()
    page.fill("#reason", "Tried by hand")
    assert findings(page) == []
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 is published")).to_be_visible()
    assert findings(page) == []


def test_keyboard_moves_and_undoes(enter: Callable[..., Page]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "task", "One")
    add(page, "task", "Two")
    page.focus("#s-two")
    before = page.get_attribute("#work", "data-revision")
    page.keyboard.press("Alt+ArrowUp")
    saved(page, before)
    assert steps(page) == ["two", "one", "finish"]
    expect(page.locator("#s-two")).to_be_focused()
    expect(page.locator("#said")).to_have_text("Two stands at place 1 of 3")


def test_dragging_moves_into_a_branch(enter: Callable[..., Page]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "task", "One")
    page.click("#s-one")
    add(page, "fork", "Both")
    page.click("#s-both")
    grip = page.locator("#o-one .o-grip").bounding_box()
    assert grip
    before = page.get_attribute("#work", "data-revision")
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, grip["y"] + 30, steps=4)
    for _again in range(3):  # the list closes up under the pointer, so the goal is looked for again
        goal = page.locator("#o-both_two .o-grip").bounding_box()
        assert goal
        page.mouse.move(goal["x"] + 8, goal["y"] + 6, steps=8)
    page.mouse.up()
    saved(page, before)
    assert "one" not in steps(page)
    assert page.locator("#o-both #o-one").count() == 1


def test_boxes_lead_to_their_step(enter: Callable[..., Page]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "task", "Check the invoice")
    page.click("#s-check_the_invoice")
    page.click(".flow-wide [data-step=finish] a")
    expect(page.locator("#s-finish")).to_be_focused()
    expect(page.locator("#d-finish")).to_have_attribute("open", "")
    expect(page.locator(".flow-wide [data-step=finish]")).to_have_class(re.compile("at-cursor"))


def test_text_is_checked_and_saved(enter: Callable[..., Page], findings: Callable[[Page], list[str]]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    page.get_by_role("link", name="Text", exact=True).click()
    page.click(".cm-content")
    page.keyboard.press("Control+End")
    before = page.get_attribute("#work", "data-revision")
    page.keyboard.type("  - oops: {tsk: x}")
    saved(page, before)
    expect(page.locator("#problems")).to_contain_text("Did you mean 'task'?")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.cm-editor')")


def test_words_are_completed(enter: Callable[..., Page]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    page.get_by_role("link", name="Text", exact=True).click()
    page.click(".cm-content")
    page.keyboard.press("Control+End")
    page.keyboard.type("  - tell: {notify: {to: customer, template: rec")
    page.keyboard.press("Control+Space")
    expect(page.get_by_role("option").first).to_contain_text("received")


def test_phone_shows_no_sideways_scroll(enter: Callable[..., Page], findings: Callable[[Page], list[str]]) -> None:
    page = enter("lina", "/studio/1", 390)
    for path in ("/studio/1", "/studio/", "/studio/new", "/studio/1/versions/1"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert findings(page) == []
    page.goto("/studio/new")
    begin(page)
    add(page, "task", "Check the invoice")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert findings(page) == []
    expect(page.locator(".flow-narrow svg")).to_be_visible()


def test_deletions_are_taken_back(enter: Callable[..., Page]) -> None:
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "task", "Check the invoice")
    page.click("#m-check_the_invoice > summary")
    before = page.get_attribute("#work", "data-revision")
    page.get_by_role("button", name="Delete this step").first.click()
    saved(page, before)
    assert steps(page) == ["finish"]
    before = page.get_attribute("#work", "data-revision")
    page.get_by_role("button", name="Undo").click()
    saved(page, before)
    assert steps(page) == ["check_the_invoice", "finish"]


def test_writing_on_while_saving(enter: Callable[..., Page]) -> None:
    """A slow line: what is written while an answer is on its way is neither lost nor left unsaved, though the answer takes the field's place."""
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "task", "Check the invoice")
    held: list[Route] = []
    page.route("**/outline", lambda route: held.append(route))
    page.fill("#f-check_the_invoice-task", "Look at the invoice")
    page.press("#f-check_the_invoice-task", "Tab")
    page.focus("#f-check_the_invoice-choices")
    page.keyboard.type("paid")
    before = page.get_attribute("#work", "data-revision")
    held.pop().continue_()
    saved(page, before)
    page.unroute("**/outline")
    expect(page.locator("#f-check_the_invoice-choices")).to_be_focused()
    expect(page.locator("#f-check_the_invoice-choices")).to_have_value("paid")
    page.keyboard.press("Tab")
    expect(page.locator("#f-check_the_invoice-on\\.paid")).to_be_attached()  # the way on of a choice that was saved


def test_lists_are_saved_when_left(enter: Callable[..., Page]) -> None:
    """The arrows go through a list without saving at every option; a row of a condition waits for its value."""
    page = enter("lina", "/studio/new")
    begin(page)
    add(page, "task", "Check the invoice")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.focus("#f-check_the_invoice-to")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    before = page.get_attribute("#work", "data-revision")
    page.keyboard.press("Tab")
    saved(page, before)
    assert len(sent) == 1
    page.click("#d-document > summary")
    page.select_option("#f-document-start-1", "ticket.topic")
    page.select_option("#f-document-start-1-o", "!=")
    assert len(sent) == 1
    before = page.get_attribute("#work", "data-revision")
    page.fill("#f-document-start-1-v", "refund")
    page.press("#f-document-start-1-v", "Tab")
    saved(page, before)
    expect(page.locator("#f-document-start-1")).to_have_value("ticket.topic")
    expect(page.locator("#d-document > summary")).to_contain_text("refund")
