"""Which inputs does a step have in the outline? Those of its kind first, then what every step may carry, folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop import document as d
from core.sop.drawing_words import EVENTS, event, say
from core.sop.shapes import humanised
from core.studio import inputs as i
from core.studio import text_inputs as t
from core.studio.every_step_inputs import of_all
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from core.sop.document import Step
    from core.studio.inputs import Input, Options
    from core.studio.surroundings import Surroundings


def step_inputs(step: Step, around: Surroundings) -> list[Input]:
    """The inputs of one step, in the order of its form."""
    return [*_of_kind(step, around), *of_all(step, around)]


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
            yield from _wait(step, step.what, around)
        case d.Fork(join=join):
            joins = [("all", _("all have finished")), ("any", _("the first has finished"))]
            joins += [(str(n), _("%(n)s have finished", n=n)) for n in range(2, len(step.what.branches))]
            yield i.choose("join", _("Go on when"), ("fork", "join"), str(join), joins)


def _task(step: Step, what: d.Task, around: Surroundings) -> Iterator[Input]:
    yield t.words("task", _("What is to be done?"), ("task",), what.text, both=around.both)
    yield i.people("to", _("Who does it?"), ("to",), what.to, around.people, default="assignee")
    if around.sop.fields:
        options = around.required(resolution=False)
        yield i.ticks("require", _("Fill in before it is done"), ("require",), what.require, options)
    codes = {t.said(choice.label, both=False)[0]: choice.code for choice in what.choices}
    hint = _("One a line; each becomes a button. Without any there is one button: done.")
    yield t.texts(
        "choices",
        _("How can it come out?"),
        ("choices",),
        [choice.label for choice in what.choices],
        lambda rows: t.coded(rows, codes),
        codes=[choice.code for choice in what.choices],
        both=around.both,
        hint=hint,
    )
    yield from _routes(step, [(choice.code, say(choice.label)) for choice in what.choices], around)
    yield t.texts(
        "checklist",
        _("Checklist"),
        ("checklist",),
        what.checklist,
        lambda rows: [written for _code, _here, written in rows] or None,
        both=around.both,
        hint=_("One a line."),
        more=True,
    )


def _question(step: Step, what: d.Approval | d.Collaborate, around: Surroundings) -> Iterator[Input]:
    kind, who, key = ("approval", what.by, "by") if isinstance(what, d.Approval) else ("collaborate", what.ask, "ask")
    yield t.words("question", _("Question"), (kind, "question"), what.question, both=around.both)
    yield i.people("who", _("Who decides?") if key == "by" else _("Who is asked?"), (kind, key), who, around.people)
    quorums = [("any", _("the first answer counts")), ("all", _("everybody must answer"))]
    quorums += [(str(n), _("%(n)s of them", n=n)) for n in range(2, 6)] if key == "by" else []
    yield i.choose("quorum", _("How many?"), (kind, "quorum"), str(what.quorum), quorums)
    if key == "by":
        yield from _routes(step, [("reject", _("rejected"))], around)


def _routes(step: Step, codes: Options, around: Surroundings) -> Iterator[Input]:
    """Where each outcome leads."""
    known = dict(codes)
    for code, label in [*codes, *((code, humanised(code)) for code in step.on if code not in known)]:
        options = around.targets(step, _("the next step"))
        title = _("If “%(outcome)s”, go to", outcome=label)
        yield i.choose(f"on.{code}", title, ("on", code, "then"), step.on.get(code, ""), options)


def _own(by: str) -> set[str]:
    """A plugin's way of choosing that is written here, whether its plugin is there or not."""
    return {by} if "." in by else set()


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
                *(
                    (name, _("as %(name)s says", name=name))
                    for name in sorted({*(names.strategies or ()), *_own(what.by)})
                ),
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
            yield _pairs("with", _("With these values"), ("notify", "with"), dict(what.with_), more=True)
        case d.Survey():
            kinds = [
                ("csat", _("How satisfied are you? (CSAT)")),
                ("ces", _("How easy was it? (CES)")),
                ("nps", _("Would you recommend us? (NPS)")),
            ]
            yield i.choose("type", _("Which question?"), ("survey", "type"), what.type, kinds)
            templates = [("", _("the one that belongs to the question"))]
            templates += [(name, humanised(name)) for name in sorted(names.templates or ())]
            yield i.choose(
                "template", _("With which template?"), ("survey", "template"), what.template or "", templates
            )


def _closing(what: d.Resolve | d.Document, around: Surroundings) -> Iterator[Input]:
    if isinstance(what, d.Resolve):
        options = around.required(resolution=True)
        yield i.ticks(
            "require", _("Fill in before it is resolved"), ("resolve", "require"), what.require, options, empty=[]
        )
        hint = _("With a text here nobody has to do anything: the ticket is resolved at once.")
        yield t.words(
            "resolution",
            _("Resolution, if it is always the same"),
            ("resolve", "resolution"),
            what.resolution,
            both=around.both,
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


def _pairs(name: str, label: str, path: i.Path, values: Mapping[str, Any], *, more: bool = False) -> Input:
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
    rows = [f"{key} = {value}" for key, value in simple.items()]
    return i.lines(name, label, path, rows, read, hint=hint, more=more and not values)


def _wait(step: Step, what: d.Wait, around: Surroundings) -> Iterator[Input]:
    events = [("", _("nothing, only time")), *((code, event(code)) for code in EVENTS)]
    events += [(code, code) for code in sorted(around.names.events or ())]
    yield i.choose("event", _("Wait until this happens"), ("wait", "event"), what.event or "", events)
    label = _("At most") if what.event or what.until else _("Wait this long")
    yield i.time("for", label, ("wait", "for"), what.for_)
    hint = _("An expression that comes true, or a moment.")
    yield i.plain("until", _("Or until"), ("wait", "until"), what.until, hint=hint, more=True)
    if what.event:
        yield from _routes(step, [("event", _("it happened")), ("timeout", _("too late"))], around)
