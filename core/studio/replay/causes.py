"""Why can it not be known what a draft would have done? One code for each cause, and what it means in words."""

from __future__ import annotations

from dataclasses import dataclass

from core.texts import N_, _

CUSTOMER, DECISION, ACTION, CHILD = "customer", "decision", "action", "child"
OPEN, MERGED, SWITCHED, LED = "open", "merged", "switched", "led"
EARLIER, SIZE = "earlier", "size"
_WORDS = {
    CUSTOMER: N_("what the customer would have answered to something that was never sent to them"),
    DECISION: N_("what a person would have decided or typed in who was never asked"),
    ACTION: N_("what an action would have brought that was never run"),
    CHILD: N_("how another ticket or procedure would have ended that never began"),
    OPEN: N_("the ticket is still open: it has not come that far"),
    MERGED: N_("the ticket was merged into another one"),
    SWITCHED: N_("the ticket was switched to another procedure"),
    LED: N_("somebody led or resolved the ticket past its steps"),
    EARLIER: N_("a property was changed, and its value before that is not kept"),
    SIZE: N_("the ticket is too long to be played"),
}
CAUSES = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class Unknown:
    """From this moment on nobody can know: the cause, at which step of the draft ("": none), and what belongs to it."""

    cause: str
    at: int
    step: str = ""
    detail: str = ""


def cause_in_words(code: str) -> str:
    """The cause, as it stands after “cannot be known:”."""
    return _(_WORDS[code])
