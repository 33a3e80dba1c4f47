"""Inputs of the outline's forms: each knows what stands in the document, how it is shown, and what a person's answer makes of it.

An answer that equals what was shown changes nothing, so a form may send everything and the text keeps its comments and its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from core.sop.document import Duration, Text
from core.sop.drawing_words import due as spoken_due
from core.studio.conditions import Test, expression_of, rows_of
from core.texts import _, language

if TYPE_CHECKING:
    from core.sop.document import Due, Sop, Who

Answers: TypeAlias = Mapping[str, Sequence[str]]
Path: TypeAlias = tuple[str | int, ...]
Options: TypeAlias = Sequence[tuple[str, str]]
UNITS = ("PTM", "PTH", "PD", "PW", "business PTH", "business PD")


class WrongAnswer(ValueError):
    """An answer that cannot be written down; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `shown` are the values as a form would send them back; `read` makes of other ones what is written (None: the key is taken out).

    kinds: text, area, select, check, checks, time, condition, and fixed (shown, and changed in the text).
    """

    name: str
    label: str
    kind: str
    path: Path
    shown: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Any]
    options: Options = ()
    hint: str = ""
    more: bool = False  # stands among the details that are folded away

    @property
    def value(self) -> str:
        """The one value of an input that has one."""
        return self.shown[0] if self.shown else ""

    @property
    def tests(self) -> list[Test]:
        """The rows of a condition, with an empty one to go on."""
        rows = [Test(*self.shown[n : n + 3]) for n in range(0, len(self.shown), 3)] if self.shown[:1] != ("=",) else []
        return [*rows, Test()]

    @property
    def expression(self) -> str:
        """A condition that is more than rows."""
        return self.shown[1] if self.shown[:1] == ("=",) else ""

    def answer(self, given: Answers) -> tuple[str, ...] | None:
        """What was sent for this input; None: nothing was."""
        if self.kind == "fixed":
            return None
        if self.kind == "condition":
            return self._rows(given)
        if self.kind == "time":
            number = given.get(self.name)
            return None if number is None else (number[0].strip(), (given.get(f"{self.name}.unit") or [""])[0])
        if f"{self.name}.sent" in given:  # boxes that are not ticked send nothing
            return tuple(given.get(self.name, ()))
        sent = given.get(self.name)
        return None if sent is None else tuple(value.replace("\r\n", "\n").strip() for value in sent)

    def _rows(self, given: Answers) -> tuple[str, ...] | None:
        if f"{self.name}.raw" in given:
            raw = given[f"{self.name}.raw"][0].strip()
            return ("=", raw) if raw else ()
        whats = given.get(f"{self.name}.what")
        if whats is None:
            return None
        ops, values = given.get(f"{self.name}.op", ()), given.get(f"{self.name}.value", ())
        rows = [row for row in zip(whats, ops, values, strict=False) if row[0]]
        return tuple(part.strip() for row in rows for part in row)


# ---- kinds of inputs ---------------------------------------------------------------------------------------------------


def text_path(path: Path, text: Text | None) -> Path:
    """Where the text in the reader's language stands: a text by language has a key for each."""
    if text is None or all(code == "" for code, _words in text.by):
        return path
    codes = [code for code, _words in text.by]
    return (*path, language() if language() in codes else codes[0])


def words(
    name: str, label: str, path: Path, text: Text | None, *, long: bool = False, hint: str = "", more: bool = False
) -> Input:
    """A text for people, in the language in which the page is read."""
    shown = text.say(language()).strip() if text is not None else ""
    where = text_path(path, text)
    return Input(
        name, label, "area" if long else "text", where, (shown,), lambda given: given[0] or None, hint=hint, more=more
    )


def plain(
    name: str, label: str, path: Path, value: Any, *, hint: str = "", more: bool = False, options: Options = ()
) -> Input:
    """A text of one line; `options` are offered while typing."""
    shown = "" if value is None else str(value)
    return Input(name, label, "text", path, (shown,), lambda given: given[0] or None, options, hint, more)


def choose(
    name: str, label: str, path: Path, value: str, options: Options, *, hint: str = "", more: bool = False
) -> Input:
    """One of several; the value "" takes the key out. What the document says and the list has not is offered, too."""
    known = list(options)
    if value not in dict(known):
        known.append((value, value))

    def read(given: tuple[str, ...]) -> Any:
        return int(given[0]) if given[0].isdecimal() else given[0] or None

    return Input(name, label, "select", path, (value,), read, known, hint, more)


