"""What may be typed into the filter of a view: words of the subject, and marks such as `priority:high`.

`status:open,in-progress priority:high holder:sari channel:email team:repair vip late`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.directory import directory
from core.moments import now_ms
from core.tickets.rows import PRIORITIES, STATUSES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.tickets.queue import Listing


def apply_filter(tx: Connection, listing: Listing, typed: str) -> Listing:
    """The listing, narrowed by what was typed. What is not understood is looked for in the subject."""
    words: list[str] = []
    for part in typed.split():
        name, colon, given = part.partition(":")
        values = tuple(value.strip().lower().replace("-", "_") for value in given.split(",") if value.strip())
        if part.lower() == "vip":
            listing = replace(listing, vip=True)
        elif part.lower() == "late":
            listing = replace(listing, order="due", due_before=now_ms())
        elif not colon or not values:
            words.append(part)
        elif name == "status":
            listing = replace(listing, statuses=tuple(v for v in values if v in STATUSES) or ("none",))
        elif name == "priority":
            listing = replace(listing, priorities=tuple(PRIORITIES[v] for v in values if v in PRIORITIES) or (0,))
        elif name == "channel":
            listing = replace(listing, channels=values)
        elif name in {"holder", "agent"}:
            listing = replace(listing, holder_ids=_people(tx, values) or (0,))
        elif name == "team":
            listing = _of_team(tx, listing, values[0])
        else:
            words.append(part)
    return replace(listing, words=" ".join(words))


def _of_team(tx: Connection, listing: Listing, name: str) -> Listing:
    """Only this team's; whoever sees one department sees no other one's team by naming it."""
    team = next((one for one in directory(tx).teams.values() if one.name.replace("-", "_") == name), None)
    department = listing.ids[0] if listing.scope == "department" else listing.department_id
    return replace(listing, scope="team", ids=(team.id,) if team else (), department_id=department)


def _people(tx: Connection, nicks: tuple[str, ...]) -> tuple[int, ...]:
    known = directory(tx).nicks
    return tuple(known[nick] for nick in nicks if nick in known)
