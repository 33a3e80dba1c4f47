"""What the clocks of a ticket say, and why: by which promise, what started, paused and stopped them, and which hours counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from core.texts import _
from web import words
from web.times import due, hours, length

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.clocks.folding import Clock
    from core.clocks.page import ClockLine
    from core.timeline import Happening
    from web.desk.telling import Teller


@dataclass(frozen=True, slots=True)
class Shown:
    """A clock as the page shows it: what it measures, its sign with the time left, a word more, and the lines of its Why."""

    metric: str
    title: str
    sign: Markup
    note: str
    open: bool
    why: tuple[Markup | str, ...]


def shown_clocks(lines: Sequence[ClockLine], events: Sequence[Happening], teller: Teller) -> list[Shown]:
    """All clocks of a ticket."""
    known = {event.seq: event for event in events}
    return [
        Shown(
            one.clock.metric,
            words.metric(one.clock.metric),
            sign(one.clock, one.left),
            _note(one),
            one.clock.open,
            tuple(_why(one, known, teller)),
        )
        for one in lines
    ]


def sign(clock: Clock, left: int) -> Markup:
    """Icon and words: time left and counting, paused, met, late. Colour is never the only sign."""
    if clock.open and clock.due_at is not None:
        return due(clock.due_at)
    icon, klass, text = {
        "paused": ("pause", "still", _("paused, %(left)s left", left=length(max(0, left)))),
        "met": ("check", "met", _("met")),
        "cancelled": ("m-skip", "still", _("not needed any more")),
    }.get(clock.state, ("alert", "over", _("%(span)s late", span=length(max(0, -left)))))
    return Markup(
        '<span class="clock clock--{}"><svg class="i" aria-hidden="true"><use href="#{}"/></svg><span>{}</span></span>'
    ).format(klass, icon, text)


def _note(one: ClockLine) -> str:
    promised = _("promised within %(goal)s", goal=length(one.goal))
    if one.limit is not None:
        promised = _(
            "promised within %(goal)s, at the latest %(limit)s", goal=length(one.goal), limit=length(one.limit)
        )
    return promised


def _why(one: ClockLine, known: Mapping[int, Happening], teller: Teller) -> list[Markup | str]:
    clock = one.clock
    lines: list[Markup | str] = [
        _("Policy “%(policy)s”, version %(version)s", policy=one.policy, version=one.version)
        if one.policy_id
        else _("The department's promise: a policy of %(minutes)s minutes of opening time", minutes=one.version),
        _("Hours of “%(calendar)s”, version %(version)s", calendar=one.calendar, version=one.calendar_version),
        Markup("{} {}").format(_("Started:"), _event(clock.started_by, known, teller)),
    ]
    for pause in clock.pauses:
        said = Markup("{} {}").format(_("Paused:"), _event(pause.by, known, teller))
        if pause.until is not None and pause.until_by is not None:
            said = said + Markup(". {} {}").format(_("Went on:"), _event(pause.until_by, known, teller))
        lines.append(said)
    if clock.ended_by is not None:
        lines.append(Markup("{} {}").format(_("Stopped:"), _event(clock.ended_by, known, teller)))
    return [*lines, _counted(one)]


def _counted(one: ClockLine) -> str:
    """`Fri 16:40–17:00, Mon 08:00–09:40 = 2 h`."""
    if not one.counted:
        return _("No opening time has passed yet.")
    pieces = [hours(piece.start, piece.end) for piece in one.counted]
    if one.earlier:
        pieces.insert(0, _("%(time)s before", time=length(one.earlier)))
    return _("Counted: %(pieces)s = %(sum)s", pieces=", ".join(pieces), sum=length(one.used))


def _event(seq: int, known: Mapping[int, Happening], teller: Teller) -> Markup:
    from web.desk.story import tell  # the story also tells of clocks: the two modules know one another

    event = known.get(seq)
    if event is None:
        return escape(_("entry %(n)s of the timeline", n=seq))
    return Markup("{} ({})").format(tell(teller, event).text, hours(event.at, event.at))
