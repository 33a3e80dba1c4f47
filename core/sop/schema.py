"""The SOP language as a JSON Schema (2020-12): what editors use to complete keys and underline slips. The checker says much more."""

from __future__ import annotations

from typing import Any

from core.sop import words
from core.sop.grammar import LONGEST

NAME = "^[a-z][a-z0-9_]*$"
DURATION = r"^P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$"
_ID = "urn:estafet:sop"

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Schema, *required: str, **more: Any) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False, **more}
    if required:
        found["required"] = list(required)
    return found


def _list(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, **({"minItems": least} if least else {})}


def _map(values: Schema, names: str | None = None) -> Schema:
    found: Schema = {"type": "object", "additionalProperties": values}
    if names:
        found["propertyNames"] = {"pattern": names}
    return found


def _words(known: tuple[str, ...]) -> Schema:
    return {"enum": list(known)}


_TEXT: Schema = {"type": "string"}
_BOOL: Schema = {"type": "boolean"}
_ANY: Schema = {}
_NUMBER = {"type": "integer", "minimum": 1}


def _basics() -> Schema:
    """Texts, people, durations: what everything else is made of."""
    return {
        "text": {"anyOf": [{"type": ["string", "number"]}, _map(_TEXT, "^[a-z]{2}(-[A-Z]{2})?$")]},
        "expression": {"type": ["string", "boolean"], "maxLength": LONGEST},
        "moment": {"type": "string", "pattern": r"^\$\{.*\}$"},
        "person": {
            "type": "string",
            "pattern": f"^({'|'.join(words.WHO_WORDS)}|({'|'.join(words.WHO_LISTS)}):.+|mailto:.+@.+|\\$\\{{.*\\}})$",
        },
        "who": {"anyOf": [_ref("person"), _list(_ref("person"))]},
        "duration": {
            "anyOf": [
                {"type": "string", "pattern": DURATION},
                _object(
                    {"business": {"type": "string", "pattern": r"^P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$"}}, "business"
                ),
            ]
        },
        "due": {
            "anyOf": [
                _ref("duration"),
                _object({"business": _TEXT, "after": _ref("duration"), "from": _ref("moment")}),
            ],
        },
        "reminder": _object(
            {"before": _ref("duration"), "after": _ref("due"), "from": _ref("moment"), "every": _ref("duration")}
        ),
        "escalation": _object({"after": _ref("due"), "from": _ref("moment"), "do": _ref("steps")}, "after", "do"),
        "timeout": _object({"after": _ref("due"), "from": _ref("moment"), "then": _TEXT}, "after", "then"),
        "choices": {
            "anyOf": [_list({"anyOf": [{"type": ["string", "number"]}, _map(_ref("text"))]}, 1), _map(_ref("text"))]
        },
        "quorum": {"anyOf": [_words(("any", "all")), _NUMBER]},
        "values": _map(_ANY),
        "steps": _list(_ref("item")),
        "item": {"anyOf": [_TEXT, {**_map(_ref("step"), NAME), "minProperties": 1, "maxProperties": 1}]},
        "route": _object({"then": _TEXT}, "then"),
    }


