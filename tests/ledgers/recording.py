"""Keeps the step ledgers of real tickets, with everything the walk looks at, so that later versions of the walk can be held against them.

    python -m tests.ledgers.recording demo NAME      the demo's tickets, after each deed of their stories
    python -m tests.ledgers.recording HOME NAME      the tickets of the database in an ESTAFET_HOME, as they are now

Record after a change of the language, under a new NAME: what was recorded once is never recorded again, and never to make a failure go away.
A folder holds the firm (`firm.json`), each document once, and a ledger for every situation that its tickets were in.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core import ledger, timeline
from core.calendars import Calendar
from core.database import Database
from core.demo import filling
from core.demo.playing import Play
from core.directory import Department, Directory, Person, Team, directory
from core.moments import to_datetime, to_ms
from core.procedure.values import Happening, Visit
from core.procedure.walk import walk
from core.procedures import read_run
from core.schema import SopVersion, Ticket
from core.settings import read_settings
from core.sop.reading import load
from core.tickets.rows import TicketRow, flush, read
from core.upgrading import upgrade
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.procedure.values import Move
    from core.sop.document import Sop

HERE = Path(__file__).parent
_NOON = to_ms(datetime.fromisoformat("2026-11-24T12:00:00+07:00"))
_MOMENTS = ("created_at", "first_replied_at", "last_customer_reply_at")
_ROW = ("id", "customer_id", "department_id", "team_id", "holder_id")


# ---- recording -------------------------------------------------------------------------------------------------------------


class Recorder:
    """Writes into one folder; a situation (document, status, open steps) that is there already is passed over."""

    def __init__(self, name: str) -> None:
        self.folder = HERE / name
        (self.folder / "documents").mkdir(parents=True, exist_ok=True)
        self._seen: set[tuple[Any, ...]] = set()

    def firm(self, tx: Connection) -> None:
        """Who worked there; called at the end, when everybody is known."""
        firm = directory(tx)
        kept = {
            "departments": [asdict(one) for one in firm.departments.values()],
            "teams": [asdict(one) for one in firm.teams.values()],
            "people": [_nameless(asdict(one)) for one in firm.people.values()],
            "calendars": {name: _hours(one) for name, one in firm.calendars.items()},
        }
        _write(self.folder / "firm.json", kept)

    def ticket(self, tx: Connection, ticket_id: int, now: int) -> None:
        """The ticket as it stands at `now`, if nothing like it has been recorded."""
        flush(tx)
        row = read(tx, ticket_id)
        if row.run_id is None:
            return
        run = read_run(tx, row.run_id)
        visits = ledger.load(tx, run.id)
        open_steps = sorted(f"{visit.name}:{visit.kind}" for visit in visits.values() if visit.open)
        situation = (run.sop.hash, row.status, run.state, *open_steps)
        if situation in self._seen:
            return
        self._seen.add(situation)
        world = DatabaseWorld(tx, directory(tx), row, run, now)
        move = walk(run.sop, visits, world, now)
        assert move.empty, (ticket_id, move)
        kept = {
            "document": self._document(tx, run.sop.hash),
            "now": now,
            "row": {name: getattr(row, name) for name in _ROW},
            "ticket": {**_plain(world.ticket), "subject": ""},
            "customer": {**world.customer, "name": "", "email": ""},
            "fields": run.fields,
            "vars": run.vars,
            "frames": {
                v.marks["hash"]: self._document(tx, v.marks["hash"]) for v in visits.values() if "hash" in v.marks
            },
            "events": _events(tx, ticket_id),
            "visits": [visit.to_json() for visit in visits.values()],
            "stands": stands(move),
        }
        number = sum(1 for seen in self._seen if seen[0] == run.sop.hash)
        _write(self.folder / f"{run.name}-{number}.json", kept)

    def _document(self, tx: Connection, hash_: str) -> str:
        file = self.folder / "documents" / f"{hash_.rpartition(':')[2][:12]}.yaml"
        if not file.exists():
            query = select(SopVersion.text).where(SopVersion.hash == hash_).limit(1)
            file.write_text(tx.execute(query).scalar_one(), "utf-8")
        return file.name


def _hours(calendar: Calendar) -> dict[str, Any]:
    kept = {name: getattr(calendar, name) for name in ("zone", "hours", "special", "pauses")}
    return {**kept, "holidays": sorted(calendar.holidays)}


def _nameless(person: dict[str, Any]) -> dict[str, Any]:
    return {**person, "name": person["nick"].title()}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_ms(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _events(tx: Connection, ticket_id: int) -> list[list[Any]]:
    """All of them: which ones the procedure listens to is its own affair."""
    found: list[list[Any]] = []
    while page := timeline.timeline_page(tx, ticket_id, after=found[-1][0] if found else 0):
        found += [[event.seq, event.at, event.kind, event.data] for event in page]
    return found


def _write(file: Path, kept: dict[str, Any]) -> None:
    """One line for each value, so that a file stays readable and a difference is short."""
    lines = []
    for name, value in kept.items():
        listed = isinstance(value, list) and value
        rows = "[\n  " + ",\n  ".join(_line(one) for one in value) + "\n ]" if listed else _line(value)
        lines.append(f" {_line(name)}: {rows}")
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# ---- walking again ---------------------------------------------------------------------------------------------------------


class RecordedWorld(DatabaseWorld):
    """The product's own world, over what was recorded instead of a database."""

    def __init__(self, folder: Path, kept: dict[str, Any]) -> None:
        firm = _firm(json.loads((folder / "firm.json").read_text("utf-8")))
        blank: Any = dict.fromkeys(name for name in TicketRow.__dataclass_fields__ if name != "queue_order")
        super().__init__(None, firm, replace(TicketRow(**blank), **kept["row"]), None, kept["now"])  # type: ignore[arg-type]
        self.folder, self.kept = folder, kept
        self.happenings = [(kind, Happening(seq, at, data)) for seq, at, kind, data in kept["events"]]

    @property
    def ticket(self) -> Mapping[str, Any]:
        kept = dict(self.kept["ticket"])
        for name in _MOMENTS:
            if kept[name] is not None:
                kept[name] = to_datetime(kept[name])
        return kept

    @property
    def customer(self) -> Mapping[str, Any]:
        customer: dict[str, Any] = self.kept["customer"]
        return customer

    def fields(self, frame: str) -> Mapping[str, Any]:
        values: dict[str, Any] = self.kept["fields"].get(frame, {})
        return values

    def vars(self, frame: str) -> Mapping[str, Any]:
        values: dict[str, Any] = self.kept["vars"].get(frame, {})
        return values

    def assign(self, spec: Any, scope: Any) -> None:
        raise AssertionError("a ledger that was walked already looks for another holder")

    def happened(self, kind: str, since: int) -> tuple[Happening, ...]:
        return tuple(event for name, event in self.happenings if name == kind and event.at >= since)

    def sop(self, name: str, hash_: str | None) -> Sop | None:
        return self.document(self.kept["frames"][hash_])

    def document(self, name: str) -> Sop:
        return load((self.folder / "documents" / name).read_text("utf-8"))


