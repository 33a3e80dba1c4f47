"""What was a ticket when it arrived? Its properties now, with everything undone that its timeline says was changed since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.moments import to_datetime
from core.studio.past import changed
from core.tickets.rows import PRIORITY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.directory import Directory
    from core.timeline import Happening

ARRIVAL_KINDS = frozenset({"ticket.opened", "ticket.changed"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """A ticket at the moment it opened, as conditions read it. `unknown`: names such as `ticket.topic` whose first value nobody has kept."""

    at: int
    ticket: Mapping[str, Any]
    customer: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()


def as_it_arrived(
    at: int,
    ticket: Mapping[str, Any],
    customer: Mapping[str, Any],
    events: Sequence[Happening],
    firm: Directory,
    fields: Mapping[str, Any] | None = None,
) -> Arrived:
    """The ticket as it was at the moment `at`, from what it is now and from its events of opening and change, in their order."""
    now, them = dict(ticket), dict(customer)
    unknown: set[str] = set()
    for event in reversed(events):
        if event.kind == "ticket.opened":
            now |= _opened(event.data, firm)
            unknown -= {"ticket.department", "ticket.team", "ticket.priority"}
        elif event.kind == "ticket.changed" and not event.data.get("refused"):
            known = changed(event, firm)
            for name in _named(event.data):
                if name == "class":
                    them["class"] = event.data.get("from", them.get("class"))
                elif name in known:
                    now[name] = known[name][0]
                    unknown.discard(f"ticket.{name}")
                else:
                    unknown.add(f"ticket.{name}")
    start = to_datetime(at)
    now |= {"status": "open", "assignee": None, "created_at": start, "last_customer_reply_at": start, "reopened": 0}
    now |= {"first_replied_at": None, "resolution": None}
    return Arrived(at, now, them, dict(fields or {}), frozenset(unknown) - {"ticket.status", "ticket.resolution"})


def _named(data: Mapping[str, Any]) -> list[str]:
    """The properties that an event says were changed."""
    if "property" in data:
        return [str(data["property"])]
    return [str(name) for name in data.get("properties", ())]


def _opened(data: Mapping[str, Any], firm: Directory) -> dict[str, Any]:
    """What the opening itself has kept."""
    found: dict[str, Any] = {}
    if data.get("channel"):
        found["channel"] = data["channel"]
    if data.get("priority") in PRIORITY_NAMES:
        found["priority"] = PRIORITY_NAMES[data["priority"]]
    if data.get("department") in firm.departments:
        found["department"] = firm.departments[data["department"]].name
    if data.get("team") in firm.teams:
        found["team"] = firm.teams[data["team"]].name
    return found
