"""What people and effects do to an open step: each answers with the changed row, or refuses with a sentence for people.

These run before the walk, both in the database's commands and in the simulator: change the row with one conditional update, then walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.procedure.answers import FieldError, check_answers
from core.procedure.values import JSON, State, Visit
from core.sop.document import Call, Document, Task
from core.texts import _, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.sop.document import Sop, Step

_HUMAN = frozenset(("task", "resolve", "document"))


class Refused(Exception):
    """This cannot be done; the text says why and what can be done. `code` is for programs."""

    def __init__(self, code: str, message: str, visit: Visit | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.visit = visit


class NotOpen(Refused):
    """Somebody or something was faster: `visit` says how it ended and by whom."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(
            "not_open",
            _("Step “%(step)s” is no longer open: it is %(state)s.", step=visit.name, state=state_in_words(visit)),
            visit,
        )


class Invalid(Refused):
    """The values do not fit; `errors` has one sentence for each field."""

    def __init__(self, visit: Visit, errors: tuple[FieldError, ...]) -> None:
        super().__init__("invalid", " ".join(error.message for error in errors), visit)
        self.errors = errors


def state_in_words(visit: Visit) -> str:
    """How a visit stands, for people."""
    match visit.state:
        case State.DONE:
            return _("done")
        case State.SKIPPED:
            return _("skipped")
        case State.EXPIRED:
            return _("timed out")
        case State.CANCELLED:
            return _("cancelled")
        case State.FAILED:
            return _("failed")
        case _:
            return _("open")


def _opened(visit: Visit, kinds: Iterable[str]) -> Visit:
    """A copy to change, if the visit is open, of one of these kinds, and not waiting for a decision about a failure."""
    if not visit.open:
        raise NotOpen(visit)
    if visit.kind not in kinds:
        raise Refused(
            "kind",
            _("Step “%(step)s” cannot be done this way: it is a %(kind)s.", step=visit.name, kind=visit.kind),
            visit,
        )
    return visit.copy()


def _closed(visit: Visit, state: State, outcome: str, by: str, at: int, result: JSON = None) -> Visit:
    visit.state, visit.outcome, visit.ended_by, visit.ended_at = state, outcome, by, at
    visit.awaits, visit.effect = (), False
    visit.result = result if result is not None else visit.result
    return visit


# ---- tasks ---------------------------------------------------------------------------------------------------------------


def complete(visit: Visit, step: Step, outcome: str | None, result: JSON, by: str, at: int) -> Visit:
    """A task or `resolve` is completed; `outcome` is the choice, where there are choices. Check its fields with `check` first."""
    mine = _opened(visit, ("task", "resolve"))
    choices = step.what.choices if isinstance(step.what, Task) else ()
    codes = [choice.code for choice in choices]
    if outcome in (None, "completed") and not codes:
        return _closed(mine, State.DONE, "completed", by, at, result)
    if outcome not in codes:
        offered = ", ".join(f"{choice.code} ({choice.label.say(language())})" for choice in choices)
        if not codes:
            raise Refused(
                "choice", _("Step “%(step)s” has no choices; complete it without one.", step=visit.name), visit
            )
        if outcome is None:
            raise Refused(
                "choice", _("Choose how step “%(step)s” ended: %(choices)s.", step=visit.name, choices=offered), visit
            )
        raise Refused(
            "choice",
            _(
                "“%(choice)s” is no choice of step “%(step)s”: %(choices)s.",
                choice=outcome,
                step=visit.name,
                choices=offered,
            ),
            visit,
        )
    return _closed(mine, State.DONE, str(outcome), by, at, result)


def check(sop: Sop, visit: Visit, step: Step, given: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, JSON]:
    """The typed field values of a completion as JSON; raises Invalid with every error."""
    values, errors = check_answers(sop, step, given, present)
    if errors:
        raise Invalid(visit, errors)
    return values


def skip(visit: Visit, step: Step, mode: str, reason: str | None, by: str, at: int) -> tuple[Visit, bool]:
    """An open step is skipped. The second answer: it is a deviation (not foreseen by `skippable`). Who may is the caller's question."""
    mine = _opened(visit, ("task", "resolve", "document", "approval", "collaborate", "wait", "call", "notify"))
    foreseen = step.skippable is not None
    if not foreseen and mode == "strict":
        raise Refused("strict", _("Step “%(step)s” cannot be skipped: its SOP is strict.", step=visit.name), visit)
    if foreseen and step.skippable and step.skippable.reason and not (reason or "").strip():
        raise Refused("reason", _("Give a reason for skipping step “%(step)s”.", step=visit.name), visit)
    return _closed(mine, State.SKIPPED, "skipped", by, at), not foreseen


