"""Answers for everybody: only what was published for everybody is read, found in either language, and offered beside the help form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.actors import Actor
from core.articles import draft_from_ticket, publish_article, save_article

from ..conftest import IDS
from .conftest import DEWI, new_customer

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser

    from core.database import Database
    from core.settings import Settings

LINA = Actor("person", IDS["lina"], "lead", "Lina", 1)
ANSWER = "## Answer\n\nPut the **hose** back and <b>wait</b>."


@pytest.fixture
def article(desk_app: Flask, firm: Database, settings: Settings) -> int:
    """A public article in English, published."""
    ticket = new_customer(desk_app, firm, settings, "ana@example.com").opened.ticket_id
    with firm.write() as tx:
        made = draft_from_ticket(tx, DEWI, ticket)
    save(firm, made)
    publish(firm, made)
    return made


def save(firm: Database, article: int, **changes: Any) -> None:
    values = {"title": "The fridge leaks", "body": ANSWER, "visibility": "public", "language": "en"} | changes
    with firm.write() as tx:
        save_article(tx, DEWI, article, **values)


def publish(firm: Database, article: int) -> None:
    with firm.write() as tx:
        publish_article(tx, LINA, article, confirmed=True)


@pytest.fixture
def visitor(desk_app: Flask) -> FlaskClient:
    return desk_app.test_client()


def test_answer_is_read_by_everybody(visitor: FlaskClient, article: int) -> None:
    page = visitor.get(f"/help/articles/{article}")
    assert '<h1 lang="en">The fridge leaks</h1>' in page.text
    assert "<strong>hose</strong> back and &lt;b&gt;" in page.text
    assert "X-Robots-Tag" not in page.headers  # what everybody may read may be found
    listed = visitor.get("/help/articles?lang=id").text
    assert "The fridge leaks" in listed
    assert "dalam bahasa Inggris" in listed or "in English" in listed


def test_answer_is_found_in_the_other_language(visitor: FlaskClient, article: int) -> None:
    assert "The fridge leaks" in visitor.get("/help/articles?q=kulkas+bocor&lang=id").text
    assert "No answer speaks of “nasi”" in visitor.get("/help/articles?q=nasi&lang=en").text
    offered = visitor.get("/help/articles/offered?q=my+fridge+leaks+since+monday&lang=en").text
    assert "<html" not in offered
    assert f'href="/help/articles/{article}?lang=en" target="_blank"' in offered
    assert visitor.get("/help/articles/offered?q=").text.strip() == ""
    assert visitor.get("/help/articles?q=%22+OR+%2A+%3A%3A+NEAR(").status_code == 200  # no notation of the database


def test_newer_text_waits_for_publishing(visitor: FlaskClient, firm: Database, article: int) -> None:
    save(firm, article, title="The freezer hums", body="Sari phoned about it.")
    page = visitor.get(f"/help/articles/{article}").text
    assert "The fridge leaks" in page
    assert "freezer" not in page
    assert "The fridge leaks" not in visitor.get("/help/articles?q=sari+phoned").text  # not even its words are told
    save(firm, article, visibility="internal")
    assert visitor.get(f"/help/articles/{article}").status_code == 200  # it is taken back when that is published
    publish(firm, article)
    gone = visitor.get(f"/help/articles/{article}")
    assert gone.status_code == 404
    assert "fridge" not in gone.text
    assert "fridge" not in visitor.get("/help/articles").text


def test_form_offers_answers_only_when_there_are_some(visitor: FlaskClient, article: int, firm: Database) -> None:
    assert 'href="/help/articles"' in visitor.get("/help").text
    assert 'href="/help/articles" target="_blank"' in visitor.get("/help/embed").text
    save(firm, article, visibility="internal")
    publish(firm, article)
    assert "/help/articles" not in visitor.get("/help").text
    assert "There are no answers here yet" in visitor.get("/help/articles").text


def test_typing_the_subject_shows_answers(browser: Browser, site: str, article: int) -> None:
    page = browser.new_page()
    page.goto(f"{site}/help?lang=en")
    page.get_by_label("Subject").press_sequentially("My fridge leaks")
    link = page.locator("#offered a")
    link.wait_for()
    assert link.text_content() == "The fridge leaks"
    assert link.get_attribute("href") == f"/help/articles/{article}?lang=en"
    page.close()
