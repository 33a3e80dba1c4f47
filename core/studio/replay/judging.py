"""Did the draft go the same way as the ticket? Where they part, and why: with the values that its conditions saw, in the reader's words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from core.procedure.explaining import reasons
from core.procedure.frames import steps_by_name
from core.procedure.status import HOLDERS
from core.procedure.values import State
from core.sop.drawing_words import outcome as outcome_in_words
from core.sop.shapes import humanised
from core.sop.titles import bare_title
from core.studio.replay.causes import MERGED, Unknown
from core.studio.replay.story import documents, ended_how
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.procedure.values import Visit
    from core.sop.document import Sop
    from core.studio.replay.playing import Played
    from core.studio.replay.stages import Stage
    from core.studio.replay.story import Story

SAME, DIFFERENT, UNKNOWN = "same", "different", "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one ticket came out. `told` says where the paths part, `why` what decided it, a line each; `at`: the place of that step (−1: none)."""

    code: str
    told: str = ""
    why: tuple[str, ...] = ()
    at: int = -1
    unknown: Unknown | None = None


def judge(story: Story, played: Played, before: Sequence[Stage], after: Sequence[Stage]) -> Verdict:
    """Compare what really happened with what the draft did."""
    unknown = played.unknown or _merged(played, after)
    at = _first_difference(before, after, whole=unknown is None and not played.problem)
    if at is not None and not _only_reordered(before, after, played):
        told, why = _Telling(story, played, before, after).tell(at)
        return Verdict(DIFFERENT, told, why, at, unknown)
    if problem := played.problem or _attention(played):
        told = _("The draft would stop here and need a person.")
        return Verdict(DIFFERENT, told, (problem,), len(after), unknown)
    if unknown is not None:
        return Verdict(UNKNOWN, unknown=unknown)
    real, new = _end(story), played.sim.ended.outcome if played.sim.ended else ""
    if real != new:
        return Verdict(DIFFERENT, _other_end(real, new), at=len(before))
    return Verdict(SAME)


def _merged(played: Played, after: Sequence[Stage]) -> Unknown | None:
    """A ticket that was merged ends there in both; what would have followed nobody knows."""
    if played.sim.ended is None or played.sim.ended.outcome != "merged":
        return None
    return Unknown(MERGED, played.sim.ended_at(), after[-1].shown if after else "")


def _end(story: Story) -> str:
    return ended_how(story.pasts[-1]) if story.pasts else ""


def _other_end(real: str, new: str) -> str:
    if not new:
        return _("It would not have ended yet.")
    if not real:
        return _("It would have ended: %(new)s.", new=outcome_in_words(new))
    return _(
        "It would have ended “%(new)s” instead of “%(old)s”.", new=outcome_in_words(new), old=outcome_in_words(real)
    )


def _attention(played: Played) -> str:
    attention = played.sim.move.attention
    if attention is None:
        return ""
    visit = played.sim.ledger.get(attention.path)
    name = humanised(visit.name if visit else attention.path.rpartition("/")[2])
    text = {
        "visits": _("“%(step)s” was visited too often.", step=name),
        "expression": _("“%(step)s” has an expression that gives no value.", step=name),
        "quorum": _("“%(step)s” asks for more votes than people can give.", step=name),
    }.get(attention.code, _("“%(step)s” cannot go on.", step=name))
    return f"{text} {attention.detail}".strip()


def _first_difference(before: Sequence[Stage], after: Sequence[Stage], *, whole: bool) -> int | None:
    """The place of the first step that is not the same; `whole`: the draft's path is complete, so that a shorter one differs, too."""
    for n, (old, new) in enumerate(zip(before, after, strict=False)):
        if old.shown != new.shown or _came_out_otherwise(old, new):
            return n
    if len(after) > len(before) or (whole and len(after) < len(before)):
        return min(len(before), len(after))
    return None


def _came_out_otherwise(old: Stage, new: Stage) -> bool:
    """Did the same step end in another way? What a decision or a fork came to shows in the steps behind it."""
    if old.kind in HOLDERS or "open" in (old.state, new.state):
        return False
    return old.outcome != new.outcome


def _only_reordered(before: Sequence[Stage], after: Sequence[Stage], played: Played) -> bool:
    """What runs side by side may open in another order without being another way."""
    if any(map(_came_out_otherwise, before, after)):
        return False
    beside = played.sim.main.mode == "advisory" or bool(played.sim.main.on) or any(one.kind == "fork" for one in after)
    return beside and Counter(one.shown for one in before) == Counter(one.shown for one in after)


