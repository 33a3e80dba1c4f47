"""Why an alert was called out: the rule with its version and what it saw; and what was missing for the rules that were silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.alerts.rules import CALLED
from core.alerts.words import headline, kind_name, threshold, what_is_due
from core.texts import _
from web import words
from web.times import hours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.alerts.rules import Rule


def why_called(rule: Rule | None, kind: str, seen: Mapping[str, Any]) -> tuple[str, ...]:
    """One alert, line by line."""
    lines = []
    if rule is not None:
        lines.append(
            _(
                "Rule “%(title)s”, version %(version)s: %(kind)s, %(when)s",
                title=rule.title,
                version=rule.version,
                kind=kind_name(rule.kind).lower() if rule.kind != "vip" else kind_name(rule.kind),
                when=threshold(rule),
            )
        )
    elif kind == CALLED:
        what, version = seen.get("rule"), seen.get("version")
        lines.append(_("Word rule %(rule)s, version %(version)s", rule=what, version=version))
    else:
        lines.append(_("You watch this ticket and want to hear of this"))
    lines.append(_("Seen then: %(what)s", what=headline(kind, seen)))
    return (*lines, *_moments(seen))


def _moments(seen: Mapping[str, Any]) -> list[str]:
    found = []
    if "due_at" in seen:
        due = int(seen["due_at"])
        found.append(_("%(what)s was due %(time)s", what=what_is_due(seen.get("what")), time=hours(due, due)))
    if "since" in seen:
        since = int(seen["since"])
        found.append(_("Last deed of anybody: %(time)s", time=hours(since, since)))
    if "status" in seen:
        found.append(_("Status then: %(status)s", status=words.status(str(seen["status"]))))
    if "percent" in seen:
        found.append(_("That is %(percent)s percent of the best", percent=seen["percent"]))
    return found
