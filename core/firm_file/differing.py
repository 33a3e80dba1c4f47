"""What would the file change? Each new, changed or closed entry, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import FieldError, Invalid
from core.firm_file.shape import SECTIONS
from core.noticing.watching import checked_watch
from core.organisation_changes import check_hours
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.firm_file.shape import Entry, FirmFile

NEW, CHANGED, CLOSED = "new", "changed", "closed"
CALL_DEFAULTS = {"how": "reassign", "level": 1}  # of a word rule
_CLOSABLE = (
    "people",
    "departments",
    "teams",
    "policies",
    "words",
    "organisations",
    "classes",
)  # a team closes after its department


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that would be different: `values` is what is written, `before` what is there now for the same keys."""

    section: str
    name: str
    kind: str
    values: Mapping[str, Any]
    before: Mapping[str, Any]


def differences(
    found: FirmFile, now: Mapping[str, Mapping[str, Entry]], *, close_missing: bool = False
) -> list[Change]:
    """In the order in which they are applied; what closes comes last. What the file does not name stays."""
    changes = []
    for section in SECTIONS:
        for name, entry in found.sections.get(section, {}).items():
            known = now[section].get(name)
            if known is None:
                changes.append(Change(section, name, NEW, entry, {}))
                continue
            values = {key: value for key, value in entry.items() if not _same(section, key, known.get(key), value)}
            if values:
                before = {key: known.get(key) for key in values}
                changes.append(Change(section, name, CHANGED, values, before))
    if close_missing:
        for section in _CLOSABLE:
            for name, known in now[section].items():
                if section in found.sections and name not in found.sections[section] and known["active"]:
                    if section == "classes" and name in {"standard", "vip"}:
                        continue
                    changes.append(Change(section, name, CLOSED, {"active": False}, {"active": True}))
    return changes


def _same(section: str, key: str, known: Any, given: Any) -> bool:
    if section == "calendars":
        try:
            return bool(check_hours(given, "") == known)
        except Invalid:
            return False  # what is wrong with it is said when it is applied
    if key == "upset" and isinstance(given, dict):
        wrong: list[FieldError] = []
        return checked_watch(given, wrong) == known and not wrong
    if key == "call" and isinstance(given, dict) and isinstance(known, dict):
        return {**CALL_DEFAULTS, **given} == {**CALL_DEFAULTS, **known}
    if isinstance(given, list) and isinstance(known, list):
        return sorted(map(str, given)) == sorted(map(str, known))
    if key == "address":
        return (given or "").lower() == (known or "").lower()
    if key == "signature":
        return str(given or "").rstrip("\n") == str(known or "").rstrip("\n")
    return bool(given == known)


def said(change: Change) -> str:
    """One change as a sentence."""
    what = _section_words(change.section)
    match change.kind:
        case "new":
            return _(
                "+ %(what)s “%(name)s” is new: %(values)s", what=what, name=change.name, values=_list(change.values)
            )
        case "closed" if change.section == "people":
            return _("− “%(name)s” leaves: their tickets go back to routing", name=change.name)
        case "closed":
            return _("− %(what)s “%(name)s” closes", what=what, name=change.name)
    moved = "; ".join(
        f"{key}: {_shown(change.before.get(key))} → {_shown(value)}" for key, value in change.values.items()
    )
    return _("~ %(what)s “%(name)s”: %(moved)s", what=what, name=change.name, moved=moved)


def _section_words(section: str) -> str:
    return {
        "calendars": _("calendar"),
        "skills": _("skill"),
        "classes": _("customer class"),
        "departments": _("department"),
        "teams": _("team"),
        "people": _("person"),
        "policies": _("policy"),
        "words": _("word rule"),
        "organisations": _("organisation"),
    }[section]


def _list(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {_shown(value)}" for key, value in values.items()) or "–"


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    match value:
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(map(str, value))
        case dict() if all(isinstance(one, int | str) for one in value.values()):
            return ", ".join(f"{key} {one}" for key, one in value.items())
        case dict():
            return _("(a new text)")
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else text[:79] + "…"
