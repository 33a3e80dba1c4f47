"""What a process last said of itself, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from core.texts import N_, _, ngettext
from web.times import number, said_at

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = {
    "relay": N_("Relay to Temporal"),
    "upkeep": N_("Upkeep in the background"),
    "mailboxes": N_("Mailboxes"),
    "plugins": N_("Plugins"),
}
_SECOND = 1000


def process_name(name: str) -> str:
    """What the process is called on the page."""
    return _(NAMES[name]) if name in NAMES else name.replace("_", " ").capitalize()


def sentences(facts: Mapping[str, Any]) -> list[Markup]:
    """The facts of a process, one sentence each; what nobody has a sentence for is left to the log."""
    found: list[Markup] = []
    temporal = facts.get("temporal")
    if isinstance(temporal, dict) and "reachable" in temporal:
        said = _("Temporal answers") if temporal["reachable"] else _("Temporal does not answer")
        since = temporal.get("since")
        found.append(escape(said) + (Markup(", {} {}").format(_("since"), said_at(int(since))) if since else "") + ".")
    if isinstance(facts.get("waiting"), int):
        waiting, lag = facts["waiting"], int(facts.get("lag_ms") or 0)
        if not waiting:
            found.append(escape(_("Nothing waits to be handed over.")))
        else:
            text = ngettext("%(n)s ticket waits to be handed over", "%(n)s tickets wait to be handed over", waiting)
            found.append(escape(_("%(what)s, the first for %(s)s s.", what=text, s=number(round(lag / _SECOND, 1)))))
    if facts.get("host"):
        found.append(escape(_("Runs on %(host)s.", host=facts["host"])))
    return found
