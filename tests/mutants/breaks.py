"""Programs that are wrong on purpose: each function breaks one promise in one place of the product, as a mistake would."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from temporalio import workflow

import workflows.ticket
from core import effects, intake, ledger, performing
from core.database import Database
from core.procedure.record import Record
from core.schema import Message, StepVisit, Ticket
from core.tickets import holding, request_page, rows
from estafet.smtp_server import Intake
from web.desk import queue, talking
from web.portal import help_form
from workflows.ticket import TicketWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    Patch = pytest.MonkeyPatch

_m, _s = Message.__table__.c, StepVisit.__table__.c


def answers_mail_before_its_commit(patch: Patch) -> None:
    """`250` is said at once; the commit follows in its own time."""

    async def handle_data(self: Intake, _server: object, _session: object, envelope: Any) -> str:
        loop = asyncio.get_running_loop()
        taking = (envelope.original_content, envelope.mail_from or "", list(envelope.rcpt_tos))
        loop.run_in_executor(self.threads, self.take, *taking)
        return "250 2.0.0 OK"

    patch.setattr(Intake, "handle_DATA", handle_data)


def answers_before_the_commit(patch: Patch) -> None:
    """The answer is given, and the process dies before it commits."""

    @contextmanager
    def write(self: Database, *, quietly: bool = False) -> Iterator[Any]:
        with self._writer.connect() as connection:
            transaction = connection.begin()
            yield connection
            transaction.rollback()

    patch.setattr(Database, "write", write)


def sends_again_after_a_crash(patch: Patch) -> None:
    """An attempt whose end nobody knows is taken for one that sent nothing, and repeated."""

    def take_up(database: Database, settings: Any, row: Any, now: int) -> Any:
        with database.write() as tx:
            effects.give_back(tx, row.key, "it was interrupted", now, 0)
        return performing.perform(database, settings, row.key)

    patch.setattr(performing, "_take_up", take_up)


def notes_no_attempt(patch: Patch) -> None:
    """The mail leaves before it is written down that it is about to."""
    patch.setattr(effects, "begin", lambda tx, key, _now: effects.read(tx, key))


def accepts_a_baton_twice(patch: Patch) -> None:
    """The offer is ended whatever became of it meanwhile."""
    patch.setattr(holding, "_end_offer", lambda *_args: None)


def forgets_the_row_lock(patch: Patch) -> None:
    """PostgreSQL: the ticket's row is read and not locked."""
    patch.setattr(rows, "_LOCK", rows._READ)


def ends_a_step_whatever_it_is(patch: Patch) -> None:
    """PostgreSQL: neither the lock nor the condition of the update keeps the second one out."""
    forgets_the_row_lock(patch)
    without = update(StepVisit.__table__).where(_s.id == ledger.bindparam("b_id"))
    values = {name: ledger.bindparam(name, type_=_s[name].type) for name in ledger._CHANGING}
    patch.setattr(ledger, "_END_OPEN", without.values(values))


def opens_a_step_again(patch: Patch) -> None:
    """The walk overlooks what people have completed."""
    real = Record.__init__

    def forgetful(self: Record, ledger_: Any, now: int) -> None:
        real(self, {path: visit for path, visit in ledger_.items() if visit.kind != "task" or visit.open}, now)

    patch.setattr(Record, "__init__", forgetful)


@workflow.defn(name="Ticket")
class Hesitating(TicketWorkflow):
    """Begins with a timer that recorded histories do not have."""

    @workflow.run
    async def run(self, ticket_id: int, hint: dict[str, Any] | None = None) -> None:
        await asyncio.sleep(1)  # in a workflow: a timer of Temporal's
        await super().run(ticket_id, hint)


def waits_before_it_looks(patch: Patch) -> None:
    """The workflow was changed without a patch of Temporal's."""
    patch.setattr(workflows.ticket, "TicketWorkflow", Hesitating)


def shows_internal_comments(patch: Patch) -> None:
    """The request page reads every message of the ticket."""
    everything = request_page._SAID.with_only_columns(*request_page._SAID.selected_columns, maintain_column_froms=True)
    parts = [clause for clause in everything._where_criteria if "direction" not in str(clause)]
    everything._where_criteria = tuple(parts)
    patch.setattr(request_page, "_SAID", everything)


def shows_other_customers_words(patch: Patch) -> None:
    """What came in by merging counts as the reader's own."""
    patch.setattr(request_page, "_theirs", lambda *_args, **_more: True)


def opens_any_request(patch: Patch) -> None:
    """A genuine link opens whatever ticket it names, whoever it was made for."""

    def find(tx: Any, target: Any) -> Any:
        return request_page.Request(*tx.execute(request_page._REQUEST, {"ticket": target.ticket_id}).one())

    patch.setattr("web.portal.request_page.find_request", find)


def lets_strangers_join(patch: Patch) -> None:
    """A token in the subject is enough."""
    patch.setattr(intake, "_belongs", lambda *_args: True)


def form_drops_its_words(patch: Patch) -> None:
    """The refused form for help comes back empty."""
    real = help_form._form
    patch.setattr(help_form, "_form", lambda _typed, errors, **more: real({}, errors, **more))


def reply_is_dropped(patch: Patch) -> None:
    """The reply that was held back is not shown again."""
    real = talking.show_ticket
    patch.setattr(
        talking, "show_ticket", lambda ticket, written, status: real(ticket, replace(written, reply=""), status)
    )


def asks_for_each_row(patch: Patch) -> None:
    """Each row of the queue looks its ticket up once more."""
    real = queue.line

    def line(row: Any, *rest: Any) -> Any:
        with queue.database().read() as tx:
            tx.execute(select(Ticket.version).where(Ticket.id == row.id)).scalar_one()
        return real(row, *rest)

    patch.setattr(queue, "line", line)
