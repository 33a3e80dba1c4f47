"""The vocabulary of the SOP language: kinds of steps, their keys and outcomes, types of fields, events, properties of a ticket."""

from __future__ import annotations

import re

DOCUMENT_KEYS = (
    "sop", "title", "department", "mode", "start", "calendar", "due", "remind", "escalate", "timeout", "fields", "on", "note", "labels", "do",
)  # fmt: skip
STEP_KEYS = (
    "if", "then", "on", "owner", "due", "remind", "escalate", "timeout", "on_error", "skippable", "visibility", "customer_label", "note",
    "pending", "was",
)  # fmt: skip
FIELD_KEYS = ("type", "label", "required", "options", "pattern", "min", "max", "currency", "help", "personal")
MODES = ("strict", "guided", "advisory")
TYPES = (
    "string", "text", "choice", "boolean", "int", "number", "money", "date", "datetime", "duration", "phone", "email", "url", "file", "person",
    "list",
)  # fmt: skip

# what each kind may say in its own value, and which siblings it takes beside it
KINDS: dict[str, tuple[str, ...]] = {
    "assign": ("team", "by", "agent", "skill", "tier", "cap", "availability", "backlog"),
    "task": (),
    "approval": ("by", "question", "quorum", "exclude"),
    "collaborate": ("ask", "question", "quorum"),
    "notify": ("to", "template", "channel", "with", "once", "await"),
    "call": (),
    "set": (),
    "resolve": ("require", "resolution"),
    "document": ("article", "sop"),
    "survey": ("type", "template"),
    "wait": ("for", "until", "event", "if"),
    "switch": (),
    "fork": ("join", "branches"),
    "run": ("sop", "ticket", "with", "await"),
    "do": (),
    "end": ("outcome", "result"),
}
SIBLINGS: dict[str, tuple[str, ...]] = {"task": ("to", "require", "checklist", "choices"), "call": ("with", "until")}

OUTCOMES: dict[str, tuple[str, ...]] = {
    "assign": ("assigned",),
    "task": ("completed", "skipped"),
    "approval": ("approve", "reject"),
    "collaborate": ("answered",),
    "notify": ("done",),
    "call": ("done", "error"),
    "set": ("done",),
    "resolve": ("completed",),
    "document": ("accepted", "declined"),
    "survey": ("done",),
    "wait": ("event", "time", "condition", "timeout"),
    "switch": ("branch", "else", "none", "left"),
    "fork": ("joined",),
    "run": ("completed", "resolved"),
    "do": ("completed", "left"),
    "end": (),
    "jump": (),
}
EVERY_OUTCOME = ("timeout", "cancelled", "error", "skipped")
ASSIGN_BY = ("direct", "round_robin", "least_busy", "skill")
STRATEGY = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")  # a way of choosing that a plugin knows
RESERVED_TARGETS = ("continue", "exit", "end")

EVENTS = (
    "ticket.opened", "customer.replied", "customer.rated", "customer.withdrew", "message.sent", "ticket.assigned", "ticket.changed",
    "ticket.merged", "ticket.resolved", "ticket.reopened", "ticket.closed", "step.opened", "step.done", "task.completed", "clock.warned",
    "clock.breached", "article.published",
)  # fmt: skip
OWN_PREFIXES = frozenset(event.split(".")[0] for event in EVENTS)  # PLUGIN.NAME cannot begin with one of these

WHO_WORDS = ("customer", "requester", "assignee", "lead", "manager", "watchers")
WHO_LISTS = {"team": "teams", "role": "roles", "agent": "agents", "skill": "skills", "department": "departments"}

STATUSES = ("open", "in_progress", "pending_customer", "pending_third_party", "resolved", "closed")
PENDING = {
    "customer": "pending_customer",
    "third_party": "pending_third_party",
    "pending_customer": "pending_customer",
    "pending_third_party": "pending_third_party",
}

# the properties an expression may read, with their types
TICKET = {
    "id": "string", "subject": "string", "topic": "string", "channel": "string", "priority": "string", "status": "status", "tags": "list",
    "product": "string", "language": "string", "department": "string", "team": "string", "assignee": "string", "created_at": "datetime",
    "first_replied_at": "datetime", "last_customer_reply_at": "datetime", "reopened": "int",
}  # fmt: skip
CUSTOMER = {
    "id": "string", "name": "string", "email": "string", "class": "class", "language": "string", "organisation": "string",
    "verified": "boolean",
}  # fmt: skip
STEP = {
    "outcome": "outcome", "visits": "int", "opened_at": "datetime", "due_at": "datetime", "done_at": "datetime", "by": "string",
    "result": "any",
}  # fmt: skip
SETTABLE = (
    "subject",
    "topic",
    "channel",
    "priority",
    "status",
    "tags",
    "product",
    "language",
    "department",
    "team",
    "assignee",
)
