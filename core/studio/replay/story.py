"""All that is known of one ticket of the past: how it arrived, the runs it had, and what was done on it, ready to be done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.procedure.values import ROOT
from core.studio.past import deeds_of, holder_at_once, voters
from core.studio.replay.causes import LED, SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.directory import Directory
    from core.procedure.values import Visit
    from core.sop.document import Field, Sop
    from core.studio.past import Deed, Past
    from core.studio.replay.arriving import Arrived


@dataclass(frozen=True, slots=True)
class Story:
    """`cut`: from that moment on the timeline does not tell what people did at steps, and the cause; `known`: the values of fields, whenever they
    were typed in; `initial`: those that nobody typed into a step.
    """

    arrived: Arrived
    pasts: Sequence[Past]
    deeds: Sequence[Deed]
    cut: tuple[int, str] | None
    open: bool
    sent: frozenset[str]
    known: Mapping[str, Any]
    initial: Mapping[str, Any]
    fields: Mapping[str, Field]
    holder: str | None
    members: Mapping[str, tuple[str, ...]]
    now: int

    def real(self, names: Sequence[str]) -> Visit | None:
        """The newest visit that a step of one of these names really had."""
        found = [one for past in self.pasts for one in past.visits.values() if one.visit and one.name in names]
        return found[-1] if found else None

    def names(self) -> frozenset[str]:
        """The names of all steps that the ticket could have come to."""
        return frozenset(step.name for past in self.pasts for sop in (past.sop, *past.subs) for step in sop.steps())

    def value(self, name: str, field: Field | None) -> Any:
        """What was typed into a field of this name and type, whenever; None: nobody ever did."""
        mine = self.fields.get(name)
        return self.known.get(name) if field and mine and mine.type == field.type else None


def story_of(
    arrived: Arrived,
    pasts: Sequence[Past],
    values: Sequence[Mapping[str, Any]],
    firm: Directory,
    heard: frozenset[str],
    *,
    still_open: bool,
    too_long: bool,
    now: int,
) -> Story:
    """Put together what the runs of a ticket tell; `values` are the fields of each run."""
    deeds: list[Deed] = []
    cuts: list[tuple[int, str]] = []
    for past in pasts:
        found, cut = deeds_of(past, firm, heard)
        deeds += found
        cuts += [(cut.at, LED)] if cut else []
    ends = [one.at for past in pasts for one in past.events]
    if too_long or not all(past.whole for past in pasts):
        cuts.append((max(ends, default=arrived.at), SIZE))
    known = {name: value for fields in values for name, value in fields.items() if value is not None}
    typed = {
        name for past in pasts for one in past.visits.values() if isinstance(one.result, dict) for name in one.result
    }
    assigns = any(one.kind == "assign" for past in pasts for one in past.visits.values())
    return Story(
        arrived=arrived,
        pasts=pasts,
        deeds=sorted(deeds, key=lambda one: one.at),
        cut=min(cuts, default=None),
        open=still_open,
        sent=_sent(pasts),
        known=known,
        initial={name: value for name, value in known.items() if name not in typed},
        fields={name: field for past in pasts for sop in (*past.subs, past.sop) for name, field in sop.fields.items()},
        holder=(holder_at_once(pasts[0], firm) or None) if assigns else "agent",
        members={party: tuple(nicks) for past in pasts for party, nicks in voters(past, firm).items()},
        now=now,
    )


def _sent(pasts: Sequence[Past]) -> frozenset[str]:
    """The templates of the notices that were sent."""
    return frozenset(
        str(one.data["template"])
        for past in pasts
        for one in past.events
        if one.kind == "message.sent" and "template" in one.data
    )


def bare(shown: str) -> str:
    """A step as cases write it without the numbers of its visits: `identity/ask@2` is `identity/ask`."""
    return "/".join(part.partition("@")[0] for part in shown.split("/"))


def documents(pasts: Sequence[Past]) -> tuple[Sop, ...]:
    """The documents that were followed."""
    return tuple(sop for past in pasts for sop in (past.sop, *past.subs))


def ended_how(past: Past) -> str:
    """The outcome of a run; "" while it goes on."""
    root = past.visits.get(ROOT)
    return "" if root is None or root.open else str(root.outcome or "completed")
