"""The conversation in order: messages, comments, and what happened between them as single lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from web.desk.story import tell

if TYPE_CHECKING:
    from core.tickets.page import EffectLine, TicketPage
    from core.tickets.writings import File, Said
    from core.timeline import Happening
    from web.desk.telling import Sentence, Teller

_SAID = frozenset({"message.sent", "customer.replied", "message.received", "comment.added", "ticket.opened"})
_WITH_WORDS = frozenset({"customer.rated", "customer.withdrew"})  # what happened is told, and below it what was written
KEPT_OPEN = 24  # entries at the end that are not folded away


@dataclass(frozen=True, slots=True)
class Entry:
    """A message (`said`) or an event (`event` with its `sentence`)."""

    at: int
    said: Said | None = None
    files: tuple[File, ...] = ()
    effect: EffectLine | None = None
    event: Happening | None = None
    sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """`earlier` is folded away, `recent` is open."""

    earlier: tuple[Entry, ...]
    recent: tuple[Entry, ...]


def thread(page: TicketPage, teller: Teller) -> Thread:
    """Messages and telling events of a ticket in the order of the timeline."""
    messages = {said.seq: said for said in page.messages}
    effects = {effect.payload.get("message"): effect for effect in page.effects if "message" in effect.payload}
    first = page.messages[0].seq if page.messages and page.more else 0
    numbered: list[tuple[tuple[int, bool], Entry]] = [
        (
            (seq, True),
            Entry(
                said.at,
                said,
                page.files.get(said.id, ()),
                effects.get(said.id),
            ),
        )
        for seq, said in messages.items()
    ]
    for event in page.events:
        if (event.seq in messages and event.kind not in _WITH_WORDS) or event.kind in _SAID or event.seq < first:
            continue
        sentence = tell(teller, event)
        if not sentence.quiet:
            numbered.append(((event.seq, False), Entry(event.at, event=event, sentence=sentence)))
    entries = tuple(entry for _, entry in sorted(numbered, key=lambda pair: pair[0]))
    return Thread(*_folded(entries))


def _folded(entries: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Fold what is far up, but never the newest words of the customer."""
    if len(entries) <= KEPT_OPEN + 4:
        return (), entries
    cut = len(entries) - KEPT_OPEN
    newest_in = max((i for i, e in enumerate(entries) if e.said and e.said.direction == "in"), default=cut)
    cut = min(cut, newest_in)
    return entries[:cut], entries[cut:]
