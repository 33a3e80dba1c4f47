"""Why was it decided so? The values that were seen, kept with the decision, as lines a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.condition_words import capital
from core.texts import N_, _, ngettext
from web import words
from web.times import clock_time, day

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.desk.telling import Teller


def explain(teller: Teller, why: Any) -> tuple[str, ...]:
    """What was seen when something was decided, line by line: the values kept in *why*."""
    if not isinstance(why, dict):
        return ()
    lines: list[str] = [_verdict(teller, why)] if "if" in why else []
    for name, value in why.items():
        if name not in _OF_CONDITION and value not in (None, [], {}):
            lines += _explained(teller, str(name), value)
    return tuple(lines)


def _explained(teller: Teller, name: str, value: Any) -> list[str]:
    reader = _READERS.get(name)
    if reader is not None:
        return reader(teller, value)
    return [f"{name.replace('_', ' ').capitalize()}: {_shown(value)}"]


def _by(_teller: Teller, value: Any) -> list[str]:
    if value == "plugin":
        return []  # the plugin's own line says it
    return [_(_STRATEGIES[value]) if value in _STRATEGIES else str(value)]


def _plugin(_teller: Teller, value: Any) -> list[str]:
    """What a plugin's way of choosing had to do with it."""
    said = _PLUGIN.get(str(value.get("how"))) or _PLUGIN["failed"]
    return [_(said, name=value.get("name"), strategy=value.get("strategy"))]


def _cases(teller: Teller, value: Any) -> list[str]:
    return [line for case in value for line in explain(teller, case)]


_OF_CONDITION = frozenset({"v", "if", "holds", "seen"})


def _verdict(teller: Teller, why: dict[str, Any]) -> str:
    """Did a condition hold, and with which values? `“amount > 5,000,000” does not hold: Amount is Rp 1.890.000`."""
    condition = capital(teller.condition(why["if"]))
    said = (
        _("“%(condition)s” holds", condition=condition)
        if why.get("holds")
        else _("“%(condition)s” does not hold", condition=condition)
    )
    seen = why.get("seen") or {}
    values = [
        _("%(subject)s is %(value)s", subject=name, value=value)
        for name, value in (teller.seen(*one) for one in seen.items())
    ]
    return f"{said}: {', '.join(values)}" if values else f"{said}."


def _missing(teller: Teller, value: Any) -> list[str]:
    names = value if isinstance(value, list) else [value]
    return [_("Not filled in: %(names)s", names=", ".join(teller.seen(str(name), None)[0] for name in names))]


def _error(_teller: Teller, value: Any) -> list[str]:
    return [failure(value)]


def failure(error: Any) -> str:
    """What went wrong outside, in the other side's words where there are any."""
    if isinstance(error, dict):
        code = str(error.get("code") or "")
        if code in _FAILURES and not error.get("detail"):
            return _(_FAILURES[code]) + (f" ({error['sop']})" if code == "missing" and error.get("sop") else "")
        return str(error.get("message") or error.get("detail") or code or _("This could not be done."))
    return str(error or _("This could not be done."))


def _done(_teller: Teller, value: Any) -> list[str]:
    return [ngettext("%(n)s branch was finished", "%(n)s branches were finished", int(value))]


def _team(teller: Teller, value: Any) -> list[str]:
    return [_("Team: %(name)s", name=teller.party({"kind": "team", "id": value}))]


def _open(_teller: Teller, value: Any) -> list[str]:
    return [ngettext("Held %(n)s open ticket then", "Held %(n)s open tickets then", int(value))]


def _others(teller: Teller, value: Any) -> list[str]:
    return [f"{teller.person(who)}: {_load(seen)}" for who, seen in value.items()]


def _load(seen: Any) -> str:
    """How much somebody held, or why they could not be chosen."""
    if not isinstance(seen, dict):
        return _shown(seen)
    if "availability" in seen:
        there = words.availability(str(seen["availability"])).lower()
        return _("%(there)s since %(time)s", there=there, time=clock_time(seen["since"])) if "since" in seen else there
    if "absent" in seen:
        until = seen["absent"]
        return _("absent until %(day)s", day=day(until)) if until else _("absent")
    if "shift" in seen:
        return _("outside their working hours")
    if "wanted" in seen:
        return _("level %(level)s, and %(wanted)s is needed", level=seen.get("level"), wanted=seen["wanted"])
    if "priority" in seen:
        urgency = words.priority(int(seen["priority"])).lower()
        return _(
            "%(n)s of %(limit)s open with priority %(urgency)s", n=seen["open"], limit=seen["limit"], urgency=urgency
        )
    if "limit" in seen:
        return _("%(n)s of %(limit)s open", n=seen.get("open"), limit=seen["limit"])
    if "level" in seen:
        return _("level %(level)s, holds %(n)s", level=seen["level"], n=seen.get("open", 0))
    return ngettext("holds %(n)s", "holds %(n)s", int(seen.get("open", 0)))