def _kinds() -> Schema:
    """The value of each kind of step."""
    return {
        "assign": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "team": _TEXT,
                "by": {"anyOf": [_words(words.ASSIGN_BY), {"type": "string", "pattern": f"^{words.STRATEGY.pattern}$"}]},
                "agent": _TEXT,
                "skill": _TEXT,
                "tier": _ANY,
                "cap": {"type": ["integer", "string"]},
                "availability": _words(("online", "any")),
                "backlog": _BOOL,
            },
        },
        "task": _ref("text"),
        "approval": _object(
            {"by": _ref("who"), "question": _ref("text"), "quorum": _ref("quorum"), "exclude": _ref("who")}, "by", "question"
        ),
        "collaborate": _object({"ask": _ref("who"), "question": _ref("text"), "quorum": _ref("quorum")}, "ask", "question"),
        "notify": _object(
            {
                "to": _ref("who"),
                "template": _TEXT,
                "channel": _TEXT,
                "with": _ref("values"),
                "once": _BOOL,
                "await": {"const": "delivery"},
            },
            "to",
            "template",
        ),
        "call": _TEXT,
        "set": {**_map(_ANY, r"^(ticket|vars)\.[A-Za-z_]\w*$"), "minProperties": 1},
        "resolve": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {"require": _list(_TEXT), "resolution": _ref("text")},
        },
        "document": _object(dict.fromkeys(("article", "sop"), _words(("suggest", "require", "none"))), minProperties=1),
        "survey": _object({"type": _words(("csat", "ces", "nps")), "template": _TEXT}, "type"),
        "wait": _object(
            {"for": _ref("duration"), "until": _ref("expression"), "event": _TEXT, "if": _ref("expression")}, minProperties=1
        ),
        "switch": _list(
            {
                "anyOf": [
                    _object({"if": _ref("expression"), "do": _ref("steps")}, "if", "do"),
                    _object({"if": _ref("expression"), "then": _TEXT}, "if", "then"),
                    _object({"else": _ref("steps")}, "else"),
                ]
            },
            1,
        ),
        "fork": _object(
            {"join": _ref("quorum"), "branches": {**_map(_ref("steps"), NAME), "minProperties": 1}}, "branches"
        ),
        "run": {
            "anyOf": [
                _object({"sop": _TEXT, "with": _ref("values"), "await": _BOOL}, "sop"),
                _object({"ticket": _ref("values"), "await": _BOOL}, "ticket"),
            ]
        },
        "do": _ref("steps"),
        "end": {"type": ["object", "null"], "additionalProperties": False, "properties": {"outcome": _TEXT, "result": _ANY}},
    }  # fmt: skip


def _common() -> Schema:
    """The keys every step may carry."""
    return {
        "if": _ref("expression"),
        "then": _TEXT,
        "on": _map(_ref("route")),
        "owner": _ref("who"),
        "due": _ref("due"),
        "remind": _list(_ref("reminder")),
        "escalate": _list(_ref("escalation")),
        "timeout": _ref("timeout"),
        "on_error": {"anyOf": [_TEXT, _object({"ask": _ref("who")}, "ask")]},
        "skippable": _object({"by": _ref("who"), "reason": _BOOL}),
        "visibility": _words(("internal", "customer")),
        "customer_label": _ref("text"),
        "note": _ref("text"),
        "pending": _words(tuple(words.PENDING)),
        "was": {"type": "string", "pattern": NAME},
    }


def _step() -> Schema:
    """A step: the common keys, at most one kind, and the siblings of that kind."""
    kinds = _kinds()
    siblings = {
        "to": _ref("who"),
        "require": _list(_TEXT),
        "checklist": _list(_ref("text")),
        "choices": _ref("choices"),
        "with": _ref("values"),
        "until": _ref("expression"),
    }
    only_one = [
        {"required": [kind], "not": {"anyOf": [{"required": [o]} for o in kinds if o != kind]}} for kind in kinds
    ]
    jump = {"required": ["then"], "not": {"anyOf": [{"required": [kind]} for kind in kinds]}}
    needed = {key: [owner] for owner, keys in words.SIBLINGS.items() for key in keys}
    return _object({**kinds, **siblings, **_common()}, oneOf=[*only_one, jump], dependentRequired=needed)


def _field() -> Schema:
    return _object(
        {
            "type": _words(words.TYPES),
            "label": _ref("text"),
            "required": _BOOL,
            "options": _ref("choices"),
            "pattern": _TEXT,
            "min": _ANY,
            "max": _ANY,
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "help": _ref("text"),
            "personal": _BOOL,
        },
        "type",
    )


def json_schema() -> Schema:
    """The whole language."""
    event = _object(
        {"if": _ref("expression"), "do": _ref("steps"), "then": _TEXT},
        oneOf=[{"required": ["do"]}, {"required": ["then"]}],
    )
    document = _object(
        {
            "sop": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
            "title": _ref("text"),
            "department": _TEXT,
            "mode": _words(words.MODES),
            "start": _object({"if": _ref("expression"), "priority": {"type": "integer"}}),
            "calendar": _TEXT,
            "due": _ref("due"),
            "remind": _list(_ref("reminder")),
            "escalate": _list(_ref("escalation")),
            "timeout": _ref("timeout"),
            "fields": {**_map(_ref("field"), NAME), "maxProperties": 200},
            "on": _map(event),
            "note": _ref("text"),
            "labels": _list(_TEXT),
            "do": {**_ref("steps"), "minItems": 1},
        },
        "sop",
        "do",
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        "title": "Standard operating procedure",
        **document,
        "$defs": {**_basics(), "field": _field(), "step": _step()},
    }
