"""The whole story: a mail comes in, a ticket goes through people's hands, an article remains; and the house is closed and opened again."""

from __future__ import annotations

import re
import smtplib
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import wait_until

if TYPE_CHECKING:
    from .conftest import House, Window

SUBJECT = "Kulkas Sejuk 210 berbunyi keras"
SOON = 5_000  # ms: what happens elsewhere appears within a second; a busy machine is given more
CUSTOMER = "sari.wulandari@pelanggan.example"
DESK = "service@lentera.example"


@dataclass
class Customer:
    """Sari with her mail program and, later, the address of her request page."""

    smtp: str
    thread: list[str] = field(default_factory=list)

    def write(self, text: str, subject: str = SUBJECT, **headers: str) -> None:
        """Send a mail; it returns when the desk has acknowledged it."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Sari Wulandari <{CUSTOMER}>", DESK, subject
        mail["Message-ID"] = make_msgid(domain="pelanggan.example")
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        host, _colon, port = self.smtp.partition(":")
        with smtplib.SMTP(host, int(port), timeout=30) as server:
            assert server.send_message(mail) == {}


def sign_in(page: Page, account: dict[str, str]) -> None:
    """As the start of `estafet up` says: with this address and this password."""
    page.goto("/signin")
    page.fill("#email", account["email"])
    page.fill("#password", account["password"])
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/signin" not in url)


def caught(page: Page, subject: str, to: str = CUSTOMER) -> str:
    """Wait until the catcher has a new mail to the customer about this, open it, and return its text."""

    def there() -> bool:
        page.goto("/admin/mail")
        return mails(page, subject, to).count() > 0

    wait_until(there, 30, f"a mail about {subject!r}")
    mails(page, subject, to).first.get_by_role("link").first.click()
    return page.locator("#mail-text").inner_text()


def mails(page: Page, subject: str, to: str) -> Any:
    return page.get_by_role("row").filter(has_text=to).filter(has=page.get_by_role("link", name=subject))


def header(page: Page, name: str) -> str:
    return page.locator(f"dt:text-is('{name}') + dd").inner_text()


@pytest.mark.timeout(300)
def test_mail_becomes_documented_answer(house: House, window: Window, tmp_path: Path) -> None:
    house.environ["ESTAFET_DEMO"] = "1"
    house.start(seconds=120)
    ready = house.ready
    accounts = {account["role"]: account for account in ready["accounts"]}
    agent, lead, sari = window(ready["url"]), window(ready["url"]), window(ready["url"])
    customer = Customer(ready["smtp"])

    # a newcomer signs in with the printed accounts and sees a desk at work
    sign_in(agent, accounts["agent"])
    agent.goto("/me")
    agent.select_option("#lang", "en")
    agent.locator("form:has(#lang) button").click()
    expect(agent.get_by_role("heading", name="Settings")).to_be_visible()
    agent.goto("/?view=all")
    expect(agent.locator("[data-row]").nth(9)).to_be_visible()
    sign_in(lead, accounts["lead"])

    # a mail opens a ticket: it appears in the open queue, and the customer has a first answer with an estimate
    agent.goto("/?view=last")
    customer.write("Sejak kemarin kulkas saya berbunyi keras. Nomor seri SJK-55120.\n\nSari")
    expect(agent.get_by_role("link", name=SUBJECT)).to_be_visible(timeout=SOON)
    answer = caught(lead, SUBJECT)
    link = re.search(r"/r/\S+", answer)
    assert link, answer
    assert "terima kasih" in answer, answer
    assert re.search(r"\d+ (working )?(menit|jam|hari|minute|hour|day)", answer), answer  # a realistic estimate

    # the agent opens it, takes it, and replies with a file
    agent.get_by_role("link", name=SUBJECT).click()
    ticket = int(re.search(r"/tickets/(\d+)", agent.url)[1])  # type: ignore[index]
    take = agent.get_by_role("button", name="Take it")
    if take.count():
        take.click()
    expect(agent.get_by_text("Baton: you")).to_be_visible()
    expect(agent.locator(".msg").get_by_text("SJK-55120")).to_be_visible()
    paper = tmp_path / "petunjuk-kaki-kulkas.txt"
    paper.write_text("Putar kaki depan ke kanan.\n")
    agent.set_input_files("#files", str(paper))
    agent.fill("#body", "Apakah kulkas berdiri rata? Petunjuknya ada di lampiran.")
    agent.get_by_role("button", name="Send and wait for Sari").click()
    expect(agent.locator(".msg--us").get_by_text("Apakah kulkas berdiri rata?")).to_be_visible()
    expect(agent.locator("#status")).to_have_text("Waiting for customer")

    # the customer has it in her mail, answers by mail and on her page, and both land in the same thread
    wait_until(lambda: "berdiri rata" in caught(lead, SUBJECT), 30, "the reply in the catcher")
    expect(lead.locator(".file", has_text="petunjuk-kaki-kulkas.txt")).to_be_visible()
    customer.write("Sudah rata, tetap berbunyi.", f"Re: {SUBJECT}", In_Reply_To=header(lead, "Message-ID"))
    expect(agent.locator(".msg").get_by_text("Sudah rata, tetap berbunyi.")).to_be_visible(timeout=SOON)
    sari.goto(link[0])
    expect(sari.get_by_text("Sudah rata, tetap berbunyi.")).to_be_visible()
    sari.fill("#reply", "Bunyinya dari belakang, seperti kipas.")
    sari.locator("form[action*='/reply'] button[type=submit]").first.click()
    expect(sari.locator(".msg").get_by_text("seperti kipas")).to_be_visible()
    expect(agent.locator(".msg").get_by_text("seperti kipas")).to_be_visible(timeout=SOON)
    expect(agent.locator("#status")).to_have_text("In progress")

    # an internal comment: the other window shows it at once, the customer never sees it
    lead.goto(f"/tickets/{ticket}")
    agent.locator("label", has_text="Internal comment").first.click()
    agent.fill("#note", "Kipas kondensor seri 55 sering longgar.")
    agent.get_by_role("button", name="Post comment").click()
    expect(lead.locator(".msg--in").get_by_text("Kipas kondensor")).to_be_visible(timeout=SOON)
    sari.reload()
    expect(sari.get_by_text("Kipas kondensor")).to_have_count(0)

    # the baton changes hands: it stays with its holder until it is accepted
    agent.locator("summary", has_text="Baton").click()
    agent.select_option("#ho", label=first_option(agent, accounts["lead"]["name"]))
    agent.fill("#hn", "Perlu izin mengganti kipas.")
    agent.get_by_role("button", name="Offer the baton").click()
    lead.goto("/?view=offered")
    offer = lead.locator("#offers").filter(has_text=SUBJECT)
    expect(offer.get_by_text("Perlu izin mengganti kipas.")).to_be_visible()
    assert holder(house, ticket) == accounts["agent"]["email"]
    offer.get_by_role("button", name="Accept").click()
    wait_until(lambda: holder(house, ticket) == accounts["lead"]["email"], 10, "the lead's baton")
    expect(agent.get_by_text("Baton: you")).to_have_count(0, timeout=SOON)

    # the steps of the procedure are completed where the work is, up to the resolution
    lead.goto(f"/tickets/{ticket}")
    solve(lead)
    expect(lead.locator("#status")).to_have_text("Resolved")
    resolved = wait_until(lambda: (said := caught(lead, SUBJECT)) and "Kipas diganti" in said and said, 30, "the end")
    assert "Kipas diganti" in resolved

    # search finds it by words, by customer and by number
    for words in ("kipas kondensor", "Sari Wulandari", str(ticket)):
        wait_until(lambda words=words: found(lead, words, ticket), 20, f"{words!r} in the search")

    # one click makes an article's draft; the lead publishes it
    lead.goto(f"/tickets/{ticket}")
    lead.locator("summary", has_text="More").click()
    lead.get_by_role("button", name="Make an article").click()
    lead.wait_for_url(re.compile(r"/articles/\d+"))
    if lead.url.endswith("/edit"):
        lead.get_by_role("button", name="Save").click()
    article = lead.url
    lead.get_by_role("button", name="Publish").click()
    expect(lead.get_by_text("published", exact=False).first).to_be_visible()

    # the timeline tells what happened, who did it, and why
    lead.goto(f"/tickets/{ticket}/timeline")
    told = lead.locator("#events").inner_text()
    for words in ("Sari", "baton", "Why?", "resolved"):
        assert words.lower() in told.lower(), f"the timeline does not tell of {words}:\n{told}"

    # Ctrl-C; the second start finds everything where it was
    code, said = house.stop()
    assert code == 0, said
    house.start(seconds=120)
    lead.goto(f"/tickets/{ticket}")
    expect(lead.locator("#status")).to_have_text("Resolved")
    expect(lead.locator(".msg").get_by_text("SJK-55120")).to_be_visible()
    lead.goto(article)
    expect(lead.locator("article")).to_contain_text("Kipas diganti")
    sari.goto(link[0])
    expect(sari.get_by_text("Kipas diganti").first).to_be_visible()


def first_option(page: Page, name: str) -> str:
    """The colleague as the list of the baton writes them, with how much they hold."""
    labels = page.locator("#ho option").all_inner_texts()
    return next(label for label in labels if label.startswith(name))


def solve(page: Page) -> None:
    """Whatever the procedure asks next, up to its resolution."""
    for _step in range(6):
        if page.get_by_label("Resolution").count():
            break
        page.locator("form[data-step] button.btn-primary").first.click()
        page.wait_for_load_state()
    page.get_by_label("Resolution").fill("Kipas diganti dengan yang baru.")
    page.locator("form[data-step]").get_by_role("button", name="Resolve").click()


def found(page: Page, words: str, ticket: int) -> bool:
    page.goto(f"/search?q={words}")
    return page.locator(f"main a[href^='/tickets/{ticket}']").count() > 0 or page.url.endswith(f"/tickets/{ticket}")


def holder(house: House, ticket: int) -> str | None:
    """Who holds it, as the database says."""
    with closing(sqlite3.connect(house.home / "estafet.db")) as connection:
        query = "SELECT p.email FROM ticket t JOIN person p ON p.id = t.holder_id WHERE t.id = ?"
        row = connection.execute(query, (ticket,)).fetchone()
    return row[0] if row else None
