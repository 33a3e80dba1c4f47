"""Sentences for what clocks do on a ticket's timeline: they warn, break, follow another promise; somebody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.texts import N_, _
from web import words
from web.desk.telling import Sentence, plain, say
from web.times import hours

if TYPE_CHECKING:
    from core.timeline import Happening
    from web.desk.telling import Teller


def _values(data: dict[str, Any]) -> dict[str, Any]:
    due = int(data.get("due_at") or 0)
    return {"metric": words.metric(str(data.get("metric", ""))), "time": plain(hours(due, due))}


def _reasons(data: dict[str, Any]) -> tuple[str, ...]:
    code = str(data.get("policy_code", ""))
    return (promise(code),) if code else ()


def promise(code: str) -> str:
    """What a code of policy and calendar (`3.2/5.1`) names."""
    policy, _slash, calendar = code.partition("/")
    number, _dot, version = policy.partition(".")
    hours_, _dot, hours_version = calendar.partition(".")
    if number == "0":
        said = _("The department's promise: a policy of %(minutes)s minutes of opening time", minutes=version)
    else:
        said = _("Policy %(id)s, version %(version)s", id=number, version=version)
    return f"{said}; {_('calendar %(id)s, version %(version)s', id=hours_, version=hours_version)}"


def warned(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """A promise is nearly due."""
    return Sentence(
        "clock-soon", say(N_("%(metric)s is nearly due (warned at %(time)s)"), **_values(data)), why=_reasons(data)
    )


def breached(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """A promise is broken; the second goal is said so."""
    text = N_("%(metric)s is late: it was due %(time)s")
    if data.get("tier") == 2:
        text = N_("%(metric)s has passed its second goal (%(time)s)")
    return Sentence("alert", say(text, **_values(data)), why=_reasons(data))


def policy(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """Another promise holds now: what held before, and what holds."""
    lines = [_("Now: %(promise)s", promise=promise(str(data.get("policy", ""))))]
    if data.get("from"):
        lines.insert(0, _("Before: %(promise)s", promise=promise(str(data["from"]))))
    return Sentence("clock", say(N_("Another promise holds for this ticket")), quiet=True, why=tuple(lines))


def noted(_teller: Teller, _event: Happening, _data: dict[str, Any]) -> Sentence:
    """The clocks were told how the ticket stands."""
    return Sentence("clock", say(N_("The clocks were told how the ticket stands")), quiet=True)


def watching(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """Colleagues watch the ticket from now on."""
    names = ", ".join(teller.person(one) for one in data.get("people", []))
    return Sentence("people", say(N_("%(names)s watches this ticket"), names=names))
