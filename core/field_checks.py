"""Small checks of what somebody wrote, each with the sentence that says what was expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.errors import FieldError
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Collection

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def must_be(value: Any, known: Collection[str], pointer: str, errors: list[FieldError]) -> None:
    """One of these words."""
    if value not in known:
        errors.append(
            FieldError(
                pointer,
                _("“%(value)s” is not possible here. Write one of: %(known)s.", value=value, known=", ".join(known)),
            )
        )


def text_of(value: Any, pointer: str, errors: list[FieldError], most: int = 200) -> str:
    """One line that is not empty."""
    text = " ".join(str(value or "").split())
    if not 0 < len(text) <= most:
        errors.append(FieldError(pointer, _("This must be a text of 1 to %(most)s characters.", most=most)))
    return text


def named(name: str, pointer: str, errors: list[FieldError]) -> None:
    """A name as rules and procedures use it."""
    if not NAME.fullmatch(name):
        errors.append(
            FieldError(
                pointer, _("“%(name)s” is no name: begin with a letter, go on with a–z, 0–9, - and _.", name=name)
            )
        )


def whole_number(value: Any, least: int, most: int, pointer: str, errors: list[FieldError]) -> None:
    """A whole number between two bounds."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        errors.append(
            FieldError(pointer, _("Write a whole number from %(least)s to %(most)s.", least=least, most=most))
        )
