"""The word rules in the file of a firm: how they stand there, and how an entry becomes one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from core.directory import directory
from core.errors import FieldError, Invalid
from core.noticing.changing import change_rule, create_rule
from core.noticing.store import RuleRow, all_rules
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Directory
    from core.firm_file.shape import Entry

_DATA = ("words", "channels", "language", "stems", "priority", "call")


def word_rules(tx: Connection, firm: Directory) -> dict[str, RuleRow]:
    """Rules by what the file calls them: their title, with the department before it where a title is there twice."""
    rows = all_rules(tx)
    often = Counter(row.title for row in rows)
    keys: dict[str, RuleRow] = {}
    for row in rows:
        place = firm.departments[row.department_id].name if row.department_id else "all"
        key = row.title if often[row.title] == 1 else f"{place}/{row.title}"
        keys[key if key not in keys else f"{key}/{row.id}"] = row
    return keys


def word_entry(firm: Directory, row: RuleRow) -> Entry:
    """One rule as it stands in the file; colleagues by their short name."""
    data = row.data
    call = dict(data["call"]) if data.get("call") else None
    if call and call.get("person") in firm.people:
        call["person"] = firm.people[call["person"]].nick
    team = firm.teams.get(row.team_id or 0)
    department = firm.departments.get(row.department_id or 0) if team is None else None
    return {
        "department": department.name if department else None,
        "team": team.name if team else None,
        "words": list(data["words"]),
        "channels": list(data.get("channels", ())),
        "language": data.get("language"),
        "stems": data.get("stems", True),
        "priority": data.get("priority"),
        "call": call,
        "active": row.active,
    }


def put_word_rule(tx: Connection, actor: Actor, name: str, values: Mapping[str, Any]) -> None:
    """Make the rule, or give it its next version. Pointers of what is wrong begin at the entry."""
    firm = directory(tx)
    known = word_rules(tx, firm).get(name)
    before = known.data if known else {}
    data = {**before, **{key: values[key] for key in _DATA if key in values}}
    if known is not None and values.keys() & {"department", "team"}:
        raise Invalid(FieldError("/department", _("A rule stays where it is. Write a new one there.")))
    try:
        if data.get("call"):
            data["call"] = _named(firm, data["call"])
        if known is None:
            department, team = _place(firm, values)
            active = values.get("active", True)
            create_rule(tx, actor, name, data, department_id=department, team_id=team, active=active)
        else:
            change_rule(tx, actor, known.id, data=data, active=values.get("active"))
    except Invalid as refused:
        plain = (FieldError(one.pointer.removeprefix("/data") or "/words", one.message) for one in refused.errors)
        raise Invalid(*plain) from refused


def _place(firm: Directory, values: Mapping[str, Any]) -> tuple[int | None, int | None]:
    department, team = values.get("department"), values.get("team")
    errors = []
    if department is not None and firm.department(department) is None:
        errors.append(FieldError("/department", _missing(department, firm.department_names)))
    if team is not None and firm.team(team) is None:
        errors.append(FieldError("/team", _missing(team, firm.team_names)))
    if errors:
        raise Invalid(*errors)
    return firm.department_names.get(department or ""), firm.team_names.get(team or "")


def _named(firm: Directory, call: Any) -> Any:
    """The call with the id of a colleague who is named."""
    if not isinstance(call, dict) or not isinstance(call.get("person"), str):
        return call
    if call["person"] not in firm.nicks:
        raise Invalid(FieldError("/call", _missing(call["person"], firm.nicks)))
    return {**call, "person": firm.nicks[call["person"]]}


def _missing(name: str, known: Mapping[str, Any]) -> str:
    names = ", ".join(sorted(known)) or "–"
    return _("“%(name)s” is not there. There are: %(known)s.", name=str(name)[:80], known=names)
