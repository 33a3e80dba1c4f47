"""The office of the refund: billing with its finance team, a warehouse in another department, and a Jira beside it; all in one house."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from sqlalchemy import select, update

import plugins.jira
from core import effects
from core.actors import SYSTEM, Actor
from core.database import Database
from core.mailing import letter_of
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team, lead_team
from core.plugins.publishing import expect
from core.plugins.settings import save_settings
from core.procedures import publish
from core.routing.store import RuleText, add_rule
from core.schema import Department, Effect, StepVisit, Ticket
from core.studio.known_names import check_here
from core.upgrading import upgrade
from estafet.chaos.sink import Arrived
from estafet.ports import answers
from plugins.standins.jira import EMAIL, TOKEN
from tests.conftest import settings_in, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from core.settings import Settings
    from tests.conftest import MailSink

    from .conftest import House

DOCUMENT = Path(__file__).with_name("refund.yaml").read_text("utf-8")
PASSWORD = "tongkat estafet satu"
_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
VICTIMS = ("smtp", "worker", "web", "plugins", "temporal")
LATEST = 120.0  # seconds: an attempt that was killed is taken up after a minute
_x, _v, _t = Effect.__table__.c, StepVisit.__table__.c, Ticket.__table__.c


@dataclass
class Office:
    """The house and its database. `strike` kills one of the house's processes and waits until the house has it back."""

    house: House
    settings: Settings
    database: Database
    people: dict[str, int]
    sink: MailSink
    kills: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.house.environ['ESTAFET_HTTP_PORT']}"

    def strike(self, name: str) -> None:
        """kill -9; the house starts it again by itself."""
        old, sign = self.house.ready["pids"][name], self.house.home / "run" / f"{name}.ready"
        sign.unlink(missing_ok=True)
        os.kill(old, signal.SIGKILL)
        self.kills[name] += 1
        wait_until(lambda: self.house.ready["pids"][name] != old and self._answers(name), 60, f"a new {name}")

    def _answers(self, name: str) -> bool:
        match name:
            case "web":
                return healthy(f"{self.url}/healthz")
            case "smtp":
                return answers(int(self.house.environ["ESTAFET_SMTP_PORT"]))
            case "temporal":
                return answers(int(self.house.ready["temporal"].rpartition(":")[2]))
            case _:
                return (self.house.home / "run" / f"{name}.ready").exists()

    def rows(self, query: Any) -> list[Any]:
        with self.database.read() as tx:
            return list(tx.execute(query).all())

    def open_steps(self, ticket: int) -> set[str]:
        query = select(_v.name).where(_v.ticket_id == ticket, _v.state == "open", _v.kind != "sop")
        return {row.name for row in self.rows(query)}

    def holder(self, ticket: int) -> int | None:
        return self.rows(select(_t.holder_id).where(_t.id == ticket))[0][0]  # type: ignore[no-any-return]

    def await_step(self, ticket: int, name: str, lead: Callable[[], Page]) -> None:
        """Until this step is open. What nobody can know after a kill is asked of a person, who answers it on the ticket's page."""

        def there() -> bool:
            self.settle(ticket, lead)
            return name in self.open_steps(ticket)

        wait_until(there, LATEST, f"the step {name}")

    def settle(self, ticket: int, lead: Callable[[], Page]) -> None:
        """Mails that may have left when their process was killed: the lead asks whether they came, and says so."""
        for row in self.rows(select(_x.key).where(_x.ticket_id == ticket, _x.state == "unknown")):
            with self.database.read() as tx:
                effect = effects.read(tx, row.key)
                assert effect
                came = letter_of(tx, self.settings, effect).message_id in self.arrived()
            page = lead()
            form = page.locator('form[action="/effects/settle"]').filter(has=page.locator(f'[value="{row.key}"]'))
            form.locator(f"button[value={'done' if came else 'again'}]").click()
            page.wait_for_load_state()

    def arrived(self) -> dict[str, Arrived]:
        """The mails that came out of the house, by their Message-ID."""
        found = {}
        for mail in self.sink.mails:
            read = message_from_bytes(mail.content, policy=default)
            found[str(read["Message-ID"])] = Arrived(str(read["Message-ID"]), mail.recipients[0], str(read["Subject"]))
        return found


def healthy(url: str) -> bool:
    """Does this page answer?"""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def furnish(house: House, sink: MailSink, jira: str) -> Office:
    """The office before its house starts: people, a rule that knows refunds, the document as it is published, the way to Jira."""
    house.environ |= {
        "ESTAFET_MAIL_URL": sink.url,
        "ESTAFET_SECRET_KEY": "a secret for tests, of more than thirty-two bytes",
    }
    settings = settings_in(house.home, **{name: v for name, v in house.environ.items() if name.startswith("ESTAFET_")})
    upgrade(settings)
    database = Database(settings)
    with database.write() as tx:
        billing = create_department(tx, SYSTEM, "billing", "Billing", address="billing@lentera.example", language="en")
        shop = create_department(tx, SYSTEM, "shop", "Shop", address="shop@lentera.example", language="en")
        teams = {
            name: create_team(tx, SYSTEM, department, name, name.title(), default=name in {"billing", "warehouse"})
            for name, department in (("billing", billing), ("finance", billing), ("warehouse", shop))
        }
        people = {}
        for nick, role, department, team in (
            ("mira", "manager", None, None),
            ("hana", "lead", billing, "billing"),
            ("rina", "agent", billing, "billing"),
            ("wulan", "light", billing, "finance"),
            ("joko", "light", shop, "warehouse"),
        ):
            new = NewPerson(
                f"{nick}@lentera.example",
                nick.title(),
                role,
                department,
                [teams[team]] if team else [],
                language="en",
                password_hash=_HASH,
                availability="online" if nick == "rina" else "offline",
            )
            people[nick] = add_person(tx, SYSTEM, new)
        for team in teams.values():
            lead_team(tx, SYSTEM, team, people["hana"])
        tx.execute(update(Department).values(quiet_hours=0))  # the whole life of the ticket fits into the story
        publish(tx, SYSTEM, DOCUMENT, department_id=billing, now=now_ms())
        rule = RuleText("Refunds", 'ticket.subject.contains("refund")', {"topic": "refund"})
        add_rule(tx, settings, SYSTEM, rule, now=now_ms())
        declared = [{**asdict(one), "options": list(one.options)} for one in plugins.jira.register_settings()]
        expect(tx, "jira", declared, now_ms())
        mira = Actor("person", people["mira"], "manager", "Mira", None)
        login = {"email": EMAIL, "token": TOKEN, "webhook_secret": "a secret for webhooks", "project": "KAN"}
        given = {one["name"]: said(one["default"]) for one in declared} | login
        save_settings(tx, settings, mira, "jira", {**given, "site": jira})
    return Office(house, settings, database, people, sink)


def said(value: Any) -> str:
    """A setting's value as a form sends it."""
    return "on" if value is True else "" if value in (None, False) else str(value)


def wrong_in_document(office: Office) -> list[str]:
    """What the checker finds in the document in this firm, with the actions of its plugins."""
    with office.database.read() as tx:
        return [one.message for one in check_here(tx, DOCUMENT).errors]
