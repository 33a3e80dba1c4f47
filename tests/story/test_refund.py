"""The contract's refund from a mail to its article, each step by the person it belongs to; processes of the house are killed in between."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count, cycle
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.schema import Effect, Event, Message, Run, StepVisit, Ticket
from core.tickets.rows import CLOSED
from estafet.chaos.checking import check_world
from estafet.chaos.doors import MAIL, Wish
from plugins.standins.jira import Jira
from plugins.standins.jira_app import create_app
from plugins.standins.serving import Serving
from tests.conftest import wait_until

from .billing_office import LATEST, PASSWORD, VICTIMS, Office, furnish, wrong_in_document

if TYPE_CHECKING:
    from tests.conftest import MailSink

    from .conftest import House, Window

SARI = "sari@customers.example"
SUBJECT = "Please refund INV-7001"
PATIENCE = LATEST * 1000  # ms
PATH = [
    *("take", "received", "who", "verify", "account", "condition", "size", "ask_finance", "work"),
    *("return_item", "bug", "tell", "happy", "finish", "learn"),
]
BESIDE = {"return_item", "bug"}  # in the branches of the fork
LETTERS = ["We have received your request: ", "Re: ", "Your refund is on its way: "]
_t, _e, _v, _m, _r = (one.__table__.c for one in (Ticket, Event, StepVisit, Message, Run))


@dataclass
class Story:
    """Everybody's window, and what has been done so far. `after` is called when a step is done, with its name."""

    office: Office
    jira: Jira
    board: str
    open_window: Window
    after: Callable[[str], None]
    ticket: int = 0
    windows: dict[str, Page] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # ---- who takes part --------------------------------------------------------------------------------------------------------

    def at(self, nick: str, path: str = "") -> Page:
        """This person's window on this page (the ticket's unless said otherwise); they sign in the first time."""
        page = self.windows.get(nick)
        if page is None:
            page = self.windows[nick] = self.open_window(self.office.url)
            page.context.set_default_timeout(PATIENCE)
            page.goto("/signin")
            page.fill("#email", f"{nick}@lentera.example")
            page.fill("#password", PASSWORD)
            page.click("button[type=submit]")
            page.wait_for_url(lambda url: "/signin" not in url)
        page.goto(path or f"/tickets/{self.ticket}")
        return page

    def lead(self) -> Page:
        """Hana, who says what nobody else can know."""
        return self.at("hana")

    def task(self, nick: str, name: str) -> Page:
        """This person's page with the open step, found where they look for work; everything before it has gone on by itself."""
        self.office.await_step(self.ticket, name, self.lead)
        page = self.at(nick, "/work")
        query = select(_v.id).where(_v.ticket_id == self.ticket, _v.name == name, _v.state == "open")
        [[step]] = self.office.rows(query)
        page.locator(f'a[href$="#step-{step}"]').click()
        expect(page.locator(f"#step-{step}")).to_be_visible()
        return page

    def done(self, name: str) -> None:
        """The ledger has it; then whatever comes between the steps, and still exactly one person holds the ticket."""
        query = select(_v.state).where(_v.ticket_id == self.ticket, _v.name == name)
        wait_until(lambda: self.office.rows(query) == [("done",)], LATEST, f"{name} is done")
        self.after(name)
        assert self.office.holder(self.ticket) == self.office.people["rina"]

    # ---- the customer and her mail program -------------------------------------------------------------------------------------

    def write(self, words: str, subject: str, answers: str | None = None) -> None:
        """A mail of hers; her mail program tries until the desk has taken it."""
        token = f"surat{next(self._numbers)}"
        wish = Wish(token, MAIL, SARI)
        self.wishes.append(wish)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"Sari <{SARI}>", "billing@lentera.example", subject
        mail["Message-ID"] = f"<{token}@customers.example>"
        if answers:
            mail["In-Reply-To"] = answers
        mail.set_content(f"{words}\n\n{token}\n")

        def taken() -> bool:
            try:
                with smtplib.SMTP("127.0.0.1", int(self.office.house.environ["ESTAFET_SMTP_PORT"]), timeout=30) as post:
                    return post.send_message(mail) == {}
            except OSError:
                return False

        wait_until(taken, LATEST, "the intake")
        wish.acknowledged = True

    def letter(self, words: str) -> EmailMessage:
        """The newest mail to her in which these words stand."""

        def there() -> EmailMessage | None:
            self.office.settle(self.ticket, self.lead)
            read = [
                message_from_bytes(one.content, policy=default)
                for one in self.office.sink.mails
                if SARI in one.recipients
            ]
            fitting = [one for one in read if words in text_of(one)]
            return fitting[-1] if fitting else None

        return wait_until(there, LATEST, f"a mail with {words!r}")


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


# ---- the steps ------------------------------------------------------------------------------------------------------------


