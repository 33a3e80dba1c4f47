"""What a new step of each kind says at first: enough to be right, and to be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.shapes import suggested_name
from core.texts import N_, _

if TYPE_CHECKING:
    from core.sop.document import Sop
    from core.sop.naming import Names

# in the order in which they are offered: what people need most comes first
KINDS = {
    "task": N_("Somebody does something"),
    "notify": N_("Send a message"),
    "approval": N_("Ask for approval"),
    "collaborate": N_("Ask a colleague"),
    "wait": N_("Wait"),
    "assign": N_("Give the ticket to somebody"),
    "switch": N_("Decide by a condition"),
    "fork": N_("Do several things side by side"),
    "resolve": N_("Resolve the ticket"),
    "document": N_("Write down what was learnt"),
    "survey": N_("Ask how it went"),
    "set": N_("Set a property of the ticket"),
    "call": N_("Run an action of a plugin"),
    "run": N_("Run another procedure"),
    "do": N_("A phase that holds steps"),
    "jump": N_("Go to another step"),
    "end": N_("End the procedure"),
}


def body_of(kind: str, said: str, sop: Sop, names: Names) -> dict[str, Any]:
    """The body of a new step; `said` are its author's words."""
    simple = _simple(kind, said)
    if simple is not None:
        return simple
    match kind:
        case "notify":
            templates = sorted(names.templates or ["update"])
            wish = suggested_name(said)
            template = wish if wish in templates else "update" if "update" in templates else templates[0]
            return {"notify": {"to": "customer", "template": template}}
        case "call":
            return {"call": next(iter(sorted(names.actions or ())), "plugin.action")}
        case "run":
            others = sorted(name for name in names.sops or () if name.rpartition("/")[2] != sop.name)
            return {"run": {"sop": others[0] if others else "another-procedure"}}
        case "switch":
            test = _first_test(sop)
            return {"switch": [{"if": test, "do": []}, {"else": []}]}
        case _:
            first, second = _("One"), _("Two")
            branches = {
                suggested_name(word): [{f"{suggested_name(said)}_{suggested_name(word)}": {"task": f"{said}: {word}"}}]
                for word in (first, second)
            }
            return {"fork": {"join": "all", "branches": branches}}


def _simple(kind: str, said: str) -> dict[str, Any] | None:
    bodies: dict[str, dict[str, Any]] = {
        "task": {"task": said},
        "approval": {"approval": {"by": "lead", "question": said}, "on": {"reject": {"then": "end"}}},
        "collaborate": {"collaborate": {"ask": "lead", "question": said}},
        "assign": {"assign": {"by": "least_busy"}},
        "wait": {"wait": {"event": "customer.replied", "for": "P7D"}},
        "set": {"set": {"ticket.priority": "high"}},
        "resolve": {"resolve": {"require": ["resolution"]}},
        "document": {"document": {"article": "suggest", "sop": "suggest"}},
        "survey": {"survey": {"type": "csat"}},
        "do": {"do": [{suggested_name(f"{said} 1"): {"task": said}}]},
        "jump": {"then": "end"},
        "end": {"end": {"outcome": "completed"}},
    }
    return bodies.get(kind)


def _first_test(sop: Sop) -> str:
    """A condition to begin with: on the first field that has something to decide by, else on the priority."""
    for field in sop.fields.values():
        if field.type == "choice" and field.options:
            return f'fields.{field.name} == "{field.options[0].code}"'
        if field.type in ("money", "number", "int"):
            return f"fields.{field.name} > 1000000" if field.type == "money" else f"fields.{field.name} > 10"
        if field.type == "boolean":
            return f"fields.{field.name} == true"
    return 'ticket.priority == "high"'
