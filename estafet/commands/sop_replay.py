"""`estafet sop replay`: what a procedure would have done with the tickets of the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core import sop_drafts
from core.actors import SYSTEM
from core.database import Database
from core.directory import directory
from core.errors import CommandError, NotFound
from core.moments import now_ms
from core.settings import read_settings
from core.sop.reading import SopError, load
from core.studio.drafts import find_draft
from core.studio.replay.choosing import FOLLOWED, TAKEN
from core.studio.replay.telling import as_json, as_lines
from core.studio.replaying import MOST, USUAL, Wanted, replay
from core.texts import _
from estafet.command import CannotRun
from estafet.preparing import check_prepared

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


@click.command("replay")
@click.argument("what", metavar="FILE|NAME")
@click.option(
    "--last", type=click.IntRange(1, MOST), default=USUAL, show_default=True, help="So many tickets, the newest."
)
@click.option(
    "--followed", is_flag=True, help="Those that followed this SOP, not those that its start rule would have taken."
)
@click.option("--open", "also_open", is_flag=True, help="Also tickets that are still open.")
@click.option("--json", "as_json_", is_flag=True, help="Answer in JSON.")
def replay_past(what: str, last: int, *, followed: bool, also_open: bool, as_json_: bool) -> None:
    """Play the last tickets that an SOP would have taken on it, beside what really happened. Nothing is changed.

    \b
    Example:
      estafet sop replay refund.yaml --last 100
      estafet sop replay service/refund --json

    FILE is a document; NAME (or DEPARTMENT/NAME) is an SOP of this installation: its draft, else what is published. Exit code 0: played;
    2: could not be played.
    """
    settings = read_settings()
    check_prepared(settings)
    database = Database(settings)
    try:
        with database.read() as tx:
            asked = _wanted(tx, what, last, FOLLOWED if followed else TAKEN, also_open=also_open)
            found = replay(tx, SYSTEM, asked, now_ms())
    except (CommandError, SopError) as error:
        raise CannotRun(str(error)) from error
    finally:
        database.close()
    if as_json_:
        click.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
    else:
        for line in as_lines(found):
            click.echo(line)


def _wanted(tx: Connection, what: str, last: int, which: str, *, also_open: bool) -> Wanted:
    """The document, and whose past it is to be played on."""
    file = Path(what)
    if file.suffix in (".yaml", ".yml"):
        try:
            sop = load(file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeError) as error:
            raise CannotRun(_("%(file)s cannot be read: %(why)s.", file=file, why=error)) from error
        department = directory(tx).department(sop.department) if sop.department else None
        known = _known(tx, f"{sop.department}/{sop.name}" if department else sop.name)
        return Wanted(sop, known.id if known else 0, department.id if department else None, last, which, also_open)
    row = sop_drafts.find_sop(tx, SYSTEM, what)
    draft = find_draft(tx, row.id)
    versions = sop_drafts.versions_of(tx, row.id)
    text = draft.text if draft else next((one.text for one in versions if one.id == row.published_version_id), None)
    if text is None:
        raise CannotRun(_("No version of this SOP is published, and it has no draft."))
    return Wanted(load(text), row.id, row.department_id, last, which, also_open)


def _known(tx: Connection, name: str) -> Any:
    """The SOP that a file is a version of, if there is one."""
    try:
        return sop_drafts.find_sop(tx, SYSTEM, name)
    except NotFound:
        return None
