"""Values to call a plugin with: name only what matters to the test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.plugins.values import Call, Customer, Event, Step, Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping


def make_customer(**more: Any) -> Customer:
    """A customer, as plugins see them."""
    given = {"id": 1, "name": "Sari", "email": "sari@example.com", "klass": "standard", "language": "en"}
    return Customer(**{**given, **more})


def make_ticket(**more: Any) -> Ticket:
    """A ticket, as plugins see it; name only what matters to the test."""
    given: dict[str, Any] = {
        "id": 4711,
        "subject": "The fridge leaks",
        "status": "open",
        "priority": "medium",
        "channel": "form",
        "department": "service",
        "team": "repair",
        "holder": None,
        "topic": None,
        "product": None,
        "tags": (),
        "language": "en",
        "url": "http://desk.example/tickets/4711",
        "created_at": datetime(2026, 11, 25, 9, tzinfo=UTC),
        "customer": make_customer(),
    }
    return Ticket(**{**given, **more})


def make_call(action: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> Call:
    """What an action is given: `settings`, `ticket`, `key` and `step` may be named."""
    given = {"key": "4711/1/ask:1", "settings": {}, "ticket": make_ticket(), "step": Step("ask", "ask", "call")}
    return Call(action=action, arguments=arguments or {}, **{**given, **more})


def make_event(kind: str, **data: Any) -> Event:
    """An entry of a ticket's timeline."""
    return Event(7, 3, kind, datetime(2026, 11, 25, 9, tzinfo=UTC), "person", data)
