"""Who works here, in which team and department, by which calendar? Read once and kept in memory until the configuration changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core import configuration
from core.calendar_reading import built_in, read_calendar
from core.database import database_of
from core.noticing.upset import Watch, watch_of
from core.routing.ways import PersonWay, TeamWay, person_way, team_way
from core.schema import Calendar as CalendarTable
from core.schema import CustomerClass as ClassTable
from core.schema import Department as DepartmentTable
from core.schema import Mailbox, Membership, PersonSkill
from core.schema import Person as PersonTable
from core.schema import Skill as SkillTable
from core.schema import Team as TeamTable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.calendars import Calendar


@dataclass(frozen=True, slots=True)
class Department:
    """`promise_minutes` is opening time until a first answer; `quiet_hours` elapsed time until a resolved ticket is closed.

    `address` is what its mail leaves from; mail to its `mailboxes` comes here too. One that is not `active` takes nothing new.
    """

    id: int
    name: str
    title: str
    address: str | None
    language: str
    calendar: str
    manager_id: int | None
    default_team_id: int | None
    promise_minutes: int
    quiet_hours: int
    queue_order: str
    signature: str
    mailboxes: tuple[str, ...] = ()
    active: bool = True
    upset: Watch = field(default_factory=Watch)
    gone_minutes: int = 15

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its own address first, then the further ones."""
        return (*((self.address,) if self.address else ()), *self.mailboxes)

    def answers_from(self, mailbox: str | None) -> str | None:
        """The address the customer wrote to, while it is this department's; else its own one."""
        return mailbox if mailbox in self.mailboxes else self.address


@dataclass(frozen=True, slots=True)
class Team:
    id: int
    department_id: int
    name: str
    title: str
    lead_id: int | None
    members: tuple[int, ...]
    queue_order: str | None = None  # None: as its department's
    way: TeamWay = field(default_factory=TeamWay)
    active: bool = True


@dataclass(frozen=True, slots=True)
class Skill:
    id: int
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class CustomerClass:
    id: int
    name: str
    title: str
    active: bool


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    email: str
    name: str
    nick: str
    role: str
    department_id: int | None
    language: str
    tz: str
    active: bool
    way: PersonWay = field(default_factory=PersonWay)
    levels: dict[str, int] = field(default_factory=dict)  # by the name of the skill, 1 to 5


@dataclass(frozen=True, slots=True)
class Directory:
    """The whole firm at one version of the configuration. The names are of what is open; the ids are of everything that ever was."""

    version: int
    departments: dict[int, Department]
    teams: dict[int, Team]
    people: dict[int, Person]
    calendars: dict[str, Calendar]
    department_names: dict[str, int] = field(default_factory=dict)
    department_addresses: dict[str, int] = field(default_factory=dict)
    team_names: dict[str, int] = field(default_factory=dict)
    nicks: dict[str, int] = field(default_factory=dict)
    skills: dict[str, Skill] = field(default_factory=dict)
    classes: dict[str, CustomerClass] = field(default_factory=dict)

    @property
    def open_departments(self) -> tuple[Department, ...]:
        """Those that take tickets."""
        return tuple(one for one in self.departments.values() if one.active)

    @property
    def open_teams(self) -> tuple[Team, ...]:
        """Those that take tickets."""
        return tuple(one for one in self.teams.values() if one.active)

    def open_team(self, team_id: int | None) -> Team | None:
        """The team with this id, while it takes tickets."""
        team = self.teams.get(team_id or 0)
        return team if team is not None and team.active else None

    def department(self, name: str) -> Department | None:
        """A department by its name."""
        return self.departments.get(self.department_names.get(name, 0))

    def team(self, name: str) -> Team | None:
        """A team by its name."""
        return self.teams.get(self.team_names.get(name, 0))

    def calendar_of(self, department_id: int) -> Calendar:
        """The working hours of a department."""
        return self.calendars[self.departments[department_id].calendar]

    def queue_order(self, team_id: int, department_id: int) -> str:
        """In which order a team's tickets are taken up: its own, else its department's."""
        team = self.teams.get(team_id)
        return (team.queue_order if team else None) or self.departments[department_id].queue_order

    def lead_of(self, team_id: int | None, department_id: int) -> int | None:
        """The team's lead, else the department's manager, else any manager who is here."""
        team = self.teams.get(team_id or 0)
        named = (team.lead_id if team else None, self.departments[department_id].manager_id)
        managers = (person.id for person in self.people.values() if person.role == "manager")
        return next((one for one in (*named, *managers) if one and not self._left(one)), None)

    def _left(self, person_id: int) -> bool:
        person = self.people.get(person_id)
        return person is not None and not person.active

    def first_team(self, department_id: int) -> Team | None:
        """Where a department's tickets begin."""
        default = self.teams.get(self.departments[department_id].default_team_id or 0)
        if default is not None and default.active:
            return default
        return next((team for team in self.open_teams if team.department_id == department_id), None)


