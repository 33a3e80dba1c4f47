"""Does a value fit a JSON Schema? The part of the language that actions need: types, properties, items, choices and limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.plugins.labels import label_problem

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
    "null": (type(None),),
}
_WORDS = frozenset(
    (
        *("type", "properties", "required", "additionalProperties", "items", "enum"),
        *("minimum", "maximum", "minLength", "maxLength"),
        *("title", "description", "examples", "default", "format"),
    )
)


def schema_problem(schema: Any, where: str = "schema") -> str | None:
    """What is wrong with a schema itself, or None. Words this version does not check are refused, so that nobody relies on them."""
    if not isinstance(schema, Mapping):
        return (
            f"{where} must be a mapping such as {{'type': 'object', 'properties': {{…}}}}, not {type(schema).__name__}"
        )
    if unknown := sorted(str(word) for word in schema if word not in _WORDS):
        return f"{where}: '{unknown[0]}' is not known. Known: {', '.join(sorted(_WORDS))}"
    for word in ("title", "description"):
        if problem := label_problem(schema.get(word, "")):
            return f"{where}: its {word} must be {problem}"
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind not in _TYPES:
            return f"{where}: there is no type '{kind}'. Types: {', '.join(_TYPES)}"
    inner = {f"{where}.{name}": one for name, one in (schema.get("properties") or {}).items()}
    if "items" in schema:
        inner[f"{where}[]"] = schema["items"]
    return next((problem for name, one in inner.items() if (problem := schema_problem(one, name))), None)


def misfit(value: Any, schema: Mapping[str, Any] | None, where: str = "") -> str | None:
    """Why the value does not fit, in one sentence; None when it does."""
    if not schema:
        return None
    name = f"'{where}'" if where else "the value"
    kinds = schema.get("type")
    allowed = [kinds] if isinstance(kinds, str) else kinds
    if allowed and not any(_is(value, kind) for kind in allowed):
        return f"{name} must be {' or '.join(allowed)}, not {_say(value)}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{name} must be one of {', '.join(map(str, schema['enum']))}, not {_say(value)}"
    if isinstance(value, Mapping):
        return _object(value, schema, where)
    if isinstance(value, list | tuple):
        items = ((f"{where}[{n}]", one) for n, one in enumerate(value))
        return next((found for at, one in items if (found := misfit(one, schema.get("items"), at))), None)
    return _limits(value, schema, name)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _object(value: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> str | None:
    known = schema.get("properties") or {}
    for key in schema.get("required") or ():
        if value.get(key) is None:
            return f"'{_join(where, key)}' is missing"
    for key, one in value.items():
        if key not in known and known and not schema.get("additionalProperties"):
            return f"'{_join(where, key)}' is not known. Known: {', '.join(known)}"
        if one is not None and (found := misfit(one, known.get(key), _join(where, key))):
            return found
    return None


def _limits(value: Any, schema: Mapping[str, Any], name: str) -> str | None:
    size, unit = (len(value), " characters") if isinstance(value, str) else (value, "")
    least, most = ("minLength", "maxLength") if unit else ("minimum", "maximum")
    if least in schema and size < schema[least]:
        return f"{name} must be at least {schema[least]}{unit}"
    if most in schema and size > schema[most]:
        return f"{name} must be at most {schema[most]}{unit}"
    return None


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else str(key)


def _say(value: Any) -> str:
    return repr(value)[:60]