def _passed_over(teller: Teller, value: Any) -> list[str]:
    return [_("Passed over: %(who)s, %(why)s", who=teller.person(who), why=_load(seen)) for who, seen in value.items()]


def _because(_teller: Teller, value: Any) -> list[str]:
    return [_(_BECAUSE[value])] if value in _BECAUSE else []


def _noticed(_teller: Teller, value: Any) -> list[str]:
    rule, version, word = (value.get(name) for name in ("rule", "version", "word"))
    return [_("Word rule %(rule)s, version %(version)s: “%(word)s”", rule=rule, version=version, word=word)]


def _skill(teller: Teller, value: Any) -> list[str]:
    skill = teller.firm.skills.get(str(value))
    return [_("Skill that is needed: %(name)s", name=skill.title if skill else value)]


def _more(_teller: Teller, value: Any) -> list[str]:
    return [ngettext("and %(n)s more colleague", "and %(n)s more colleagues", int(value))]


_BECAUSE = {
    "left": N_("Its holder does not work here any more"),
    "offline": N_("Its holder went offline"),
    "absent": N_("Its holder is absent"),
    "words": N_("A word in the customer's message calls in a more experienced colleague"),
    "routed": N_("It came to another department"),
    "rules": N_("The routing rules have changed"),
}


def _votes(teller: Teller, value: Any) -> list[str]:
    spoken = {"approve": _("approve"), "reject": _("reject")}
    return [f"{teller.person(who)}: {spoken.get(str(vote), str(vote))}" for who, vote in value.items()]


def _event(_teller: Teller, value: Any) -> list[str]:
    return [_("Entry %(n)s of the timeline", n=value)]


_FAILURES = {
    "unknown": N_("Nobody knows whether this was done. It is not tried again by itself."),
    "error": N_("It failed, and the other side did not say why."),
    "missing": N_("The procedure that it should run is not published."),
    "depth": N_("Procedures are nested too deeply."),
    "with": N_("A value that was given to it does not fit its field."),
}
_STRATEGIES = {
    "least_busy": N_("Who holds the fewest tickets gets it"),
    "round_robin": N_("Colleagues take turns"),
    "direct": N_("Named by the procedure"),
    "skill": N_("Who has the skill gets it, the lowest sufficient level first"),
    "first": N_("Named by a rule, or served this customer before"),
    "taken": N_("They took it themselves"),
    "handover": N_("The baton was offered and accepted"),
    "hand": N_("Chosen by hand"),
}


_PLUGIN = {
    "chosen": N_("Chosen by plugin %(name)s: strategy %(strategy)s"),
    "nobody": N_("Plugin %(name)s, strategy %(strategy)s, wants it to stay in the backlog"),
    "off": N_("Plugin %(name)s is switched off or cannot be loaded, so its strategy %(strategy)s was not asked"),
    "gone": N_("There is no strategy %(strategy)s of plugin %(name)s any more"),
    "settings": N_("A setting of plugin %(name)s is missing, so its strategy %(strategy)s was not asked"),
    "slow": N_("Plugin %(name)s, strategy %(strategy)s, took too long to answer"),
    "silent": N_("Plugin %(name)s, strategy %(strategy)s, did not answer in time"),
    "lost": N_("The process of plugin %(name)s ended while its strategy %(strategy)s was asked"),
    "failed": N_("Plugin %(name)s, strategy %(strategy)s, failed"),
    "stranger": N_("Plugin %(name)s, strategy %(strategy)s, named somebody who cannot take it"),
    "taken": N_("Plugin %(name)s, strategy %(strategy)s, chose a colleague who can no longer take it"),
}
_READERS: dict[str, Callable[[Teller, Any], list[str]]] = {
    "by": _by,
    "plugin": _plugin,
    "cases": _cases,
    "missing": _missing,
    "error": _error,
    "done": _done,
    "of": lambda _teller, _value: [],
    "team": _team,
    "open": _open,
    "others": _others,
    "passed_over": _passed_over,
    "because": _because,
    "noticed": _noticed,
    "skill": _skill,
    "more": _more,
    "wanted": lambda _teller, _value: [],
    "load": lambda _teller, _value: [],
    "level": lambda _teller, value: [_("Has level %(level)s", level=value)],
    "votes": _votes,
    "event": _event,
}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{k} {_shown(v)}" for k, v in value.items())
    return str(value)