_cache: dict[str, Directory] = {}


def directory(tx: Connection) -> Directory:
    """The firm as it is now; read anew only when the configuration has changed."""
    version, where = configuration.version(tx), database_of(tx)
    known = _cache.get(where)
    if known is None or known.version != version:
        known = _cache[where] = _read(tx, version)
    return known


def _read(tx: Connection, version: int) -> Directory:
    calendars: dict[str, Calendar] = {name: built_in(name) for name in ("always", "id-jakarta")}
    names: dict[int, str] = {}
    for row in tx.execute(select(CalendarTable.__table__)):
        calendars[row.name], names[row.id] = read_calendar(row.data), row.name
    mailboxes: dict[int, list[str]] = {}
    for row in tx.execute(select(Mailbox.__table__).order_by(Mailbox.address)):
        mailboxes.setdefault(row.department_id, []).append(row.address)
    departments = {
        row.id: _department(row, names, tuple(mailboxes.get(row.id, ())))
        for row in tx.execute(select(DepartmentTable.__table__).order_by(DepartmentTable.id))
    }
    skills = {row.id: Skill(*row) for row in tx.execute(select(SkillTable.__table__).order_by(SkillTable.name))}
    levels: dict[int, dict[str, int]] = {}
    for row in tx.execute(select(PersonSkill.__table__)):
        levels.setdefault(row.person_id, {})[skills[row.skill_id].name] = row.level
    people = {
        row.id: _person(row, levels.get(row.id, {}))
        for row in tx.execute(select(PersonTable.__table__).order_by(PersonTable.id))
    }
    members: dict[int, list[int]] = {}
    for row in tx.execute(select(Membership.__table__).order_by(Membership.person_id)):
        members.setdefault(row.team_id, []).append(row.person_id)
    teams = {
        row.id: Team(
            row.id,
            row.department_id,
            row.name,
            row.title,
            row.lead_id,
            tuple(members.get(row.id, ())),
            row.queue_order,
            team_way(row.routing),
            row.active,
        )
        for row in tx.execute(select(TeamTable.__table__).order_by(TeamTable.id))
    }
    return Directory(
        version=version,
        departments=departments,
        teams=teams,
        people=people,
        calendars=calendars,
        department_names={department.name: department.id for department in departments.values() if department.active},
        department_addresses={
            address.lower(): department.id for department in departments.values() for address in department.addresses
        },
        team_names={team.name: team.id for team in teams.values() if team.active},
        nicks={person.nick: person.id for person in people.values()},
        skills={skill.name: skill for skill in skills.values()},
        classes={
            row.name: CustomerClass(*row) for row in tx.execute(select(ClassTable.__table__).order_by(ClassTable.id))
        },
    )


def _department(row: Any, calendars: dict[int, str], mailboxes: tuple[str, ...]) -> Department:
    return Department(
        id=row.id,
        name=row.name,
        title=row.title,
        address=row.address,
        language=row.language,
        calendar=calendars.get(row.calendar_id, "id-jakarta"),
        manager_id=row.manager_id,
        default_team_id=row.default_team_id,
        promise_minutes=row.promise_minutes,
        quiet_hours=row.quiet_hours,
        queue_order=row.queue_order,
        signature=row.signature,
        mailboxes=mailboxes,
        active=row.active,
        upset=watch_of(row.upset),
        gone_minutes=row.gone_minutes,
    )


def _person(row: Any, levels: dict[str, int]) -> Person:
    return Person(
        row.id,
        row.email,
        row.name,
        row.nick,
        row.role,
        row.department_id,
        row.language,
        row.tz,
        row.active,
        person_way(row.routing),
        levels,
    )
