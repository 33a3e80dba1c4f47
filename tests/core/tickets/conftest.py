"""What tests of running procedures share: a desk that follows a document, and short words for what its people do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from core.advance import advance
from core.schema import CaughtMail, Run, StepVisit
from core.tickets import steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.core.conftest import Desk

MORNING, HOUR = 1_795_485_600_000, 3_600_000


@dataclass
class Play:
    """One ticket that follows `document`."""

    desk: Desk
    ticket: int
    now: int = MORNING

    def later(self, hours: float = 1) -> int:
        self.now += int(hours * HOUR)
        return self.now

    def steps(self, **where: Any) -> list[Any]:
        with self.desk.database.read() as tx:
            query = select(StepVisit.__table__).where(StepVisit.ticket_id == self.ticket).order_by(StepVisit.id)
            found = tx.execute(query.where(StepVisit.kind != "sop")).all()
        return [row for row in found if all(getattr(row, name) == value for name, value in where.items())]

    def step(self, name: str) -> Any:
        """The newest visit of a step."""
        return self.steps(name=name)[-1]

    @property
    def open(self) -> list[str]:
        return [row.path for row in self.steps(state="open")]

    @property
    def run(self) -> Any:
        with self.desk.database.read() as tx:
            query = select(Run.__table__).where(Run.ticket_id == self.ticket).order_by(Run.id.desc()).limit(1)
            return tx.execute(query).one()

    @property
    def row(self) -> Any:
        return self.desk.row(self.ticket)

    def do(self, act: Callable[..., Any], who: str, *given: Any, **values: Any) -> Any:
        """A command on this ticket, an hour later."""
        with self.desk.database.write() as tx:
            moment = self.later()
            return act(tx, self.desk.settings, self.desk.people[who], self.ticket, *given, now=moment, **values)

    def complete(self, name: str, who: str = "dewi", **values: Any) -> None:
        self.do(steps.complete_step, who, self.step(name).id, **values)

    def wind(self, hours: float) -> None:
        """Time passes, and the ticket's alarm rings."""
        with self.desk.database.write() as tx:
            advance(tx, self.desk.settings, self.ticket, self.later(hours))

    def kinds(self) -> list[str]:
        return self.desk.kinds(self.ticket)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event.data for event in self.desk.events(self.ticket) if event.kind == kind]

    def mails(self) -> list[tuple[str, str, str]]:
        """(recipient, subject, text) of every mail, after all that were planned have left."""
        self.desk.perform_all(self.ticket)
        with self.desk.database.read() as tx:
            rows = tx.execute(select(CaughtMail.__table__).where(CaughtMail.ticket_id == self.ticket)).all()
        return [(row.recipients[0].split("@")[0], row.subject, row.raw.replace("=\r\n", "")) for row in rows]

    def told(self) -> list[str]:
        """Which colleagues and strangers had a mail, in order."""
        return [who for who, _subject, _text in self.mails() if who != "sari"]


@pytest.fixture
def follow(desk: Desk) -> Callable[..., Play]:
    """A ticket that follows this document, held by Dewi when it begins with an `assign`."""

    def begin(document: str, *, online: bool = True, **values: Any) -> Play:
        if not online:
            desk.sql("UPDATE person SET availability = 'away' WHERE nick = 'dewi'")
            document = document.replace("{by: least_busy}", "{by: direct, agent: dewi}")
        desk.publish(document)
        name = next(line for line in document.splitlines() if line.startswith("sop:")).split(":")[1].strip()
        desk.sql("UPDATE person SET availability = 'away' WHERE nick = 'bagus'")
        return Play(desk, desk.open(sop=name, **values).ticket_id)

    return begin
