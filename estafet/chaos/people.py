"""The people of the fault suite: an office, an agent who answers everything, and customers who write again."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from core import effects
from core.actors import SYSTEM, Actor
from core.errors import CommandError
from core.mailing import NoRecipient, NotNeeded, letter_of
from core.organisation import NewPerson, add_person, create_department, create_team, issue_token
from core.schema import Department, Effect, Message, MessageBody, Ticket
from core.tickets.conversation import Draft, send_reply
from core.tickets.rows import CLOSED, RESOLVED
from core.tickets.settling import answer_unknown
from estafet.chaos.doors import MAIL, Doors, Wish

if TYPE_CHECKING:
    from random import Random

    from sqlalchemy import Connection

    from core.database import Database
    from core.settings import Settings
    from estafet.chaos.sink import Sink

log = structlog.get_logger()

ADDRESS = "help@office.example"
DEPARTMENT = "office"


@dataclass(frozen=True, slots=True)
class Office:
    """One department with one agent, and the token of a manager's program."""

    agent: Actor
    token: str


def set_up_office(database: Database) -> Office:
    """Resolved tickets are closed at once, so that each whole life fits into the run."""
    with database.write() as tx:
        department = create_department(tx, SYSTEM, DEPARTMENT, "Office", address=ADDRESS, language="en")
        team = create_team(tx, SYSTEM, department, "desk", "Desk", default=True)
        agent = add_person(
            tx,
            SYSTEM,
            NewPerson("ani@office.example", "Ani", department_id=department, teams=[team], availability="online"),
        )
        manager = add_person(tx, SYSTEM, NewPerson("rina@office.example", "Rina", role="manager"))
        tx.execute(update(Department).values(quiet_hours=0))
        token = issue_token(tx, manager, "fault suite")
    return Office(Actor("person", agent, "agent", "Ani", department), token)


@dataclass
class Agent:
    """Answers and resolves every open ticket, and settles what nobody could know: they ask the customer whether the mail came."""

    database: Database
    settings: Settings
    office: Office
    sink: Sink
    wishes: list[Wish]
    dice: Random
    stop: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        while not self.stop.wait(0.15):
            try:
                self._settle()
                self._answer()
            except (OperationalError, CommandError) as error:
                log.info("agent: again", error=type(error).__name__)

    def _settle(self) -> None:
        with self.database.read() as tx:
            unknown = tx.execute(select(Effect.key).where(Effect.state.in_(["unknown", "failed"]))).scalars().all()
            sent_as = {key: self._message_id(tx, key) for key in unknown}
        there = {mail.message_id for mail in self.sink.mails()}
        for key, message_id in sent_as.items():
            answer = "done" if message_id is None or message_id in there else "again"
            with self.database.write() as tx:
                answer_unknown(tx, self.settings, self.office.agent, key, answer)

    def _message_id(self, tx: Connection, key: str) -> str | None:
        """Under which Message-ID it was attempted; None when it is not to be sent at all."""
        effect = effects.read(tx, key)
        assert effect
        try:
            return letter_of(tx, self.settings, effect).message_id
        except (NoRecipient, NotNeeded):
            return None

    def _answer(self) -> None:
        with self.database.read() as tx:
            tickets = tx.execute(
                select(Ticket.id, MessageBody.text)
                .join(Message, Message.ticket_id == Ticket.id)
                .join(MessageBody, MessageBody.message_id == Message.id)
                .where(Ticket.status.not_in([RESOLVED, CLOSED]), Message.direction == "in")
                .order_by(Ticket.id)
            ).all()
        waiting = {wish.follows.token for wish in self.wishes if wish.follows and not wish.acknowledged}
        busy = {ticket for ticket, body in tickets if waiting & set(body.split())}
        for ticket_id in dict.fromkeys(ticket for ticket, _body in tickets if ticket not in busy):
            if self.stop.is_set():
                return
            if self.dice.random() < 0.5:
                continue  # later
            then = "resolve" if self.dice.random() < 0.7 else "stay"
            with self.database.write() as tx:
                send_reply(tx, self.settings, self.office.agent, ticket_id, Draft("Please try again."), then=then)


@dataclass
class Repliers:
    """Customers who answer the first mail that they get."""

    doors: Doors
    sink: Sink
    replies: list[Wish]
    stop: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """A reply whose first mail never came (its outcome was unknown and it was lost) is sent as a new request."""
        waiting = {wish.email: wish for wish in self.replies}
        while waiting and not self.stop.wait(0.1):
            for mail in self.sink.mails():
                wish = waiting.pop(mail.recipient, None)
                if wish is not None:
                    wish.answers = mail.message_id
                    self.doors.say(wish)


def reply_to(wish: Wish) -> Wish:
    """What the customer of `wish` will write when they get an answer."""
    return Wish(f"{wish.token}b", MAIL, wish.email, follows=wish)
