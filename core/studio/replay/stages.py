"""A path as it is shown and compared: each step with who did it, when, how long it took, and whether it was in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.procedure.frames import steps_by_name
from core.procedure.status import HUMAN, MACHINES
from core.procedure.values import ROOT, State
from core.sop.drawing_words import who as who_in_words
from core.sop.shapes import humanised
from core.sop.titles import bare_title
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.calendars import Calendar
    from core.directory import Directory
    from core.procedure.values import Visit
    from core.sop.document import Due, Sop
    from core.studio.past import Past
    from core.studio.replay.playing import Played

    Hours = Callable[[str | None], Calendar]

ASSUMED, GUESSED = "assumed", "guessed"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a path. `late_ms`: by how much it was missed (0: it was met; None: it has no due moment, or nobody can know).

    `how`: `assumed` (nobody had this step: taken as done at once), `guessed` (it takes the time that it took), or "" (it happened).
    `took_ms` is opening time, of steps that a colleague has done.
    """

    shown: str
    name: str
    kind: str
    state: str
    outcome: str | None
    by: str
    opened_at: int
    ended_at: int | None
    due_at: int | None
    late_ms: int | None
    took_ms: int | None
    person: bool
    how: str
    sop: Sop

    @property
    def title(self) -> str:
        """The step in the reader's words."""
        step = steps_by_name(self.sop).get(self.name)
        return bare_title(step, self.sop) if step else humanised(self.name)


def real_path(
    pasts: Sequence[Past], firm: Directory, hours: Hours, now: int
) -> tuple[tuple[Stage, ...], tuple[Stage, ...]]:
    """The steps that the ticket really went, and its whole procedures, as far as those have a due moment."""
    path: list[Stage] = []
    whole: list[Stage] = []
    for past in pasts:
        documents = {step.name: sop for sop in (*past.subs, past.sop) for step in sop.steps()}
        for row in past.visits.values():
            if row.path == ROOT and row.due_at is not None:
                whole.append(_stage(row, "", past.sop, firm, hours, now))
            elif row.visit and row.kind not in ("sop", "event"):
                path.append(_stage(row, past.shown(row), documents.get(row.name, past.sop), firm, hours, now))
    return tuple(path), tuple(whole)


def played_path(played: Played, firm: Directory, hours: Hours, now: int) -> tuple[tuple[Stage, ...], tuple[Stage, ...]]:
    """The same of the draft, as far as it is certain."""
    sim, path, whole = played.sim, [], []
    for place, row in enumerate(sim.ledger.values()):
        if row.path == ROOT and row.due_at is not None:
            stage = _stage(row, "", sim.main, firm, hours, now)
            unsure = played.assumed or played.guessed or (played.unknown is not None and row.open)
            whole.append(replace(stage, late_ms=None) if unsure else stage)
        elif place < played.known and row.visit and row.kind not in ("sop", "event"):
            stage = _stage(row, sim.shown(row), sim.document_of(row), firm, hours, now)
            how = ASSUMED if row.path in played.assumed else GUESSED if row.path in played.guessed else ""
            open_end = row.open and played.unknown is not None and row.due_at is not None and row.due_at >= sim.now
            path.append(replace(stage, how=how, late_ms=None, took_ms=None) if how or open_end else stage)
    return tuple(path), tuple(whole)


def _stage(row: Visit, shown: str, sop: Sop, firm: Directory, hours: Hours, now: int) -> Stage:
    step = steps_by_name(sop).get(row.name)
    timed = sop if row.path == ROOT else step
    person = row.kind in HUMAN and not (row.assignees and all(one.kind == "customer" for one in row.assignees))
    done = row.state is State.DONE and row.ended_at is not None
    took = (
        hours(sop.calendar).between_ms(row.opened_at, row.ended_at)
        if person and done and row.ended_at is not None
        else None
    )
    return Stage(
        shown=shown,
        name=row.name,
        kind=row.kind,
        state=row.state.value,
        outcome=row.outcome,
        by=_who(row, firm),
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        due_at=row.due_at,
        late_ms=_late(row, timed.due if timed else None, hours(sop.calendar), now) if row.due_at is not None else None,
        took_ms=took,
        person=person,
        how="",
        sop=sop,
    )


def _late(row: Visit, due: Due | None, hours: Calendar, now: int) -> int | None:
    """By how much the due moment was missed: in opening time where it was set in opening time. None: the step was withdrawn, or is not due yet."""
    if row.due_at is None or row.state is State.CANCELLED:
        return None
    ended = row.ended_at if row.ended_at is not None else now
    if ended <= row.due_at:
        return None if row.open else 0
    if due is not None and due.after.business:
        return max(1, hours.between_ms(row.due_at, ended))
    return ended - row.due_at


def _who(row: Visit, firm: Directory) -> str:
    """Who did it, or has it; "" for what goes by itself."""
    by = row.ended_by or ""
    if by and by not in MACHINES:
        return name_of(by, firm)
    return ", ".join(names_of(row, firm)) if row.open else ""


def names_of(row: Visit, firm: Directory) -> Iterable[str]:
    """Whom an open step waits for."""
    for party in row.assignees:
        if party.kind == "person":
            yield name_of(party.id, firm)
        elif party.kind == "team" and party.id.isdecimal():
            team = firm.teams.get(int(party.id))
            yield team.title if team else party.id
        else:
            yield who_in_words(
                (f"{party.kind}:{party.id}" if party.kind in ("team", "role", "skill", "department") else party.kind,)
            )


def name_of(person: str, firm: Directory) -> str:
    """A colleague by id or nick; words such as `lead` and `customer` as people say them."""
    known = firm.people.get(int(person) if person.isdecimal() else firm.nicks.get(person, 0))
    if known:
        return known.name
    word = person.partition(":")[0]
    if word in ("customer", "lead", "manager", "requester"):
        return who_in_words((word,))
    return _("somebody")
