"""A Jira to talk to: Cloud or Data Center, as the settings say, and the questions that everything else here asks it."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import estafet
from estafet.http import NoSuch, Other
from plugins.jira.documents import document, wiki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CLOUD, DATA_CENTER = "Cloud", "Data Center"
PROPERTY = "estafet"  # of an issue: which call made it
SHOWN = ("summary", "status", "assignee", "priority", "issuetype", "labels", "duedate", "updated")
_KEY = re.compile(r"(?:^|/)([A-Za-z][A-Za-z0-9_]+-\d+)(?:$|[/?#])")


class Site:
    """The Jira of the settings."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.cloud = settings["kind"] == CLOUD
        self.base = str(settings["site"]).rstrip("/")
        self.api = "/rest/api/3" if self.cloud else "/rest/api/2"
        self._other = Other("Jira", self.base, {"Authorization": self._login()}, _said)

    def _login(self) -> str:
        token = str(self.settings["token"])
        if not self.cloud:
            return f"Bearer {token}"
        email = self.settings.get("email")
        if not email:
            raise estafet.PermanentFailure(
                "Jira Cloud needs the e-mail address of the account. Add it on the plugins page."
            )
        return "Basic " + b64encode(f"{email}:{token}".encode()).decode()

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """A call of the REST interface; `path` begins behind its version."""
        return self._other.ask(method, self.api + path, **more)

    def ask_plainly(self, method: str, path: str, **more: Any) -> Any:
        """A call of what has no version of its own: webhooks."""
        return self._other.ask(method, path, **more)

    def text(self, words: str, link: tuple[str, str] | None = None) -> Any:
        """A text as this Jira wants it."""
        return document(words, link) if self.cloud else wiki(words, link)

    def page(self, key: str) -> str:
        """Where people see an issue."""
        return f"{self.base}/browse/{key}"

    def key_in(self, words: str) -> str:
        """The key in what a person wrote: KAN-12, or the address of its page on this site. PermanentFailure when it is neither."""
        words = words.strip()
        if words.startswith(("http://", "https://")) and urlsplit(words).netloc != urlsplit(self.base).netloc:
            raise estafet.PermanentFailure(f"{words[:200]} is not on {self.base}. Link issues of that Jira only.")
        found = _KEY.search(urlsplit(words).path if "://" in words else words)
        if found is None:
            raise estafet.PermanentFailure(
                f"“{words[:200]}” is no issue: write its key, such as KAN-12, or its address."
            )
        return found[1].upper()

    # ---- reading -------------------------------------------------------------------------------------------------------------

    def issue(self, key: str, fields: Sequence[str] = SHOWN) -> dict[str, Any]:
        """One issue, as it is now."""
        found = self.ask("GET", f"/issue/{quote(key)}", query={"fields": ",".join(fields), "properties": PROPERTY})
        return dict(found)

    def issue_or_none(self, key: str, fields: Sequence[str] = SHOWN) -> dict[str, Any] | None:
        """None: there is none of this key, or none that the account may see."""
        try:
            return self.issue(key, fields)
        except NoSuch:
            return None

    def issues(self, keys: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        """Many at once. What is not there is left out."""
        if self.cloud:  # this call reads the issues themselves, not the index that lags behind
            body = {"issueIdsOrKeys": list(keys), "fields": list(fields), "properties": [PROPERTY]}
            return list(self.ask("POST", "/issue/bulkfetch", body=body, changes=False)["issues"])
        found = (self.issue_or_none(key, fields) for key in keys)
        return [one for one in found if one is not None]

    def issues_until_gap(self, keys: Sequence[str], fields: Sequence[str], gap: int) -> Iterator[dict[str, Any]]:
        """As `issues`. Where each must be asked for by itself, nobody asks further when so many keys in a row are not there."""
        if self.cloud:
            yield from self.issues(keys, fields)
            return
        missing = 0
        for key in keys:
            issue = self.issue_or_none(key, fields)
            missing = missing + 1 if issue is None else 0
            if issue is not None:
                yield issue
            elif missing >= gap:
                return

    def search(self, jql: str, most: int) -> list[dict[str, Any]]:
        """What the index knows by now, which may be less than what was written."""
        path = "/search/jql" if self.cloud else "/search"
        body: dict[str, Any] = {"jql": jql, "maxResults": most, "fields": list(SHOWN)}
        return list(self.ask("POST", path, body=body, changes=False).get("issues", ()))


def _said(body: Any) -> str:
    """What an error of Jira says: its messages, and its fields with their own."""
    return "; ".join(
        [*body.get("errorMessages", ()), *(f"{name}: {words}" for name, words in body.get("errors", {}).items())]
    )


def values_of(issue: Mapping[str, Any]) -> dict[str, Any]:
    """What a step's result holds of an issue: plain values, for conditions such as `result.status == "Done"`."""
    fields = issue.get("fields") or {}
    told = {name: read(fields[field]) for field, name, read in _READ if field in fields}
    return {"key": issue["key"], **told}


def _named(part: str) -> Callable[[Any], str]:
    return lambda value: str((value or {}).get(part) or "")


_READ: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("summary", "summary", str),
    ("status", "status", _named("name")),
    ("status", "done", lambda value: ((value or {}).get("statusCategory") or {}).get("key") == "done"),
    ("assignee", "assignee", _named("displayName")),
    ("priority", "priority", _named("name")),
    ("issuetype", "type", _named("name")),
    ("duedate", "due", lambda value: value or ""),
)


def moment_of(words: Any) -> datetime | None:
    """A moment as Jira writes it: 2026-11-25T02:30:00.000+0000."""
    try:
        return datetime.strptime(str(words), "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return None
