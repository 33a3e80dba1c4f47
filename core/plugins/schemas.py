"""Settings declared as a marshmallow schema: its fields become the form of the plugins page, and what was typed in is loaded by the schema itself.

The form is published as rows, as that of plain settings is. The schema, its own validators included, runs in the plugin's process only: when
the settings are saved (its errors appear on the plugins page), and before every call.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing
from marshmallow.validate import OneOf

from core.plugins.errors import PermanentFailure, Unsound
from core.plugins.values import Setting

_KINDS: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "boolean"),
    (fields.Number, "number"),
    (fields.Url, "url"),
    (fields.String, "text"),
)
_PLAIN = (str, int, float, bool, type(None))


def as_schema(answer: Any) -> Schema | None:
    """The schema that `register_settings` answered with (a class or an instance); None: it answered with plain settings."""
    if inspect.isclass(answer) and issubclass(answer, Schema):
        return answer()
    return answer if isinstance(answer, Schema) else None


def settings_from(schema: Schema) -> list[Setting]:
    """One setting for each field that is loaded; Unsound when a field cannot be typed into a form."""
    return [_setting(field) for field in schema.load_fields.values()]


def _setting(field: fields.Field[Any]) -> Setting:
    name = _name(field)
    kind = next((word for type_, word in _KINDS if isinstance(field, type_)), None)
    if kind is None:
        raise Unsound(
            f"setting '{name}': a {type(field).__name__} cannot be typed into a form; "
            "use String, Url, Integer, Float or Boolean, and validate it"
        )
    options = next((_options(one) for one in field.validators if isinstance(one, OneOf)), None)
    if options is not None and kind == "text":
        kind = "choice"
    default = field.load_default() if callable(field.load_default) else field.load_default
    if default is missing:
        default = None
    if not isinstance(default, _PLAIN):
        raise Unsound(f"setting '{name}': its load_default must be a text, a number, true or false")
    said = field.metadata
    return Setting(
        name,
        title=said.get("title", ""),
        kind=kind,
        required=bool(field.required),
        secret=bool(said.get("secret", False)),
        default=default,
        help=said.get("help", ""),
        options=options or () if kind == "choice" else (),
    )


def _options(choice: OneOf) -> Mapping[str, Any]:
    """Each value with its label, which is the value itself where there is none."""
    values, labels = [str(one) for one in choice.choices], list(choice.labels)
    return dict(zip(values, [*labels, *values[len(labels) :]], strict=True))


def _name(field: fields.Field[Any]) -> str:
    return str(field.data_key if field.data_key is not None else field.name)


def load_settings(schema: Schema, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings as the plugin gets them: what the schema makes of them. PermanentFailure says everything that does not fit."""
    typed = {name: value for name, value in given.items() if value not in (None, "")}
    try:
        loaded = schema.load(typed, unknown=EXCLUDE)
    except ValidationError as error:
        raise PermanentFailure("; ".join(_said(error.messages_dict))) from None
    if not isinstance(loaded, Mapping):
        raise PermanentFailure("the schema of register_settings must load into a mapping: leave out its post_load")
    return {**dict.fromkeys(str(field.attribute or field.name) for field in schema.load_fields.values()), **loaded}


def _said(messages: Mapping[str, Any]) -> list[str]:
    lines = []
    for name, words in messages.items():
        text = " ".join(str(one) for one in words) if isinstance(words, list) else str(words)
        lines.append(text if name == "_schema" else f"setting '{name}': {text}")
    return lines
