"""Makes the firm as its file says, in one transaction: everything or nothing, and every refusal with its place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from core import configuration, customer_classes, organisation, organisations, skills
from core.actors import SYSTEM
from core.clocks.policies import change_policy, create_policy
from core.department_changes import change_department
from core.directory import directory
from core.errors import CommandError, FieldError, Invalid
from core.firm_file.differing import CLOSED, NEW, differences
from core.firm_file.present import policy_keys, present
from core.firm_file.reading import missing
from core.firm_file.shape import Finding
from core.firm_file.watched_words import put_word_rule
from core.organisation_changes import change_calendar, change_person, change_team, check_hours
from core.routing.ways import kept_person, kept_team
from core.schema import Calendar, Person
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.database import Database
    from core.directory import Directory
    from core.firm_file.differing import Change
    from core.firm_file.shape import FirmFile
    from core.settings import Settings

_c, _p = Calendar.__table__.c, Person.__table__.c
_LATER = {"departments": ("manager", "default_team"), "teams": ("lead",)}  # they name what comes after them
_WAY = ("tier", "by", "last_agent", "whole_department", "include_offline", "drain", "when_offline")
_FIELDS = {"hours": "hours", "by_priority": "limits"}  # how a pointer of a person's routing is called in the file


class Applying:
    """One run: `changes` are carried out in order, `wrong` collects what was refused."""

    def __init__(self, tx: Connection, settings: Settings, actor: Actor, found: FirmFile) -> None:
        self.tx, self.settings, self.actor, self.found = tx, settings, actor, found
        self.wrong: list[Finding] = []
        self.refused: set[str] = set()

    def run(self, changes: Sequence[Change]) -> list[Finding]:
        """Carry everything out; the caller rolls back when something was refused."""
        for change in changes:
            early = {k: v for k, v in change.values.items() if k not in _LATER.get(change.section, ())}
            self.attempt(change, early, first=True)
        for change in changes:
            late = {k: v for k, v in change.values.items() if k in _LATER.get(change.section, ())}
            if late and change.name not in self.refused:
                self.attempt(change, late, first=False)
        return sorted(self.wrong, key=lambda one: (one.line, one.column))

    def attempt(self, change: Change, values: dict[str, Any], *, first: bool) -> None:
        act: Callable[[Change, dict[str, Any]], None] = getattr(self, f"_{change.section}")
        try:
            with self.tx.begin_nested():
                if change.kind == NEW and first:
                    self.whole(change)
                if values or first:
                    act(change, values)
        except Invalid as refused:
            for error in refused.errors:
                self.say(change, error.pointer, error.message)
            configuration.bump(self.tx)  # what was read meanwhile is no longer so
        except CommandError as refused:
            self.say(change, "", str(refused))
            configuration.bump(self.tx)

    def whole(self, change: Change) -> None:
        """A new entry needs some values."""
        lacking = missing(self.found, change.section, change.name)
        if lacking:
            raise Invalid(*(FieldError(f"/{key}", _("“%(key)s” is missing.", key=key)) for key in lacking))

    def say(self, change: Change, pointer: str, message: str) -> None:
        """At the value itself, else at its entry, else at the beginning."""
        parts = [part for part in pointer.split("/") if part and part != "routing"]
        parts = [_FIELDS.get(part, part) for part in parts]
        base = f"/{change.section}/{change.name}"
        while parts and "/".join((base, *parts)) not in self.found.places:
            parts.pop()
        self.refused.add(change.name)
        line, column = self.found.places.get("/".join((base, *parts)), (1, 1))
        self.wrong.append(Finding(line, column, f"{change.name}: {message}"))

    # ---- one section each ----------------------------------------------------------------------------------------------

    @property
    def firm(self) -> Directory:
        return directory(self.tx)

    def _calendars(self, change: Change, values: dict[str, Any]) -> None:
        if change.kind != NEW:
            known = self.tx.execute(select(_c.id).where(_c.name == change.name)).scalar_one()
            change_calendar(self.tx, self.actor, known, values["hours"])
            return
        if change.name in self.firm.calendars:
            raise Invalid(FieldError("", _("There is a calendar “%(name)s” already.", name=change.name)))
        organisation.create_calendar(self.tx, self.actor, change.name, check_hours(values["hours"], "/hours"))

    def _skills(self, change: Change, values: dict[str, Any]) -> None:
        if change.kind == NEW:
            skills.add_skill(self.tx, self.actor, change.name, values.get("title") or "")
        else:
            skills.rename_skill(self.tx, self.actor, change.name, values["title"])

    def _classes(self, change: Change, values: dict[str, Any]) -> None:
        if change.kind == NEW:
            customer_classes.add_class(self.tx, self.actor, change.name, values.pop("title", None) or "")
        if values:
            customer_classes.change_class_text(self.tx, self.actor, change.name, **values)

    def _departments(self, change: Change, values: dict[str, Any]) -> None:
        firm, given = self.firm, dict(values)
        if "calendar" in given:
            given["calendar_id"] = self._calendar(given.pop("calendar"))
        if "manager" in given:
            given["manager_id"] = self._somebody(given.pop("manager"), "/manager")
        if "default_team" in given:
            given["default_team_id"] = self._team_id(given.pop("default_team"), "/default_team")
        if "mailboxes" in given:
            given["mailboxes"] = given["mailboxes"] or []
        known = next((one.id for one in firm.departments.values() if one.name == change.name), None)
        later: dict[str, Any] = {key: given.pop(key) for key in ("gone_minutes", "upset") if key in given}
        if known is None:
            active = given.pop("active", True)
            title = given.pop("title")
            known = organisation.create_department(
                self.tx, self.actor, change.name, title, **{k: v for k, v in given.items() if v is not None}
            )
            given = {} if active else {"active": False}
        given |= later
        if change.kind == CLOSED:
            change_department(self.tx, self.actor, known, {"address": None, "mailboxes": []})
        if given:
            change_department(self.tx, self.actor, known, given)

    def _teams(self, change: Change, values: dict[str, Any]) -> None:
        given = dict(values)
        known = next((one for one in self.firm.teams.values() if one.name == change.name), None)
        department = given.pop("department", None)
        if known is None:
            place = self.firm.department(department or "")
            if place is None:
                raise Invalid(self._unknown("/department", department, self.firm.department_names))
            made = organisation.create_team(self.tx, self.actor, place.id, change.name, given.pop("title"))
            known = self.firm.teams[made]
        elif department is not None:
            raise Invalid(FieldError("/department", _("A team stays in its department. Make a new team there.")))
        way = {key: given.pop(key) for key in _WAY if key in given}
        if way:
            given["routing"] = kept_team(known.way) | way
        if "lead" in given:
            given["lead_id"] = self._somebody(given.pop("lead"), "/lead")
        if given:
            change_team(self.tx, self.settings, self.actor, known.id, given)

    def _people(self, change: Change, values: dict[str, Any]) -> None:
        firm, given = self.firm, dict(values)
        known = firm.people.get(firm.nicks.get(change.name, 0))
        if "department" in given:
            name = given.pop("department")
            if name is not None and firm.department(name) is None:
                raise Invalid(self._unknown("/department", name, firm.department_names))
            given["department_id"] = None if name is None else firm.department_names[name]
        if "teams" in given:
            names = given["teams"] or []
            given["teams"] = [self._team_id(name, f"/teams/{i}") for i, name in enumerate(names)]
        way = {
            "by_priority" if key == "limits" else key: given.pop(key)
            for key in ("max_open", "limits", "hours")
            if key in given
        }
        if way:
            given["routing"] = (kept_person(known.way) if known else {}) | way
        if known is None:
            active = given.pop("active", True)
            made = organisation.add_person(
                self.tx, self.actor, organisation.NewPerson(**given, nick=change.name, password_hash=None)
            )
            self.tx.execute(update(Person.__table__).where(_p.id == made).values(nick=change.name))
            if active:
                return
            known, given = self.firm.people[made], {"active": False}
        change_person(self.tx, self.settings, self.actor, known.id, given)

    def _policies(self, change: Change, values: dict[str, Any]) -> None:
        firm = self.firm
        known = policy_keys(self.tx, firm).get(change.name)
        data = values.get("policy")
        text = {"name": change.name, **data} if isinstance(data, dict) else data
        if known is not None:
            if "department" in values:
                raise Invalid(FieldError("/department", _("A policy stays where it is. Write a new one there.")))
            change_policy(self.tx, self.actor, known, text, active=values.get("active"))
            return
        name = values.get("department")
        if name is not None and firm.department(name) is None:
            raise Invalid(self._unknown("/department", name, firm.department_names))
        try:
            made = create_policy(self.tx, self.actor, firm.department_names.get(name or ""), text or {})
        except Invalid as refused:  # its pointers begin inside the text
            raise Invalid(*(FieldError(f"/policy{one.pointer}", one.message) for one in refused.errors)) from refused
        if values.get("active") is False:
            change_policy(self.tx, self.actor, made, active=False)

    def _words(self, change: Change, values: dict[str, Any]) -> None:
        put_word_rule(self.tx, self.actor, change.name, values)

    def _organisations(self, change: Change, values: dict[str, Any]) -> None:
        rows = {one.name: one for one in organisations.all_organisations(self.tx, self.actor)}
        known = rows.get(change.name)
        organisations.save_organisation(
            self.tx,
            self.actor,
            change.name,
            values.get("class") or (known.klass if known else "standard"),
            organisation_id=known.id if known else None,
            domains=values.get("domains"),
            active=values.get("active"),
        )

    # ---- names ---------------------------------------------------------------------------------------------------------

    def _unknown(self, pointer: str, name: Any, known: Mapping[str, Any]) -> FieldError:
        names = ", ".join(sorted(known)) or "–"
        return FieldError(
            pointer, _("“%(name)s” is not there. There are: %(known)s.", name=str(name)[:80], known=names)
        )

    def _calendar(self, name: str | None) -> int | None:
        if name in {None, "id-jakarta"}:
            return None
        found = self.tx.execute(select(_c.id).where(_c.name == name)).scalar_one_or_none()
        if found is None:
            raise Invalid(self._unknown("/calendar", name, self.firm.calendars))
        return int(found)

    def _somebody(self, nick: str | None, pointer: str) -> int | None:
        if nick is None:
            return None
        if nick not in self.firm.nicks:
            raise Invalid(self._unknown(pointer, nick, self.firm.nicks))
        return self.firm.nicks[nick]

    def _team_id(self, name: str | None, pointer: str) -> int | None:
        if name is None:
            return None
        team = self.firm.team(name)
        if team is None:
            raise Invalid(self._unknown(pointer, name, self.firm.team_names))
        return team.id


class _Back(Exception):
    """Ends a transaction so that nothing of it stays."""


def tried(
    database: Database, settings: Settings, found: FirmFile, *, close_missing: bool = False
) -> tuple[list[Change], list[Finding]]:
    """(what the file would change, what is wrong with it): everything is carried out and taken back."""
    changes: list[Change] = []
    wrong: list[Finding] = []
    try:
        with database.write() as tx:
            configuration.only_try(tx)
            changes = differences(found, present(tx), close_missing=close_missing)
            wrong = Applying(tx, settings, SYSTEM, found).run(changes)
            raise _Back  # noqa: TRY301 -- the way out of a transaction that is to leave nothing
    except _Back:
        return changes, wrong


def applied(
    database: Database, settings: Settings, found: FirmFile, *, close_missing: bool = False
) -> tuple[list[Change], list[Finding]]:
    """The same for good: everything, or (when something is refused meanwhile) nothing."""
    wrong: list[Finding] = []
    try:
        with database.write() as tx:
            changes = differences(found, present(tx), close_missing=close_missing)
            wrong = Applying(tx, settings, SYSTEM, found).run(changes)
            if wrong:
                raise _Back  # noqa: TRY301 -- the same
    except _Back:
        return [], wrong
    return changes, []
