"""The words of the procedure: a visit of a step, what one walk decides, and the world it looks at.

Everything here is a plain value. The database keeps visits as rows, the simulator keeps them in a dictionary; both go through `to_json` and
`from_json` unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.calendars import Calendar
    from core.sop.document import Assign, Sop, Who
    from core.sop.expressions import Scope

JSON: TypeAlias = Any  # None, bool, int, float, str, list or dict of them

ROOT = "@"  # the path of the run itself; of a sub-SOP it is `parent/@`


class State(StrEnum):
    """Where a visit stands. `skipped` with visit 0 was passed over because its `if` was false; otherwise a person skipped it."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who acts or is told: kind `person`, `team`, `role`, `skill`, `department`, `customer` or `mail`; id is the world's own."""

    kind: str
    id: str


@dataclass(slots=True)
class Visit:
    """One row of the step ledger: one visit of one step. Times are milliseconds since 1970 UTC.

    `path` is its identity within the run. `why` holds the values that were seen when it was decided: ids, codes and numbers only.
    `awaits` names the event kinds that can end it (`*`: any change). `effect` says that an outside effect is under way for it.
    `marks` is what the walk must remember: clocks, votes, reminders sent, the event taken.
    """

    path: str
    name: str
    visit: int
    kind: str
    state: State
    opened_at: int
    outcome: str | None = None
    result: JSON = None
    why: JSON = None
    assignees: tuple[Party, ...] = ()
    due_at: int | None = None
    ended_at: int | None = None
    ended_by: str | None = None  # a person's id, or `flow`, `clock`, `effect`, `event`
    awaits: tuple[str, ...] = ()
    effect: bool = False
    marks: dict[str, JSON] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Is it still waiting for somebody or something?"""
        return self.state is State.OPEN

    def copy(self) -> Visit:
        """The same visit, free to be changed (its marks too, one level deep)."""
        return Visit(
            self.path,
            self.name,
            self.visit,
            self.kind,
            self.state,
            self.opened_at,
            self.outcome,
            self.result,
            self.why,
            self.assignees,
            self.due_at,
            self.ended_at,
            self.ended_by,
            self.awaits,
            self.effect,
            dict(self.marks),
        )

    def to_json(self) -> dict[str, JSON]:
        """The visit as JSON values; `from_json` reads it back."""
        row = {name: getattr(self, name) for name in self.__slots__}
        return row | {
            "state": str(self.state),
            "assignees": [[party.kind, party.id] for party in self.assignees],
            "awaits": list(self.awaits),
        }

    @staticmethod
    def from_json(row: Mapping[str, JSON]) -> Visit:
        """A visit from what `to_json` gave."""
        return Visit(
            **{
                **row,
                "state": State(row["state"]),
                "assignees": tuple(Party(kind, name) for kind, name in row["assignees"]),
                "awaits": tuple(row["awaits"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the ledger. `op`: `opened`, `decided` (opened and ended in one), `ended`, or `changed` (marks, assignees, due)."""

    op: str
    visit: Visit


@dataclass(frozen=True, slots=True)
class Effect:
    """Something wanted outside. `key` is fixed by visit, action and number, so a retry reuses it; unique within the run.

    kind and payload (codes and ids; texts and `with` stay in the document and are filled when the effect is performed):
    `notify` {template, to: [who], channel, await}; `call` {action}; `remind` {to: [who], n}; `survey` {type, template};
    `child` {await}; `draft` {article, sop}; `choose` {by, team, spec, strict}: a plugin chooses the holder.
    """

    key: str
    kind: str
    path: str
    payload: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Order:
    """A change of the ticket or of the run's values, to be made in the same transaction, in this order.

    kinds: `ticket` and `var` and `field` (name, value; `frame` is the path of the `run` visit whose own values they are, "" for the main
    run); `status` (value); `assign` (name: the team or None, value: the person; `why`); `backlog` (name: the team: nobody holds it but the
    team); `resolve` (value: the step's path; the resolution, if typed in, is a field value; if given in the document, `resolution` of it).
    """

    kind: str
    name: str | None
    value: JSON
    path: str
    frame: str = ""
    why: JSON = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over, with this outcome (`completed`, the outcome of an `end`, `merged`, `switched`, `closed`) and result."""

    outcome: str
    result: JSON = None


@dataclass(frozen=True, slots=True)
class Attention:
    """Why the run needs a person: `code` is `visits`, `expression`, `quorum`, `missing` (a sub-SOP) or `target` (a step); `path` says where."""

    code: str
    path: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What one walk decided. Nothing in it when nothing is new; `alarm_at`, `ended` and `attention` always say how the run stands."""

    visits: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()
    orders: tuple[Order, ...] = ()
    alarm_at: int | None = None
    ended: Ended | None = None
    attention: Attention | None = None

    @property
    def empty(self) -> bool:
        """Did this walk change nothing?"""
        return not (self.visits or self.effects or self.orders)


@dataclass(frozen=True, slots=True)
class Assigned:
    """Whom an `assign` step chose, and the numbers that decided it."""

    person: str
    why: JSON = None


@dataclass(frozen=True, slots=True)
class Asking:
    """An `assign` step whose holder a plugin chooses: `by` is its strategy, `payload` what the question keeps of the step's wishes."""

    by: str
    payload: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of the timeline, as far as a procedure may look at it."""

    seq: int
    at: int
    data: Mapping[str, JSON] = field(default_factory=dict)


class World(Protocol):
    """What the walk may ask. The database answers inside the transaction, the simulator from memory. Asking changes nothing."""

    @property
    def ticket(self) -> Mapping[str, JSON]:
        """The ticket's properties, by the names of the SOP language (`assignee` is a person's id or None)."""

    @property
    def customer(self) -> Mapping[str, JSON]:
        """The customer's properties."""

    def fields(self, frame: str) -> Mapping[str, JSON]:
        """The field values of the main run ("") or of the sub-SOP run by the visit `frame`."""

    def vars(self, frame: str) -> Mapping[str, JSON]:
        """The variables made by `set`, of the main run ("") or of a sub-SOP."""

    def resolve(self, who: Who, scope: Scope) -> tuple[Party, ...]:
        """Who that is now. Expressions are already filled; `scope.ticket` shows the changes of this very move. Nobody found: the lead,
        then the manager."""

    def members(self, party: Party) -> tuple[str, ...] | None:
        """The ids of the people behind a party; None when nobody can know (a simulation without an organisation)."""

    def assign(self, spec: Assign, scope: Scope) -> Assigned | Asking | None:
        """Choose a holder (expressions in `spec` are filled); None: nobody now, the ticket waits in the team's backlog. `Asking`: it waits
        there for a plugin's answer, which is an effect."""

    def happened(self, kind: str, since: int) -> tuple[Happening, ...]:
        """Events of this kind at or after `since` (ms), oldest first."""

    def sop(self, name: str, hash_: str | None) -> Sop | None:
        """The published version of a sub-SOP, or (with a hash) the one a run has begun with. LookupError: there is none. None: its end
        will be told from outside (`acting.child_ended`), its steps are not walked here."""

    def calendar(self, name: str | None) -> Calendar:
        """The working hours called `name`; None: the department's."""
