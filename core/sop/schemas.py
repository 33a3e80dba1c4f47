"""Do the arguments of a `call` fit the JSON Schema that its action declares?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.nodes import Pairs
from core.sop.problems import nearest
from core.sop.types import type_of_literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.sop.document import Call, Step
    from core.sop.naming import Names
    from core.sop.nodes import Node
    from core.sop.reading import Draft

_KINDS = {
    "string": ("text",),
    "integer": ("int",),
    "number": ("int", "number"),
    "boolean": ("bool",),
    "array": ("list",),
    "object": ("map",),
}


def check_arguments(draft: Draft, step: Step, call: Call, names: Names | None) -> None:
    """Note arguments that are missing, unknown, or plainly of another type."""
    action = names.actions.get(call.action) if names and names.actions else None
    schema = action.arguments if action else None
    if not schema:
        return
    name_node = draft.nodes[step.name]
    given = with_of(draft.top, step.name) if draft.top else None
    known = schema.get("properties") or {}
    for key in schema.get("required") or ():
        if key not in call.with_:
            draft.problems.add("argument-missing", given or name_node, action=call.action, key=key)
    for key, value in call.with_.items():
        node = _key(given, key) or name_node
        if key in known:
            _type(draft, node, call.action, key, value, known[key])
        elif known and not schema.get("additionalProperties"):
            draft.problems.add(
                "argument-unknown", node, nearest(key, known), action=call.action, found=key, known=", ".join(known)
            )


def _type(draft: Draft, node: Node, action: str, key: str, value: Any, schema: Any) -> None:
    wanted = schema.get("type") if isinstance(schema, dict) else None
    if (isinstance(value, str) and "${" in value) or not isinstance(wanted, str) or value is None:
        return
    found = type_of_literal(value)
    if wanted in _KINDS and found.kind not in _KINDS[wanted]:
        draft.problems.add("argument-type", node, action=action, key=key, wanted=wanted, type=found.say())


def _key(given: Node | None, key: str) -> Node | None:
    return next((name for name, _value in given.pairs if name.text == key), None) if isinstance(given, Pairs) else None


def with_of(top: Pairs, step: str) -> Node | None:
    """Where the `with` of a step stands."""
    stack: list[Node] = [top]
    while stack:
        node = stack.pop()
        if isinstance(node, Pairs):
            body = node.at.get(step)
            if isinstance(body, Pairs) and ({"call", "run", "notify"} & body.at.keys()):
                inner = body.at.get("with")
                run = body.at.get("run")
                return inner or (run.at.get("with") if isinstance(run, Pairs) else None)
            stack += [value for _name, value in node.pairs]
        else:
            stack += _items(node)
    return None


def _items(node: Node) -> Iterable[Node]:
    return getattr(node, "items", ())
