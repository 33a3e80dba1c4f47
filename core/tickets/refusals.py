"""What the procedure refuses, in the few errors that every command has."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import Conflict, FieldError, Forbidden, Invalid, Refused
from core.procedure import acting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def as_refusal(open_now: Callable[[], str] | None = None) -> Iterator[None]:
    """Turn a refusal of `core.procedure.acting` into the command's error of the same meaning.

    `open_now` says which steps are open: what a strict SOP refuses is followed by what it waits for.
    """
    try:
        yield
    except acting.NotOpen as late:
        raise Conflict(late.message) from late
    except acting.Invalid as wrong:
        raise Invalid(*(FieldError(f"/fields/{error.field}", error.message) for error in wrong.errors)) from wrong
    except acting.Refused as refused:
        if refused.code in {"excluded", "not_asked"}:
            raise Forbidden(refused.message) from refused
        if refused.code in {"choice", "reason"}:
            raise Invalid(FieldError("/" + refused.code, refused.message)) from refused
        waits = open_now() if open_now and refused.code == "strict" else ""
        raise Refused(f"{refused.message} {waits}".strip()) from refused
