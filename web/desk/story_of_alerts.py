"""Sentences for what alerts write on a ticket's timeline: called out, silenced, heard again; and who watches no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.alerts.words import headline, kind_name
from core.texts import N_, _, ngettext
from web.desk.telling import Sentence, plain, say
from web.times import hours

if TYPE_CHECKING:
    from core.timeline import Happening
    from web.desk.telling import Teller


def raised(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """A rule called: what it saw, who was told, and by which version."""
    kind, seen = str(data.get("kind", "")), data.get("seen") or {}
    lines = [
        _("Rule %(rule)s of the alerts, version %(version)s", rule=data.get("rule"), version=data.get("version")),
        *_told(teller, data),
    ]
    if "due_at" in seen:
        due = int(seen["due_at"])
        lines.append(_("It was due %(time)s", time=hours(due, due)))
    if "since" in seen:
        since = int(seen["since"])
        lines.append(_("Last deed of anybody: %(time)s", time=hours(since, since)))
    text = say(N_("Alert: %(kind)s. %(what)s"), kind=kind_name(kind), what=plain(headline(kind, seen)))
    return Sentence("bell", text, why=tuple(lines))


def _told(teller: Teller, data: dict[str, Any]) -> list[str]:
    people = [teller.person(one) for one in data.get("people", [])]
    if not people:
        return [_("Nobody was there to be told")]
    more = int(data.get("more", 0))
    said = _("Told: %(names)s", names=", ".join(people))
    return [f"{said} {ngettext('and %(n)s more colleague', 'and %(n)s more colleagues', more)}" if more else said]


def silenced(teller: Teller, event: Happening, _data: dict[str, Any]) -> Sentence:
    """No alerts from now on."""
    return Sentence("bell", say(N_("%(who)s silenced the alerts of this ticket"), who=teller.who(event)))


def heard(teller: Teller, event: Happening, _data: dict[str, Any]) -> Sentence:
    """Alerts again."""
    return Sentence("bell", say(N_("%(who)s let the alerts of this ticket be heard again"), who=teller.who(event)))


def unwatched(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """Somebody watches no more."""
    names = ", ".join(teller.person(one) for one in data.get("people", []))
    return Sentence("people", say(N_("%(names)s watches this ticket no more"), names=names))
