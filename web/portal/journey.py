"""The way of a request in the customer's words: only the steps that are meant for them, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.sop.document import Task, Wait
from core.texts import N_, _, language
from core.tickets.relay import in_order, legs
from core.tickets.ways import find_step
from web.desk.stepform import step_form
from web.portal.moments import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from core.sop.document import Sop, Step
    from core.tickets.relay import Leg, StepRow
    from core.tickets.request_page import Request
    from web.desk.stepform import StepForm

_WORKING = N_("We are working on it")
_FOR_CUSTOMERS = {
    "assign": N_("Somebody takes care of your request"),
    "notify": N_("We write to you"),
    "approval": N_("We get an approval"),
    "collaborate": N_("We ask our colleagues"),
    "resolve": N_("Solved"),
    "survey": N_("Your rating"),
}
_SEEN_AS = {"done": "done", "now": "now", "wait": "now", "late": "now", "failed": "now", "next": "next"}


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop on the way. `state`: done, now, next."""

    state: str
    title: str
    when: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that the customer is asked to do or say."""

    step_id: int
    title: str
    text: str
    form: StepForm
    due_at: int | None


def journey(sop: Sop | None, visits: Sequence[StepRow], request: Request, now: int) -> list[Stop]:
    """The stops of the way; for a procedure that shows customers nothing, the three that every request has."""
    shown = [leg for leg in in_order(legs(sop, visits, now)) if _for_customer(leg.step)] if sop else []
    stops = [stop for leg in shown if (stop := _stop(leg)) is not None]
    return _one_now(stops, request) if stops else _plain(request)


def _for_customer(step: Step) -> bool:
    return step.customer_label is not None or not step.internal


def _stop(leg: Leg) -> Stop | None:
    """A stop without alarm: what is late or has failed inside is simply where we are now; what was skipped is left out."""
    state = _SEEN_AS.get(leg.state)
    if state is None:
        return None
    return Stop(state, _customer_title(leg.step), _when(leg, state))


def _customer_title(step: Step) -> str:
    """What a step is called for a customer: what was written for them, a task by its words, else what it means to them."""
    if step.customer_label is not None or isinstance(step.what, Task):
        return (step.customer_label or step.title).say(language())
    if isinstance(step.what, Wait) and step.what.event == "customer.replied":
        return _("Waiting for your answer")
    return _(_FOR_CUSTOMERS.get(step.kind, _WORKING))


def _when(leg: Leg, state: str) -> str:
    visit = leg.visit
    if state == "done" and visit is not None and visit.ended_at is not None:
        return in_words(visit.ended_at)
    if state == "now" and visit is not None:
        return _("now, since %(time)s", time=in_words(visit.opened_at))
    return ""


def _one_now(stops: list[Stop], request: Request) -> list[Stop]:
    """A request that is over has no open stop."""
    if request.status in {"resolved", "closed"}:
        return [
            replace(stop, state="done", when="") if stop.state == "now" else stop
            for stop in stops
            if stop.state != "next"
        ]
    return stops


def _plain(request: Request) -> list[Stop]:
    over = request.status in {"resolved", "closed"}
    ended = in_words(request.resolved_at) if request.resolved_at else ""
    return [
        Stop("done", _("We have received it"), in_words(request.created_at)),
        Stop("done" if over else "now", _("We are working on it"), ""),
        Stop("done" if over else "next", _("Solved"), ended if over else ""),
    ]


def asked(sop: Sop | None, visits: Sequence[StepRow], typed: Mapping[int, Mapping[str, Any]]) -> list[Asked]:
    """The open tasks of the customer with their forms. What colleagues typed into them or know already is not shown."""
    found = []
    for visit in visits:
        step = find_step(sop, visit.name) if sop and visit.state == "open" else None
        if sop is None or step is None or not asks_customer(step, visit):
            continue
        form = step_form(sop, replace(step, note=None), replace(visit, draft=None), {}, typed.get(visit.id))
        if form is not None:
            title = _customer_title(step)
            found.append(Asked(visit.id, title, _what_to_do(step, title), form, visit.due_at))
    return found


def _what_to_do(step: Step, title: str) -> str:
    """The text of the task, when it says more than its heading."""
    text = step.what.text.say(language()) if isinstance(step.what, Task) else ""
    return "" if text == title else text


def asks_customer(step: Step, visit: StepRow) -> bool:
    """Is this a task that waits for the customer?"""
    return isinstance(step.what, Task) and any(kind == "customer" for kind, _name in visit.assignees)


def promise(request: Request, stops: Sequence[Stop], estimate: str, now: int) -> tuple[str, str, str]:
    """(heading, the sentence that matters, what is going on now) of the strip at the top."""
    current = next((stop.title for stop in stops if stop.state == "now"), "")
    going_on = _("Now: %(step)s.", step=current) if current else ""
    if request.status in {"resolved", "closed"}:
        return _("Solved"), _("We consider your request solved"), ""
    if request.status == "pending_customer":
        return _("Your turn"), _("We are waiting for your answer"), going_on
    if request.first_response_at is None and request.promised_at is not None:
        until = in_words(request.promised_at)
        if request.promised_at > now:
            return _("Our promise"), _("You will hear from us by %(time)s", time=until), going_on
        text = _("You should have heard from us by %(time)s. We are sorry; your request is with us.", time=until)
        return _("Our promise"), text, going_on
    return (
        _("Where it stands"),
        current or _("We are working on it"),
        estimate if request.first_response_at is None else "",
    )
