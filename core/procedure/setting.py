"""The `set` step: properties of the ticket and the run's variables, in the order they are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from core.procedure.behaviour import Behaviour
from core.procedure.values import JSON, Order
from core.sop.document import Set
from core.sop.values import plain

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit


def _open_set(walk: Running, here: Here) -> Visit:
    what, frame = here.step.what, here.frame
    assert isinstance(what, Set)
    facts, orders = walk.facts, walk.record.orders
    ticket, variables, began = dict(facts.ticket), dict(facts.vars(frame.path)), len(orders)
    try:
        for name, value in what.values:
            _set(walk, here, name, stored(walk.fill(frame, value)))
    except ValueError:  # a failing expression sets nothing at all
        del orders[began:]
        facts.ticket = ticket
        facts.vars(frame.path).clear()
        facts.vars(frame.path).update(variables)
        raise
    return walk.decide(here, "done")


def _set(walk: Running, here: Here, name: str, value: JSON) -> None:
    root, _dot, rest = name.partition(".")
    frame = here.frame.path
    if root == "vars":
        walk.facts.vars(frame)[rest] = value
        walk.record.orders.append(Order("var", rest, value, here.path, frame))
        return
    walk.facts.ticket[rest] = value
    walk.record.orders.append(Order("status" if rest == "status" else "ticket", rest, value, here.path, frame))


def stored(value: Any) -> JSON:
    """A value of an expression as JSON, whole: money as `{minor, currency}`, moments as ISO texts."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): stored(inner) for key, inner in value.items()}
        case list() | tuple():
            return [stored(inner) for inner in value]
        case date():
            return value.isoformat()
        case _:
            return plain(value)


SET = Behaviour(_open_set)
