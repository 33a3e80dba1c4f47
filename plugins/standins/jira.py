"""A stand-in of Jira: the REST calls that the plugin makes (Cloud's v3 and Data Center's v2), webhooks, and one board to click on.

It is no Jira: it knows one project, one way of working and as much of JQL as is asked here. Its search lags behind what is written.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from plugins.standins.kept import Kept
from plugins.standins.sending import Sending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EMAIL, TOKEN = "estafet@standin.example", "standin-token"
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
TRANSITIONS = {"11": ("Reopen", "To Do"), "21": ("Start work", "In Progress"), "31": ("Finish", "Done")}
PROJECTS, TYPES = {"KAN": "Product development"}, ("Task", "Bug", "Story")
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
PEOPLE = {"": "nobody", "a1": "Agus Salim", "a2": "Wulan Sari", "bot": "Estafet"}
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
CUSTOM: dict[str, tuple[str, dict[str, Any]]] = {
    "customfield_10010": ("Severity", {"type": "option", "custom": _CUSTOM + "select", "options": ("S1", "S2", "S3")}),
    "customfield_10011": ("Affected users", {"type": "number", "custom": _CUSTOM + "float"}),
    "customfield_10012": ("Steps to reproduce", {"type": "string", "custom": _CUSTOM + "textarea"}),
    "customfield_10013": ("Customer", {"type": "string", "custom": _CUSTOM + "textfield"}),
    "customfield_10014": ("Systems", {"type": "array", "items": "option", "custom": _CUSTOM + "multiselect", "options": ("App", "Web")}),
    "customfield_10015": ("Promised for", {"type": "date", "custom": _CUSTOM + "datepicker"}),
    "customfield_10020": ("Twin", {"type": "string", "custom": _CUSTOM + "textfield"}),
    "customfield_10021": ("Twin", {"type": "string", "custom": _CUSTOM + "textfield"}),
}  # fmt: skip
_DOCUMENTS = {"description", "customfield_10012"}


class Refusal(Exception):
    """An answer that is not the wanted one."""

    def __init__(self, status: int, *messages: str, **errors: str) -> None:
        super().__init__(messages)
        self.status, self.body = status, {"errorMessages": list(messages), "errors": errors}


def moment(ms: int) -> str:
    """As Jira writes moments."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{ms % 1000:03d}+0000"


