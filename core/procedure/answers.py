"""What people type into a step, checked against the fields the document declares. All errors at once, in words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from core.procedure.setting import stored
from core.sop.document import Resolve, Task
from core.sop.durations import Span
from core.sop.patterns import PatternError, compiled
from core.sop.values import typed
from core.texts import _, language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.procedure.values import JSON
    from core.sop.document import Field, Sop, Step

RESOLUTION = "resolution"
_TEXTS = frozenset(("string", "text", "choice", "phone", "email", "url", "person"))
_SHAPES = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "url": re.compile(r"https?://\S+", re.IGNORECASE),
    "phone": re.compile(r"\+?[0-9][0-9 ()./-]{3,}"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with the value of one field; the message is for people."""

    field: str
    message: str


def required(step: Step) -> tuple[str, ...]:
    """The names of the fields a step asks for: `fields.amount` is `amount`."""
    names = step.what.require if isinstance(step.what, Task | Resolve) else ()
    return tuple(name.removeprefix("fields.") for name in names)


def check_answers(
    sop: Sop, step: Step, given: Mapping[str, Any], present: Mapping[str, Any]
) -> tuple[dict[str, JSON], tuple[FieldError, ...]]:
    """The typed values of `given` as JSON, and every error. A required field may have its value already (`present`)."""
    values: dict[str, JSON] = {}
    errors: list[FieldError] = []
    for name, raw in given.items():
        if name not in sop.fields and name != RESOLUTION and name not in required(step):
            errors.append(FieldError(name, _unknown(name, sop)))
            continue
        value, message = read_value(sop.fields.get(name), raw)
        if message:
            errors.append(FieldError(name, message))
        else:
            values[name] = value
    wrong = {error.field for error in errors}
    for name in required(step):
        value = values[name] if name in values else present.get(name)
        if name not in wrong and value in (None, "", [], {}):
            errors.append(FieldError(name, _("“%(label)s” is needed to complete this step.", label=_label(sop, name))))
    return values, tuple(errors)


def _unknown(name: str, sop: Sop) -> str:
    near = get_close_matches(name, [*sop.fields, RESOLUTION], 1)
    if near:
        return _("There is no field “%(name)s”. Did you mean “%(near)s”?", name=name, near=near[0])
    return _("There is no field “%(name)s” in this SOP.", name=name)


def _label(sop: Sop, name: str) -> str:
    field = sop.fields.get(name)
    if field is not None:
        return field.label.say(language())
    return _("Resolution") if name == RESOLUTION else name


def read_value(field: Field | None, raw: Any) -> tuple[JSON, str | None]:
    """One value as JSON, or the message that says what is wrong with it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None, None
    if field is None:
        return (raw, None) if isinstance(raw, str) else (stored(raw), None)
    label = field.label.say(language())
    if field.type in _TEXTS and not isinstance(raw, str):
        raw = str(raw)
    value = typed(field, raw.strip() if isinstance(raw, str) and field.type != "text" else raw)
    if value is None:
        return None, _wanted(field, label, raw)
    message = _outside(field, label, value)
    return (
        (None, message)
        if message
        else (stored(value) if not isinstance(raw, str) or field.type not in _TEXTS else value, None)
    )


def _wanted(field: Field, label: str, raw: Any) -> str:
    match field.type:
        case "int":
            return _("“%(label)s” must be a whole number such as 12, not “%(value)s”.", label=label, value=raw)
        case "number":
            return _("“%(label)s” must be a number such as 12.5, not “%(value)s”.", label=label, value=raw)
        case "money":
            return _("“%(label)s” must be an amount such as 250000, not “%(value)s”.", label=label, value=raw)
        case "date":
            return _("“%(label)s” must be a date such as 2026-12-25, not “%(value)s”.", label=label, value=raw)
        case "datetime":
            return _(
                "“%(label)s” must be a date and time such as 2026-12-25T09:00+07:00, not “%(value)s”.",
                label=label,
                value=raw,
            )
        case "duration":
            return _("“%(label)s” must be a duration such as PT2H, not “%(value)s”.", label=label, value=raw)
        case "boolean":
            return _("“%(label)s” must be yes or no, not “%(value)s”.", label=label, value=raw)
        case _:
            return _("“%(value)s” does not fit “%(label)s”.", label=label, value=raw)


def _outside(field: Field, label: str, value: Any) -> str | None:
    """Options, patterns, shapes and limits."""
    codes = [option.code for option in field.options]
    chosen = value if isinstance(value, list | tuple) else [value]
    if codes and (wrong := [one for one in chosen if one not in codes]):
        return _(
            "“%(value)s” is no option of “%(label)s”. Options: %(options)s.",
            value=wrong[0],
            label=label,
            options=", ".join(codes),
        )
    if field.type == "list" and not isinstance(value, list | tuple):
        return _("“%(label)s” must be a list.", label=label)
    if isinstance(value, str):
        shape = _SHAPES.get(field.type)
        if shape is not None and not shape.fullmatch(value):
            return _wrong_shape(field, label, value)
        if field.pattern and not _fits(field.pattern, value):
            return _(
                "“%(value)s” does not have the form that “%(label)s” needs: %(pattern)s.",
                value=value,
                label=label,
                pattern=field.pattern,
            )
    return _beyond(field, label, value)


def _wrong_shape(field: Field, label: str, value: str) -> str:
    if field.type == "email":
        return _(
            "“%(value)s” is no e-mail address; “%(label)s” needs one such as ana@example.com.", value=value, label=label
        )
    if field.type == "url":
        return _(
            "“%(value)s” is no web address; “%(label)s” needs one such as https://example.com.",
            value=value,
            label=label,
        )
    return _(
        "“%(value)s” is no telephone number; “%(label)s” needs one such as +62 21 555 0100.", value=value, label=label
    )


def _fits(pattern: str, value: str) -> bool:
    try:
        return bool(compiled(pattern).fullmatch(value))
    except PatternError:
        return True


def _beyond(field: Field, label: str, value: Any) -> str | None:
    """`min` and `max`: of a number, an amount, a date, a length of time, or of the number of characters or items."""
    least, most = _limit(field, field.min), _limit(field, field.max)
    size = len(value) if isinstance(value, str | list | tuple) else value.total if isinstance(value, Span) else value
    try:
        if least is not None and size < least:
            return _("“%(label)s” must be at least %(limit)s.", label=label, limit=field.min)
        if most is not None and size > most:
            return _("“%(label)s” must be at most %(limit)s.", label=label, limit=field.max)
    except (TypeError, ValueError):  # a limit of another kind than the field: the checker has warned its writer
        return None
    return None


def _limit(field: Field, limit: Any) -> Any:
    if limit is None or field.type in _TEXTS or field.type == "list":
        return limit
    value = typed(field, limit)
    return value.total if isinstance(value, Span) else value
