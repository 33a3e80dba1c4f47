"""The box “Jira” on a ticket's page: each linked issue as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import estafet
from plugins.jira.site import SHOWN, Site, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUE, STATUS = "Issue", "Status"
ASSIGNEE, NOBODY = {"en": "Assignee", "id": "Penerima tugas"}, {"en": "nobody", "id": "belum ada"}
PRIORITY, DUE = {"en": "Priority", "id": "Prioritas"}, {"en": "Due", "id": "Tenggat"}
_BAD = {"highest", "blocker", "critical"}


def ticket_panel(ticket: estafet.Ticket, settings: Mapping[str, Any]) -> estafet.PanelContent | None:
    """Nothing when the ticket has no issue."""
    refs = list(dict.fromkeys(one.ref for one in ticket.links if one.open))
    if not refs:
        return None
    site = Site(settings)
    facts: list[estafet.Fact] = []
    for issue in site.issues(refs[:10], SHOWN):
        facts += _facts(site, issue)
    more = len(refs) - 10
    return estafet.PanelContent(tuple(facts), {"en": f"and {more} more", "id": f"dan {more} lagi"} if more > 0 else "")


def _facts(site: Site, issue: Mapping[str, Any]) -> list[estafet.Fact]:
    values, key = values_of(issue), str(issue["key"])
    tone: Literal["", "good", "warn", "bad"] = "good" if values.get("done") else ""
    shown = [
        estafet.Fact(ISSUE, f"{key} {values.get('summary', '')}".strip(), site.page(key), group=key),
        estafet.Fact(STATUS, values.get("status", ""), tone=tone, group=key),
        estafet.Fact(ASSIGNEE, values.get("assignee") or NOBODY, group=key),
    ]
    if priority := values.get("priority"):
        shown.append(estafet.Fact(PRIORITY, priority, tone="bad" if priority.casefold() in _BAD else "", group=key))
    if due := values.get("due"):
        shown.append(estafet.Fact(DUE, due, group=key))
    return shown
