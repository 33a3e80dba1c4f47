"""What a standard operating procedure says, as frozen values: the compiled form of one YAML document.

The reader (`core.sop.reading`) makes these from text; the walk, the simulator, the pages and the drawing read them. Nothing here knows YAML.
A `Value` is JSON-like; a text in it may hold `${expression}`. An expression is kept as its source text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Value: TypeAlias = Any  # text, number, boolean, None, list or mapping of them; texts may hold ${…}
Who: TypeAlias = tuple[
    str, ...
]  # each: customer requester assignee lead manager watchers team:X role:X agent:X skill:X department:X mailto:a@b ${…}


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, in one language ("" = whichever) or in several."""

    by: tuple[tuple[str, str], ...]

    def say(self, language: str) -> str:
        """The text in `language`, else in the first language it was written in."""
        words = dict(self.by)
        return words.get(language) or words.get("") or self.by[0][1]


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration. `seconds` is elapsed time; days, weeks, months are calendar dates; `business` makes either opening time."""

    months: int = 0
    weeks: int = 0
    days: int = 0
    seconds: int = 0
    business: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """`due`, or the `after` of an escalation or timeout: so long after the visit opened, or after the moment `start` says (key `from`)."""

    after: Duration
    start: str | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """Remind who must act: `before` the due moment, or `after` the opening (exactly one of them); `every` repeats."""

    before: Duration | None = None
    after: Due | None = None
    every: Duration | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """BPMN non-interrupting timer: `do` runs beside the open step."""

    after: Due
    do: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Timeout:
    """BPMN interrupting timer: the step ends `timeout` and the flow goes to `then`."""

    after: Due
    then: str


@dataclass(frozen=True, slots=True)
class OnError:
    """`then` is a target, or None when `ask` names who decides."""

    then: str | None = None
    ask: Who = ("lead",)


@dataclass(frozen=True, slots=True)
class Skippable:
    by: Who = ()
    reason: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field. `type` is one of string text choice boolean int number money date datetime duration phone email url file person list."""

    name: str
    type: str
    label: Text
    required: bool = True
    options: tuple[Choice, ...] = ()
    pattern: str | None = None
    min: Value = None
    max: Value = None
    currency: str | None = None
    help: Text | None = None
    personal: bool = False


# ---- the kinds ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assign:
    team: Value = None
    by: str = "least_busy"
    agent: Value = None
    skill: Value = None
    tier: Value = None
    cap: Value = None
    availability: str = "online"
    backlog: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    text: Text
    to: Who = ("assignee",)
    require: tuple[str, ...] = ()  # "fields.amount"
    checklist: tuple[Text, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    by: Who
    question: Text
    quorum: str | int = "any"
    exclude: Who = ("assignee", "requester")


@dataclass(frozen=True, slots=True)
class Collaborate:
    ask: Who
    question: Text
    quorum: str | int = "all"


@dataclass(frozen=True, slots=True)
class Notify:
    to: Who
    template: str
    channel: str | None = None
    with_: Mapping[str, Value] = field(default_factory=dict)
    once: bool = False
    wait: bool = False  # `await: delivery`


@dataclass(frozen=True, slots=True)
class Call:
    action: str
    with_: Mapping[str, Value] = field(default_factory=dict)
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Set:
    """Names are `ticket.X` or `vars.Y`, in document order."""

    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Resolve:
    """A task of the assignee that asks for `require`; nothing required, or a given `resolution`: resolves at once."""

    require: tuple[str, ...] = ("resolution",)
    resolution: Text | None = None

    @property
    def automatic(self) -> bool:
        """Does nobody have to fill anything in?"""
        return self.resolution is not None or not self.require


@dataclass(frozen=True, slots=True)
class Document:
    article: str = "none"  # suggest | require | none
    sop: str = "none"


@dataclass(frozen=True, slots=True)
class Survey:
    type: str
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """For a time; until a condition or a moment; or for an event (with its condition). `for_` beside `event` or `until` is the limit."""

    for_: Duration | None = None
    until: str | None = None
    event: str | None = None
    if_: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a switch. `if_` None is `else`. Exactly one of `do` and `then` is given (`else: []` is an empty `do`)."""

    if_: str | None
    do: tuple[Step, ...] | None = None
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    join: str | int  # all | any | N
    branches: tuple[tuple[str, tuple[Step, ...]], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A sub-SOP (`sop` is `department/name` or a name) or a child ticket (`ticket`), exactly one of them."""

    sop: str | None = None
    ticket: Mapping[str, Value] | None = None
    with_: Mapping[str, Value] = field(default_factory=dict)
    wait: bool = True


@dataclass(frozen=True, slots=True)
class Phase:
    """`do`: steps under a name, clock and label of their own."""

    do: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class End:
    outcome: str = "completed"
    result: Value = None


@dataclass(frozen=True, slots=True)
class Jump:
    """A step without a kind: `{if, then}`."""


Kind: TypeAlias = (
    Assign
    | Task
    | Approval
    | Collaborate
    | Notify
    | Call
    | Set
    | Resolve
    | Document
    | Survey
    | Wait
    | Switch
    | Fork
    | Run
    | Phase
    | End
    | Jump
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `kind` is the keyword of the language (`assign` … `end`, `do`, `jump`); `what` its value; `line` where it stands (1-based)."""

    name: str
    kind: str
    what: Kind
    title: Text
    if_: str | None = None
    then: str | None = None
    on: Mapping[str, str] = field(default_factory=dict)  # outcome → target
    owner: Who = ()
    due: Due | None = None
    remind: tuple[Reminder, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    timeout: Timeout | None = None
    on_error: OnError | None = None
    skippable: Skippable | None = None
    internal: bool = True  # visibility
    customer_label: Text | None = None
    note: Text | None = None
    pending: str | None = None
    was: str | None = None
    line: int = 0

    def lists(self) -> Iterator[tuple[Step, ...]]:
        """The lists of steps inside this one: phase, cases, branches, escalations."""
        match self.what:
            case Phase(do=do):
                yield do
            case Switch(cases=cases):
                yield from (case.do for case in cases if case.do is not None)
            case Fork(branches=branches):
                yield from (steps for _, steps in branches)
            case _:
                pass
        yield from (escalation.do for escalation in self.escalate)


@dataclass(frozen=True, slots=True)
class OnEvent:
    """Document-level `on`: `do` runs beside the rest; `then` interrupts (`end` or a top-level step)."""

    event: str
    do: tuple[Step, ...] | None = None
    then: str | None = None
    if_: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    if_: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Sop:
    """One checked document. `hash` identifies its text (sha256, hex)."""

    name: str
    title: Text
    do: tuple[Step, ...]
    department: str | None = None
    mode: str = "guided"  # strict | guided | advisory
    start: Start | None = None
    calendar: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    on: tuple[OnEvent, ...] = ()
    due: Due | None = None
    remind: tuple[Reminder, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    timeout: Timeout | None = None
    note: Text | None = None
    labels: tuple[str, ...] = ()
    hash: str = ""

    def steps(self) -> Iterator[Step]:
        """Every step of the document, in document order."""
        heads = [self.do, *(event.do for event in self.on if event.do), *(e.do for e in self.escalate)]
        stack = [step for steps in reversed(heads) for step in reversed(steps)]
        while stack:
            step = stack.pop()
            yield step
            stack.extend(inner for steps in reversed(list(step.lists())) for inner in reversed(steps))
