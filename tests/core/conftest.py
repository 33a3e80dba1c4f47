"""What tests of the domain share: a small firm on either database, and the acts of its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from core import effects, procedures
from core.actors import SYSTEM, Actor
from core.advance import Standing, standing
from core.organisation import NewPerson, add_person, create_department, create_team, lead_team, manage_department
from core.performing import perform
from core.schema import CaughtMail, Message, StepVisit
from core.tickets.opening import CustomerRef, NewTicket, Opened, open_ticket
from core.tickets.rows import TicketRow, read
from core.timeline import Happening, timeline_page

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings

# A Tuesday, 09:00 in Jakarta.
MORNING = 1_795_485_600_000
HOUR = 3_600_000


@dataclass
class Desk:
    """A department `service` with the team `repair` (Dewi, Bagus, led by Catherine) and `billing` with Rina."""

    database: Database
    settings: Settings
    people: dict[str, Actor]
    departments: dict[str, int]
    teams: dict[str, int]

    def open(self, subject: str = "Kulkas bocor", now: int = MORNING, **values: Any) -> Opened:
        customer = values.pop("customer", CustomerRef("sari@example.com", "Sari Wulandari"))
        with self.database.write() as tx:
            new = NewTicket(
                subject,
                values.pop("body", "Tolong dibantu."),
                customer,
                channel=values.pop("channel", "form"),
                **values,
            )
            return open_ticket(tx, self.settings, SYSTEM, new, now=now)

    def row(self, ticket_id: int) -> TicketRow:
        with self.database.read() as tx:
            return read(tx, ticket_id)

    def standing(self, ticket_id: int) -> Standing:
        with self.database.read() as tx:
            return standing(tx, [ticket_id])[ticket_id]

    def events(self, ticket_id: int) -> list[Happening]:
        with self.database.read() as tx:
            return timeline_page(tx, ticket_id)

    def kinds(self, ticket_id: int) -> list[str]:
        return [event.kind for event in self.events(ticket_id)]

    def open_step(self, ticket_id: int) -> Any:
        with self.database.read() as tx:
            query = select(StepVisit.__table__).where(
                StepVisit.ticket_id == ticket_id, StepVisit.state == "open", StepVisit.kind != "sop"
            )
            return tx.execute(query).one()

    def perform_all(self, ticket_id: int, now: int | None = None) -> None:
        for wanted in self.standing(ticket_id).effects:
            perform(self.database, self.settings, wanted.key, now=now)

    def effects(self, ticket_id: int) -> list[effects.EffectRow]:
        with self.database.read() as tx:
            return effects.page(tx, ticket_id=ticket_id)

    def caught(self) -> list[Any]:
        with self.database.read() as tx:
            return list(tx.execute(select(CaughtMail.__table__).order_by(CaughtMail.id)))

    def messages(self, ticket_id: int) -> list[Any]:
        with self.database.read() as tx:
            return list(
                tx.execute(select(Message.__table__).where(Message.ticket_id == ticket_id).order_by(Message.id))
            )

    def publish(self, document: str) -> None:
        with self.database.write() as tx:
            procedures.publish(tx, SYSTEM, document, now=MORNING)

    def sql(self, statement: str, **values: Any) -> Any:
        with self.database.write() as tx:
            result = tx.execute(text(statement), values)
            return list(result) if result.returns_rows else None


def make_desk(database: Database, settings: Settings) -> Desk:
    with database.write() as tx:
        procedures.publish_library(tx, SYSTEM, MORNING)
        departments = {
            name: create_department(
                tx, SYSTEM, name, name.title(), address=f"{name}@lentera.example", language="en", now=MORNING
            )
            for name in ("service", "billing")
        }
        teams = {
            team: create_team(tx, SYSTEM, departments[of], team, team.title(), default=True, now=MORNING)
            for team, of in (("repair", "service"), ("invoices", "billing"))
        }
        people = {}
        for nick, role, of, team, availability in (
            ("mira", "manager", None, None, "offline"),
            ("catherine", "lead", "service", "repair", "offline"),
            ("dewi", "agent", "service", "repair", "online"),
            ("bagus", "agent", "service", "repair", "online"),
            ("wati", "light", "service", None, "online"),
            ("rina", "agent", "billing", "invoices", "online"),
        ):
            department = departments.get(of or "")
            new = NewPerson(
                f"{nick}@lentera.example",
                nick.title(),
                role,
                department,
                [teams[team]] if team else [],
                language="en",
                availability=availability,
            )
            person = add_person(tx, SYSTEM, new, now=MORNING)
            people[nick] = Actor("person", person, role, nick.title(), department)
        lead_team(tx, SYSTEM, teams["repair"], people["catherine"].id or 0)
        manage_department(tx, SYSTEM, departments["service"], people["mira"].id or 0)
    return Desk(database, settings, people, departments, teams)


@pytest.fixture
def desk(any_database: Database, any_settings: Settings) -> Desk:
    """The firm on SQLite and on PostgreSQL."""
    return make_desk(any_database, any_settings)


@pytest.fixture
def sqlite_desk(database: Database, settings: Settings) -> Desk:
    """The firm on SQLite only, where the database makes no difference."""
    return make_desk(database, settings)
