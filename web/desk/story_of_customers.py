"""What did the customer do besides writing: rate, or take the request back?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.texts import N_
from web.desk.telling import Sentence, plain, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.timeline import Happening
    from web.desk.telling import Teller

_OVER = frozenset({"customer.replied", "ticket.resolved", "ticket.reopened"})


def rated(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """A score is told with its scale; a changed one with what it was."""
    before = data.get("before")
    changed = before is not None and before != data.get("score")
    sentence = (
        N_("%(who)s changed their rating from %(before)s to %(score)s of %(most)s (%(kind)s)")
        if changed
        else N_("%(who)s gave %(score)s of %(most)s (%(kind)s)")
    )
    values = {"score": str(data.get("score", "")), "most": str(data.get("max", "")), "before": str(before)}
    return Sentence(
        "check", say(sentence, who=teller.customer, kind=plain(str(data.get("type", "")).upper()), **values)
    )


def withdrew(teller: Teller, _event: Happening, _data: dict[str, Any]) -> Sentence:
    """The customer no longer needs it."""
    return Sentence("check", say(N_("%(who)s no longer needs this"), who=teller.customer))


def taken_back(events: Sequence[Happening]) -> Happening | None:
    """The customer has said that they no longer need it, and neither they nor a colleague has said anything else since."""
    for event in reversed(events):
        if event.kind == "customer.withdrew":
            return event
        if event.kind in _OVER:
            return None
    return None
