"""What may be typed into the filter of a view: `status:open,in-progress priority:high holder:sari channel:email vip` and words of the subject."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.directory import directory
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
        else:
            words.append(part)
    return replace(listing, words=" ".join(words))


def _people(tx: Connection, nicks: tuple[str, ...]) -> tuple[int, ...]:
    known = directory(tx).nicks
    return tuple(known[nick] for nick in nicks if nick in known)
