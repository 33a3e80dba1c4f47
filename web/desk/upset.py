"""A customer who seems upset: the strip on the ticket's page, and a reply that may calm them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.noticing.moods import calming_reply, codes_in_words, reasons_in_words
from core.noticing.sensing import UPSET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tickets.head import Head
    from core.timeline import Happening


@dataclass(frozen=True, slots=True)
class Upset:
    """What the strip says."""

    reasons: list[str]
    reply: str


def upset_shown(head: Head, events: Sequence[Happening]) -> Upset | None:
    """Why the customer seems upset, with what was seen; None when they do not."""
    if head.upset is None:
        return None
    newest = next((event for event in reversed(events) if event.kind == UPSET), None)
    said = reasons_in_words(newest.data.get("reasons", {})) if newest else codes_in_words(head.upset)
    return Upset(said, calming(head))


def calming(head: Head) -> str:
    """The reply that is offered."""
    return calming_reply(head.customer, head.customer_language, head.department)
