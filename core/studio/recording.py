"""A ticket of the past becomes a test case: what happened is repeated on the virtual clock, and the words of its customer stay out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.calendar_reading import in_zone
from core.directory import directory
from core.errors import Refused
from core.procedure.case_reading import read_cases
from core.procedure.cases import run_cases
from core.procedure.expectations import compare, how_it_stands, span
from core.procedures import read_run
from core.schema import SopVersion
from core.sop.money import minor_digits
from core.sop.reading import draft
from core.studio.calendar_writing import written
from core.studio.dry_run import Script, as_case, play
from core.studio.known_names import finder
from core.studio.past import changed, deeds_of, holder_at_once, voters
from core.studio.past_reading import read_pasts
from core.texts import _
from core.tickets.rows import read
from core.world import DatabaseWorld

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.procedures import RunRow
    from core.sop.document import Field, Sop
    from core.studio.past import Deed
    from core.tickets.rows import TicketRow
    from core.timeline import Happening

_TEXTS = {"string", "text", "phone", "email", "url", "file", "person", "list"}
_CODES = ("topic", "channel", "priority", "product", "language", "department", "team", "tags")
_PERSONAL = ("name", "email", "organisation")
_READ = re.compile(r"\b(fields|ticket|customer)\.(\w+)")
_RESULT = re.compile(r"\bresult\b((?:\.\w+)*)")
_v = SopVersion.__table__.c
_TEXT = select(_v.text).where(_v.id == bindparam("version"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """The case file with the new case, the SOP and version it ran on, and until when it tells the story (ms; None: to its end)."""

    text: str
    sop: str
    number: int | None
    cut: str = ""


class NotRepeated(Refused):
    """The virtual clock went another way than the ticket; `lines` show where."""

    def __init__(self, message: str, lines: Sequence[str]) -> None:
        super().__init__(message)
        self.lines = tuple(lines)


def record(tx: Connection, ticket_id: int, name: str, cases: str, now: int) -> Recorded:
    """The case file `cases` with one more: what happened on this ticket. It passes against the version that the ticket ran on, or is refused."""
    row = read(tx, ticket_id)
    if row.run_id is None:
        raise Refused(_("Ticket %(id)s follows no procedure.", id=ticket_id))
    run = read_run(tx, row.run_id)
    return _Recording(tx, row, run, now).recorded(name, cases)


class _Recording:
    """One ticket on its way into a case."""

    def __init__(self, tx: Connection, row: TicketRow, run: RunRow, now: int) -> None:
        self.tx, self.row, self.run, self.now = tx, row, run, now
        self.firm: Directory = directory(tx)
        self.past = read_pasts(tx, [run], {run.id: run.ended_at or now})[run.id]
        self.start = run.opened_at // 1000 * 1000
        self.world = DatabaseWorld(tx, self.firm, row, run, run.opened_at)
        text = tx.execute(_TEXT, {"version": run.version_id}).scalar_one()
        self.read = _what_decides(text)

    def recorded(self, name: str, cases: str) -> Recorded:
        deeds, cut = deeds_of(self.past, self.firm)
        find = finder(self.tx, self.row.department_id)
        script = self.waited_for(Script(self.given(deeds), tuple(map(self.deed, filter(self.matters, deeds)))), find)
        end = cut.at if cut else self.ended_at() or self.now
        until = span(max(end // 1000 * 1000 - self.start, 60_000))
        text = as_case(self.run.sop, script, name, cases, find, until=until)
        self.check(text, self.run.sop, find, cut)
        said = _("%(event)s at %(time)s", event=cut.kind, time=in_zone(cut.at, self.calendar().tz())) if cut else ""
        return Recorded(text, self.run.sop.name, self.run.number, said)

    def waited_for(self, script: Script, find: Any) -> Script:
        """The script without events that nobody waited for; an act that nobody waits for cannot be repeated."""
        played = play(self.run.sop, script, find)
        left = [deed for deed in script.when if deed not in played.script.when]
        if played.sim is None or any(not {"event", "linked"} & set(deed) for deed in left):
            raise self.not_repeated([played.problem])
        return played.script

    def not_repeated(self, lines: Sequence[str]) -> NotRepeated:
        message = _("The virtual clock does not repeat ticket %(id)s, so no case was written.", id=self.row.id)
        return NotRepeated(message, lines)

    def ended_at(self) -> int | None:
        return self.run.ended_at

    def calendar(self) -> Any:
        return self.world.calendar(self.run.sop.calendar)

    # ---- given -------------------------------------------------------------------------------------------------------

    def given(self, deeds: Sequence[Deed]) -> dict[str, Any]:
        """The ticket as it was, without what nothing in the document decides by."""
        typed = {name for deed in deeds for name in deed.details.get("fields", {})}
        before = {name: value for name, value in self.run.fields.get("", {}).items() if name not in typed}
        calendar = written(self.calendar(), self.start)
        found = {
            "start": in_zone(self.start, self.calendar().tz()),
            "ticket": self.ticket(),
            "customer": self.customer(),
            "calendar": None if calendar == (self.run.sop.calendar or "id-jakarta") else calendar,
            "fields": self.kept(before),
            "answers": {action: self.answers(list_) for action, list_ in self.past.answers.items()},
            "members": voters(self.past, self.firm),
        }
        assigns = any(step.kind == "assign" for step in self.run.sop.steps())
        found["assign"] = {"person": holder_at_once(self.past, self.firm) or "nobody"} if assigns else None
        return {name: value for name, value in found.items() if value}

    def ticket(self) -> dict[str, Any]:
        values = self.world.ticket
        found = {name: values[name] for name in _CODES if values.get(name) not in (None, [])}
        for event in reversed(self.past.events):
            if event.kind == "ticket.changed":
                found |= {name: pair[0] for name, pair in changed(event, self.firm).items() if name != "status"}
        found = {name: value for name, value in found.items() if value not in (None, [])}
        return found | ({"subject": values["subject"]} if "ticket.subject" in self.read else {})

    def customer(self) -> dict[str, Any]:
        values = self.world.customer
        kept = ["class", "language", "verified", *(name for name in _PERSONAL if f"customer.{name}" in self.read)]
        return {name: values[name] for name in kept if values.get(name) is not None}

    def kept(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that may stand in a case: codes and numbers, and texts only when something is decided by them."""
        declared = {name: field for sop in (*self.past.subs, self.run.sop) for name, field in sop.fields.items()}
        return {
            name: _plain(value, declared.get(name))
            for name, value in fields.items()
            if f"fields.{name}" in self.read or (name in declared and not _is_personal(declared[name]))
        }

    def answers(self, came: Sequence[Any]) -> Any:
        """What an action's calls brought, as far as it decides something."""
        kept = [one if isinstance(one, dict) and "error" in one else _only(one, self.read) for one in came]
        return kept[0] if len(kept) == 1 else kept

    # ---- when --------------------------------------------------------------------------------------------------------

    def matters(self, deed: Deed) -> bool:
        """A change before the run began to wait is in what is given."""
        return deed.verb != "change" or deed.at > self.run.opened_at

    def deed(self, deed: Deed) -> dict[str, Any]:
        details = dict(deed.details)
        if "fields" in details:
            details["fields"] = self.kept(details["fields"])
        if "result" in details:
            details["result"] = _only(details["result"], self.read)
        at = {"after": span(deed.at // 1000 * 1000 - self.start)}
        return at | {deed.verb: deed.target} | {name: value for name, value in details.items() if value not in ({}, [])}

    # ---- does it come out so? ------------------------------------------------------------------------------------------

    def check(self, text: str, sop: Sop, find: Any, cut: Happening | None) -> None:
        """The virtual clock must open the steps that the ticket opened, and end as it did. What runs side by side may come in another order."""
        file = read_cases(text)
        verdict = run_cases(sop, type(file)(file.sop, file.cases[-1:]), find).verdicts[0]
        came = [entry.what for entry in verdict.simulation.log.opened] if verdict.simulation else []
        real = self.past.path(cut.at if cut else None)
        failures = list(verdict.failures)
        if not failures and Counter(came) != Counter(real) and verdict.simulation is not None:
            failures = compare({"path": real}, verdict.simulation)
        if not failures and verdict.simulation is not None and cut is None:
            ended = how_it_stands(verdict.simulation)[0] != "running"
            if ended != (self.ended_at() is not None):
                failures = compare({"ends": {"as": "completed" if self.ended_at() else "running"}}, verdict.simulation)
        if failures:
            raise self.not_repeated([line for failure in failures for line in (failure.message, *failure.lines)])


# ---- what may be said --------------------------------------------------------------------------------------------------


def _what_decides(text: str) -> set[str]:
    """The names by which the document decides: in conditions, moments, variables; results as `result.tier`."""
    deciding = [one.source for one in draft(text).shapes.spoken if one.expects != "any" or one.var]
    found = {f"{root}.{name}" for source in deciding for root, name in _READ.findall(source)}
    return found | {f"result{rest}" for source in deciding for rest in _RESULT.findall(source)}


def _is_personal(field: Field) -> bool:
    return field.personal or field.type in _TEXTS


def _plain(value: Any, field: Field | None) -> Any:
    """An amount as people write it, where its currency is the field's."""
    if not isinstance(value, dict) or value.get("currency") != ((field.currency if field else None) or "IDR"):
        return value
    major = int(value["minor"]) / 10 ** minor_digits(value["currency"])
    return int(major) if major == int(major) else major


def _only(value: Any, read: set[str]) -> Any:
    """The parts of a result by which something is decided; nothing else of another system's answer is copied."""
    if not isinstance(value, dict):
        return value if "result" in read or isinstance(value, bool | int | float) else {}
    if "result" in read:
        return value
    wanted = {name.split(".")[1] for name in read if name.startswith("result.")}
    return {name: one for name, one in value.items() if name in wanted}
