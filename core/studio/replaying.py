"""What would a draft have done with the tickets of the past? Those that it would have taken are played on it, beside what really happened.

Honest about its limits: where nobody can know how it would have gone on, the cause is said (`core.studio.replay.causes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from core.directory import directory
from core.permissions import require
from core.procedures import runs_of
from core.studio.known_names import finder
from core.studio.past import heard_by
from core.studio.past_reading import read_pasts
from core.studio.replay.beside import beside
from core.studio.replay.choosing import ENDED, FOLLOWED, TAKEN, Wanted, candidate, choose
from core.studio.replay.summing import Replay, work_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Directory
    from core.procedures import RunRow
    from core.studio.replay.choosing import Candidate, Chosen

MOST, USUAL = 500, 50
_TOGETHER = 50  # tickets whose past is in memory at once
_MOST_EVENTS = 2_000  # of a ticket; a longer one is told to be too long

__all__ = ["FOLLOWED", "MOST", "TAKEN", "USUAL", "Replays", "Wanted", "replay", "replay_one"]


@dataclass(frozen=True, slots=True)
class Replays:
    """The tickets, newest first, how they were found, and how long (ms of opening time) each step of people usually took on them."""

    chosen: Chosen
    tickets: tuple[Replay, ...]
    usual: dict[str, int]


def replay(tx: Connection, actor: Actor, wanted: Wanted, now: int) -> Replays:
    """Play the tickets of the past that the actor may know of on the draft. Nothing is changed."""
    require(actor, "read_sops")
    require(actor, "read_tickets")
    firm = directory(tx)
    chosen = choose(tx, actor, firm, wanted)
    found: list[Replay] = []
    for start in range(0, len(chosen.tickets), _TOGETHER):
        found += _played(tx, firm, wanted, chosen.tickets[start : start + _TOGETHER], now)
    usual = _usual(found)
    return Replays(chosen, tuple(work_of(one, usual) for one in found), usual)


def replay_one(tx: Connection, actor: Actor, wanted: Wanted, ticket_id: int, now: int) -> Replay:
    """One ticket of the past on the draft."""
    require(actor, "read_sops")
    firm = directory(tx)
    [one] = _played(tx, firm, wanted, [candidate(tx, actor, firm, ticket_id)], now)
    return work_of(one, _usual([one]))


def _usual(found: Iterable[Replay]) -> dict[str, int]:
    times: dict[str, list[int]] = {}
    for one in found:
        for stage in one.before:
            if stage.took_ms is not None:
                times.setdefault(stage.name, []).append(stage.took_ms)
    return {name: round(median(took)) for name, took in times.items()}


def _played(
    tx: Connection, firm: Directory, wanted: Wanted, candidates: Sequence[Candidate], now: int
) -> Iterable[Replay]:
    runs = runs_of(tx, [one.id for one in candidates])
    if wanted.which == FOLLOWED:  # from where it began to follow it
        runs = {ticket: _since(some, wanted.sop_id) for ticket, some in runs.items()}
    heard = heard_by(wanted.draft)
    until = {run.id: _until(run, run is some[-1], now) for some in runs.values() for run in some}
    flat = [run for some in runs.values() for run in some]
    pasts = read_pasts(tx, flat, until, heard=heard, most_events=_MOST_EVENTS)
    find = finder(tx, wanted.department_id)
    for one in candidates:
        mine = runs[one.id]
        yield beside(
            wanted.draft,
            one,
            [pasts[run.id] for run in mine],
            firm,
            find,
            fields=[run.fields.get("", {}) for run in mine],
            still_open=one.status not in ENDED,
            too_long=one.events > _MOST_EVENTS,
            number=mine[0].number if mine else None,
            now=now,
        )


def _since(runs: list[RunRow], sop_id: int) -> list[RunRow]:
    first = next((n for n, run in enumerate(runs) if run.sop_id == sop_id), 0)
    return runs[first:]


def _until(run: RunRow, last: bool, now: int) -> int:
    """What happens to a ticket after its last run belongs to it, too."""
    return now if last or run.ended_at is None else run.ended_at
