"""Every event of a ticket passes here in the transaction that writes it; what no walk has judged is judged when the command is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.database import afterwards, last_of_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAME = "alerts"
_OWN = "alert."  # what alerts write themselves is nothing new to them


@dataclass(slots=True)
class Ending:
    """What is written last of all, in one order: backlogs that may have moved, and the people who were told something."""

    places: set[tuple[int, int]] = field(default_factory=set)  # (department, team)
    rules: set[int] = field(default_factory=set)  # backlog rules that were written
    told: dict[int, int] = field(default_factory=dict)  # person: moment


def hear(tx: Connection, ticket_id: int, event: dict[str, Any]) -> None:
    """Remember an event that was appended."""
    if event["kind"].startswith(_OWN):
        return
    news: dict[int, list[dict[str, Any]]] = afterwards(tx, _NAME, _keep_rest, dict)
    news.setdefault(ticket_id, []).append(event)


def unheard(tx: Connection, ticket_id: int) -> list[dict[str, Any]]:
    """The ticket's events that nobody has judged yet; from now on they are."""
    news: dict[int, list[dict[str, Any]]] = afterwards(tx, _NAME, _keep_rest, dict)
    found = news.get(ticket_id, [])
    news[ticket_id] = []
    return found


def ending(tx: Connection) -> Ending:
    """What is to be written last of all."""
    found: Ending = last_of_all(tx, _NAME, _end, Ending)
    return found


def _keep_rest(tx: Connection, news: dict[int, list[dict[str, Any]]]) -> None:
    from core.alerts.keeping import keep_rest  # keeping appends events, which pass here: the two know one another

    keep_rest(tx, news)


def _end(tx: Connection, collected: Ending) -> None:
    from core.alerts.backlogs import end

    end(tx, collected)
