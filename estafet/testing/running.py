"""A desk in one process: tickets that follow procedures, plugins that are asked, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import effects, ledger, procedures
from core.actors import SYSTEM, Actor
from core.actors import customer as as_customer
from core.advance import advance, standing
from core.moments import now_ms
from core.performing import TryLater, perform
from core.plugins import arriving, facts, keeping, loading, publishing, questions, registration
from core.plugins import panels as boxes
from core.plugins.calling import call
from core.plugins.choosing import ask_who
from core.plugins.doors import Knock, callback_url, open_door
from core.plugins.linking import LinkRow, links_of
from core.plugins.registry import plugin
from core.plugins.settings import save_settings, settings_of
from core.plugins.signatures import signature
from core.plugins.wishing import ask_action
from core.routing.asking import CHOOSE
from core.schema import Message, MessageBody, Ticket
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import PRIORITY_NAMES, read
from core.timeline import Happening, timeline_page
from estafet.testing.faults import Clock, Faults, InProcess, Recorded

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings

MOST_TURNS = 100
_m, _b = Message.__table__.c, MessageBody.__table__.c
_MESSAGES = (
    select(_m.id, _m.direction, _m.author_name, _m.channel, _m.delivery, _b.text)
    .join(MessageBody.__table__, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"))
    .order_by(_m.id)
)
_TICKETS = select(Ticket.__table__.c.id).order_by(Ticket.__table__.c.id)


@dataclass
class DeskTicket:
    """A ticket of the desk, and what may happen to it."""

    desk: Desk
    id: int

    @property
    def status(self) -> str:
        return str(self._row.status)

    @property
    def subject(self) -> str:
        return str(self._row.subject)

    @property
    def priority(self) -> str:
        return PRIORITY_NAMES[self._row.priority]

    @property
    def _row(self) -> Any:
        with self.desk.database.read() as tx:
            return read(tx, self.id)

    @property
    def open_steps(self) -> tuple[str, ...]:
        with self.desk.database.read() as tx:
            return standing(tx, [self.id])[self.id].open_steps

    @property
    def links(self) -> list[LinkRow]:
        with self.desk.database.read() as tx:
            return links_of(tx, self.id)

    @property
    def events(self) -> list[Happening]:
        with self.desk.database.read() as tx:
            return timeline_page(tx, self.id, limit=2000)

    @property
    def effects(self) -> list[effects.EffectRow]:
        """What was wanted outside, and what became of it: the effect ledger."""
        with self.desk.database.read() as tx:
            return effects.page(tx, ticket_id=self.id, limit=500)

    @property
    def channel(self) -> str:
        return str(self._row.channel)

    @property
    def messages(self) -> list[Any]:
        """What was said, comments included: `.direction` (in, out, internal), `.text`, `.author_name`, `.delivery`."""
        with self.desk.database.read() as tx:
            return list(tx.execute(_MESSAGES, {"ticket": self.id}))

    def step(self, name: str) -> Any:
        """The newest visit of a step: `.state`, `.outcome`, `.result`."""
        with self.desk.database.read() as tx:
            run = procedures.read_run(tx, read(tx, self.id).run_id or 0)
            found = [visit for visit in ledger.load(tx, run.id).values() if visit.name == name]
        if not found:
            raise LookupError(f"step '{name}' has not been opened; open now: {', '.join(self.open_steps)}")
        return found[-1]

    def go(self) -> DeskTicket:
        """Perform everything that is due, walk on, and again, until nothing is due that can be done now."""
        put_off = set[str]()
        for _turn in range(MOST_TURNS):
            with self.desk.database.write() as tx:
                now = advance(tx, self.desk.settings, self.id, now_ms())
            due = [one for one in now.effects if one.key not in put_off]
            if not due:
                return self
            for one in due:
                if not self.desk.perform(one.key, outside=bool(one.plugin)):
                    put_off.add(one.key)
        raise AssertionError("this ticket never comes to rest")

    def wait(self, **how_long: float) -> DeskTicket:
        """Time passes, and what is due then happens."""
        self.desk.clock.forward(**how_long)
        return self.go()

    def reply(self, text: str) -> DeskTicket:
        """The customer writes."""
        row = self._row
        with self.desk.database.write() as tx:
            them = as_customer(row.customer_id, "Sari")
            receive_reply(tx, self.desk.settings, them, self.id, IncomingMessage("", text))
        return self.go()

    def answer(self, text: str) -> DeskTicket:
        """A colleague answers the customer."""
        newest = max((one.id for one in self.messages), default=None)
        with self.desk.database.write() as tx:
            send_reply(tx, self.desk.settings, self.desk.agent, self.id, Draft(text, seen_message_id=newest))
        return self.go()

    def comment(self, text: str) -> DeskTicket:
        """A colleague writes an internal comment."""
        with self.desk.database.write() as tx:
            add_comment(tx, self.desk.agent, self.id, Draft(text))
        return self.go()

    def act(self, action: str, *, step: str = "", **arguments: str) -> DeskTicket:
        """A colleague presses an action on the ticket's page."""
        self.desk.pressed += 1
        with self.desk.database.write() as tx:
            nonce = f"pressed-{self.desk.pressed}"
            ask_action(tx, self.desk.agent, self.id, action, arguments, nonce=nonce, step=step)
        return self.go()


