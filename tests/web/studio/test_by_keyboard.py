"""Each procedure that comes with the product is built in the outline with the keyboard alone; its export is the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.demo.firm import build_firm
from core.demo.reading import read_firm
from core.procedures import STANDARD
from core.sop.reading import load
from core.studio.known_names import known_names
from tests.core.demo.test_library import DOCUMENTS
from tests.outline_building import acts_for

from ..conftest import HASH, PASSWORD
from .keyboard import Keyboard, Outliner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from core.database import Database
    from core.sop.naming import Names

SMALL = Path(__file__).with_name("small.yaml")  # something of everything
TWELVE = [path for path in DOCUMENTS if path.stem != STANDARD]


@pytest.fixture
def firm(database: Database) -> Database:
    """The firm of the demo, which has no procedures yet. Its manager reads English."""
    with database.write() as tx:
        build_firm(tx, {**read_firm(), "procedures": []}, HASH, began=1_795_485_600_000)
        tx.exec_driver_sql("UPDATE person SET language = 'en'")
    return database


@pytest.fixture
def names(firm: Database) -> Names:
    with firm.read() as tx:
        return known_names(tx)


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A window without a mouse, in which the manager has signed in."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=site)
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    opened.goto("/signin")
    opened.fill("#email", "hana@lentera.example")
    opened.fill("#password", PASSWORD)
    opened.press("#password", "Enter")
    opened.wait_for_url(lambda url: "/signin" not in url)
    yield opened
    context.close()
    assert complaints == []


def build(page: Page, names: Names, file: Path) -> None:
    """Begin it, perform every act, and take the file out."""
    target = file.read_text("utf-8")
    sop, keys = load(target), Keyboard(page)
    outliner = Outliner(keys)
    page.goto("/studio/new")
    keys.write("#title", sop.title.say("en"), leave=False)
    departments = page.locator("#department > option").evaluate_all("(all) => all.map((one) => [one.value, one.text])")
    titles = {one["name"]: one["title"] for one in read_firm()["departments"]}
    wanted = titles[sop.department] if sop.department else "all departments"
    keys.choose("#department", next(value for value, text in departments if text == wanted), leave=False)
    keys.write("#name", sop.name, leave=False)
    keys.press("Enter")
    page.wait_for_url(re.compile("/edit$"))
    for act in acts_for(target, names):
        outliner.do(act)
    keys.to("#download")
    with page.expect_download() as download:
        keys.press("Enter")
    assert Path(download.value.path()).read_text("utf-8") == target


@pytest.mark.timeout(300)
def test_keyboard_builds_a_procedure(page: Page, names: Names) -> None:
    build(page, names, SMALL)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("file", TWELVE, ids=lambda path: path.stem)
def test_keyboard_builds_the_twelve(page: Page, names: Names, file: Path) -> None:
    build(page, names, file)