def people(
    name: str, label: str, path: Path, who: Who, options: Options, *, default: str = "", more: bool = False
) -> Input:
    """Who: one of the list, or what the document says."""
    shown = ", ".join(who)

    def read(given: tuple[str, ...]) -> Any:
        names = [one.strip() for one in given[0].split(",") if one.strip()]
        if not names or names == [default]:
            return None
        return names[0] if len(names) == 1 else names

    known = list(options)
    if shown not in dict(known):
        known.append((shown, shown))
    return Input(name, label, "select", path, (shown,), read, known, more=more)


def tick(name: str, label: str, path: Path, *, value: bool, hint: str = "", more: bool = False) -> Input:
    """Yes or no."""
    return Input(
        name,
        label,
        "check",
        path,
        ("yes",) if value else (),
        lambda given: True if given else None,
        hint=hint,
        more=more,
    )


def ticks(name: str, label: str, path: Path, values: Sequence[str], options: Options, *, empty: Any = None) -> Input:
    """Several of several. `empty` is what is written when none is chosen (None takes the key out)."""
    known = [*options, *((value, value) for value in values if value not in dict(options))]
    return Input(name, label, "checks", path, tuple(values), lambda given: list(given) or empty, known)


def lines(
    name: str,
    label: str,
    path: Path,
    values: Sequence[str],
    read: Callable[[list[str]], Any],
    *,
    hint: str = "",
    more: bool = False,
) -> Input:
    """Several texts, one a line."""

    def read_all(given: tuple[str, ...]) -> Any:
        return read([line.strip() for line in given[0].split("\n") if line.strip()])

    return Input(name, label, "area", path, ("\n".join(values),), read_all, hint=hint, more=more)


def condition(
    name: str, label: str, path: Path, expression: str | None, sop: Sop, options: Options, *, more: bool = False
) -> Input:
    """A condition: rows, or an expression when it is more than that."""
    rows = rows_of(expression)
    shown = (
        ("=", expression or "")
        if rows is None
        else tuple(part for row in rows for part in (row.what, row.op, row.value))
    )

    def read(given: tuple[str, ...]) -> Any:
        if given[:1] == ("=",):
            return given[1] or None
        found = [Test(*given[n : n + 3]) for n in range(0, len(given), 3)]
        return expression_of(found, sop) or None

    return Input(name, label, "condition", path, shown, read, options, more=more)


def time(
    name: str, label: str, path: Path, value: Duration | Due | None, *, hint: str = "", more: bool = False
) -> Input:
    """A length of time: a number and its unit. One that counts from another moment is shown, and changed in the text."""
    if value is not None and not isinstance(value, Duration) and value.start is not None:
        return Input(name, label, "fixed", path, (spoken_due(value),), lambda _given: None, more=more)
    after = value if isinstance(value, Duration) or value is None else value.after
    shown = ("", "business PTH") if after is None else _number_and_unit(after)
    return Input(name, label, "time", path, shown, duration_of, unit_words(), hint, more)


def _number_and_unit(after: Duration) -> tuple[str, str]:
    prefix = "business " if after.business else ""
    known = {
        "PTM": after.seconds // 60 if after.seconds % 3600 and not after.seconds % 60 else 0,
        "PTH": after.seconds // 3600 if not after.seconds % 3600 else 0,
        "PD": after.days,
        "PW": after.weeks,
    }
    filled = [(unit, n) for unit, n in known.items() if n]
    parts = sum(bool(part) for part in (after.months, after.weeks, after.days, after.seconds))
    if len(filled) == 1 and parts == 1:
        return str(filled[0][1]), f"{prefix}{filled[0][0]}"
    return after.source, f"{prefix}as written"


def duration_of(given: tuple[str, ...]) -> Any:
    """What is written for a number and its unit."""
    number, unit = given[0], given[1] if len(given) > 1 else "PTH"
    if not number:
        return None
    business, _blank, form = unit.rpartition(" ")
    if unit.endswith("as written"):
        business, form = ("business", "") if unit.startswith("business") else ("", "")
        written = number
    else:
        if not re.fullmatch(r"[1-9][0-9]{0,4}", number):
            raise WrongAnswer(_("“%(value)s” is no length of time. Write a whole number such as 2.", value=number))
        written = f"{form[:-1]}{number}{form[-1]}"
    return {"business": written} if business else written


def unit_words() -> list[tuple[str, str]]:
    """The units as people say them."""
    return [
        ("business PTH", _("working hours")),
        ("business PD", _("working days")),
        ("PTM", _("minutes")),
        ("PTH", _("hours")),
        ("PD", _("days")),
        ("PW", _("weeks")),
    ]