def side_by_side(before: Sequence[Stage], after: Sequence[Stage]) -> Iterator[tuple[Stage | None, Stage | None]]:
    """Both paths in rows: the same steps beside one another."""
    match = SequenceMatcher(None, [one.shown for one in before], [one.shown for one in after], autojunk=False)
    for tag, i, j, k, m in match.get_opcodes():
        if tag == "equal":
            yield from zip(before[i:j], after[k:m], strict=True)
        else:
            yield from ((one, None) for one in before[i:j])
            yield from ((None, one) for one in after[k:m])


class _Telling:
    """Where and why two paths part."""

    def __init__(self, story: Story, played: Played, before: Sequence[Stage], after: Sequence[Stage]) -> None:
        self.story, self.played = story, played
        self.before, self.after = before, after
        self.rows = list(played.sim.ledger.values())[: played.known]

    def tell(self, at: int) -> tuple[str, tuple[str, ...]]:
        """The sentence, and the reasons."""
        old = self.before[at] if at < len(self.before) else None
        new = self.after[at] if at < len(self.after) else None
        if old is None and new is not None:
            told = _("It would go on to “%(new)s”.", new=new.title)
        elif new is None and old is not None:
            last = self.after[-1].title if self.after else ""
            told = _("It would end before “%(old)s”.", old=old.title)
            if self.played.sim.ended is None and last:
                told = _("It would still stand at “%(new)s”.", new=last)
        elif old is not None and new is not None and old.shown == new.shown:
            told = _came_out(new.title, old.outcome, new.outcome)
        else:
            assert old is not None
            assert new is not None
            told = _("“%(new)s” instead of “%(old)s”", new=new.title, old=old.title)
        return told, tuple(dict.fromkeys(self.reasons(old, new)))

    def reasons(self, old: Stage | None, new: Stage | None) -> Iterator[str]:
        draft_names = {step.name for step in self.played.sim.main.steps()}
        real = documents(self.story.pasts)
        passed = next((row for row in self.rows if old and row.name == old.name and row.visit == 0), None)
        if passed is not None and old is not None:
            for reason in reasons(passed, self.played.sim.document_of(passed)):
                yield _("“%(step)s” is passed over: %(why)s", step=old.title, why=reason)
        if old is not None and old.name not in draft_names and "/" not in old.shown:
            yield _("“%(step)s” is not in this draft.", step=old.title)
        if new is not None:
            was = self.real_row(new.name, 0)
            if not any(new.name in steps_by_name(sop) for sop in real):
                yield _("“%(step)s” is new in this draft.", step=new.title)
            elif was is not None and was[0].visit == 0:
                for reason in reasons(*was):
                    yield _("“%(step)s” was passed over: %(why)s", step=new.title, why=reason)
        yield from self.decided(new, itself=bool(old and new and old.shown == new.shown))

    def decided(self, new: Stage | None, *, itself: bool) -> Iterator[str]:
        """The last decision of the draft before the paths part (or at that step `itself`) that came out otherwise than in the past."""
        rows = self.rows
        place = next(
            (n for n, row in enumerate(rows) if new and row.visit and self.played.sim.shown(row) == new.shown),
            len(rows),
        )
        for row in reversed(rows[: place + itself]):
            if row.open or not row.visit or row.kind in ("sop", "event"):
                continue
            sop = self.played.sim.document_of(row)
            was = self.real_row(row.name, row.visit)
            if was is not None and was[0].outcome == row.outcome:
                continue
            title = _title(row, sop)
            if row.state is State.EXPIRED:
                yield _("“%(step)s” runs out of time before anybody acts.", step=title)
            elif was is not None and was[0].outcome and not itself and row.kind != "switch":
                yield _came_out(title, was[0].outcome, row.outcome)
            yield from (_("“%(step)s”: %(why)s", step=title, why=reason) for reason in reasons(row, sop))
            if was is not None and row.kind != "switch":
                return
            if was is not None:
                yield from (_("before: %(why)s", why=reason) for reason in reasons(*was))
                return
            if row.kind == "switch":
                return

    def real_row(self, name: str, visit: int) -> tuple[Visit, Sop] | None:
        """What a step really came to, with its document: this visit of it, or (0) any."""
        for past in self.story.pasts:
            for row in past.visits.values():
                if row.name == name and (row.visit == visit or visit == 0):
                    sop = next((sop for sop in (past.sop, *past.subs) if name in steps_by_name(sop)), past.sop)
                    return row, sop
        return None


def _came_out(title: str, old: str | None, new: str | None) -> str:
    words = {"new": outcome_in_words(new or "completed"), "old": outcome_in_words(old or "completed")}
    return _("“%(step)s” comes out as “%(new)s” instead of “%(old)s”.", step=title, **words)


def _title(row: Visit, sop: Sop) -> str:
    step = steps_by_name(sop).get(row.name)
    return bare_title(step, sop) if step else humanised(row.name)
