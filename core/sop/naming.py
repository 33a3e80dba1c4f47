"""Which names exist outside a document: teams, people, templates, actions … A list that is not known is not checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import yaml

from core.sop.problems import nearest

EXAMPLE = "teams: [billing, finance]\ntemplates: [received, refund_sent]\n"


class NamesError(ValueError):
    """The file of names cannot be used."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that exist; None = this list is not known. `actions` maps each name to what is known about it (see `Action`)."""

    departments: frozenset[str] | None = None
    calendars: frozenset[str] | None = None
    teams: Mapping[str, int | None] | None = None  # how many members, when known
    roles: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    skills: frozenset[str] | None = None
    classes: frozenset[str] | None = None
    templates: frozenset[str] | None = None
    actions: Mapping[str, Action] | None = None
    strategies: frozenset[str] | None = None
    events: frozenset[str] | None = None
    sops: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """What is known about an action: JSON Schemas of its arguments and its result, whether it can be undone, and what it might bring."""

    arguments: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    irreversible: bool = False
    example: Mapping[str, Any] | None = None


def examples_of(actions: Mapping[str, Action] | None) -> dict[str, Any]:
    """The declared example results, by the action's name."""
    return {name: action.example for name, action in (actions or {}).items() if action.example is not None}


def read_names(text: str) -> Names:
    """The names of a YAML file with lists `departments calendars teams roles agents skills classes templates actions strategies events sops`."""
    try:
        given = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise NamesError(f"the names are no YAML: {error}. Expected lists such as:\n{EXAMPLE}") from error
    return names_from({} if given is None else given)


def names_from(given: Any) -> Names:
    """The same from a mapping. Lists this version does not know are left out."""
    if not isinstance(given, Mapping):
        raise NamesError(f"the names must be a mapping of lists, such as:\n{EXAMPLE}")
    known = [field.name for field in fields(Names)]
    for key in given:
        if key not in known and (meant := nearest(str(key), known)):
            raise NamesError(f"'{key}' is no list of names. Did you mean '{meant}'?")
    return Names(**{key: _list(key, value) for key, value in given.items() if key in known and value is not None})


def _list(key: str, value: Any) -> Any:
    """A list of names; teams may be a mapping to their number of members (or members), actions to what is known about them."""
    if key == "actions":
        return {name: _action(about) for name, about in _actions(value)}
    if key == "teams":
        if isinstance(value, Mapping):
            return {str(name): _members(about) for name, about in value.items()}
        return dict.fromkeys(_names(key, value))
    return frozenset(_names(key, value))


def _actions(value: Any) -> list[tuple[str, Any]]:
    """`{crm.lookup: {irreversible: true}}`, or a list of names or of `{name: crm.lookup, …}`."""
    if isinstance(value, Mapping):
        return [(str(name), about) for name, about in value.items()]
    if isinstance(value, list) and all(isinstance(item, Mapping) and "name" in item for item in value):
        return [(str(item["name"]), item) for item in value]
    return [(name, None) for name in _names("actions", value)]


def _names(key: str, value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [str(name) for name in value]
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(name, str | int | bool) for name in value):
        return [str(name) for name in value]
    raise NamesError(f"'{key}' must be a list of names")


def _members(about: Any) -> int | None:
    if isinstance(about, int):
        return about
    return len(about) if isinstance(about, list | tuple) else None


def _action(about: Any) -> Action:
    if isinstance(about, Action):
        return about
    given = about if isinstance(about, Mapping) else {}
    return Action(
        given.get("arguments"), given.get("result"), bool(given.get("irreversible", False)), given.get("example")
    )
