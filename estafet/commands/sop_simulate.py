"""`estafet sop simulate`: one made-up ticket follows a document on a virtual clock. It needs no database and no server."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.procedure.case_reading import VERBS
from core.procedure.deeds import open_steps
from core.sop.durations import DurationError, parse_duration
from core.sop.reading import SopError, load
from core.studio import dry_run
from core.studio.dry_run import Script
from core.texts import _
from estafet.command import FOUND_WRONG, CannotRun

if TYPE_CHECKING:
    from core.procedure.simulation import Simulation
    from core.sop.document import Sop

_DETAILS = ("by", "choice", "reason", "outcome", "ends")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--ticket", multiple=True, metavar="NAME=VALUE", help="A property of the ticket, such as topic=refund.")
@click.option("--customer", multiple=True, metavar="NAME=VALUE", help="A property of the customer, such as class=vip.")
@click.option("--when", "happenings", multiple=True, metavar='"AFTER VERB STEP …"', help="Something that happens.")
@click.option("--for", "time", default="PT0S", show_default=True, help="How far the clock is wound.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def simulate(
    file: Path,
    ticket: tuple[str, ...],
    customer: tuple[str, ...],
    happenings: tuple[str, ...],
    time: str,
    *,
    as_json: bool,
) -> None:
    """Let a made-up ticket follow an SOP, and see each step, message and call with its time. Sub-SOPs are looked for in the same folder.

    \b
    Example:
      estafet sop simulate refund.yaml --ticket topic=refund \\
        --when "PT1H complete verify by=sari amount=250000" --for P3D

    Exit code 0: it went as told; 1: something happened that nobody waits for; 2: the document cannot be read.
    """
    sop = _load(file)
    begun = dry_run.begin(sop, _pairs(ticket), _pairs(customer))
    when = tuple(_happening(text) for text in happenings)
    played = dry_run.play(sop, Script(begun.given, when, _minutes(time)), _beside(file))
    if played.sim is None:
        raise CannotRun(played.problem)
    click.echo(
        json.dumps(_facts(played.sim, played.problem), ensure_ascii=False, indent=2) if as_json else _told(played.sim)
    )
    if played.problem:
        click.echo(played.problem, err=True)
    sys.exit(FOUND_WRONG if played.problem else 0)


def _load(file: Path) -> Sop:
    try:
        return load(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise CannotRun(_("%(file)s cannot be read: %(why)s.", file=file, why=why)) from error
    except SopError as error:
        raise CannotRun(
            "\n".join(f"{file}:{one.line}:{one.column}: {one.message}" for one in error.problems)
        ) from error


def _beside(file: Path) -> Any:
    def find(name: str) -> Sop | None:
        path = file.parent / f"{name.rpartition('/')[2]}.yaml"
        return _load(path) if path.exists() else None

    return find


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise CannotRun(_("“%(given)s” is no NAME=VALUE.", given=one))
        found[name] = value
    return found


def _happening(text: str) -> dict[str, Any]:
    """`PT1H complete verify choice=ok amount=5`: the details cases know, and fields."""
    parts = shlex.split(text)
    if len(parts) < 3 or parts[1] not in VERBS:
        raise CannotRun(
            _(
                "“%(given)s” does not say AFTER VERB STEP, such as: PT1H complete verify. Verbs: %(verbs)s.",
                given=text,
                verbs=", ".join(VERBS),
            )
        )
    pairs = _pairs(tuple(parts[3:]))
    found: dict[str, Any] = {"after": parts[0], parts[1]: parts[2]}
    found |= {name: value for name, value in pairs.items() if name in _DETAILS}
    fields = {name: value for name, value in pairs.items() if name not in _DETAILS}
    return found | ({"fields": fields} if fields else {})


def _minutes(time: str) -> int:
    try:
        found = parse_duration(time)
    except DurationError as error:
        raise CannotRun(_("“%(text)s” is not a duration such as PT2H or P3D.", text=time)) from error
    return (found.months * 30 + found.weeks * 7 + found.days) * 1440 + found.seconds // 60


def _facts(sim: Simulation, problem: str) -> dict[str, Any]:
    def listed(entries: Any) -> list[dict[str, Any]]:
        return [
            {"what": one.what, "who": one.who, "after_seconds": (one.at - sim.given.start) // 1000} for one in entries
        ]

    return {
        "steps": listed(sim.log.opened),
        "notices": listed(sim.log.notices),
        "calls": listed(sim.log.calls),
        "open": open_steps(sim),
        "ended": sim.ended.outcome if sim.ended else None,
        "problem": problem or None,
    }


def _told(sim: Simulation) -> str:
    rows = [(one.at, _("step"), one.what) for one in sim.log.opened]
    rows += [(one.at, _("message"), f"{one.what} -> {one.who}") for one in sim.log.notices]
    rows += [(one.at, _("call"), one.what) for one in sim.log.calls]
    lines = [
        f"{_span(at - sim.given.start):>12}  {kind:<8} {what}"
        for at, kind, what in sorted(rows, key=lambda row: row[0])
    ]
    if sim.ended:
        lines.append(_("The procedure has ended: %(outcome)s.", outcome=sim.ended.outcome))
    else:
        lines.append(_("Open: %(steps)s.", steps=", ".join(open_steps(sim)) or _("nothing")))
    return "\n".join(lines)


def _span(ms: int) -> str:
    minutes = ms // 60_000
    return f"{minutes // 1440} d {minutes % 1440 // 60:02}:{minutes % 60:02}"
