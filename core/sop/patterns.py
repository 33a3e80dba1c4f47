"""Regular expressions whose time is linear in the text, whatever somebody writes: RE2."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]


class PatternError(ValueError):
    """A text that is no regular expression of RE2."""


@lru_cache(maxsize=512)
def compiled(source: str) -> Any:
    """The pattern, ready to `search` and `fullmatch`; raises PatternError."""
    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
