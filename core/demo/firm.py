"""The firm of the demo: calendars, departments, teams, people, customers and the procedures it has published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from core import procedures
from core.actors import SYSTEM, Actor
from core.organisation import (
    NewPerson,
    add_person,
    create_calendar,
    create_department,
    create_organisation,
    create_team,
    lead_team,
    manage_department,
)
from core.requesters import CustomerRef, find_or_make
from core.schema import Customer
from core.sop.reading import load

if TYPE_CHECKING:
    from sqlalchemy import Connection

_c = Customer.__table__.c


@dataclass(slots=True)
class Firm:
    """Ids by the names that the stories use; people as the actors they are."""

    calendars: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)


def build_firm(tx: Connection, data: dict[str, Any], password_hash: str, *, began: int) -> Firm:
    """Write down the firm described in `firm.yaml`, as of the moment `began`."""
    firm = Firm()
    for name, calendar in data["calendars"].items():
        firm.calendars[name] = create_calendar(tx, SYSTEM, name, calendar)
    for department in data["departments"]:
        _department(tx, firm, department, began)
    for person in data["people"]:
        _person(tx, firm, person, password_hash, began)
    for department in data["departments"]:
        _leads(tx, firm, department)
    for organisation in data["organisations"]:
        _customers(tx, firm, organisation, began)
    _publish(tx, firm, data["procedures"], began)
    return firm


def _department(tx: Connection, firm: Firm, data: dict[str, Any], began: int) -> None:
    department = create_department(
        tx,
        SYSTEM,
        data["name"],
        data["title"],
        address=data["address"],
        calendar_id=firm.calendars[data["calendar"]],
        promise_minutes=data["promise_minutes"],
        queue_order=data.get("queue_order", "vip_lane"),
        signature=data["signature"],
        now=began,
    )
    firm.departments[data["name"]] = department
    for i, (name, team) in enumerate(data["teams"].items()):
        firm.teams[name] = create_team(tx, SYSTEM, department, name, team["title"], default=i == 0, now=began)


def _person(tx: Connection, firm: Firm, data: dict[str, Any], password_hash: str, began: int) -> None:
    department = firm.departments.get(data.get("department", ""))
    new = NewPerson(
        email=f"{data['nick']}@lentera.example",
        name=data["name"],
        role=data["role"],
        department_id=department,
        teams=[firm.teams[team] for team in data["teams"]],
        nick=data["nick"],
        language=data.get("language", "id"),
        password_hash=password_hash,
        availability="online",
        max_open=data.get("max_open"),
    )
    person = add_person(tx, SYSTEM, new, now=began)
    firm.people[data["nick"]] = Actor("person", person, data["role"], data["name"], department)
    firm.emails[data["name"]] = new.email


def _leads(tx: Connection, firm: Firm, data: dict[str, Any]) -> None:
    manager = firm.people[data["manager"]].id
    assert manager is not None
    manage_department(tx, SYSTEM, firm.departments[data["name"]], manager)
    for name, team in data["teams"].items():
        lead = firm.people[team["lead"]].id if "lead" in team else None
        if lead is not None:
            lead_team(tx, SYSTEM, firm.teams[name], lead)


def _customers(tx: Connection, firm: Firm, data: dict[str, Any], began: int) -> None:
    """The people of one organisation, or (without a name) those who come as themselves."""
    organisation = (
        create_organisation(tx, SYSTEM, data["name"], data.get("class", "standard")) if data["name"] else None
    )
    for key, one in data["people"].items():
        them = find_or_make(
            tx, CustomerRef(one.get("email"), one["name"], one.get("phone")), one.get("language", "id"), began
        )
        values = {"organisation_id": organisation, "klass": one.get("class", "standard"), "phone": one.get("phone")}
        tx.execute(update(Customer).where(_c.id == them.id).values(**values, verified=bool(one.get("verified"))))
        firm.customers[key] = them.id


def _publish(tx: Connection, firm: Firm, names: list[str], began: int) -> None:
    """Procedures of the library, each for its department."""
    procedures.publish_library(tx, SYSTEM, began)
    for name in names:
        text = (procedures.LIBRARY / f"{name}.yaml").read_text("utf-8")
        department = firm.departments.get(load(text).department or "")
        procedures.publish(tx, SYSTEM, text, department_id=department, now=began)
