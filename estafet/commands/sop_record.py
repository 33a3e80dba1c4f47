"""`estafet sop test --record TICKET`: a test case of what really happened on a ticket."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from core.database import Database
from core.errors import CommandError
from core.moments import now_ms
from core.procedure.case_reading import CaseError, read_cases
from core.settings import read_settings
from core.studio.recording import NotRepeated, Recorded, record
from core.texts import _
from estafet.command import FOUND_WRONG, CannotRun
from estafet.preparing import check_prepared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def record_ticket(ticket_id: int, files: Sequence[Path]) -> None:
    """Add the case to the cases beside the one file, or print the case file. Ends the program when it cannot be made."""
    if len(files) > 1:
        raise CannotRun(_("A ticket followed one procedure: name one document, or none to print the case."))
    beside = files[0].with_name(f"{files[0].stem}.cases.yaml") if files else None
    try:
        cases = beside.read_text(encoding="utf-8") if beside is not None and beside.is_file() else ""
        known = read_cases(cases).sop if cases.strip() else ""
    except (OSError, UnicodeError, CaseError) as error:
        raise CannotRun(_("%(file)s cannot be read: %(why)s.", file=beside, why=error)) from error
    made = _made(ticket_id, cases)
    if known and known != made.sop:
        sentence = _(
            "Ticket %(id)s followed “%(sop)s”, but %(file)s is for “%(other)s”.",
            id=ticket_id,
            sop=made.sop,
            file=beside,
            other=known,
        )
        raise CannotRun(sentence)
    if made.cut:
        click.echo(_("The case ends before %(what)s: a test case cannot say that.", what=made.cut), err=True)
    if beside is None:
        click.echo(made.text, nl=False)
        return
    try:
        beside.write_text(made.text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(_("%(folder)s cannot be written: %(why)s.", folder=beside, why=error.strerror)) from error
    click.echo(
        _(
            "%(file)s: ticket %(id)s is a case now. It ran on version %(n)s of “%(sop)s”.",
            file=beside,
            id=ticket_id,
            n=made.number,
            sop=made.sop,
        ),
        err=True,
    )


def _made(ticket_id: int, cases: str) -> Recorded:
    settings = read_settings()
    check_prepared(settings)
    database = Database(settings)
    try:
        with database.read() as tx:
            return record(tx, ticket_id, _("as on ticket %(id)s", id=ticket_id), cases, now_ms())
    except NotRepeated as error:
        click.echo("\n".join([str(error), *(f"  {line}" for line in error.lines)]), err=True)
        sys.exit(FOUND_WRONG)
    except CommandError as error:
        raise CannotRun(str(error)) from error
    finally:
        database.close()
