"""Settings that hold several values in one line: `urgent = Highest; high = High`, and `support, help-desk`."""

from __future__ import annotations

import re


def pairs(text: str | None) -> dict[str, str]:
    """What stands before and behind each `=`; entries are parted by `;` or lines."""
    found = (entry.partition("=") for entry in re.split(r"[;\n]", text or ""))
    return {name.strip(): value.strip() for name, sign, value in found if sign and name.strip() and value.strip()}


def mapped(text: str | None, word: str) -> str | None:
    """What a word means, whatever its case; None when nobody said."""
    known = {name.casefold(): value for name, value in pairs(text).items()}
    return known.get(str(word).strip().casefold())


def listed(text: str | None) -> list[str]:
    """The words of a list that is parted by commas."""
    return [one.strip() for one in re.split(r"[,;\n]", text or "") if one.strip()]
