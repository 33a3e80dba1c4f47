"""`jira.create_issue`: an issue for a ticket, and how it is found again when nobody knows whether it was made.

The issue carries the key of the call twice: in a label, by which search finds it, and in a property, by which the newest issues are compared
one by one, because search knows an issue only some seconds after it was made.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import estafet
from plugins.jira.custom_fields import by_number, read_fields
from plugins.jira.documents import plain
from plugins.jira.linking import as_result, link_back
from plugins.jira.mappings import listed, mapped
from plugins.jira.site import PROPERTY, SHOWN, Site

if TYPE_CHECKING:
    from collections.abc import Mapping

LAG = 20.0  # seconds within which Jira's search usually follows
GAP = 4  # so many numbers without an issue: there is none behind them
BEHIND = 5  # search does not learn of issues strictly in order
FARTHEST = 90 - BEHIND  # so many are read in one request
LONGEST_SUMMARY = 255


def mark_of(call_key: str) -> str:
    """The label of an issue that a call made."""
    return "estafet-" + hashlib.sha256(call_key.encode()).hexdigest()[:16]


def create(call: estafet.Call) -> estafet.ActionResult:
    """Make the issue, link it back, and say how it stands."""
    site = Site(call.settings)
    fields, names = _fields(site, call)
    body = {"fields": fields, "properties": [{"key": PROPERTY, "value": {"call": call.key, "ticket": call.ticket.url}}]}
    try:
        made = site.ask("POST", "/issue", body=body)
    except estafet.PermanentFailure as refusal:
        raise estafet.PermanentFailure(by_number(str(refusal), names)) from refusal
    if not isinstance(made, dict) or "key" not in made:
        raise estafet.OutcomeUnknown("Jira answered without saying which issue it made")
    try:
        return _complete(site, str(made["key"]), call)
    except (estafet.TemporaryFailure, estafet.PermanentFailure) as failure:  # it exists: no failure may say otherwise
        raise estafet.OutcomeUnknown(f"{made['key']} was made, and then: {failure}") from failure


def find(call: estafet.Call) -> estafet.ActionResult | None:
    """The issue that an interrupted call made, with what was still missing; None when there is surely none."""
    site = Site(call.settings)
    mark, project = mark_of(call.key), _project(call)
    found = site.search(f'labels = "{mark}"', 1)
    key = str(found[0]["key"]) if found else _among_newest(site, project, mark, call.key)
    return _complete(site, key, call) if key else None


def _complete(site: Site, key: str, call: estafet.Call) -> estafet.ActionResult:
    """What comes behind the creation; it may be done again."""
    back = link_back(site, key, call.ticket)
    return as_result(site, site.issue(key), {"linked_back": back})


def _among_newest(site: Site, project: str, mark: str, call_key: str) -> str | None:
    """Compare the issues that came after the newest one that search knows. Reading issues by their keys never lags."""
    newest = site.search(f'project = "{project}" ORDER BY created DESC', 1)
    known = int(newest[0]["key"].rpartition("-")[2]) if newest else 0
    first, last = max(1, known - BEHIND), known + FARTHEST
    numbers = [f"{project}-{number}" for number in range(first, last + 1)]
    there = 0
    for issue in site.issues_until_gap(numbers, SHOWN, GAP):
        if _made_by(issue, mark, call_key):
            return str(issue["key"])
        there = max(there, int(str(issue["key"]).rpartition("-")[2]))
    if there > last - GAP:
        raise estafet.TemporaryFailure(f"Jira's search is far behind in {project}", wait=30)
    return None


def _made_by(issue: Mapping[str, Any], mark: str, call_key: str) -> bool:
    known = (issue.get("properties") or {}).get(PROPERTY) or {}
    return known.get("call") == call_key or mark in (issue["fields"].get("labels") or ())


# ---- what is sent ------------------------------------------------------------------------------------------------------------


def _project(call: estafet.Call) -> str:
    project = call.arguments.get("project") or call.settings.get("project")
    if not project:
        raise estafet.PermanentFailure(
            "Nobody says in which project: name it in the call, or a usual one on the plugins page."
        )
    return str(project).upper()


def _fields(site: Site, call: estafet.Call) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of the new issue, and the names of custom ones by their numbers."""
    given, ticket = call.arguments, call.ticket
    custom, names = read_fields(site, given.get("fields"))
    summary = " ".join(plain(given.get("summary") or ticket.subject).split())[:LONGEST_SUMMARY]
    words = str(given.get("description") or ticket.subject)
    labels = [*(given.get("labels") or listed(call.settings.get("labels"))), mark_of(call.key)]
    fields: dict[str, Any] = {
        "project": {"key": _project(call)},
        "issuetype": {"name": given.get("type") or call.settings.get("type") or "Task"},
        "summary": summary,
        "description": site.text(words, (f"Ticket {ticket.id}", ticket.url)),
        "labels": list(dict.fromkeys(label.strip().replace(" ", "-") for label in labels if label.strip())),
        **custom,
    }
    if given.get("due"):
        fields["duedate"] = str(given["due"])[:10]
    wanted = given.get("priority") or ticket.priority
    priority = mapped(call.settings.get("priorities"), wanted) or given.get("priority")
    if priority:
        fields["priority"] = {"name": priority}
    return fields, names
