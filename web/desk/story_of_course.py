"""How the course of a procedure was changed: deviations, what leads decided, child tickets, steps that found somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from core.texts import N_
from web.desk.telling import Sentence, say, title

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.timeline import Happening
    from web.desk.telling import Teller

_DEVIATIONS = {
    "skipped": N_("%(who)s left the procedure: %(step)s was skipped"),
    "resolved_by_hand": N_("%(who)s left the procedure: resolved while steps were open"),
    "closed_by_hand": N_("%(who)s left the procedure: closed while steps were open"),
    "switched": N_("%(who)s left the procedure: switched to another one"),
    "moved": N_("%(who)s left the procedure: moved on to %(step)s"),
    "changed": N_("%(who)s left the procedure: changed by hand what a step of it decides"),
}
_LED = {
    "go_on": N_("%(who)s let the procedure go on"),
    "moved": N_("%(who)s moved the procedure to %(step)s"),
    "restarted": N_("%(who)s started the procedure again at %(step)s"),
}


def deviated(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    """Somebody did what the procedure did not foresee."""
    sentence = _DEVIATIONS.get(str(data.get("what")), N_("%(who)s left the procedure"))
    return Sentence("alert", say(sentence, who=teller.who(event), step=title(teller.step(data.get("step")))))


def _led(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    sentence = _LED.get(str(data.get("what")), N_("%(who)s decided how the procedure goes on"))
    return Sentence("bolt", say(sentence, who=teller.who(event), step=title(teller.step(data.get("to")))))


def _ticket(data: dict[str, Any]) -> Markup:
    return Markup('<a href="/tickets/{}">{}</a>').format(data.get("ticket"), data.get("ticket"))


def _child_opened(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    step = title(teller.step(data.get("step")))
    return Sentence("link", say(N_("%(step)s opened ticket %(other)s"), step=step, other=_ticket(data)))


def _child_ended(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    if data.get("failed"):
        step = title(teller.step(data.get("step")))
        return Sentence("alert", say(N_("%(step)s could not open its ticket"), step=step))
    return Sentence("link", say(N_("Ticket %(other)s, which was opened from here, has ended"), other=_ticket(data)))


def _step_moved(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    values = {"step": title(teller.step(data.get("step"))), "from": teller.person(data.get("from"))}
    return Sentence("baton", say(N_("%(step)s waits for somebody else: %(from)s has left"), **values))


SENTENCES: dict[str, Callable[[Teller, Happening, dict[str, Any]], Sentence]] = {
    "sop.deviated": deviated,
    "run.led": _led,
    "child.opened": _child_opened,
    "child.ended": _child_ended,
    "step.moved": _step_moved,
}
