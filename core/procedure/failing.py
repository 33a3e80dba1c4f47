"""A step that could not be done: routed by `on_error`, or a person is asked what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure.values import JSON, State

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit


def fail(walk: Running, here: Here, visit: Visit, error: JSON) -> Visit:
    """End the visit as failed when the document says where to go, else ask. An unknown outcome always asks: nobody may guess.

    The person who is asked answers with `acting.decide_error`: try again, done by hand, skip or end.
    """
    step, record = here.step, walk.record
    unknown = isinstance(error, dict) and error.get("code") == "unknown"
    routed = (step.on_error.then if step.on_error else None) or step.on.get("error")
    if routed and not unknown:
        return record.end(visit, State.FAILED, "error", by="effect", why={"error": error})
    if not visit.marks.get("asked"):
        asked = step.on_error.ask if step.on_error and step.on_error.ask else ("lead",)
        visit = record.mark(visit, asked=True, error=error)
        record.give(visit, walk.resolve(here.frame, asked))
    return record.rows[visit.path]
