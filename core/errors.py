"""What can go wrong with a command, as few errors with one meaning each. Their text is for the person who gave the command."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value. `pointer` is a JSON pointer into what was sent: `/customer/email`."""

    pointer: str
    message: str


class UpgradeError(Exception):
    """The database cannot be brought to the program's version; the text says why and what to do."""


class CommandError(Exception):
    """A command that was not carried out; nothing was changed."""


class NotFound(CommandError):
    """There is no such thing, or this person may not know of it."""


class Forbidden(CommandError):
    """This person may not do that."""


class Invalid(CommandError):
    """Values are wrong: every one of them, at once."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors


class Conflict(CommandError):
    """Somebody else was first, or the thing is no longer as it was when the person looked."""


class HeldBack(Conflict):
    """A reply was not sent because its writer has not seen message `newest_id`."""

    def __init__(self, message: str, newest_id: int) -> None:
        super().__init__(message)
        self.newest_id = newest_id


class Refused(CommandError):
    """The procedure (or the state of the ticket) does not allow it now; the text says why and what would."""