@dataclass
class Desk:
    """A small firm with one department, its people, and the plugins that the test adds."""

    database: Database
    settings: Settings
    clock: Clock
    manager: Actor
    agent: Actor
    faults: Faults = field(default_factory=Faults)
    pressed: int = 0

    def __post_init__(self) -> None:
        self.caller = InProcess(self.faults)

    @property
    def asked(self) -> list[Recorded]:
        """Everything that plugins were asked, in order."""
        return self.caller.asked

    @property
    def tickets(self) -> list[DeskTicket]:
        """Every ticket of the desk, the oldest first."""
        with self.database.read() as tx:
            return [DeskTicket(self, ticket_id) for ticket_id in tx.execute(_TICKETS).scalars()]

    def add(self, name: str, plugin: Any, **settings: Any) -> None:
        """Use a plugin (a module or an object), with these settings. Unsound: the same words as on the plugins page."""
        loading.keep(name, registration.register(name, plugin))
        source = {"name": name, "kind": "test", "where": name}
        said = questions.QUESTIONS["describe"]({"source": source})
        told = (tuple(said["actions"]), tuple(said["declared"]), tuple(said["hooks"]), said["offers"])
        with self.database.write() as tx:
            publishing.publish(tx, [publishing.Found(name, "test", source, *told)], now_ms())
        self.set(name, **settings)

    def set(self, name: str, **settings: Any) -> None:
        """Type these settings in on the plugins page. The others get their defaults."""
        with self.database.write() as tx:
            row = plugin(tx, name)
            if row is None:
                raise LookupError(f"there is no plugin '{name}': add it first")
            given = {one: str(value) for one, value in {**settings_of(self.settings, row), **settings}.items() if value}
            save_settings(tx, self.settings, self.manager, name, given)

    def open(self, sop: str = "", **ticket: Any) -> DeskTicket:
        """A ticket that follows this SOP (its text); everything that is due at once has happened."""
        name = None
        if sop:
            with self.database.write() as tx:
                name = procedures.publish(tx, SYSTEM, sop, now=now_ms()).name
        given: dict[str, Any] = {"subject": "The fridge leaks", "body": "Please help.", "channel": "form", "sop": name}
        given["customer"] = CustomerRef("sari@example.com", "Sari")
        with self.database.write() as tx:
            opened = open_ticket(tx, self.settings, SYSTEM, NewTicket(**{**given, "language": "en", **ticket}))
        return DeskTicket(self, opened.ticket_id).go()

    def perform(self, key: str, *, outside: bool) -> bool:
        """Attempt one effect; False when it is to be tried again later."""
        try:
            if outside:
                (ask_who if self._asks(key) else call)(self.database, self.settings, self.caller, key)
            else:
                perform(self.database, self.settings, key)
        except TryLater:
            return False
        return True

    def tell(self, name: str) -> None:
        """Hand the plugin every fact that it has not heard of; what it refuses is parked as in the product."""
        for _turn in range(MOST_TURNS):
            try:
                if not facts.deliver(self.database, self.settings, self.caller, name):
                    return
            except facts.NotTaken:
                continue
        raise AssertionError("facts without end")

    def post(self, name: str, webhook: str, body: Any, **headers: str) -> str:
        """Send a rightly signed webhook, and let the plugin take it: taken, again, or why it was refused."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.database.read() as tx:
            row = plugin(tx, name)
        declared = row.webhook(webhook) if row else None
        if row is None or declared is None:
            raise LookupError(f"there is no webhook '{webhook}' of '{name}'")
        secret = str(settings_of(self.settings, row)[declared["secret"]] or "")
        signed = signature(declared, secret, raw, callback_url(self.settings, name, webhook), now_ms())
        given = {header.lower(): value for header, value in {**signed, **headers}.items()}
        with self.database.write() as tx:
            fate = open_door(tx, self.settings, Knock(name, webhook, given, raw), now_ms())
        for _turn in range(MOST_TURNS):
            try:
                if not arriving.take_delivery(self.database, self.settings, self.caller, name):
                    break
            except facts.NotTaken:
                continue
        return fate

    def _asks(self, key: str) -> bool:
        with self.database.read() as tx:
            effect = effects.read(tx, key)
        return effect is not None and effect.kind == CHOOSE

    def look(self, name: str) -> None:
        """The slow look behind webhooks, as if its time had come."""
        self.clock.forward(minutes=11)
        keeping.look_outside(self.database, self.settings, self.caller, name)

    def panel(self, name: str, panel: str, ticket: DeskTicket) -> boxes.Box:
        """A box of the ticket's page, as it stands after it was renewed."""
        with self.database.write() as tx:
            boxes.want_boxes(tx, "ticket", ticket.id, [(name, panel)], now_ms())
        boxes.renew_box(self.database, self.settings, self.caller, name)
        with self.database.read() as tx:
            return next(box for box in boxes.boxes(tx, "ticket", ticket.id) if (box.plugin, box.panel) == (name, panel))
