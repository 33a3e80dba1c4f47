"""Two people at once: the second is told what the first did, and nothing that they typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from .conftest import post
from .test_ticket import open_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database


def test_step_is_completed_first(enter: Callable[..., Page], firm: Database, ticket_id: int) -> None:
    """The window of the second is not live, as on a bad connection: the page still shows the step as open."""
    dewi, lina = enter("dewi", f"/tickets/{ticket_id}"), enter("lina", f"/tickets/{ticket_id}")
    dewi.locator("#sop .leg-work button[value=solved]").click()
    expect(dewi.get_by_label("Resolution")).to_be_visible()
    step = open_step(firm, ticket_id, "resolve")
    lina.reload()
    lina.evaluate("window.dispatchEvent(new Event('pagehide'))")  # its live stream ends
    lina.fill(f"#f{step}-resolution", "A new drain heater")
    dewi.fill(f"#f{step}-resolution", "Dried with a towel")
    dewi.get_by_role("button", name="Resolve", exact=True).first.click()
    expect(dewi.locator("#status")).to_have_text("Resolved")
    lina.locator(f"#step-{step} .btn-primary").click()
    expect(lina.get_by_text("first. What you typed has not been used.")).to_be_visible()
    expect(lina.locator("#note")).to_have_value("resolution: A new drain heater")


def test_half_filled_step_stays_in_open_window(enter: Callable[..., Page], firm: Database, ticket_id: int) -> None:
    dewi, lina = enter("dewi", f"/tickets/{ticket_id}"), enter("lina", f"/tickets/{ticket_id}")
    lina.fill("#body", "We come on Friday")
    dewi.locator("#sop .leg-work button[value=solved]").click()
    expect(lina.get_by_label("Resolution")).to_be_visible(timeout=3000)
    expect(lina.locator("#body")).to_have_value("We come on Friday")


def test_stale_properties_keep_what_was_typed(signed_in: Callable[[str], FlaskClient], ticket_id: int) -> None:
    dewi, lina = signed_in("dewi"), signed_in("lina")
    post(dewi, f"/tickets/{ticket_id}/properties", {"priority": "urgent"})
    form = {"subject": "The freezer leaks", "tags": "ice", "version": "1"}
    answer = post(lina, f"/tickets/{ticket_id}/properties", form)
    assert answer.status_code == 409
    assert "changed since you looked" in answer.text
    assert 'Dewi Anggraini</span> changed the priority from Medium to <span class="strong">Urgent' in answer.text
    assert 'value="The freezer leaks"' in answer.text
    version = answer.text.split('name="version" value="')[1].split('"')[0]
    assert post(lina, f"/tickets/{ticket_id}/properties", {**form, "version": version}).status_code == 303


def test_stale_article_keeps_both_texts(signed_in: Callable[[str], FlaskClient], ticket_id: int) -> None:
    dewi, lina = signed_in("dewi"), signed_in("lina")
    path = post(dewi, f"/tickets/{ticket_id}/article").headers["Location"]
    form = {"title": "Leaks", "body": "Dry the drain.", "visibility": "internal", "language": "en", "version": "1"}
    assert post(dewi, f"{path}/edit", form).status_code == 303
    answer = post(lina, f"{path}/edit", {**form, "body": "Change the heater."})
    assert answer.status_code == 409
    assert "Somebody has changed this article" in answer.text
    assert "Change the heater." in answer.text
    assert "Dry the drain." in dewi.get(path).text