class Jira:
    """What the stand-in knows and does. `lag`: seconds until search finds what was written."""

    def __init__(self, file: Path | None = None, lag: float = 2.0) -> None:
        self.kept = Kept(file, {"next": 1, "issues": {}, "webhooks": {}, "sent": []})
        self.lag = lag
        self.base = ""
        self.sending = Sending(self._note)

    def _note(self, url: str, how: str) -> None:
        with self.kept.changing() as data:
            data["sent"] = [*data["sent"][-19:], [url, how, int(time.time() * 1000)]]

    # ---- issues --------------------------------------------------------------------------------------------------------------

    def create(self, body: dict[str, Any], version: int, by: str = "bot") -> dict[str, Any]:
        """A new issue; Refusal with the wrong fields."""
        fields = dict(body.get("fields") or {})
        _check(fields, version)
        with self.kept.changing() as data:
            number, now = data["next"], _now()
            data["next"] += 1
            issue = {
                "id": str(10000 + number),
                "key": f"{fields['project']['key']}-{number}",
                "fields": {
                    "summary": fields["summary"],
                    "description": fields.get("description"),
                    "type": fields["issuetype"]["name"],
                    "priority": (fields.get("priority") or {"name": "Medium"})["name"],
                    "labels": list(fields.get("labels", ())),
                    "status": "To Do",
                    "assignee": "",
                    "duedate": fields.get("duedate"),
                    **{name: value for name, value in fields.items() if name in CUSTOM},
                },
                "properties": {one["key"]: one["value"] for one in body.get("properties", ())},
                "comments": [],
                "links": {},
                "created": now,
                "updated": now,
                "by": by,
            }
            data["issues"][issue["id"]] = issue
        self._tell("jira:issue_created", issue, by)
        return issue

    def issue(self, id_or_key: str) -> dict[str, Any]:
        """Refusal (404) when there is none."""
        with self.kept.reading() as data:
            found = data["issues"].get(id_or_key)
            for one in data["issues"].values():
                if one["key"] == id_or_key.upper():
                    found = one
        if found is None:
            raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
        return found  # type: ignore[no-any-return]

    def change(self, issue: dict[str, Any], by: str, **fields: Any) -> None:
        """Other fields, told to everybody who wants to know."""
        with self.kept.changing():
            issue["fields"].update(fields)
            issue["updated"] = max(_now(), issue["updated"] + 1)
        self._tell("jira:issue_updated", issue, by)

    def move(self, issue: dict[str, Any], transition: str, by: str) -> None:
        """By a transition's id."""
        if not isinstance(transition, str) or transition not in TRANSITIONS or transition not in ways(issue):
            raise Refusal(400, f"It seems that you have tried to perform an invalid workflow operation ({transition}).")
        self.change(issue, by, status=TRANSITIONS[transition][1])

    def comment(self, issue: dict[str, Any], body: Any, by: str, version: int = 2) -> dict[str, Any]:
        """Somebody says something."""
        if not body or (version == 3) != isinstance(body, dict):
            raise Refusal(400, comment="Comment body is not valid!")
        with self.kept.changing() as data:
            data["next_comment"] = data.get("next_comment", 100) + 1
            comment = {"id": str(data["next_comment"]), "by": by, "body": body, "created": _now()}
            issue["comments"].append(comment)
            issue["updated"] = max(_now(), issue["updated"] + 1)
        self._tell("comment_created", issue, by, comment)
        return comment

    def delete(self, issue: dict[str, Any], by: str) -> None:
        """It is gone for good."""
        with self.kept.changing() as data:
            data["issues"].pop(issue["id"], None)
        self._tell("jira:issue_deleted", issue, by)

    def search(self, jql: str) -> list[dict[str, Any]]:
        """What the index knows by now, the newest first."""
        with self.kept.reading() as data:
            known = [one for one in data["issues"].values() if one["created"] + self.lag * 1000 <= _now()]
        tests = [_test(part) for part in jql.split(" ORDER BY ")[0].split(" AND ")]
        return sorted((one for one in known if all(test(one) for test in tests)), key=lambda one: -one["created"])

    # ---- webhooks ------------------------------------------------------------------------------------------------------------

    def _tell(self, event: str, issue: dict[str, Any], by: str, comment: dict[str, Any] | None = None) -> None:
        told = {"timestamp": _now(), "webhookEvent": event, "user": person(by), "issue": self.json(issue, 2)}
        if comment:
            told["comment"] = comment_json(comment, 2)
        body = json.dumps(told).encode()
        with self.kept.reading() as data:
            hooks = [one for one in data["webhooks"].values() if one["enabled"] and event in one["events"]]
        for hook in hooks:
            signature = hmac.new(str(hook.get("secret") or "").encode(), body, hashlib.sha256).hexdigest()
            self.sending.send(
                hook["url"],
                body,
                {
                    "Content-Type": "application/json",
                    "User-Agent": "Stand-in of Jira",
                    "X-Atlassian-Webhook-Identifier": str(uuid.uuid4()),
                    "X-Hub-Signature": f"sha256={signature}",
                },
            )

    # ---- as it is answered ---------------------------------------------------------------------------------------------------

    def json(self, issue: dict[str, Any], version: int, properties: tuple[str, ...] = ()) -> dict[str, Any]:
        """As the REST interface shows an issue."""
        given = issue["fields"]
        status = {
            "name": given["status"],
            "statusCategory": {"key": STATUSES[given["status"]], "name": given["status"]},
        }
        fields = {
            **{name: text_in(given.get(name), version) if name in _DOCUMENTS else given.get(name) for name in CUSTOM},
            "summary": given["summary"],
            "description": text_in(given["description"], version),
            "issuetype": {"name": given["type"], "subtask": False},
            "project": {"key": issue["key"].split("-")[0], "id": "10000", "name": PROJECTS["KAN"]},
            "priority": {"name": given["priority"]},
            "labels": given["labels"],
            "status": status,
            "assignee": person(given["assignee"]) if given["assignee"] else None,
            "duedate": given["duedate"],
            "created": moment(issue["created"]),
            "updated": moment(issue["updated"]),
            "comment": {
                "comments": [comment_json(one, version) for one in issue["comments"]],
                "total": len(issue["comments"]),
                "maxResults": 5000,
                "startAt": 0,
            },
        }
        told = {"id": issue["id"], "key": issue["key"], "self": f"{self.base}/rest/api/{version}/issue/{issue['id']}", "fields": fields}  # fmt: skip
        if properties:
            told["properties"] = {name: issue["properties"][name] for name in properties if name in issue["properties"]}
        return told


