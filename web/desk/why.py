"""Why was it decided so? The values that were seen, kept with the decision, as lines a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.texts import N_, _, ngettext
from web import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.desk.telling import Teller


def explain(teller: Teller, why: Any) -> tuple[str, ...]:
    """What was seen when something was decided, line by line: the values kept in *why*."""
    if not isinstance(why, dict):
        return ()
    lines: list[str] = []
    for name, value in why.items():
        if name != "v" and value not in (None, [], {}):
            lines += _explained(teller, str(name), value)
    return tuple(lines)


def _explained(teller: Teller, name: str, value: Any) -> list[str]:
    reader = _READERS.get(name)
    if reader is not None:
        return reader(teller, value)
    return [f"{name.replace('_', ' ').capitalize()}: {_shown(value)}"]


def _by(_teller: Teller, value: Any) -> list[str]:
    return [_(_STRATEGIES[value]) if value in _STRATEGIES else str(value)]


def _cases(teller: Teller, value: Any) -> list[str]:
    return [line for case in value for line in explain(teller, case)]


def _condition(_teller: Teller, value: Any) -> list[str]:
    return [_("Condition: %(text)s", text=value)]


def _holds(_teller: Teller, value: Any) -> list[str]:
    return [_("It holds.") if value else _("It does not hold.")]


def _seen(_teller: Teller, value: Any) -> list[str]:
    pairs = value.items() if isinstance(value, dict) else value
    return [_("Seen: %(values)s", values=", ".join(f"{key} = {_shown(one)}" for key, one in pairs))]


def _missing(_teller: Teller, value: Any) -> list[str]:
    return [_("Missing: %(names)s", names=", ".join(map(str, value)) if isinstance(value, list) else value)]


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
        return words.availability(str(seen["availability"])).lower()
    if "limit" in seen:
        return _("holds %(n)s of at most %(limit)s", n=seen.get("open"), limit=seen["limit"])
    return ngettext("holds %(n)s", "holds %(n)s", int(seen.get("open", 0)))


def _votes(teller: Teller, value: Any) -> list[str]:
    spoken = {"approve": _("approve"), "reject": _("reject")}
    return [f"{teller.person(who)}: {spoken.get(str(vote), str(vote))}" for who, vote in value.items()]


def _event(_teller: Teller, value: Any) -> list[str]:
    return [_("Entry %(n)s of the timeline", n=value)]


_STRATEGIES = {
    "least_busy": N_("Who holds the fewest tickets gets it"),
    "round_robin": N_("Colleagues take turns"),
    "direct": N_("Named by the procedure"),
    "skill": N_("Who has the skill gets it"),
    "taken": N_("They took it themselves"),
    "handover": N_("The baton was offered and accepted"),
    "hand": N_("Chosen by hand"),
}


_READERS: dict[str, Callable[[Teller, Any], list[str]]] = {
    "by": _by,
    "cases": _cases,
    "if": _condition,
    "holds": _holds,
    "seen": _seen,
    "missing": _missing,
    "team": _team,
    "open": _open,
    "others": _others,
    "passed_over": _others,
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
