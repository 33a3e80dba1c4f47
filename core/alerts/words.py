"""What an alert says, in its list, in mails and on the timeline; and what a rule missed that was not called out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.alerts.rules import BACKLOG, CALLED, IDLE, OVERDUE, RATING, REOPENED, SOON, VIP, WATCHED
from core.clocks.words import metric
from core.spoken import span
from core.texts import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.alerts.rules import Part, Rule

MINUTE = 60_000
KIND_NAMES = {
    VIP: N_("VIP"),
    SOON: N_("Time-sensitive"),
    IDLE: N_("Idle"),
    OVERDUE: N_("Overdue"),
    REOPENED: N_("Reopened"),
    RATING: N_("Bad rating"),
    BACKLOG: N_("Backlog"),
    WATCHED: N_("Watched"),
    CALLED: N_("Called in"),
}
_WATCHED = {
    "replied": N_("The customer has replied"),
    "resolved": N_("The ticket is resolved"),
    "reopened": N_("The ticket is open again"),
}


def kind_name(kind: str) -> str:
    """What a kind of alert is called."""
    return _(KIND_NAMES[kind]) if kind in KIND_NAMES else kind


def what_is_due(what: Any) -> str:
    """A clock by its name, or the open step."""
    return _("The open step") if what == "step" else metric(str(what))


def headline(kind: str, seen: Mapping[str, Any]) -> str:
    """An alert in one sentence, from the facts that were kept with it."""
    match kind:
        case "vip":
            return _("A VIP customer's ticket")
        case "time_sensitive":
            left = span(int(seen.get("left", 0)))
            return _("%(what)s is due in %(left)s", what=what_is_due(seen.get("what")), left=left)
        case "overdue":
            late = int(seen.get("late", 0))
            if late < MINUTE:
                return _("%(what)s is late", what=what_is_due(seen.get("what")))
            return _("%(what)s is late by %(late)s", what=what_is_due(seen.get("what")), late=span(late))
        case "idle":
            return _("Nobody has done anything for %(time)s of opening time", time=span(int(seen.get("idle", 0))))
        case "reopened":
            n = int(seen.get("times", 1))
            return ngettext("It was reopened for the first time", "It was reopened for the %(n)s. time", n)
        case "bad_rating":
            return _("The customer gave %(score)s of %(max)s", score=seen.get("score"), max=seen.get("max"))
        case "backlog":
            n, limit = int(seen.get("n", 0)), seen.get("limit")
            return ngettext(
                "%(n)s ticket waits for a holder, more than %(limit)s",
                "%(n)s tickets wait for a holder, more than %(limit)s",
                n,
                limit=limit,
            )
        case "called" if seen.get("how") == "lead":
            return _("“%(word)s” calls for somebody experienced, and nobody is there", word=seen.get("word"))
        case "called":
            return _("You are asked to help: “%(word)s” stands in the customer's message", word=seen.get("word"))
        case _:
            return _(_WATCHED.get(str(seen.get("what")), _WATCHED["replied"]))


def threshold(rule: Rule) -> str:
    """From when on a rule is called out, as its page says it."""
    match rule.kind:
        case "time_sensitive":
            return _("%(time)s before it is due", time=span(rule.threshold))
        case "idle":
            return _("after %(time)s of opening time", time=span(rule.threshold))
        case "overdue":
            return _("%(time)s after it was due", time=span(rule.threshold)) if rule.threshold else _("at once")
        case "reopened":
            return ngettext("from the first time on", "from the %(n)s. time on", rule.threshold)
        case "bad_rating":
            return _("up to %(percent)s percent", percent=rule.threshold)
        case "backlog":
            return ngettext("above %(n)s ticket", "above %(n)s tickets", rule.threshold)
        case _:
            return _("at once")


# ---- why not ---------------------------------------------------------------------------------------------------------------


def missing(rule: Rule, part: Part) -> str:
    """The condition that is false, with what was seen and what the rule asks."""
    return _MISSING[part.what](rule, part.seen)


def _due_in(rule: Rule, seen: Mapping[str, Any]) -> str:
    return _(
        "%(what)s is due in %(left)s; the rule calls %(wanted)s",
        what=what_is_due(seen["what"]),
        left=span(int(seen["left"])),
        wanted=threshold(rule),
    )


def _not_late(rule: Rule, seen: Mapping[str, Any]) -> str:
    if not seen["late"]:
        return _("%(what)s is not late", what=what_is_due(seen["what"]))
    return _(
        "%(what)s is late by %(late)s; the rule calls %(wanted)s",
        what=what_is_due(seen["what"]),
        late=span(int(seen["late"])),
        wanted=threshold(rule),
    )


def _not_idle(rule: Rule, seen: Mapping[str, Any]) -> str:
    return _(
        "Nobody has done anything for %(time)s of opening time; the rule calls %(wanted)s",
        time=span(int(seen["idle"])),
        wanted=threshold(rule),
    )


_MISSING: dict[str, Callable[[Rule, Mapping[str, Any]], str]] = {
    "open": lambda _rule, _seen: _("The ticket is resolved"),
    "priority": lambda _rule, _seen: _("The rule asks for another priority"),
    "vip": lambda _rule, _seen: _("The customer is no VIP"),
    "due": lambda _rule, _seen: _("Nothing is due: no clock runs, and no step has a due moment"),
    "soon": _due_in,
    "late": _not_late,
    "counted": lambda _rule, _seen: _("Somebody else is waited for, and the rule does not count that"),
    "idle": _not_idle,
    "reopened": lambda _rule, _seen: _("It has not been reopened"),
    "often": lambda rule, seen: ngettext(
        "It was reopened %(n)s time; the rule calls %(wanted)s",
        "It was reopened %(n)s times; the rule calls %(wanted)s",
        int(seen["times"]),
        wanted=threshold(rule),
    ),
    "rated": lambda _rule, _seen: _("The customer has given no rating"),
    "low": lambda rule, seen: _(
        "The customer gave %(percent)s percent; the rule calls %(wanted)s",
        percent=seen["percent"],
        wanted=threshold(rule),
    ),
    "place": lambda _rule, seen: _("It is a rule of “%(team)s”, where the ticket is not", team=seen["team"]),
    "silenced": lambda _rule, _seen: _("Alerts are silenced for this ticket"),
}
