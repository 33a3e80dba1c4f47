"""Reads what a document says about time: durations, due, reminders, escalations, timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sop.document import Due, Duration, Escalation, Reminder, Timeout
from core.sop.durations import DurationError, parse_duration
from core.sop.nodes import Pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.sop.document import Step
    from core.sop.nodes import Node
    from core.sop.shapes import Shapes

    Steps = Callable[[Node, str], tuple[Step, ...]]


def read_duration(shapes: Shapes, node: Node, what: str) -> Duration | None:
    """`PT2H`, or `{business: PT2H}`."""
    if isinstance(node, Pairs):
        given = shapes.pairs(node, ("business",), what, required=("business",))
        if "business" not in given:
            return None
        shapes.business.append(node)
        return _parse(shapes, given["business"], what, business=True)
    return _parse(shapes, node, what, business=False)


def _parse(shapes: Shapes, node: Node, what: str, *, business: bool) -> Duration | None:
    source = shapes.word(node, what)
    if source is None:
        return None
    try:
        return parse_duration(source, business=business)
    except DurationError as error:
        shapes.problems.add(error.code, node, error.suggests, what=what, found=source)
        return None


def read_due(shapes: Shapes, node: Node, what: str) -> Due | None:
    """`PT2H`, `{business: PT2H}`, either with `from: "${…}"`; a plain duration with `from` is `{after: P3D, from: …}`."""
    if not isinstance(node, Pairs):
        after = read_duration(shapes, node, what)
        return Due(after) if after else None
    given = shapes.pairs(node, ("business", "after", "from"), what)
    start = shapes.moment(given["from"], "from") if "from" in given else None
    if "business" in given:
        shapes.business.append(node)
        after = _parse(shapes, given["business"], what, business=True)
    elif "after" in given:
        after = read_duration(shapes, given["after"], what)
    else:
        if len(given) == len(node.pairs):  # else a slip of the pen was refused already
            shapes.problems.add("missing-key", node, what=what, key="business")
        return None
    return Due(after, start) if after else None


def _after(shapes: Shapes, node: Node, given: dict[str, Node], what: str) -> Due | None:
    """`after:` of an escalation, timeout or reminder, with a `from` beside it or inside."""
    if "after" not in given:
        shapes.problems.add("missing-key", node, what=what, key="after")
        return None
    due = read_due(shapes, given["after"], "after")
    start = shapes.moment(given["from"], "from") if "from" in given else None
    return Due(due.after, start) if due and start else due


def read_reminders(shapes: Shapes, node: Node, *, has_due: bool) -> tuple[Reminder, ...]:
    """`remind`: a list of `{before: …}` or `{after: …, every: …}`; `before` needs a `due`."""
    found = []
    for item in shapes.items(node, "remind"):
        given = shapes.pairs(item, ("before", "after", "from", "every"), "remind")
        if not given:
            continue
        if ("before" in given) == ("after" in given):
            shapes.problems.add("before-or-after", item)
            continue
        every = read_duration(shapes, given["every"], "every") if "every" in given else None
        if "before" in given:
            if not has_due:
                shapes.problems.add("before-without-due", item)
            found.append(Reminder(before=read_duration(shapes, given["before"], "before"), every=every))
        else:
            found.append(Reminder(after=_after(shapes, item, given, "remind"), every=every))
    return tuple(found)


def read_escalations(shapes: Shapes, node: Node, steps: Steps) -> tuple[Escalation, ...]:
    """`escalate`: a list of `{after: …, do: [steps]}`."""
    found = []
    for item in shapes.items(node, "escalate"):
        given = shapes.pairs(item, ("after", "from", "do"), "escalate", required=("do",))
        if not given:
            continue
        after = _after(shapes, item, given, "escalate")
        inner = steps(given["do"], "escalate") if "do" in given else ()
        if after:
            found.append(Escalation(after, inner))
    return tuple(found)


def read_timeout(shapes: Shapes, node: Node) -> Timeout | None:
    """`timeout: {after: …, then: …}`."""
    given = shapes.pairs(node, ("after", "from", "then"), "timeout")
    if not given:
        return None
    after = _after(shapes, node, given, "timeout")
    if "then" not in given:
        shapes.problems.add("timeout-then", node)
        return None
    then = shapes.target(given["then"], "timeout")
    return Timeout(after, then) if after and then else None
