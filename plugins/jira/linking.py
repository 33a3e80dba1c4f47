"""`jira.link`, and what every action says of an issue: its values, its page, and the link back to the ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import estafet
from plugins.jira.site import Site, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def link(call: estafet.Call) -> estafet.ActionResult:
    """An issue that exists already belongs to the ticket from now on. Doing it twice does no harm."""
    site = Site(call.settings)
    issue = site.issue(site.key_in(str(call.arguments["issue"])))
    return as_result(site, issue, {"linked_back": link_back(site, issue["key"], call.ticket)})


def as_result(site: Site, issue: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> estafet.ActionResult:
    """What an action brings: the issue as it is now."""
    values = values_of(issue)
    return estafet.ActionResult(
        values={**values, **(more or {})},
        ref=issue["key"],
        url=site.page(issue["key"]),
        title=values.get("summary", ""),
        state=values.get("status", ""),
    )


def link_back(site: Site, key: str, ticket: estafet.Ticket) -> bool:
    """The issue shows a link to the ticket: the same one however often it is set. False: the account may not set links."""
    body = {
        "globalId": f"estafet={ticket.url}",
        "application": {"type": "estafet", "name": "Estafet"},
        "relationship": "is asked for in",
        "object": {"url": ticket.url, "title": f"Ticket {ticket.id}: {ticket.subject}"[:255]},
    }
    try:
        site.ask("POST", f"/issue/{quote(key)}/remotelink", body=body, changes=False)  # idempotent by its globalId
    except estafet.PermanentFailure:
        return False
    return True


def issue_of(site: Site, call: estafet.Call) -> str:
    """Which issue an action is about: the one that is named, else the only one that the ticket has."""
    named = call.arguments.get("issue")
    if named:
        return site.key_in(str(named))
    linked = list(dict.fromkeys(one.ref for one in call.ticket.links if one.open))
    if len(linked) == 1:
        return linked[0]
    if linked:
        raise estafet.PermanentFailure(f"The ticket has several issues ({', '.join(linked)}): say which one.")
    raise estafet.PermanentFailure("The ticket has no issue yet: link one, or name its key.")
