"""Custom fields by their names: `Severity: S1` becomes `customfield_10010: {value: S1}`, in the shape that the field's kind wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import estafet
from plugins.jira.mappings import listed, pairs

if TYPE_CHECKING:
    from plugins.jira.site import Site

_DOCUMENTS = {"description", "environment"}


def read_fields(site: Site, given: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """(values by the field's number, names by number). PermanentFailure names a field that Jira does not have."""
    wanted = given if isinstance(given, Mapping) else pairs(given)
    if not wanted:
        return {}, {}
    known = {str(one["id"]): one for one in site.ask("GET", "/field")}
    found = {name: _field(known, str(name)) for name in wanted}
    values = {field["id"]: shaped(site, field, wanted[name]) for name, field in found.items()}
    return values, {field["id"]: field["name"] for field in found.values()}


def by_number(words: str, names: Mapping[str, str]) -> str:
    """An error of Jira with the fields' names in place of their numbers."""
    for number, name in names.items():
        words = words.replace(number, f"“{name}”")
    return words


def _field(known: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    if name in known:
        return known[name]
    found = [one for one in known.values() if one["name"].casefold() == name.strip().casefold()]
    if not found:
        custom = sorted({one["name"] for one in known.values() if one.get("custom")})
        raise estafet.PermanentFailure(
            f"Jira has no field “{name}”. Its own fields: {', '.join(custom[:30]) or 'none'}."
        )
    if len(found) > 1:
        numbers = " or ".join(sorted(one["id"] for one in found))
        raise estafet.PermanentFailure(f"Jira has {len(found)} fields “{name}”. Write which one: {numbers}.")
    return found[0]


def shaped(site: Site, field: Mapping[str, Any], value: Any) -> Any:
    """The value as the field wants it. What cannot be one is a PermanentFailure."""
    schema = field.get("schema") or {}
    if schema.get("type") == "array":
        parts = listed(value) if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else [value]
        return [_one(site, field, {**schema, "type": schema.get("items")}, part) for part in parts]
    return _one(site, field, schema, value)


def _one(site: Site, field: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> Any:
    match schema.get("type"):
        case "option":
            return {"value": str(value)}
        case "user":
            return {"accountId" if site.cloud else "name": str(value)}
        case "priority" | "version" | "component" | "group":
            return {"name": str(value)}
        case "number":
            try:
                return float(value)
            except (TypeError, ValueError):
                raise estafet.PermanentFailure(f"The field “{field['name']}” wants a number, not “{value}”.") from None
        case "date":
            return str(value)[:10]
    if field["id"] in _DOCUMENTS or str(schema.get("custom", "")).endswith(":textarea"):
        return site.text(str(value))
    return value if isinstance(value, Mapping) else str(value)
