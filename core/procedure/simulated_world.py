"""The world of a simulation: a ticket, its fields and its events in memory, and people as far as they are known without an organisation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.calendar_reading import built_in, moment_of
from core.moments import to_datetime
from core.procedure.values import Assigned, Happening, Party

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from core.calendars import Calendar
    from core.procedure.values import JSON
    from core.sop.document import Assign, Sop, Who
    from core.sop.expressions import Scope


@dataclass(frozen=True, slots=True)
class Given:
    """What is given before anything happens. `assign` is the person whom `assign` steps find; None: nobody."""

    start: int
    ticket: Mapping[str, Any] = field(default_factory=dict)
    customer: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    calendar: Calendar | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    assign: str | None = "agent"
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_MOMENTS = ("created_at", "first_replied_at", "last_customer_reply_at")


def _moment(written: Any) -> Any:
    """A moment a case wrote as a text, as expressions compute with it."""
    return to_datetime(moment_of(written)) if isinstance(written, str) else written


class SimulatedWorld:
    """What the walk may ask (see `core.procedure.values.World`), answered from what a case gives."""

    def __init__(self, given: Given, find: Callable[[str], Sop | None] | None) -> None:
        self.given, self.now = given, given.start
        self.find: Callable[[str], Sop | None] = find or (lambda _name: None)
        self._ticket: dict[str, Any] = {
            "status": "open",
            "priority": "medium",
            "channel": "email",
            "tags": [],
            "reopened": 0,
        }
        self._ticket |= {"assignee": None, "created_at": to_datetime(given.start)} | {
            name: _moment(value) if name in _MOMENTS else value for name, value in given.ticket.items()
        }
        self._customer = {"class": "standard", **given.customer}
        self._fields: dict[str, dict[str, Any]] = {"": dict(given.fields)}
        self._vars: dict[str, dict[str, Any]] = {}
        self._events: dict[str, list[Happening]] = {}
        self._seq = 0

    @property
    def ticket(self) -> Mapping[str, Any]:
        """The ticket's properties."""
        return self._ticket

    @property
    def customer(self) -> Mapping[str, Any]:
        """The customer's properties."""
        return self._customer

    def fields(self, frame: str) -> Mapping[str, Any]:
        """The field values of a run."""
        return self._fields.setdefault(frame, {})

    def vars(self, frame: str) -> Mapping[str, Any]:
        """The variables of a run."""
        return self._vars.setdefault(frame, {})

    def resolve(self, who: Who, scope: Scope) -> tuple[Party, ...]:
        """Who that is, as far as it can be known without an organisation."""
        found = [party for word in who if (party := _party(word, scope.ticket.get("assignee")))]
        return tuple(dict.fromkeys(found)) or (Party("person", "lead"),)

    def members(self, party: Party) -> tuple[str, ...] | None:
        """The people behind a party; of a team only those that were given."""
        if party.kind in ("person", "customer", "mail"):
            return (party.id,)
        return self.given.members.get(f"{party.kind}:{party.id}")

    def assign(self, spec: Assign, scope: Scope) -> Assigned | None:
        """The person that was given, or the one the document names."""
        del scope
        person = self.given.assign
        if person is None:
            return None
        return Assigned(str(spec.agent) if spec.agent and person == "agent" else person)

    def happened(self, kind: str, since: int) -> tuple[Happening, ...]:
        """Events of this kind at or after a moment."""
        return tuple(event for event in self._events.get(kind, ()) if event.at >= since)

    def sop(self, name: str, hash_: str | None) -> Sop | None:
        """A sub-SOP from the same folder; None: the case tells its end."""
        del hash_
        return self.find(name)

    def calendar(self, name: str | None) -> Calendar:
        """The calendar of the case, or one of the two that always exist."""
        return self.given.calendar or built_in(name or "id-jakarta")

    def note(self, kind: str, data: Mapping[str, JSON]) -> None:
        """An event on the timeline."""
        self._seq += 1
        self._events.setdefault(kind, []).append(Happening(self._seq, self.now, data))

    def change(self, target: str, values: Mapping[str, Any], frame: str = "") -> None:
        """Change the ticket, the customer, the fields or the variables."""
        known = {
            "ticket": self._ticket,
            "customer": self._customer,
            "fields": self._fields.setdefault(frame, {}),
            "vars": self._vars.setdefault(frame, {}),
        }
        known[target].update(values)

    def moment(self) -> datetime:
        """The present moment of the virtual clock."""
        return to_datetime(self.now)


def _party(word: str, assignee: Any) -> Party | None:
    kind, _colon, name = word.partition(":")
    match kind:
        case "assignee":
            return Party("person", str(assignee)) if assignee else None
        case "customer" | "requester":
            return Party("customer", "customer")
        case "watchers":
            return None
        case "agent":
            return Party("person", name)
        case "mailto":
            return Party("mail", name)
        case "lead" | "manager":
            return Party("person", kind)
    return Party(kind, name)