def _firm(kept: dict[str, Any]) -> Directory:
    calendars = {
        name: Calendar(
            one["zone"],
            tuple(_pairs(day) for day in one["hours"]),
            frozenset(one["holidays"]),
            tuple((day, _pairs(hours)) for day, hours in one["special"]),
            _pairs(one["pauses"]),
        )
        for name, one in kept["calendars"].items()
    }
    teams = [Team(**{**one, "members": tuple(one["members"])}) for one in kept["teams"]]
    departments = [Department(**one) for one in kept["departments"]]
    people = [Person(**one) for one in kept["people"]]
    return Directory(
        version=1,
        departments={one.id: one for one in departments},
        teams={one.id: one for one in teams},
        people={one.id: one for one in people},
        calendars=calendars,
        department_names={one.name: one.id for one in departments},
        team_names={one.name: one.id for one in teams},
        nicks={one.nick: one.id for one in people},
    )


def _pairs(written: list[list[Any]]) -> tuple[tuple[Any, Any], ...]:
    return tuple((one[0], one[1]) for one in written)


def walk_again(file: Path) -> tuple[Move, dict[str, Any]]:
    """(what the walk of today decides over a recorded ledger, what was recorded of how it stood)."""
    kept = json.loads(file.read_text("utf-8"))
    world = RecordedWorld(file.parent, kept)
    visits = {row["path"]: Visit.from_json(row) for row in kept["visits"]}
    return walk(world.document(kept["document"]), visits, world, kept["now"]), kept["stands"]


def stands(move: Move) -> dict[str, Any]:
    """How a run stands when nothing is new."""
    return {
        "alarm_at": move.alarm_at,
        "ended": move.ended.outcome if move.ended else None,
        "attention": move.attention.code if move.attention else None,
    }


# ---- the command -----------------------------------------------------------------------------------------------------------


def record_demo(recorder: Recorder) -> None:
    """Play the demo, and look at every ticket after whatever was done to it."""

    class Watched(Play):
        def _do(self, story: Any, deed: Any) -> Any:
            act = super()._do(story, deed)

            def watched(at: int) -> None:
                act(at)
                recorder.ticket(self.tx, self.tickets[story.key], at)

            return watched

        def perform(self, stories: Any, presence: Any) -> None:
            super().perform(stories, presence)
            for ticket_id in self.tickets.values():
                recorder.ticket(self.tx, ticket_id, self.now)
            recorder.firm(self.tx)

    filling.Play = Watched  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as home:
        settings = read_settings({"ESTAFET_HOME": home})
        upgrade(settings)
        database = Database(settings)
        filling.fill(database, settings, now=_NOON)
        database.close()


def record_home(recorder: Recorder, home: str) -> None:
    """Every ticket of a database, at the moment of its last event."""
    database = Database(read_settings({"ESTAFET_HOME": home}))
    with database.read() as tx:
        for ticket_id, last_at in tx.execute(select(Ticket.id, Ticket.last_at).order_by(Ticket.id)).all():
            recorder.ticket(tx, ticket_id, last_at)
        recorder.firm(tx)
    database.close()


if __name__ == "__main__":
    source, name = sys.argv[1:]
    if (HERE / name).exists():
        sys.exit(f"{HERE / name} is there already. What was recorded stays as it is: choose another name.")
    made = Recorder(name)
    record_demo(made) if source == "demo" else record_home(made, source)