def tell(story: Story) -> None:
    """From the mail to the article; every step where its person finds it."""
    story.write("The fridge came broken, I sent it back. Please pay it back.", SUBJECT)
    query = select(_t.id).where(_t.subject == SUBJECT)
    story.ticket = wait_until(lambda: story.office.rows(query), LATEST, "the ticket")[0][0]
    story.after("mail")

    page = story.task("rina", "verify")
    expect(page.locator("#sop-h")).to_have_text("Refund above Rp 5 million")  # the start rule has chosen
    page.get_by_label("Invoice number").fill("INV-7001")
    page.get_by_role("textbox", name="Amount paid").fill("7450000")
    page.get_by_role("button", name="Complete step").click()
    story.done("verify")

    page = story.at("rina")
    page.fill("#body", "To which account may we pay it?")
    page.get_by_role("button", name="Send and wait for Sari").click()
    expect(page.locator(".msg--us").get_by_text("To which account")).to_be_visible()
    story.after("question")
    asked = story.letter("To which account may we pay it?")
    story.write("Bank Contoh, 123 456, thank you.", f"Re: {SUBJECT}", str(asked["Message-ID"]))
    story.done("account")

    page = story.task("joko", "condition")
    expect(page.locator("form[data-step]").get_by_text("Did the goods of INV-7001 come back whole?")).to_be_visible()
    page.get_by_label("Your answer").fill("The door is dented, all parts are there.")
    page.get_by_role("button", name="Send the answer").click()
    story.done("condition")

    page = story.task("wulan", "ask_finance")
    expect(page.locator("form[data-step]").get_by_text("for INV-7001?")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    story.done("ask_finance")

    page = story.task("joko", "return_item")
    page.get_by_role("button", name="Complete step").click()
    story.done("return_item")

    wait_until(lambda: story.jira.kept.data["issues"], LATEST, "the issue in Jira")
    board = story.windows.setdefault("board", story.open_window(story.board))
    board.goto("/")
    board.locator(".card", has_text="Refund INV-7001").get_by_role("button", name="Done").click()
    story.done("bug")

    link = re.search(r"/r/\S+", text_of(story.letter("we have transferred your refund")))
    assert link
    story.office.await_step(story.ticket, "happy", story.lead)
    request = story.windows["sari"] = story.open_window(story.office.url)
    request.context.set_default_timeout(PATIENCE)
    request.goto(link[0])
    request.locator("button[value=arrived]").click()
    story.done("happy")

    page = story.task("rina", "finish")
    page.get_by_role("textbox", name="Resolution").fill(
        "Paid back in full: the courier had dented the refrigerator door."
    )
    page.get_by_role("button", name="Resolve").click()
    story.done("finish")

    page = story.task("rina", "learn")
    page.get_by_role("button", name="Write it down").click()
    page.wait_for_url(re.compile(r"/articles/\d+"))
    story.done("learn")
    lead = story.at("hana", re.sub(r"^https?://[^/]+", "", page.url))
    lead.get_by_role("button", name="Publish").click()
    expect(lead.locator("main").get_by_text("published").first).to_be_visible()
    story.after("article")

    def found() -> bool:
        page = story.at("rina", "/search?q=dented+refrigerator")
        return page.locator("main a[href^='/articles/']").count() == 1

    wait_until(found, LATEST, "the article in the search")


# ---- what must be true at the end -------------------------------------------------------------------------------------------


def check(story: Story) -> None:
    """Every step once, every mail once, one holder all the time, and a timeline without gaps."""
    office = story.office
    wait_until(lambda: settled(story), LATEST, "the last mails")
    query = select(_v.path).where(_v.ticket_id == story.ticket, _v.kind != "sop").order_by(_v.place)
    paths = [row.path.rpartition("/")[2] for row in office.rows(query)]
    assert sorted(paths) == sorted(PATH)
    assert [one for one in paths if one not in BESIDE] == [one for one in PATH if one not in BESIDE]
    assert office.rows(select(_r.state, _r.outcome)) == [("completed", "completed")]
    held = select(_e.data).where(_e.stream_id == story.ticket, _e.kind == "ticket.assigned")
    assert [row.data["to"]["id"] for row in office.rows(held)] == [office.people["rina"]]
    assert len(story.jira.kept.data["issues"]) == 1
    arrived = [message_from_bytes(one.content, policy=default) for one in office.sink.mails]
    told = [(str(one["To"]), str(one["Subject"]), text_of(one)) for one in arrived]
    assert len(told) == len(set(told))
    to_sari = [subject for to, subject, _text in told if SARI in to]
    assert [next(words for words in LETTERS if subject.startswith(words)) for subject in to_sari] == LETTERS
    with office.database.read() as tx:
        verdict = check_world(tx, story.wishes, list(office.arrived().values()), office.kills)
    assert not verdict.wrong, "\n".join(verdict.wrong)


def settled(story: Story) -> bool:
    story.office.settle(story.ticket, story.lead)
    waiting = select(Effect.key).where(Effect.state.in_(["planned", "attempting", "unknown"]))
    behind = select(_t.id).where(_t.want_seq > _t.nudged_seq)
    open_still = select(_t.id).where(_t.status != CLOSED)
    return not any(story.office.rows(query) for query in (waiting, behind, open_still))


@pytest.fixture
def begun(house: House, window: Window, smtp_sink: MailSink) -> Iterator[Story]:
    """The house with its office is open; nobody has written yet."""
    jira = Jira(lag=0)
    serving = Serving(create_app(jira))
    office = furnish(house, smtp_sink, serving.url)
    house.start(seconds=120)
    wait_until(lambda: not wrong_in_document(office), LATEST, "the plugins' actions")
    yield Story(office, jira, serving.url, window, lambda _step: None)
    house.stop()
    office.database.close()
    serving.close()
    jira.sending.close()


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_refund_survives_a_few_kills(begun: Story) -> None:
    """The short form: each process of the house once."""
    at = dict(zip(("mail", "verify", "condition", "return_item", "happy"), VICTIMS, strict=True))
    begun.after = lambda step: begun.office.strike(at[step]) if step in at else None
    tell(begun)
    check(begun)
    assert begun.office.kills.total() == len(VICTIMS)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(len(VICTIMS)), ids=VICTIMS)
def test_refund_survives_a_kill_at_every_step(begun: Story, first: int) -> None:
    """The long form: after every step the next process is killed; five runs, so that each step meets each process."""
    victims = cycle(VICTIMS[first:] + VICTIMS[:first])
    begun.after = lambda _step: begun.office.strike(next(victims))
    tell(begun)
    check(begun)
    assert begun.office.kills.total() > 10
