"""Where does the flow go from a step? The words of `then`, and the one way out of a visit that has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.values import State

if TYPE_CHECKING:
    from core.procedure.values import Visit
    from core.sop.document import Step

CONTINUE = "continue"
EXIT = "exit"
END = "end"
WAITING = ""  # no way: the flow stands here


def leave(step: Step, visit: Visit) -> str:
    """The way out of an ended visit: a word above, or the name of a step. The same now and whenever it is passed again.

    A person's or an event's redirection (`to`) comes first, then a way that was taken inside (`way`: a case's `then`, a jump out of a
    phase), then `timeout.then`, `on_error`, `on`, `then` and the next step.
    """
    redirected = visit.marks.get("to") or visit.marks.get("way")
    if redirected:
        return str(redirected)
    if visit.visit == 0:  # passed over: its `if` was false, so its `then` is not followed
        return CONTINUE
    if step.kind == "end":
        return END
    if visit.state is State.EXPIRED and step.timeout:
        return step.timeout.then
    if visit.outcome == "error" and step.on_error and step.on_error.then:
        return step.on_error.then
    return step.on.get(visit.outcome or "") or step.then or CONTINUE
