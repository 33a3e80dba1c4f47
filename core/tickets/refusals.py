"""What the procedure refuses, in the few errors that every command has."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import Conflict, FieldError, Forbidden, Invalid, Refused
from core.procedure import acting

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def as_refusal() -> Iterator[None]:
    """Turn a refusal of `core.procedure.acting` into the command's error of the same meaning."""
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
        raise Refused(refused.message) from refused
