"""Inputs of the outline's forms: each knows what stands in the document, how it is shown, and what a person's answer makes of it.

An answer that equals what was shown changes nothing, so a form may send everything and the text keeps its comments and its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from core.sop.document import Due, Duration
from core.sop.drawing_words import due as spoken_due
from core.studio.conditions import Test, expression_of, rows_of
from core.texts import _

if TYPE_CHECKING:
    from core.sop.document import Sop, Who

Answers: TypeAlias = Mapping[str, Sequence[str]]
Path: TypeAlias = tuple[str | int, ...]
Options: TypeAlias = Sequence[tuple[str, str]]
UNITS = ("PTM", "PTH", "PD", "PW", "business PTM", "business PTH", "business PD")


class WrongAnswer(ValueError):
    """An answer that cannot be written down; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `shown` are the values as a form would send them back; `read` makes of other ones what is written (None: the key is taken out).

    kinds: text, area, select, check, checks, people, time, condition, and fixed (shown, and changed in the text). A text or area that shows two
    values has a box for each of the product's languages.
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
    froms: Options = ()  # of a length of time: the moments that it may count from

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
            if number is None:
                return None
            unit = (given.get(f"{self.name}.unit") or [""])[0]
            start = (given.get(f"{self.name}.from") or self.shown[2:])[:1] if self.froms else ()
            return (number[0].strip(), unit, *start)
        if f"{self.name}.sent" in given:  # boxes that are not ticked send nothing
            return tuple(given.get(self.name, ()))
        sent = given.get(self.name)
        if sent is None:
            return None
        values = tuple(_trimmed(value, lines=self.kind == "area") for value in sent)
        if self.kind == "people":
            return tuple(value for value in values if value)
        return values + self.shown[len(values) :] if self.kind in ("text", "area") else values

    def _rows(self, given: Answers) -> tuple[str, ...] | None:
        if f"{self.name}.raw" in given:
            raw = given[f"{self.name}.raw"][0].strip()
            return ("=", raw) if raw else ()
        whats = given.get(f"{self.name}.what")
        if whats is None:
            return None
        ops, values = given.get(f"{self.name}.op", ()), given.get(f"{self.name}.value", ())
        rows = [row for row in zip(whats, ops, values, strict=False) if row[0]]
        if rows and rows[0][0] == "=":  # an expression of its author's own
            return ("=", rows[0][2].strip()) if rows[0][2].strip() else ()
        return tuple(part.strip() for row in rows for part in row)


def _trimmed(value: str, *, lines: bool) -> str:
    """Without what nobody sees around it; lines stay where they are, because those of two languages stand side by side."""
    value = value.replace("\r\n", "\n").rstrip()
    return value.lstrip(" \t") if lines else value.lstrip()


# ---- kinds of inputs ---------------------------------------------------------------------------------------------------


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
    """Who: one or several of the list, or what the document says."""

    def read(given: tuple[str, ...]) -> Any:
        names = list(dict.fromkeys(given))
        if not names or names == [default]:
            return None
        return names[0] if len(names) == 1 else names

    known = [*options, *((one, one) for one in who if one not in dict(options))]
    return Input(name, label, "people", path, tuple(who), read, known, more=more)


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
    name: str,
    label: str,
    path: Path,
    value: Duration | Due | None,
    *,
    hint: str = "",
    more: bool = False,
    froms: Options = (),
) -> Input:
    """A length of time: a number and its unit, and, if it may count from several moments, which one."""
    start = None if value is None or isinstance(value, Duration) else value.start
    if start is not None and isinstance(value, Due) and not froms:
        return Input(name, label, "fixed", path, (spoken_due(value),), lambda _given: None, more=more)
    after = value if isinstance(value, Duration) or value is None else value.after
    shown: tuple[str, ...] = ("", "business PTH") if after is None else _number_and_unit(after)
    moment = f"${{{start}}}" if start else ""
    if froms:
        shown = (*shown, moment)
        froms = froms if moment in dict(froms) else [*froms, (moment, start or "")]
    return Input(name, label, "time", path, shown, duration_of, unit_words(), hint, more, froms)


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
    found: Any = {"business": written} if business else written
    if len(given) > 2 and given[2]:
        found = {**(found if business else {"after": found}), "from": given[2]}
    return found


def unit_words() -> list[tuple[str, str]]:
    """The units as people say them."""
    return [
        ("business PTM", _("working minutes")),
        ("business PTH", _("working hours")),
        ("business PD", _("working days")),
        ("PTM", _("minutes")),
        ("PTH", _("hours")),
        ("PD", _("days")),
        ("PW", _("weeks")),
    ]
