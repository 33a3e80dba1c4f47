"""One ticket of the past beside the draft: its story is put together, played, and both paths are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.studio.past import heard_by
from core.studio.replay.judging import judge
from core.studio.replay.playing import play
from core.studio.replay.stages import played_path, real_path
from core.studio.replay.story import story_of
from core.studio.replay.summing import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.calendars import Calendar
    from core.directory import Directory
    from core.sop.document import Sop
    from core.studio.past import Past
    from core.studio.replay.choosing import Candidate


def beside(
    draft: Sop,
    candidate: Candidate,
    pasts: Sequence[Past],
    firm: Directory,
    find: Callable[[str], Sop | None] | None = None,
    *,
    fields: Sequence[Mapping[str, Any]],
    now: int,
    still_open: bool = False,
    too_long: bool = False,
    number: int | None = None,
) -> Replay:
    """Play one ticket on the draft. `fields` are the values of each of its runs."""

    def hours(name: str | None) -> Calendar:
        if name in firm.calendars:
            return firm.calendars[str(name)]
        return firm.calendar_of(candidate.department_id)

    story = story_of(
        candidate.arrived, pasts, fields, firm, heard_by(draft), still_open=still_open, too_long=too_long, now=now
    )
    played = play(draft, story, find, hours)
    before, whole_before = real_path(pasts, firm, hours, now)
    after, whole_after = played_path(played, firm, hours, now)
    verdict = judge(story, played, before, after)
    return Replay(
        ticket_id=candidate.id,
        subject=candidate.subject,
        language=candidate.language,
        status=candidate.status,
        really=candidate.really,
        number=number,
        verdict=verdict,
        before=before,
        after=after,
        whole_before=whole_before,
        whole_after=whole_after,
        comparable=verdict.unknown is None,
    )
