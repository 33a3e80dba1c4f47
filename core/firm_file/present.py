"""The firm as it is now, in the form of its file."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString
from sqlalchemy import select

from core.actors import SYSTEM
from core.clocks.policies import policies
from core.directory import directory
from core.firm_file.watched_words import word_entry, word_rules
from core.noticing.watching import checked_watch, kept_watch
from core.organisations import all_organisations
from core.routing.ways import kept_person
from core.schema import Calendar

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.directory import Department, Directory, Person, Team
    from core.firm_file.shape import Entry

# What an entry says when it says nothing: left out of the file.
DEFAULTS: dict[str, dict[str, Any]] = {
    "departments": {
        "language": "id",
        "address": None,
        "mailboxes": [],
        "calendar": "id-jakarta",
        "manager": None,
        "default_team": None,
        "promise_minutes": 480,
        "quiet_hours": 72,
        "queue_order": "vip_lane",
        "signature": "",
        "gone_minutes": 15,
        "upset": {},
    },
    "teams": {
        "lead": None,
        "tier": None,
        "by": None,
        "queue_order": None,
        "last_agent": False,
        "whole_department": False,
        "include_offline": False,
        "drain": True,
        "when_offline": "keep",
    },
    "people": {
        "department": None,
        "teams": [],
        "language": "id",
        "tz": "Asia/Jakarta",
        "skills": {},
        "max_open": None,
        "limits": {},
        "hours": None,
    },
    "policies": {"department": None},
    "words": {
        "department": None,
        "team": None,
        "channels": [],
        "language": None,
        "stems": True,
        "priority": None,
        "call": None,
    },
    "organisations": {"class": "standard", "domains": []},
}


def present(tx: Connection) -> dict[str, dict[str, Entry]]:
    """Every entry with every value, closed ones and people who left included."""
    firm = directory(tx)
    calendars = tx.execute(select(Calendar.__table__).order_by(Calendar.__table__.c.name))
    return {
        "calendars": {row.name: {"hours": row.data} for row in calendars},
        "skills": {name: {"title": skill.title} for name, skill in firm.skills.items()},
        "classes": {name: {"title": one.title, "active": one.active} for name, one in firm.classes.items()},
        "departments": {one.name: _department(firm, one) for one in firm.departments.values()},
        "teams": {one.name: _team(firm, one) for one in firm.teams.values()},
        "people": {one.nick: _person(firm, one) for one in firm.people.values()},
        "policies": _policies(tx, firm),
        "words": {key: word_entry(firm, row) for key, row in word_rules(tx, firm).items()},
        "organisations": {
            one.name: {"class": one.klass, "domains": list(one.domains), "active": one.active}
            for one in all_organisations(tx, SYSTEM)
        },
    }


def _nick(firm: Directory, person_id: int | None) -> str | None:
    person = firm.people.get(person_id or 0)
    return person.nick if person else None


def _department(firm: Directory, one: Department) -> Entry:
    default = firm.teams.get(one.default_team_id or 0)
    return {
        "title": one.title,
        "language": one.language,
        "address": one.address,
        "mailboxes": list(one.mailboxes),
        "calendar": one.calendar,
        "manager": _nick(firm, one.manager_id),
        "default_team": default.name if default else None,
        "promise_minutes": one.promise_minutes,
        "quiet_hours": one.quiet_hours,
        "queue_order": one.queue_order,
        "signature": one.signature,
        "gone_minutes": one.gone_minutes,
        "upset": checked_watch(kept_watch(one.upset), []),
        "active": one.active,
    }


def _team(firm: Directory, team: Team) -> Entry:
    way = team.way
    return {
        "title": team.title,
        "department": firm.departments[team.department_id].name,
        "lead": _nick(firm, team.lead_id),
        "tier": way.tier,
        "by": way.by,
        "queue_order": team.queue_order,
        "last_agent": way.last_agent,
        "whole_department": way.whole_department,
        "include_offline": way.include_offline,
        "drain": way.drain,
        "when_offline": way.when_offline,
        "active": team.active,
    }


def _person(firm: Directory, one: Person) -> Entry:
    way = kept_person(one.way)
    return {
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "department": firm.departments[one.department_id].name if one.department_id else None,
        "teams": sorted(team.name for team in firm.teams.values() if one.id in team.members),
        "language": one.language,
        "tz": one.tz,
        "skills": dict(one.levels),
        "max_open": way.get("max_open"),
        "limits": way.get("by_priority", {}),
        "hours": way.get("hours"),
        "active": one.active,
    }


def policy_keys(tx: Connection, firm: Directory) -> dict[str, int]:
    """Policies by what the file calls them: their name, with the department before it where a name is there twice."""
    rows = policies(tx)
    often = Counter(row.name for row in rows)
    keys: dict[str, int] = {}
    for row in rows:
        place = firm.departments[row.department_id].name if row.department_id else "all"
        key = row.name if often[row.name] == 1 else f"{place}/{row.name}"
        keys[key if key not in keys else f"{key}/{row.id}"] = row.id
    return keys


def _policies(tx: Connection, firm: Directory) -> dict[str, Entry]:
    rows, found = {row.id: row for row in policies(tx)}, {}
    for key, policy_id in policy_keys(tx, firm).items():
        row = rows[policy_id]
        data = {name: value for name, value in row.data.items() if name != "name" or value != key}
        place = firm.departments[row.department_id].name if row.department_id else None
        found[key] = {"department": place, "active": row.active, "policy": data}
    return found


def exported(tx: Connection) -> str:
    """The file: what is open, without what is as always."""
    data: dict[str, Any] = {}
    for section, entries in present(tx).items():
        kept = {name: _short(section, entry) for name, entry in entries.items() if entry.get("active", True)}
        if kept:
            data[section] = kept
    yaml = YAML()
    yaml.width = 4096
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _short(section: str, entry: Entry) -> Entry:
    defaults = DEFAULTS.get(section, {})
    kept = {key: value for key, value in entry.items() if key != "active" and value != defaults.get(key, _NEVER)}
    if section == "calendars":  # the holidays of a country are worked out anew
        kept["hours"] = {key: value for key, value in kept["hours"].items() if key != "public"}
    return {
        key: LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
        for key, value in kept.items()
    }


_NEVER = object()
