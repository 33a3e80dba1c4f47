"""What a rule gives, and how a team gives, as somebody wrote it: every name that does not exist is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import procedures
from core.errors import FieldError
from core.field_checks import whole_number
from core.routing.asking import known_strategies
from core.routing.rules import GIVES
from core.routing.ways import ABSENT_CHOICES, MOST_OPEN, MOST_WEIGHT, PRIORITIES, STRATEGIES, WAITING
from core.sop.problems import nearest
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.directory import Directory

_MOST_TAGS, _LONGEST_CODE = 20, 64


def checked_gives(
    tx: Connection, firm: Directory, given: Mapping[str, Any], errors: list[FieldError]
) -> dict[str, Any]:
    """`department`, `team`, `agent`, `people` as ids; `skill`, `priority`, `sop`, `by` as names; empty ones are left out."""
    gives = {name: value for name, value in given.items() if value not in (None, "", [], (), False)}
    errors += [
        FieldError(f"/gives/{name}", _("A rule gives no “%(name)s”.", name=name)) for name in gives.keys() - set(GIVES)
    ]
    if not gives.keys() & (set(GIVES) - {"level"}):
        errors.append(FieldError("/gives", _("The rule gives nothing. Choose a team, a colleague or something else.")))
    _places(firm, gives, errors)
    _people(firm, gives, errors)
    _skill(firm, gives, errors)
    if "priority" in gives:
        _one_of(gives["priority"], tuple(PRIORITIES), "/gives/priority", errors)
    if "by" in gives:
        check_way(tx, gives["by"], "/gives/by", errors)
    if "topic" in gives:
        gives["topic"] = str(gives["topic"]).strip()[:_LONGEST_CODE]
    if "tags" in gives:
        gives["tags"] = sorted({str(tag).strip()[:_LONGEST_CODE] for tag in gives["tags"] if str(tag).strip()})[
            :_MOST_TAGS
        ]
    if "sop" in gives and procedures.find_published(tx, str(gives["sop"])) is None:
        errors.append(FieldError("/gives/sop", _("There is no published SOP “%(name)s”.", name=gives["sop"])))
    return gives


def _places(firm: Directory, gives: Mapping[str, Any], errors: list[FieldError]) -> None:
    department, team = gives.get("department"), gives.get("team")
    if department is not None and department not in firm.departments:
        errors.append(FieldError("/gives/department", _("There is no such department.")))
    elif department is not None and firm.first_team(department) is None:
        errors.append(FieldError("/gives/department", _("This department has no team to hold tickets.")))
    if team is not None and team not in firm.teams:
        errors.append(FieldError("/gives/team", _("There is no such team.")))
    elif team is not None and department in firm.departments and firm.teams[team].department_id != department:
        errors.append(FieldError("/gives/team", _("This team belongs to another department.")))


def _people(firm: Directory, gives: Mapping[str, Any], errors: list[FieldError]) -> None:
    named = [(gives["agent"], "/gives/agent")] if "agent" in gives else []
    named += [(one, "/gives/people") for one in gives.get("people", ())]
    for person_id, pointer in named:
        person = firm.people.get(person_id)
        if person is None:
            errors.append(FieldError(pointer, _("There is no such person.")))
        elif not person.active:
            errors.append(FieldError(pointer, _("%(name)s does not work here any more.", name=person.name)))
        elif person.role == "light":
            errors.append(FieldError(pointer, _("%(name)s holds no tickets: their role is light.", name=person.name)))


def _skill(firm: Directory, gives: dict[str, Any], errors: list[FieldError]) -> None:
    if "skill" in gives and gives["skill"] not in firm.skills:
        known = ", ".join(sorted(firm.skills)) or _("none yet")
        errors.append(
            FieldError(
                "/gives/skill",
                _("There is no skill “%(name)s”. There are: %(known)s.", name=gives["skill"], known=known),
            )
        )
    level = gives.get("level", 1)
    if not isinstance(level, int) or not 1 <= level <= 5:
        errors.append(FieldError("/gives/level", _("A level is a number from 1 to 5.")))
    if "skill" not in gives:
        gives.pop("level", None)


def _one_of(value: Any, known: tuple[str, ...], pointer: str, errors: list[FieldError]) -> None:
    if value not in known:
        errors.append(
            FieldError(
                pointer,
                _("“%(value)s” is not possible here. Write one of: %(known)s.", value=value, known=", ".join(known)),
            )
        )


def check_way(tx: Connection, by: Any, pointer: str, errors: list[FieldError]) -> None:
    """A way of choosing: one of the built-in words, or the strategy of a plugin that is switched on."""
    known = (*STRATEGIES, *known_strategies(tx))
    if "." in str(by) and by not in known and (meant := nearest(str(by), known)):
        errors.append(
            FieldError(
                pointer,
                _(
                    "No plugin that is switched on knows the way of choosing “%(name)s”. Did you mean “%(meant)s”?",
                    name=by,
                    meant=meant,
                ),
            )
        )
    else:
        _one_of(by, known, pointer, errors)


def checked_team_way(
    tx: Connection, firm: Directory, given: Mapping[str, Any], errors: list[FieldError]
) -> dict[str, Any]:
    """How a team gives, as it is kept; what is as always is left out."""
    kept: dict[str, Any] = {}
    if given.get("by"):
        check_way(tx, given["by"], "/routing/by", errors)
        kept["by"] = given["by"]
    people = [one for one in given.get("people") or () if one in firm.people and firm.people[one].active]
    if people:
        kept["people"] = sorted(set(people))
    for name in ("whole_department", "last_agent", "include_offline"):
        if given.get(name):
            kept[name] = True
    if given.get("drain") is False:
        kept["drain"] = False
    if given.get("when_offline", "keep") != "keep":
        _one_of(given["when_offline"], ABSENT_CHOICES, "/routing/when_offline", errors)
        kept["when_offline"] = given["when_offline"]
    if given.get("tier") is not None:
        whole_number(given["tier"], 1, 9, "/routing/tier", errors)
        kept["tier"] = given["tier"]
    weights = {name: value for name, value in (given.get("weights") or {}).items() if value not in (None, 1, 1.0)}
    for name, value in weights.items():
        if name not in {*PRIORITIES, WAITING} or not isinstance(value, int | float) or not 0 <= value <= MOST_WEIGHT:
            errors.append(
                FieldError("/routing/weights", _("A weight is a number from 0 to %(most)s.", most=int(MOST_WEIGHT)))
            )
    return {**kept, **({"weights": weights} if weights else {})}


def checked_person_way(firm: Directory, given: Mapping[str, Any], errors: list[FieldError]) -> dict[str, Any]:
    """Limits, shifts and absence of a person, as they are kept."""
    kept: dict[str, Any] = {}
    if given.get("max_open") is not None:
        _limit(given["max_open"], "/routing/max_open", errors)
        kept["max_open"] = given["max_open"]
    by_priority = {name: n for name, n in (given.get("by_priority") or {}).items() if n is not None}
    for name, n in by_priority.items():
        _one_of(name, tuple(PRIORITIES), "/routing/by_priority", errors)
        _limit(n, f"/routing/by_priority/{name}", errors)
    if by_priority:
        kept["by_priority"] = by_priority
    if given.get("hours"):
        _one_of(given["hours"], tuple(firm.calendars), "/routing/hours", errors)
        kept["hours"] = given["hours"]
    return {**kept, **_absence(firm, given, errors)}


def _limit(value: Any, pointer: str, errors: list[FieldError]) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_OPEN:
        errors.append(FieldError(pointer, _("A limit is a whole number from 0 to %(most)s.", most=MOST_OPEN)))


def _absence(firm: Directory, given: Mapping[str, Any], errors: list[FieldError]) -> dict[str, Any]:
    begins, ends, stand_in = (given.get(name) for name in ("absent_from", "absent_until", "stand_in"))
    if begins is None:
        return {}
    if ends is not None and ends <= begins:
        errors.append(FieldError("/routing/absent_until", _("An absence ends after it begins.")))
    person = firm.people.get(stand_in or 0)
    if stand_in is not None and (person is None or not person.active or person.role == "light"):
        errors.append(FieldError("/routing/stand_in", _("Choose a colleague who holds tickets.")))
    return {
        "absent_from": begins,
        **({"absent_until": ends} if ends is not None else {}),
        **({"stand_in": stand_in} if stand_in is not None else {}),
    }
