"""A rule over words as people write it (a form, JSON, the firm's file), read and checked; what is wrong is said with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import FieldError, Invalid
from core.field_checks import must_be, text_of
from core.noticing.words import CALLS, REASSIGN, Call, Rule
from core.stems import LANGUAGES, words_with_places
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.directory import Directory

PRIORITIES = ("urgent", "high", "medium", "low")
MOST_WORDS, LONGEST_WORD, MOST_PARTS = 50, 60, 6
_KNOWN = ("words", "channels", "language", "stems", "priority", "call")
_CALL = ("how", "person", "skill", "level")


def checked(
    firm: Directory, title: str, data: Mapping[str, Any], department_id: int | None, channels: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """(title, data) as they are kept; Invalid names every wrong value at once."""
    errors: list[FieldError] = []
    kept: dict[str, Any] = {}
    title = text_of(title, "/title", errors)
    _only(data, _KNOWN, "/data", errors)
    kept["words"] = _words(data.get("words"), errors)
    listened = list(dict.fromkeys(str(one) for one in data.get("channels") or ()))
    for one in listened:
        must_be(one, channels, "/data/channels", errors)
    if listened:
        kept["channels"] = listened
    if data.get("language"):
        must_be(data["language"], LANGUAGES, "/data/language", errors)
        kept["language"] = data["language"]
    if data.get("stems", True) is False:
        kept["stems"] = False
    if data.get("priority"):
        must_be(data["priority"], PRIORITIES, "/data/priority", errors)
        kept["priority"] = data["priority"]
    if data.get("call"):
        kept["call"] = _call(firm, data["call"], department_id, errors)
    if not kept.keys() & {"priority", "call"}:
        errors.append(
            FieldError("/data", _("The rule does nothing. Choose a priority, or whom it calls in.")),
        )
    if errors:
        raise Invalid(*errors)
    return title, kept


def _only(given: Mapping[str, Any], known: tuple[str, ...], pointer: str, errors: list[FieldError]) -> None:
    for name in sorted(set(given) - set(known)):
        text = _("“%(key)s” is not known here. Known: %(known)s.", key=name, known=", ".join(known))
        errors.append(FieldError(f"{pointer}/{name}", text))


def _words(given: Any, errors: list[FieldError]) -> list[str]:
    """Words and short groups of words, each once."""
    listed = given if isinstance(given, list | tuple) else []
    found = list(dict.fromkeys(" ".join(str(one).split()) for one in listed if str(one).strip()))
    if not 0 < len(found) <= MOST_WORDS:
        errors.append(
            FieldError("/data/words", _("Write 1 to %(most)s words or groups of words, one a line.", most=MOST_WORDS))
        )
    for one in found[:MOST_WORDS]:
        parts = len(words_with_places(one))
        if len(one) > LONGEST_WORD or not 0 < parts <= MOST_PARTS:
            text = _("“%(word)s”: write 1 to %(most)s words that stand together.", word=one[:80], most=MOST_PARTS)
            errors.append(FieldError("/data/words", text))
    return found


def _call(firm: Directory, given: Any, department_id: int | None, errors: list[FieldError]) -> dict[str, Any]:
    """Either a person, or a skill with its level."""
    call = given if isinstance(given, dict) else {}
    _only(call, _CALL, "/data/call", errors)
    kept: dict[str, Any] = {"how": call.get("how") or REASSIGN}
    must_be(kept["how"], CALLS, "/data/call/how", errors)
    person, skill = call.get("person"), call.get("skill")
    if (person is None) == (skill is None):
        errors.append(FieldError("/data/call", _("Whom does it call in? Name a colleague, or a skill with its level.")))
    elif person is not None:
        kept["person"] = person
        _person(firm, person, department_id, errors)
    else:
        kept |= {"skill": skill, "level": call.get("level", 1)}
        must_be(skill, firm.skills, "/data/call/skill", errors)
        if isinstance(kept["level"], bool) or kept["level"] not in {1, 2, 3, 4, 5}:
            errors.append(FieldError("/data/call/level", _("A level is a number from 1 to 5.")))
    return kept


def _person(firm: Directory, given: Any, department_id: int | None, errors: list[FieldError]) -> None:
    person = firm.people.get(given) if isinstance(given, int) else None
    if person is None:
        wrong = _("There is no such person.")
    elif not person.active:
        wrong = _("%(name)s does not work here any more.", name=person.name)
    elif person.role == "light":
        wrong = _("%(name)s holds no tickets: their role is light.", name=person.name)
    elif department_id is not None and person.role != "manager" and person.department_id not in {None, department_id}:
        wrong = _("%(name)s is in another department and cannot read its tickets.", name=person.name)
    else:
        return
    errors.append(FieldError("/data/call/person", wrong))


def rule_of(row: Any) -> Rule:
    """A kept row as a rule that can be looked for."""
    data, call = row.data, row.data.get("call")
    return Rule(
        id=row.id,
        version=row.version,
        title=row.title,
        words=tuple(data["words"]),
        channels=tuple(data.get("channels", ())),
        language=data.get("language"),
        stems=data.get("stems", True),
        priority=data.get("priority"),
        call=Call(call["how"], call.get("person"), call.get("skill"), call.get("level", 1)) if call else None,
        department_id=row.department_id,
        team_id=row.team_id,
        active=row.active,
    )
