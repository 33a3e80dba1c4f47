"""How the product itself writes a document: in which order keys stand, and what is short enough for one line."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString, ScalarString

_WIDEST = 100  # characters of a value on one line
DOCUMENT = [
    "sop", "title", "note", "department", "labels", "mode", "calendar", "start", "fields", "due", "remind", "escalate", "timeout",
    "on", "do",
]  # fmt: skip
FIELD = [
    "type", "required", "options", "pattern", "min", "max", "currency", "personal", "label", "help",
]  # fmt: skip
STEP = [
    "was", "if", "task", "approval", "collaborate", "assign", "notify", "call", "set", "resolve", "document", "survey", "wait",
    "switch", "fork", "run", "do", "end", "with", "until", "to", "require", "checklist", "choices", "owner", "customer_label",
    "visibility", "note", "pending", "skippable", "due", "remind", "escalate", "timeout", "on_error", "on", "then",
]  # fmt: skip
_INNER = [
    "if", "type", "event", "ask", "team", "by", "agent", "sop", "ticket", "to", "template", "channel", "article", "question",
    "quorum", "exclude", "skill", "tier", "cap", "availability", "backlog", "priority", "before", "after", "every", "business",
    "require", "resolution", "with", "once", "reason", "outcome", "result", "until", "for", "from", "join", "branches", "await",
    "do", "then", "en", "id",
]  # fmt: skip
_BELOW = frozenset({"do", "on", "fields", "start", "branches", "switch", "escalate"})
_BELOW_IF_RICH = frozenset({"choices", "options", "checklist"})


def order_at(path: tuple[str | int, ...], *, step: bool) -> list[str]:
    """The order of the keys of the mapping at this place of a step, or of the document."""
    if step:
        return STEP if not path else _INNER
    if not path:
        return DOCUMENT
    return FIELD if path[0] == "fields" and len(path) == 2 else _INNER


def put(mapping: CommentedMap, key: str | int, value: Any, order: list[str]) -> None:
    """Set a key; a new one goes before the first that comes after it in the order."""
    if key in mapping or key not in order:
        mapping[key] = value
        return
    behind = set(order[order.index(str(key)) + 1 :])
    place = next((number for number, known in enumerate(mapping) if known in behind), len(mapping))
    mapping.insert(place, key, value)


def arrange_steps(steps: Any) -> None:
    """A list of steps, below its key; nothing at all is written as []."""
    if not steps:
        steps.fa.set_flow_style()
        return
    steps.fa.set_block_style()
    for item in steps:
        if isinstance(item, CommentedMap):
            item.fa.set_block_style()
            for body in item.values():
                arrange_step(body)


def arrange_step(body: Any) -> None:
    """Each key of a step on lines of its own."""
    if isinstance(body, CommentedMap):
        body.fa.set_block_style()
        for key, value in body.items():
            arrange(str(key), value)


def arrange(key: str, value: Any) -> None:
    """Lines for what holds steps or is long, one line for everything else."""
    if key in ("do", "else") and isinstance(value, CommentedSeq):
        arrange_steps(value)
    elif isinstance(value, CommentedMap):
        _style(value, flows=_flows(key, value))
        for name, inner in value.items():
            if key == "branches":
                arrange_steps(inner)
            else:
                arrange(str(name), inner)
    elif isinstance(value, CommentedSeq):
        _style(value, flows=_flows(key, value))
        for inner in value:
            arrange("", inner)


def _style(value: Any, *, flows: bool) -> None:
    if flows:
        value.fa.set_flow_style()
    else:
        value.fa.set_block_style()


def _flows(key: str, value: Any) -> bool:
    """Does it stand on one line?"""
    if not isinstance(value, CommentedMap | CommentedSeq):
        return "\n" not in str(value)
    if not value:
        return True
    if key in _BELOW or (
        key in _BELOW_IF_RICH and (isinstance(value, dict) or any(isinstance(v, dict) for v in value))
    ):
        return False
    if isinstance(value, dict):
        if ("if" in value and "do" in value) or "else" in value:  # a row of a decision
            return False
        return _length(value) <= _WIDEST and all(_flows(str(name), inner) for name, inner in value.items())
    return _length(value) <= _WIDEST and all(_flows("", inner) for inner in value)


def _length(value: Any) -> int:
    if isinstance(value, dict):
        return sum(len(str(key)) + 4 + _length(inner) for key, inner in value.items())
    if isinstance(value, list):
        return sum(2 + _length(inner) for inner in value) + 2
    return len(str(value))


def styles(value: Any) -> list[tuple[Any, bool]]:
    """Everything in a value that stands on one line or below its key, and which of both."""
    if not isinstance(value, CommentedMap | CommentedSeq):
        return []
    inner = value.values() if isinstance(value, CommentedMap) else value
    return [(value, not value or bool(value.fa.flow_style())), *(one for part in inner for one in styles(part))]


def is_arranged(key: str, value: Any) -> bool:
    """Is a value written as the product writes it? If not, its writer wanted it otherwise."""
    before = styles(value)
    arrange(key, value)
    same = [flow for _node, flow in before] == [flow for _node, flow in styles(value)]
    for node, flow in before:
        _style(node, flows=flow)
    return same


def plainly(value: Any) -> Any:
    """Texts in the quotes that they need, and no others."""
    if isinstance(value, CommentedMap):
        for key, inner in value.items():
            OrderedDict.__setitem__(value, key, plainly(inner))  # its own would keep the quotes
    elif isinstance(value, CommentedSeq):
        for number, inner in enumerate(value):
            list.__setitem__(value, number, plainly(inner))
    elif isinstance(value, ScalarString):
        return LiteralScalarString(value) if "\n" in value else str(value)
    return value


def in_order(mapping: CommentedMap, order: list[str]) -> None:
    """The keys in the product's order; those it does not know stay behind them, as they stood."""
    rank = {key: number for number, key in enumerate(order)}
    for key in sorted(mapping, key=lambda name: rank.get(str(name), len(rank))):
        value = mapping.pop(key)
        mapping[key] = value
