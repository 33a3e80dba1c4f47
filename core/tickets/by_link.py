"""Somebody decides or answers by the signed link in their mail: without an account, once, for one visit of one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import ledger
from core.actors import Actor
from core.directory import directory
from core.errors import Conflict, NotFound
from core.links import read_step_link
from core.moments import now_ms
from core.procedure.values import State
from core.procedures import read_run
from core.step_words import StepWords, say_step
from core.texts import _
from core.tickets import steps
from core.tickets.open_steps import find_step
from core.tickets.rows import read

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Person
    from core.procedure.values import Visit
    from core.settings import Settings
    from core.tickets.rows import TicketRow

_GUEST = "mail:"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page behind the link shows. `over` says what is the case now, when there is nothing left to decide."""

    ticket_id: int
    subject: str
    ticket_language: str
    department: str
    kind: str  # approval | collaborate
    words: StepWords
    due_at: int | None
    reader: str
    over: str = ""
    over_at: int | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose link it is."""

    person: Person | None
    address: str

    @property
    def actor(self) -> Actor:
        """The reader as commands know them."""
        if self.person is None:
            return Actor("guest", name=self.address)
        return Actor("person", self.person.id, self.person.role, self.person.name, self.person.department_id)

    @property
    def voter(self) -> str:
        """The reader as votes are kept."""
        return str(self.person.id) if self.person else steps.guest_voter(self.address)


def who_reads(tx: Connection, settings: Settings, signed: str) -> tuple[int, Reader]:
    """(the step, whose link it is). NotFound: not signed by us, or the person does not work here any more."""
    target = read_step_link(settings, signed)
    if target is None:
        raise NotFound(_("This link does not work. Open it from the mail again."))
    if target.voter.startswith(_GUEST):
        return target.step_id, Reader(None, target.voter.removeprefix(_GUEST))
    person = directory(tx).people.get(int(target.voter)) if target.voter.isdecimal() else None
    if person is None or not person.active:
        raise NotFound(_("This link does not work any more."))
    return target.step_id, Reader(person, person.email)


def asked(tx: Connection, settings: Settings, signed: str, language: str, *, now: int | None = None) -> Asked:
    """The question behind a link with its facts, or what has become of it."""
    now = now or now_ms()
    step_id, reader = who_reads(tx, settings, signed)
    found = ledger.find(tx, step_id)
    if found is None:
        raise NotFound(_("This link does not work any more."))
    row, run = read(tx, found.ticket_id), read_run(tx, found.run_id)
    visits = ledger.load(tx, run.id)
    visit = visits[found.path]
    over, at = _over(tx, row, found.run_id, visit, reader)
    return Asked(
        ticket_id=row.id,
        subject=row.subject,
        ticket_language=row.language,
        department=directory(tx).departments[row.department_id].title,
        kind=visit.kind,
        words=say_step(tx, row, run, visits, visit, language, now),
        due_at=visit.due_at,
        reader=reader.person.name if reader.person else reader.address,
        over=over,
        over_at=at,
    )


def _over(tx: Connection, row: TicketRow, run_id: int, visit: Visit, reader: Reader) -> tuple[str, int | None]:
    """Why there is nothing left to do by this link, and since when; nothing when it may still be used."""
    if not visit.open:
        return _ended(tx, visit), visit.ended_at
    if run_id != row.run_id:
        return _("The ticket follows another procedure now. Nothing is asked of you any more."), None
    given = {**visit.marks.get("votes", {}), **visit.marks.get("answers", {})}
    if reader.voter in given:
        match given[reader.voter]:
            case "approve":
                return _("You have approved it. Others are still asked."), None
            case "reject":
                return _("You have rejected it."), None
            case _:
                return _("You have answered. Others are still asked."), None
    return "", None


def _ended(tx: Connection, visit: Visit) -> str:
    name = _name(tx, visit.ended_by)
    match visit.outcome, visit.state:
        case "approve", _:
            return _("It was approved; %(name)s gave the deciding vote.", name=name)
        case "reject", _:
            return _("%(name)s rejected it.", name=name)
        case "answered", _:
            return _("It was answered; %(name)s gave the last answer.", name=name)
        case _, State.SKIPPED:
            return _("%(name)s skipped this step. Nothing is asked of you any more.", name=name)
        case _, State.EXPIRED:
            return _("The time for it has passed. It was decided without you.")
        case _:
            return _("It is not needed any more: the procedure went another way.")


def _name(tx: Connection, ended_by: str | None) -> str:
    if ended_by and ended_by.isdecimal():
        person = directory(tx).people.get(int(ended_by))
        return person.name if person else _("Somebody")
    if ended_by and ended_by.startswith("customer:"):
        return _("The customer")
    return ended_by.removeprefix(_GUEST) if ended_by and "@" in ended_by else _("Somebody")


def vote_by_link(
    tx: Connection, settings: Settings, signed: str, choice: str, *, comment: str = "", now: int | None = None
) -> None:
    """Approve or reject by a link. Conflict says what is the case now, when it was used already or decided by somebody else."""
    ticket_id, step_id, reader = _use(tx, settings, signed)
    steps.vote(tx, settings, reader.actor, ticket_id, step_id, choice, comment=comment, way="link", now=now)


def answer_by_link(tx: Connection, settings: Settings, signed: str, text: str, *, now: int | None = None) -> None:
    """Answer a question by a link; Conflict as in `vote_by_link`."""
    ticket_id, step_id, reader = _use(tx, settings, signed)
    steps.answer_step(tx, settings, reader.actor, ticket_id, step_id, text, way="link", now=now)


def _use(tx: Connection, settings: Settings, signed: str) -> tuple[int, int, Reader]:
    step_id, reader = who_reads(tx, settings, signed)
    found = ledger.find(tx, step_id)
    if found is None:
        raise NotFound(_("This link does not work any more."))
    one = find_step(tx, reader.actor, found.ticket_id, step_id)
    over, _at = _over(tx, one.row, found.run_id, one.visit, reader)
    if over:
        raise Conflict(over)
    return found.ticket_id, step_id, reader
