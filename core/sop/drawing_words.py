"""Words of a procedure in the reader's language, without its notation: outcomes, events, durations, people, values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.sop.durations import DurationError, parse_duration
from core.sop.shapes import humanised
from core.texts import N_, _, language, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.sop.document import Due, Duration, Text, Who

OUTCOMES = {
    "approve": N_("approved"),
    "reject": N_("rejected"),
    "completed": N_("completed"),
    "skipped": N_("skipped"),
    "answered": N_("answered"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "assigned": N_("assigned"),
    "done": N_("done"),
    "error": N_("error"),
    "timeout": N_("too late"),
    "cancelled": N_("cancelled"),
    "event": N_("it happened"),
    "time": N_("the time has come"),
    "condition": N_("the condition holds"),
    "branch": N_("a branch"),
    "else": N_("otherwise"),
    "none": N_("none fits"),
    "left": N_("left early"),
    "joined": N_("joined"),
    "resolved": N_("resolved"),
}
_PEOPLE = {
    "customer": N_("customer"),
    "requester": N_("requester"),
    "assignee": N_("assignee"),
    "lead": N_("team lead"),
    "manager": N_("manager"),
    "watchers": N_("watchers"),
}
EVENTS = {
    "ticket.opened": N_("the ticket is opened"),
    "customer.replied": N_("the customer replies"),
    "customer.rated": N_("the customer rates"),
    "customer.withdrew": N_("the customer withdraws"),
    "message.sent": N_("a message is sent"),
    "ticket.assigned": N_("the ticket is assigned"),
    "ticket.changed": N_("the ticket is changed"),
    "ticket.merged": N_("another ticket is merged into it"),
    "ticket.resolved": N_("the ticket is resolved"),
    "ticket.reopened": N_("the ticket is reopened"),
    "ticket.closed": N_("the ticket is closed"),
    "step.opened": N_("a step opens"),
    "step.done": N_("a step is done"),
    "task.completed": N_("a task is completed"),
    "clock.warned": N_("a promise is nearly due"),
    "clock.breached": N_("a promise is broken"),
    "article.published": N_("an article is published"),
}
_SCOPES = re.compile(
    r"\b(fields|vars|ticket|customer|steps|team|role|agent|skill|department)[.:](?=\w)|[\"'\[\]]|\$\{|\}|\.outcome\b"
)
_TIMES = re.compile(r"duration\((\w+)\)|\b(P\d\w*|PT\d\w*)\b")
_OPERATORS = re.compile(r"&&|\|\||[=!<>]=|\bin\b(?= \w+,)|!(?=[\w(])")
_NAME = re.compile(r"[a-z]\w*(\.\w+)*")
_LONG_NUMBER = re.compile(r"\b\d{5,}\b")


def say(text: Text | None) -> str:
    """A text for people in the language in force."""
    return text.say(language()).strip() if text is not None else ""


def outcome(code: str) -> str:
    """An outcome as people say it; a choice's own code is made readable."""
    return _(OUTCOMES[code]) if code in OUTCOMES else humanised(code)


def event(name: str) -> str:
    """An event of the timeline as people say it."""
    return _(EVENTS[name]) if name in EVENTS else name


def _counts() -> tuple[tuple[str, Callable[[int], str], Callable[[int], str]], ...]:
    return (
        ("months", lambda n: ngettext("%(n)s month", "%(n)s months", n), lambda n: ngettext("%(n)s month", "%(n)s months", n)),
        ("weeks", lambda n: ngettext("%(n)s week", "%(n)s weeks", n), lambda n: ngettext("%(n)s week", "%(n)s weeks", n)),
        ("days", lambda n: ngettext("%(n)s day", "%(n)s days", n), lambda n: ngettext("%(n)s working day", "%(n)s working days", n)),
        ("hours", lambda n: ngettext("%(n)s hour", "%(n)s hours", n), lambda n: ngettext("%(n)s working hour", "%(n)s working hours", n)),
        ("minutes", lambda n: ngettext("%(n)s minute", "%(n)s minutes", n), lambda n: ngettext("%(n)s working minute", "%(n)s working minutes", n)),
        ("seconds", lambda n: ngettext("%(n)s second", "%(n)s seconds", n), lambda n: ngettext("%(n)s second", "%(n)s seconds", n)),
    )  # fmt: skip


def duration(value: Duration) -> str:
    """`2 working hours`, `3 days`."""
    seconds = value.seconds
    if (
        value.business and (hours := seconds // 3600) and seconds % 3600
    ):  # "1 working hour 30 minutes" reads as two different times
        return ngettext("%(n)s working minute", "%(n)s working minutes", hours * 60 + seconds % 3600 // 60)
    numbers = {
        "months": value.months,
        "weeks": value.weeks,
        "days": value.days,
        "hours": seconds // 3600,
        "minutes": seconds % 3600 // 60,
        "seconds": seconds % 60,
    }
    found = [
        (at_work if value.business else always)(numbers[unit]) for unit, always, at_work in _counts() if numbers[unit]
    ]
    return "\u00a0".join(" ".join(found).split(" ")) or value.source


def due(value: Due) -> str:
    """The time of a due moment, an escalation or a timeout, with the moment it counts from."""
    from core.sop.condition_words import name_in_words  # it says durations with this module

    if value.start is None:
        return duration(value.after)
    start = value.start.strip().removeprefix("${").removesuffix("}").strip()
    named = _NAME.fullmatch(start) is not None
    moment = name_in_words(start) if named else plain(value.start)
    return _("%(time)s from %(moment)s", time=duration(value.after), moment=moment)


def who(people: Who) -> str:
    """People as one reads them: `finance`, `team lead, customer`."""
    return ", ".join(_(_PEOPLE[one]) if one in _PEOPLE else plain(one) for one in people)


def plain(value: Any) -> str:
    """A value or an expression without its notation: `amount > 5,000,000 and topic is refund`."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(inner)}" for key, inner in value.items())
    words = {"&&": _("and"), "||": _("or"), "!": _("not") + " ", "==": _("is"), "!=": _("is not"), "in": _("one of")}
    words |= {">=": "≥", "<=": "≤"}
    out = _SCOPES.sub("", str(value))
    out = _TIMES.sub(lambda m: _time_word(m[1] or m[2]), out)
    out = _OPERATORS.sub(lambda m: words[m[0]], out)
    separator = "." if language() == "id" else ","
    out = _LONG_NUMBER.sub(lambda m: f"{int(m[0]):,}".replace(",", separator), out)
    return re.sub(r"(?<=[a-z0-9])_(?=[a-z0-9])", " ", out).strip()


def _time_word(text: str) -> str:
    try:
        return duration(parse_duration(text))
    except DurationError:
        return text
