"""What Jira tells by webhook, and what a slow look finds that no webhook told: both become the same `estafet.Outside`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import estafet
from plugins.jira.commenting import comments_of
from plugins.jira.linking import as_result
from plugins.jira.site import SHOWN, Site, moment_of, values_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DELETED = "jira:issue_deleted"
EVENTS = ("jira:issue_created", "jira:issue_updated", DELETED, "comment_created", "comment_updated")


def receive(delivery: estafet.Delivery, settings: Mapping[str, Any]) -> list[estafet.Outside]:
    """The issue that a webhook is about. What is about something else is no news."""
    try:
        told = json.loads(delivery.body)
    except ValueError as error:
        raise estafet.PermanentFailure("Jira's webhook is no JSON. Its “Exclude body” must be off.") from error
    issue = told.get("issue") if isinstance(told, dict) else None
    if not isinstance(issue, dict) or not issue.get("key") or told.get("webhookEvent") not in EVENTS:
        return []
    at = _told_at(told, issue)
    if told["webhookEvent"] == DELETED:
        return [estafet.Outside(issue["key"], state="deleted", at=at, gone=True)]
    said = [told["comment"]] if isinstance(told.get("comment"), dict) else []
    news = [outside(Site(settings), issue, at, comments_of(said, settings))]
    if old := _old_key(told):  # it was moved to another project: whoever linked it by its old key hears of it too
        news.append(outside(Site(settings), issue, at, comments_of(said, settings), ref=old))
    return news


def outside(
    site: Site,
    issue: Mapping[str, Any],
    at: datetime | None,
    comments: tuple[estafet.Comment, ...] = (),
    ref: str | None = None,
) -> estafet.Outside:
    """What is known of an issue now."""
    values, shown = values_of(issue), as_result(site, issue)
    return estafet.Outside(
        ref or issue["key"],
        values=values,
        title=shown.title if "summary" in values else None,
        url=shown.url,
        state=values.get("status"),
        at=at,
        done=values.get("done"),
        comments=comments,
    )


def look_at(refs: Sequence[str], settings: Mapping[str, Any]) -> list[estafet.Outside]:
    """How these issues stand now, read from the issues themselves."""
    site = Site(settings)
    fields = [*SHOWN, *(["comment"] if settings.get("take_comments") else [])]
    known = {issue["key"]: issue for issue in site.issues(refs, fields)}
    return [_looked(site, ref, known.get(ref) or site.issue_or_none(ref, fields), settings) for ref in refs]


def _looked(site: Site, ref: str, issue: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> estafet.Outside:
    if issue is None:
        return estafet.Outside(ref, state="deleted", gone=True)
    fields = issue["fields"]
    said = fields.get("comment") or ()
    found = said.get("comments") or () if isinstance(said, dict) else said
    return outside(site, issue, moment_of(fields.get("updated")), comments_of(found, settings), ref=ref)


def _told_at(told: Mapping[str, Any], issue: Mapping[str, Any]) -> datetime | None:
    """When Jira changed it. The issue's own moment is the best one: a look reads the same."""
    at = moment_of((issue.get("fields") or {}).get("updated"))
    if at is None and isinstance(told.get("timestamp"), int):
        at = datetime.fromtimestamp(told["timestamp"] / 1000, UTC)
    return at


def _old_key(told: Mapping[str, Any]) -> str | None:
    items = (told.get("changelog") or {}).get("items") or ()
    return next(
        (str(one.get("fromString")) for one in items if one.get("field") == "Key" and one.get("fromString")), None
    )
