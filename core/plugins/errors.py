"""The errors by which a plugin says how a call ended. Each has one meaning."""

from __future__ import annotations


class TemporaryFailure(Exception):
    """Surely nothing was done, and a later try may succeed. `wait`: seconds after which, when the other side said so."""

    def __init__(self, message: str = "", wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class PermanentFailure(Exception):
    """Surely nothing was done, and trying again is useless: the step's `on_error` is followed, or a person is asked."""


class OutcomeUnknown(Exception):
    """It may have been done or not. It is looked up (`Action.find`), or a person is asked; nobody repeats it blindly."""


class TimeLimit(Exception):
    """Raised inside a plugin whose call takes longer than its soft limit. Let it pass; at the hard limit the process is replaced."""


class Unsound(Exception):
    """The plugin cannot be used; the text says why and what to do. Raised by the checks when it is loaded, not by plugins."""
