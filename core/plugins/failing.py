"""How a call that failed is said, in JSON: temporary, permanent, unknown, limit or broken. Nothing a plugin raises breaks it."""

from __future__ import annotations

import json

from core.plugins.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure, TimeLimit, Unsound


def failure(error: BaseException) -> str:
    """The answer for what was raised."""
    match error:
        case TemporaryFailure():
            wait = error.wait if isinstance(error.wait, int | float) else None
            return said("temporary", _words(error, named=False), wait=wait)
        case PermanentFailure() | Unsound():
            return said("permanent", _words(error, named=False))
        case OutcomeUnknown():
            return said("unknown", _words(error, named=False))
        case TimeLimit():
            return said("limit", _words(error, named=False))
    return said("broken", _words(error, named=True))


def _words(error: BaseException, *, named: bool) -> str:
    """The error's text, even when asking for it raises."""
    try:
        text = str(error)[:1000]
    except BaseException:  # noqa: BLE001 (a hostile __str__)
        text = ""
    name = type(error).__name__
    return f"{name}: {text}" if text and named else text or name


def said(how: str, detail: str, wait: float | None = None) -> str:
    """An answer that is no success."""
    return json.dumps({"failed": how, "detail": detail, "wait": wait})
