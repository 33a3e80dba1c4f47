"""Inputs that every step may have in the outline, whatever its kind; most of them are folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop import document as d
from core.sop import words as vocabulary
from core.sop.shapes import humanised
from core.studio import inputs as i
from core.studio import text_inputs as t
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.sop.document import Step
    from core.studio.inputs import Input, Options
    from core.studio.surroundings import Surroundings

PEOPLE = frozenset({"task", "approval", "collaborate", "resolve", "document"})  # kinds that wait for somebody
LASTING = frozenset({"wait", "call", "do", "run", "fork"})  # kinds that take their time without


def of_all(step: Step, around: Surroundings) -> Iterator[Input]:
    """Its condition, its times, its way on, and what people and customers read."""
    people = step.kind in PEOPLE
    yield i.condition(
        "if",
        _("Only if"),
        ("if",),
        step.if_,
        around.sop,
        around.subjects,
        more=step.if_ is None and step.kind != "jump",
    )
    if people or step.kind in LASTING:
        yield i.time(
            "due",
            _("Due within"),
            ("due",),
            step.due,
            more=not people and step.due is None,
            froms=moments(opening=True),
        )
        yield from reminders(step.remind, more=not people or step.due is None)
        yield from _time_limit(step, around)
    if step.kind == "call":
        yield from _failing(step, around)
    if step.kind != "end":
        needed = step.kind == "jump"
        yield i.choose(
            "then",
            _("Afterwards go to"),
            ("then",),
            step.then or "",
            around.targets(step, _("the next step")),
            more=not needed and step.then is None,
        )
    yield from _for_people(step, around, people=people)


def _time_limit(step: Step, around: Surroundings) -> Iterator[Input]:
    after = step.timeout.after if step.timeout else None
    yield i.time("timeout", _("Give up after"), ("timeout", "after"), after, more=step.timeout is None)
    then = step.timeout.then if step.timeout else ""
    targets = around.targets(step, _("the next step"))
    yield i.choose(
        "timeout.then",
        _("and go to"),
        ("timeout", "then"),
        "" if then == "continue" else then,
        targets,
        more=step.timeout is None,
    )


def _failing(step: Step, around: Surroundings) -> Iterator[Input]:
    """What becomes of an action that failed for good: somebody is asked, or the flow goes on somewhere."""
    error = step.on_error
    first, *targets = around.targets(step, _("ask the team lead"))
    asked = [
        (f"ask:{code}", _("ask: %(who)s", who=who)) for code, who in around.people if code not in ("lead", "customer")
    ]
    options = [first, ("continue", _("go on with the next step")), *targets, *asked]
    shown = ""
    if error is not None:
        shown = error.then or f"ask:{', '.join(error.ask)}"

    def read(given: tuple[str, ...]) -> Any:
        kind, colon, who = given[0].partition(":")
        return {"ask": who} if kind == "ask" and colon else given[0] or None

    if shown not in dict(options):
        options.append((shown, shown))
    yield i.Input("on_error", _("If it fails"), "select", ("on_error",), (shown,), read, options)


def moments(*, opening: bool) -> Options:
    """The moments from which a length of time may count."""
    return [
        ("", _("from when it is the step's turn") if opening else _("from when the procedure begins")),
        ("${ticket.created_at}", _("from when the ticket came")),
        ("${ticket.last_customer_reply_at}", _("from the customer's last message")),
    ]


def reminders(remind: tuple[d.Reminder, ...], *, more: bool) -> Iterator[Input]:
    """One reminder: before it is due, or again and again; what is more than that is written in the text."""
    one = remind[0] if remind else d.Reminder()
    if len(remind) > 1 or (one.after and one.after.start):
        yield i.Input("remind", _("Reminders"), "fixed", ("remind",), (str(len(remind)),), lambda _given: None)
        return
    yield i.time(
        "remind", _("Remind before it is due"), ("remind", 0, "before"), one.before, more=more and not one.before
    )
    yield i.time("remind.after", _("Remind after"), ("remind", 0, "after"), one.after, more=one.after is None)
    yield i.time("remind.every", _("and again every"), ("remind", 0, "every"), one.every, more=one.every is None)


def _for_people(step: Step, around: Surroundings, *, people: bool) -> Iterator[Input]:
    if people:
        skippable = step.skippable.by if step.skippable else ()
        yield i.people("skippable", _("Who may skip it?"), ("skippable", "by"), skippable, around.people, more=True)
    hint = _("Customers see this word on their page while the step is open. Without one they do not see the step.")
    yield t.words(
        "customer_label",
        _("What the customer reads"),
        ("customer_label",),
        step.customer_label,
        both=around.both,
        hint=hint,
        more=True,
    )
    seen = [("", _("people of the firm; customers only what they read above")), ("customer", _("customers, too"))]
    shown = "" if step.internal else "customer"
    yield i.choose("visibility", _("Who sees that it is there?"), ("visibility",), shown, seen, more=True)
    yield t.words("note", _("Help for whoever does it"), ("note",), step.note, long=True, both=around.both, more=True)
    pending = [
        ("", _("as it follows from the step")),
        *((code, humanised(code)) for code in ("customer", "third_party")),
    ]
    code = (
        next((key for key, status in vocabulary.PENDING.items() if status == step.pending), "") if step.pending else ""
    )
    yield i.choose("pending", _("The ticket waits for"), ("pending",), code, pending, more=True)
