"""What happened on a ticket becomes a test case that passes against the version it ran on, without its customer's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from core.calendar_reading import read_calendar
from core.errors import Refused
from core.procedure.case_reading import read_cases
from core.procedure.cases import run_cases
from core.procedures import find_published
from core.requesters import CustomerRef
from core.schema import StepVisit
from core.studio.calendar_writing import written
from core.studio.recording import Recorded, record
from core.tickets.leading import move_run
from core.tickets.resolving import resolve
from core.tickets.settling import settle
from core.tickets.steps import complete_step, decide_error, vote

if TYPE_CHECKING:
    from tests.core.conftest import Desk

MORNING, HOUR = 1_795_485_600_000, 3_600_000
PAY = """
sop: pay
fields:
  amount: {type: money, label: Amount}
  why: {type: text, label: Why}
  account: {type: string, personal: true}
do:
  - take: {assign: {team: repair}}
  - received: {notify: {to: customer, template: received}}
  - who: {call: crm.lookup, on_error: {ask: lead}}
  - check: {task: Check it, require: [fields.amount, fields.why, fields.account]}
  - size:
      switch:
        - {if: fields.amount > 5000 && steps.who.result.tier == "gold", then: ask}
        - else: []
      then: finish
  - ask: {approval: {by: "team:repair", question: Pay?, quorum: all}, on: {reject: {then: check}}}
  - finish: {resolve: {require: [resolution]}}
"""
TYPED = {"amount": 7500, "why": "Ibu Ratna paid twice", "account": "BCA 123"}


class Followed:
    """A ticket on PAY, and the acts of its people, an hour apart."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.now = desk, MORNING
        desk.publish(PAY)
        customer = CustomerRef("ratna@example.com", "Ratna Dewi")
        self.id = desk.open("Ratna's refund", department="service", sop="pay", customer=customer).ticket_id

    def step(self, name: str) -> int:
        query = select(StepVisit.id).where(
            StepVisit.ticket_id == self.id, StepVisit.name == name, StepVisit.state == "open"
        )
        with self.desk.database.read() as tx:
            return int(tx.execute(query).scalar_one())

    def later(self) -> int:
        self.now += HOUR
        return self.now

    def called(self, state: str = "done") -> None:
        """The call comes back, with much that nobody decides by."""
        (key,) = [one.key for one in self.desk.effects(self.id) if one.kind == "call_plugin" and one.state == "planned"]
        answer = {"tier": "gold", "name": "Ratna Dewi", "email": "ratna@example.com"}
        with self.desk.database.write() as tx:
            settle(tx, self.desk.settings, key, state, self.now, result=answer if state == "done" else None)

    def checked(self) -> None:
        with self.desk.database.write() as tx:
            complete_step(
                tx,
                self.desk.settings,
                self.desk.people["dewi"],
                self.id,
                self.step("check"),
                fields=TYPED,
                now=self.later(),
            )

    def approved(self) -> None:
        for nick in ("catherine", "dewi", "bagus"):
            query = select(StepVisit.state).where(StepVisit.ticket_id == self.id, StepVisit.name == "ask")
            with self.desk.database.write() as tx:
                if tx.execute(query).scalar_one() == "open" and nick != self.holder():
                    vote(
                        tx,
                        self.desk.settings,
                        self.desk.people[nick],
                        self.id,
                        self.step("ask"),
                        "approve",
                        now=self.later(),
                    )

    def holder(self) -> str:
        held = self.desk.row(self.id).holder_id
        return next((nick for nick, one in self.desk.people.items() if one.id == held), "")

    def finished(self) -> None:
        with self.desk.database.write() as tx:
            complete_step(
                tx,
                self.desk.settings,
                self.desk.people["dewi"],
                self.id,
                self.step("finish"),
                fields={"resolution": "Paid to Ratna"},
                now=self.later(),
            )

    def recorded(self, cases: str = "") -> Recorded:
        with self.desk.database.read() as tx:
            return record(tx, self.id, f"as on ticket {self.id}", cases, self.now + HOUR)

    def passes(self, made: Recorded) -> bool:
        with self.desk.database.read() as tx:
            published = find_published(tx, "pay")
        assert published is not None
        return run_cases(published.sop, read_cases(made.text)).passed


