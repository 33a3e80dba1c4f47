"""What steps call and people press. All but `link` may have happened when nobody knows, so each can be looked up."""

from __future__ import annotations

from typing import Any

import estafet
from plugins.jira import commenting, creating, linking, moving

_TEXT = {"type": "string"}
_ISSUE = {
    **_TEXT,
    "title": "Issue",
    "description": {
        "en": "Its key or address, such as KAN-12. Empty: the only one of the ticket",
        "id": "Kunci atau alamatnya, misalnya KAN-12. Kosong: satu-satunya issue tiket ini",
    },
}
_VALUES = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("key", "summary", "status", "assignee", "priority", "type", "due", "ref", "url"), _TEXT),
        "done": {"type": "boolean"},
        "linked_back": {"type": "boolean"},
    },
    "additionalProperties": True,
}
_EXAMPLE = {"key": "KAN-12", "summary": "Nothing is printed", "status": "To Do", "done": False, "assignee": ""}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


_CREATE = _object(
    summary={
        **_TEXT,
        "title": {"en": "Summary", "id": "Ringkasan"},
        "description": {"en": "Empty: the ticket's subject", "id": "Kosong: subjek tiket"},
    },
    description={**_TEXT, "title": {"en": "Description", "id": "Uraian"}, "format": "text"},
    project={
        **_TEXT,
        "title": {"en": "Project", "id": "Proyek"},
        "description": {
            "en": "Its key, such as KAN. Empty: the usual one",
            "id": "Kuncinya, misalnya KAN. Kosong: yang biasa dipakai",
        },
    },
    type={
        **_TEXT,
        "title": {"en": "Type", "id": "Jenis"},
        "description": {"en": "Bug, Task … Empty: the usual one", "id": "Bug, Task … Kosong: yang biasa dipakai"},
    },
    priority={
        **_TEXT,
        "title": {"en": "Priority", "id": "Prioritas"},
        "description": {
            "en": "Empty: what the ticket's priority means in Jira",
            "id": "Kosong: padanan prioritas tiket di Jira",
        },
    },
    labels={"type": "array", "items": _TEXT, "title": {"en": "Labels", "id": "Label"}},
    due={
        **_TEXT,
        "title": {"en": "Due", "id": "Tenggat"},
        "description": {"en": "A day, such as 2026-12-24", "id": "Tanggal, misalnya 2026-12-24"},
    },
    fields={
        "type": ["object", "string"],
        "title": {"en": "Own fields", "id": "Kolom lain"},
        "description": "Severity = S1; Affected users = 12",
    },
)

ACTIONS = (
    estafet.Action(
        "jira.create_issue",
        creating.create,
        title={"en": "Create an issue in Jira", "id": "Buat issue di Jira"},
        arguments=_CREATE,
        result=_VALUES,
        find=creating.find,
        lag=creating.LAG,
        on_ticket=True,
        example=_EXAMPLE,
    ),
    estafet.Action(
        "jira.link",
        linking.link,
        title={"en": "Link an issue of Jira", "id": "Tautkan issue dari Jira"},
        arguments=_object("issue", issue={**_TEXT, "title": {"en": "Key or address", "id": "Kunci atau alamat"}}),
        result=_VALUES,
        repeatable=True,
        on_ticket=True,
        example=_EXAMPLE,
    ),
    estafet.Action(
        "jira.comment",
        commenting.comment,
        title={"en": "Comment in Jira", "id": "Beri komentar di Jira"},
        arguments=_object(
            "text",
            issue=_ISSUE,
            text={**_TEXT, "title": {"en": "Comment", "id": "Komentar"}, "format": "text"},
            author={**_TEXT, "title": {"en": "Author", "id": "Penulis"}},
        ),
        result={"type": "object", "properties": {"comment": _TEXT, "key": _TEXT}},
        find=commenting.find,
        on_ticket=True,
        example={"comment": "10001", "key": "KAN-12"},
    ),
    estafet.Action(
        "jira.transition",
        moving.transition,
        title={"en": "Move an issue in Jira", "id": "Pindahkan issue di Jira"},
        arguments=_object(
            "to",
            issue=_ISSUE,
            to={
                **_TEXT,
                "title": {"en": "To", "id": "Ke"},
                "description": {
                    "en": "A transition or a status, by its name",
                    "id": "Nama sebuah transisi atau status",
                },
            },
        ),
        result=_VALUES,
        find=moving.find,
        on_ticket=True,
        example={**_EXAMPLE, "status": "Done", "done": True},
    ),
)
