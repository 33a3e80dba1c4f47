"""`jira.transition`: an issue goes on by the name of a transition, or of the status it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import estafet
from plugins.jira.linking import as_result, issue_of
from plugins.jira.site import Site, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def transition(call: estafet.Call) -> estafet.ActionResult:
    """Do it. An issue that is there already stays as it is."""
    site = Site(call.settings)
    key, to = issue_of(site, call), str(call.arguments["to"]).strip()
    issue = site.issue(key)
    if _is(issue, to):
        return as_result(site, issue)
    ways = _ways(site, key)
    way = next((one for one in ways if to.casefold() in _names(one)), None)
    if way is None:
        open_ways = ", ".join(f"{one['name']} → {_to(one)}" for one in ways) or "none"
        status = values_of(issue).get("status")
        raise estafet.PermanentFailure(
            f"{key} is in “{status}”, from where no transition is called “{to}”. There are: {open_ways}."
        )
    site.ask("POST", f"/issue/{quote(key)}/transitions", body={"transition": {"id": str(way["id"])}})
    return _after(site, key)


def find(call: estafet.Call) -> estafet.ActionResult | None:
    """Was it moved? Its status says so, or the transition is still to be done; where neither can be seen, nobody knows."""
    site = Site(call.settings)
    key, to = issue_of(site, call), str(call.arguments["to"]).strip()
    issue = site.issue(key)
    if _is(issue, to):
        return as_result(site, issue)
    if any(to.casefold() in _names(one) for one in _ways(site, key)):
        return None
    raise estafet.OutcomeUnknown(
        f"{key} is in “{values_of(issue).get('status')}” now, and nobody can tell how it came there"
    )


def _after(site: Site, key: str) -> estafet.ActionResult:
    try:
        return as_result(site, site.issue(key))
    except (estafet.TemporaryFailure, estafet.PermanentFailure) as failure:
        raise estafet.OutcomeUnknown(f"{key} was moved, and then: {failure}") from failure


def _ways(site: Site, key: str) -> list[Mapping[str, Any]]:
    return list(site.ask("GET", f"/issue/{quote(key)}/transitions").get("transitions", ()))


def _to(way: Mapping[str, Any]) -> str:
    return str((way.get("to") or {}).get("name") or "")


def _names(way: Mapping[str, Any]) -> set[str]:
    return {str(way["name"]).casefold(), _to(way).casefold()} - {""}


def _is(issue: Mapping[str, Any], status: str) -> bool:
    return str(values_of(issue).get("status", "")).casefold() == status.casefold()