def test_ticket_becomes_a_passing_case(desk: Desk) -> None:
    one = Followed(desk)
    one.called()
    one.checked()
    one.approved()
    one.finished()
    made = one.recorded()
    assert one.passes(made)
    assert (made.sop, made.number, made.cut) == ("pay", 1, "")
    (case,) = read_cases(made.text).cases
    assert case.expect["path"] == ["take", "received", "who", "check", "size", "ask", "finish"]
    assert case.expect["ends"]["as"] == "completed"
    assert case.given.answers == {"crm.lookup": {"tier": "gold"}}
    assert [deed.verb for deed in case.when][:1] == ["complete"]
    assert case.when[0].details["fields"] == {"amount": 7500}
    for word in ("Ratna", "ratna", "BCA", "Paid to"):
        assert word not in made.text
    twice = one.recorded(made.text)
    assert len(read_cases(twice.text).cases) == 2


def test_changed_document_fails_the_case(sqlite_desk: Desk) -> None:
    one = Followed(sqlite_desk)
    one.called()
    one.checked()
    made = one.recorded()
    sqlite_desk.publish(PAY.replace("> 5000 ", "> 9000 "))
    assert not one.passes(made)
    assert one.passes(one.recorded()) is False  # the ticket stays on the version that it began with
    assert one.recorded().number == 1


def test_failures_and_decisions_are_repeated(sqlite_desk: Desk) -> None:
    one = Followed(sqlite_desk)
    one.called("failed")
    for choice in ("retry", "skip"):
        with sqlite_desk.database.write() as tx:
            decide_error(
                tx,
                sqlite_desk.settings,
                sqlite_desk.people["catherine"],
                one.id,
                one.step("who"),
                choice,
                now=one.later(),
            )
        if choice == "retry":
            one.called("failed")
    one.checked()
    made = one.recorded()
    assert one.passes(made)
    (case,) = read_cases(made.text).cases
    assert [deed.verb for deed in case.when] == ["retry", "skip", "complete"]
    assert case.given.answers == {"crm.lookup": [{"error": "failed"}, {"error": "failed"}]}


@pytest.mark.parametrize("how", ["moved", "resolved"])
def test_case_ends_where_it_cannot_tell(sqlite_desk: Desk, how: str) -> None:
    one = Followed(sqlite_desk)
    one.called()
    with sqlite_desk.database.write() as tx:
        if how == "moved":
            move_run(
                tx,
                sqlite_desk.settings,
                sqlite_desk.people["catherine"],
                one.id,
                "finish",
                "Known already",
                now=one.later(),
            )
        else:
            resolve(tx, sqlite_desk.settings, sqlite_desk.people["catherine"], one.id, "Done", now=one.later())
    made = one.recorded()
    assert made.cut
    assert one.passes(made)
    assert read_cases(made.text).cases[0].expect["ends"] == {"as": "running"}


def test_what_does_not_come_out_is_refused(sqlite_desk: Desk) -> None:
    one = Followed(sqlite_desk)
    one.called()
    sqlite_desk.sql(
        "UPDATE step SET state = 'expired', outcome = 'timeout', ended_at = :at WHERE name = 'check'", at=one.later()
    )
    sqlite_desk.sql("UPDATE run SET state = 'completed', ended_at = :at", at=one.now)
    with pytest.raises(Refused, match="does not repeat"):
        one.recorded()


def test_hours_are_written_and_read_back() -> None:
    given = {
        "tz": "Asia/Jayapura",
        "hours": {"mon": [["22:00", "06:00"]], "sat": [["08:00", "12:00"]]},
        "holidays": ["2026-12-25", "2031-01-01"],
        "special": {"2026-12-24": [["08:00", "10:30"]]},
        "pauses": [["2026-12-01T08:00:00+09:00", "2026-12-01T10:00:00+09:00"]],
    }
    calendar = read_calendar(given)
    again = read_calendar(written(calendar, MORNING))
    assert again.hours == calendar.hours
    assert again.special == calendar.special
    assert again.pauses == calendar.pauses
    assert len(again.holidays) == 1  # the one near the case
    assert written(read_calendar("always"), MORNING) == "always"