def decide_document(visit: Visit, step: Step, outcome: str, by: str, at: int, result: JSON = None) -> Visit:
    """The draft of a `document` step is accepted or declined; what is required cannot be declined."""
    mine = _opened(visit, ("document",))
    what = step.what
    assert isinstance(what, Document)
    if outcome == "declined" and "require" in (what.article, what.sop):
        raise Refused(
            "required", _("Step “%(step)s” requires its document; it cannot be declined.", step=visit.name), visit
        )
    return _closed(mine, State.DONE, outcome, by, at, result)


# ---- votes and answers ---------------------------------------------------------------------------------------------------


def vote(visit: Visit, choice: str, by: str, members: Iterable[str] | None) -> Visit:
    """One vote, `approve` or `reject`; the newest of a person counts. `members`: everybody who may vote; None: nobody can know."""
    mine = _opened(visit, ("approval",))
    if choice not in ("approve", "reject"):
        raise Refused("choice", _("A vote is approve or reject, not “%(choice)s”.", choice=choice), visit)
    if by in visit.marks.get("excluded", ()):
        raise Refused(
            "excluded", _("You cannot vote on step “%(step)s”: your own work is decided there.", step=visit.name), visit
        )
    _among(visit, by, members)
    votes = {person: earlier for person, earlier in visit.marks.get("votes", {}).items() if person != by}
    mine.marks["votes"] = {**votes, by: choice}
    return mine


def answer(visit: Visit, by: str, members: Iterable[str] | None, reference: JSON = None) -> Visit:
    """One answer to a `collaborate`; `reference` is the id of the comment that holds it."""
    mine = _opened(visit, ("collaborate",))
    _among(visit, by, members)
    answers = {person: earlier for person, earlier in visit.marks.get("answers", {}).items() if person != by}
    mine.marks["answers"] = {**answers, by: reference if reference is not None else True}
    return mine


def _among(visit: Visit, by: str, members: Iterable[str] | None) -> None:
    if members is not None and by not in set(members):
        raise Refused("not_asked", _("Step “%(step)s” does not ask you.", step=visit.name), visit)


# ---- effects -------------------------------------------------------------------------------------------------------------


def finish_effect(visit: Visit, step: Step, state: str, result: JSON, at: int) -> Visit:
    """The effect of a step is over: `done`, `error` (after its retries) or `unknown`. The walk decides what follows."""
    mine = _opened(visit, ("call", "notify"))
    mine.effect = False
    if state != "done":
        mine.marks["error"] = {"code": "unknown"} if state == "unknown" else {"code": "error", "detail": result}
        return mine
    if mine.marks.pop("error", None) is not None:  # it was unknown, and turned out well after all
        mine.marks.pop("asked", None)
        mine.assignees = ()
    if isinstance(step.what, Call) and step.what.until:
        mine.result, mine.awaits = result, ("linked",)
        return mine
    return _closed(mine, State.DONE, "done", "effect", at, result)


def linked(visit: Visit, result: Mapping[str, JSON]) -> Visit:
    """The outside thing a `call … until` waits for has changed; new values are laid over the old."""
    mine = _opened(visit, ("call",))
    mine.result = {**(visit.result if isinstance(visit.result, dict) else {}), **result}
    return mine


def child_ended(visit: Visit, outcome: str, result: JSON, at: int) -> Visit:
    """The child ticket or sub-SOP of a `run` has ended."""
    mine = _opened(visit, ("run",))
    return _closed(mine, State.DONE, outcome, "event", at, result)


def decide_error(visit: Visit, choice: str, by: str, at: int, result: JSON = None) -> Visit:
    """Somebody was asked what to do about a failure: `retry`, `by_hand` (the result is typed in), `skip` or `end`."""
    if not visit.open:
        raise NotOpen(visit)
    if not visit.marks.get("asked"):
        raise Refused("not_asked", _("Step “%(step)s” has not failed.", step=visit.name), visit)
    mine = visit.copy()
    mine.marks.pop("asked")
    error = mine.marks.pop("error", None)
    match choice:
        case "retry":
            mine.marks["tries"] = int(mine.marks.get("tries", 1)) + 1
            mine.effect = mine.kind in ("call", "notify")
            mine.assignees = ()
            return mine
        case "by_hand":
            outcome = {"run": "completed", "assign": "assigned"}.get(mine.kind, "done")
            return _closed(mine, State.DONE, outcome, by, at, result)
        case "skip":
            return _closed(mine, State.SKIPPED, "skipped", by, at)
        case "end":
            mine.marks |= {"to": "end", "ends": "error"}
            mine.why = {"error": error}
            return _closed(mine, State.FAILED, "error", by, at)
    raise Refused("choice", _("Choose retry, by_hand, skip or end, not “%(choice)s”.", choice=choice), visit)
