"""Which inputs does a step have in the outline? Those of its kind first, then what every step may carry, folded away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.sop import document as d
from core.sop import words as vocabulary
from core.sop.drawing_words import EVENTS, event, say
from core.sop.shapes import humanised, suggested_name
from core.sop.structure import spots_of
from core.studio import inputs as i
from core.studio.conditions import subjects
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.sop.document import Sop, Step
    from core.sop.naming import Names
    from core.sop.structure import Spot
    from core.studio.inputs import Input, Options


@dataclass(slots=True)
class Surroundings:
    """What a form must know besides its step: the document, and the names that exist here."""

    sop: Sop
    names: Names
    spots: Mapping[str, Spot] = field(init=False)
    people: Options = field(init=False)
    subjects: Options = field(init=False)

    def __post_init__(self) -> None:
        self.spots = spots_of(self.sop)
        self.people = people_words(self.names)
        self.subjects = subjects(self.sop)

    def targets(self, step: Step, nothing: str) -> Options:
        """Where a way out of a step may lead."""
        spot = self.spots.get(step.name)
        named = [(name, humanised(name)) for name in (spot.targets() if spot else ())]
        around = [("exit", _("leave this part"))] if spot and spot.holder else []
        return [("", nothing), *named, *around, ("end", _("end the procedure"))]

    def required(self, *, resolution: bool) -> Options:
        """What a step may ask for."""
        fields = [(f"fields.{one.name}", say(one.label) or humanised(one.name)) for one in self.sop.fields.values()]
        return [("resolution", _("how it was resolved")), *fields] if resolution else fields


def people_words(names: Names) -> Options:
    """Everybody a step may be for, as people say it."""
    who = [
        ("assignee", _("whoever holds the ticket")),
        ("customer", _("the customer")),
        ("lead", _("the team lead")),
        ("manager", _("the department's manager")),
        ("watchers", _("the watchers")),
    ]
    who += [(f"team:{name}", _("team %(name)s", name=name)) for name in sorted(names.teams or ())]
    who += [(f"agent:{name}", name) for name in sorted(names.agents or ())]
    return who


def step_inputs(step: Step, around: Surroundings) -> list[Input]:
    """The inputs of one step, in the order of its form."""
    return [*_of_kind(step, around), *_of_all(step, around)]


def _of_kind(step: Step, around: Surroundings) -> Iterator[Input]:
    match step.what:
        case d.Task():
            yield from _task(step, step.what, around)
        case d.Approval() | d.Collaborate():
            yield from _question(step, step.what, around)
        case d.Assign() | d.Notify() | d.Survey():
            yield from _giving(step.what, around)
        case d.Resolve() | d.Document():
            yield from _closing(step.what, around)
        case d.Call() | d.Set() | d.Run() | d.End():
            yield from _machine(step.what, around)
        case d.Wait():
            yield from _wait(step.what, around)
        case d.Fork(join=join):
            joins = [("all", _("all have finished")), ("any", _("the first has finished"))]
            joins += [(str(n), _("%(n)s have finished", n=n)) for n in range(2, len(step.what.branches))]
            yield i.choose("join", _("Go on when"), ("fork", "join"), str(join), joins)


def _task(step: Step, what: d.Task, around: Surroundings) -> Iterator[Input]:
    yield i.words("task", _("What is to be done?"), ("task",), what.text)
    yield i.people("to", _("Who does it?"), ("to",), what.to, around.people, default="assignee")
    if around.sop.fields:
        options = around.required(resolution=False)
        yield i.ticks("require", _("Fill in before it is done"), ("require",), what.require, options)
    codes = {say(choice.label): choice.code for choice in what.choices}

    def choices(labels: list[str]) -> Any:
        return {codes.get(label) or suggested_name(label): label for label in labels} or None

    hint = _("One a line; each becomes a button. Without any there is one button: done.")
    yield i.lines("choices", _("How can it come out?"), ("choices",), list(codes), choices, hint=hint)
    yield from _routes(step, [(choice.code, say(choice.label)) for choice in what.choices], around)
    checklist = [say(item) for item in what.checklist]
    yield i.lines(
        "checklist",
        _("Checklist"),
        ("checklist",),
        checklist,
        lambda items: items or None,
        hint=_("One a line."),
        more=True,
    )


def _question(step: Step, what: d.Approval | d.Collaborate, around: Surroundings) -> Iterator[Input]:
    kind, who, key = ("approval", what.by, "by") if isinstance(what, d.Approval) else ("collaborate", what.ask, "ask")
    yield i.words("question", _("Question"), (kind, "question"), what.question)
    yield i.people("who", _("Who decides?") if key == "by" else _("Who is asked?"), (kind, key), who, around.people)
    quorums = [("any", _("the first answer counts")), ("all", _("everybody must answer"))]
    yield i.choose("quorum", _("How many?"), (kind, "quorum"), str(what.quorum), quorums)
    if key == "by":
        yield from _routes(step, [("reject", _("rejected"))], around)


def _routes(step: Step, codes: Options, around: Surroundings) -> Iterator[Input]:
    """Where each outcome leads."""
    for code, label in codes:
        options = around.targets(step, _("the next step"))
        title = _("If “%(outcome)s”, go to", outcome=label)
        yield i.choose(f"on.{code}", title, ("on", code, "then"), step.on.get(code, ""), options)


def _giving(what: d.Assign | d.Notify | d.Survey, around: Surroundings) -> Iterator[Input]:
    names = around.names
    match what:
        case d.Assign():
            teams = [("", _("the ticket's own team")), *((name, name) for name in sorted(names.teams or ()))]
            yield i.choose("team", _("Which team?"), ("assign", "team"), what.team or "", teams)
            ways = [
                ("least_busy", _("to whoever is least busy")),
                ("round_robin", _("in turn")),
                ("skill", _("by skill")),
                ("direct", _("to one person")),
            ]
            yield i.choose("by", _("How is somebody chosen?"), ("assign", "by"), what.by, ways)
            people = [("", _("nobody in particular")), *((name, name) for name in sorted(names.agents or ()))]
            yield i.choose(
                "agent", _("Which person?"), ("assign", "agent"), what.agent or "", people, more=what.by != "direct"
            )
        case d.Notify():
            yield i.people("to", _("Who is told?"), ("notify", "to"), what.to, around.people)
            templates = [(name, humanised(name)) for name in sorted(names.templates or ())]
            yield i.choose("template", _("With which template?"), ("notify", "template"), what.template, templates)
            yield i.tick("once", _("Only once a ticket"), ("notify", "once"), value=what.once, more=True)
        case d.Survey():
            kinds = [
                ("csat", _("How satisfied are you? (CSAT)")),
                ("ces", _("How easy was it? (CES)")),
                ("nps", _("Would you recommend us? (NPS)")),
            ]
            yield i.choose("type", _("Which question?"), ("survey", "type"), what.type, kinds)


def _closing(what: d.Resolve | d.Document, around: Surroundings) -> Iterator[Input]:
    if isinstance(what, d.Resolve):
        options = around.required(resolution=True)
        yield i.ticks(
            "require", _("Fill in before it is resolved"), ("resolve", "require"), what.require, options, empty=[]
        )
        hint = _("With a text here nobody has to do anything: the ticket is resolved at once.")
        yield i.words(
            "resolution",
            _("Resolution, if it is always the same"),
            ("resolve", "resolution"),
            what.resolution,
            hint=hint,
            more=True,
        )
        return
    ways = [("suggest", _("suggested")), ("require", _("required")), ("none", _("not asked for"))]
    yield i.choose("article", _("An article for the knowledge base is"), ("document", "article"), what.article, ways)
    yield i.choose("sop", _("A change of this procedure is"), ("document", "sop"), what.sop, ways)


def _machine(what: d.Call | d.Set | d.Run | d.End, around: Surroundings) -> Iterator[Input]:
    match what:
        case d.Call():
            actions = [(name, name) for name in sorted(around.names.actions or ())]
            yield i.plain("call", _("Which action?"), ("call",), what.action, options=actions)
            yield _pairs("with", _("With these values"), ("with",), what.with_)
            hint = _("An expression. Without one the step is done as soon as the action is.")
            yield i.plain("until", _("Wait until"), ("until",), what.until, hint=hint, more=True)
        case d.Set():
            yield _pairs("set", _("What is set?"), ("set",), dict(what.values))
        case d.Run():
            sops = [("", _("none")), *((name, name) for name in sorted(around.names.sops or ()))]
            if what.ticket is not None:
                yield _pairs("ticket", _("The new ticket's values"), ("run", "ticket"), what.ticket)
            else:
                yield i.choose("sop", _("Which procedure?"), ("run", "sop"), what.sop or "", sops)
            ways = [("", _("wait until it has ended")), ("no", _("go on at once"))]
            yield i.Input(
                "await",
                _("And then"),
                "select",
                ("run", "await"),
                ("" if what.wait else "no",),
                lambda given: False if given[0] else None,
                ways,
            )
        case d.End():
            yield i.plain("outcome", _("Outcome"), ("end", "outcome"), what.outcome)


def _pairs(name: str, label: str, path: i.Path, values: Mapping[str, Any]) -> Input:
    """Names and values, one a line: `ticket.priority = high`. Values that are more than a line stay as they are written."""
    simple = {key: value for key, value in values.items() if isinstance(value, str | int | float | bool)}

    def read(rows: list[str]) -> Any:
        found: dict[str, Any] = {key: value for key, value in values.items() if key not in simple}
        for row in rows:
            key, equals, value = row.partition("=")
            if not equals or not key.strip():
                raise i.WrongAnswer(
                    _("“%(row)s” has no “=”. Write a name and its value, such as: ticket.priority = high", row=row)
                )
            old = simple.get(key.strip())
            found[key.strip()] = old if str(old) == value.strip() else value.strip()
        return found or None

    hint = _("One a line, a name and its value, such as: ticket.priority = high")
    return i.lines(name, label, path, [f"{key} = {value}" for key, value in simple.items()], read, hint=hint)


def _wait(what: d.Wait, around: Surroundings) -> Iterator[Input]:
    events = [("", _("nothing, only time")), *((code, event(code)) for code in EVENTS)]
    events += [(code, code) for code in sorted(around.names.events or ())]
    yield i.choose("event", _("Wait until this happens"), ("wait", "event"), what.event or "", events)
    label = _("At most") if what.event or what.until else _("Wait this long")
    yield i.time("for", label, ("wait", "for"), what.for_)
    hint = _("An expression that comes true, or a moment.")
    yield i.plain("until", _("Or until"), ("wait", "until"), what.until, hint=hint, more=True)


# ---- what every step may carry -----------------------------------------------------------------------------------------


def _of_all(step: Step, around: Surroundings) -> Iterator[Input]:
    people = step.kind in ("task", "approval", "collaborate", "resolve", "document")
    yield i.condition(
        "if",
        _("Only if"),
        ("if",),
        step.if_,
        around.sop,
        around.subjects,
        more=step.if_ is None and step.kind != "jump",
    )
    if people:
        yield i.time("due", _("Due within"), ("due",), step.due)
        yield from _reminder(step)
    if people or step.kind in ("wait", "call", "do", "run"):
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
    if step.kind == "call":
        then = step.on_error.then or "" if step.on_error else ""
        yield i.choose("on_error", _("If it fails"), ("on_error",), then, around.targets(step, _("ask the team lead")))
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


def _reminder(step: Step) -> Iterator[Input]:
    first = step.remind[0] if len(step.remind) == 1 and step.remind[0].every is None else None
    if not step.remind or (first and first.before):
        path: i.Path = ("remind", 0, "before")
        before = first.before if first else None
        yield i.time("remind", _("Remind before it is due"), path, before, more=step.due is None)


def _for_people(step: Step, around: Surroundings, *, people: bool) -> Iterator[Input]:
    if people:
        who = [("", _("nobody")), *around.people]
        skippable = step.skippable.by if step.skippable else ()
        yield i.people("skippable", _("Who may skip it?"), ("skippable", "by"), skippable, who, more=True)
    hint = _("Customers see this word on their page while the step is open. Without one they do not see the step.")
    yield i.words(
        "customer_label", _("What the customer reads"), ("customer_label",), step.customer_label, hint=hint, more=True
    )
    if people:
        yield i.words("note", _("Help for whoever does it"), ("note",), step.note, long=True, more=True)
    pending = [
        ("", _("as it follows from the step")),
        *((code, humanised(code)) for code in ("customer", "third_party")),
    ]
    code = (
        next((key for key, status in vocabulary.PENDING.items() if status == step.pending), "") if step.pending else ""
    )
    yield i.choose("pending", _("The ticket waits for"), ("pending",), code, pending, more=True)