def ways(issue: dict[str, Any]) -> list[str]:
    """Ids of the transitions that are open to an issue."""
    return [number for number, (_name, to) in TRANSITIONS.items() if to != issue["fields"]["status"]]


def person(account: str) -> dict[str, Any]:
    """As Jira shows people."""
    return {"accountId": account, "name": account, "displayName": PEOPLE.get(account, account), "active": True}


def comment_json(comment: dict[str, Any], version: int) -> dict[str, Any]:
    """As the REST interface shows a comment."""
    return {
        "id": comment["id"],
        "author": person(comment["by"]),
        "body": text_in(comment["body"], version),
        "created": moment(comment["created"]),
        "updated": moment(comment["created"]),
    }


def text_in(value: Any, version: int) -> Any:
    """A text as a document (v3) or as wiki text (v2)."""
    if value is None or (version == 3) == isinstance(value, dict):
        return value
    if version == 3:
        return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": value}]}]}  # fmt: skip
    return "\n\n".join(_wiki(block) for block in value.get("content", ()))


def _wiki(node: dict[str, Any]) -> str:
    if node.get("type") == "hardBreak":
        return "\n"
    text = "".join(_wiki(one) for one in node.get("content", ())) or str(node.get("text", ""))
    for mark in node.get("marks", ()):
        if mark["type"] == "link":
            text = f"[{text}|{mark['attrs']['href']}]"
    return text


def _check(fields: dict[str, Any], version: int) -> None:
    wrong: dict[str, str] = {}
    if (fields.get("project") or {}).get("key") not in PROJECTS:
        wrong["project"] = "valid project is required"
    if (fields.get("issuetype") or {}).get("name") not in TYPES:
        wrong["issuetype"] = "Specify a valid issue type"
    if not fields.get("summary") or "\n" in fields["summary"] or len(fields["summary"]) > 255:
        wrong["summary"] = "You must specify a summary of the issue, in one line of at most 255 characters."
    if (fields.get("priority") or {"name": "Low"}).get("name") not in PRIORITIES:
        wrong["priority"] = "The priority selected is invalid."
    if any(" " in label for label in fields.get("labels", ())):
        wrong["labels"] = "The label can't contain spaces."
    wrong |= _check_custom(fields, version)
    if wrong:
        raise Refusal(400, **wrong)


def _check_custom(fields: dict[str, Any], version: int) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name in _DOCUMENTS & fields.keys():
        if (version == 3) != isinstance(fields[name], dict):
            wrong[name] = (
                "Operation value must be an Atlassian Document" if version == 3 else "Operation value must be a string"
            )
    for name in CUSTOM.keys() & fields.keys():
        if problem := _wrong_custom(CUSTOM[name][1], fields[name]):
            wrong[name] = problem
    for name in fields:
        if name.startswith("customfield_") and name not in CUSTOM:
            wrong[name] = f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
    return wrong


def _wrong_custom(schema: dict[str, Any], value: Any) -> str | None:
    if schema["type"] == "number" and not isinstance(value, int | float):
        return "Operation value must be a number"
    if "options" in schema:
        for one in value if schema["type"] == "array" else [value]:
            if not isinstance(one, dict) or one.get("value") not in schema["options"]:
                return f"Specify a valid value: {', '.join(schema['options'])}"
    return None


def _test(part: str) -> Callable[[dict[str, Any]], bool]:
    """One condition of JQL: `labels = "x"`, `project = "KAN"`, `id in (1, 2)`."""
    part = part.strip()
    if part.startswith("id in ("):
        ids = {one.strip().strip('"') for one in part[7:].rstrip(") ").split(",")}
        return lambda issue: issue["id"] in ids or issue["key"] in ids
    name, sign, value = part.partition(" = ")
    value = value.strip().strip('"')
    if not sign or name not in {"labels", "project"}:
        raise Refusal(400, f"The stand-in does not know this JQL: {part}")
    if name == "labels":
        return lambda issue: value in issue["fields"]["labels"]
    return lambda issue: issue["key"].split("-")[0] == value


def _now() -> int:
    return int(time.time() * 1000)


def basic() -> str:
    """The Authorization that Cloud's way of logging in sends."""
    return "Basic " + b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
