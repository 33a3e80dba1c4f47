"""The replay as programs read it, and as lines of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.moments import rfc3339
from core.spoken import span
from core.studio.replay.causes import cause_in_words
from core.studio.replay.judging import DIFFERENT, SAME, UNKNOWN
from core.studio.replay.summing import summary
from core.texts import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.studio.replay.stages import Stage
    from core.studio.replay.summing import Replay, Summary
    from core.studio.replaying import Replays


def as_json(found: Replays) -> dict[str, Any]:
    """Everything, as JSON values: how the tickets were found, all together, and each of them."""
    return {
        "looked_at": found.chosen.looked_at,
        "unsure": found.chosen.unsure,
        "beaten": found.chosen.beaten,
        "really": [
            {"sop": name or None, "looked_at": looked_at, "tickets": n}
            for name, looked_at, n in found.chosen.taken_from()
        ],
        "summary": _summary(summary(found.tickets)),
        "tickets": [_ticket(one) for one in found.tickets],
    }


def _summary(told: Summary) -> dict[str, Any]:
    return {
        "tickets": told.tickets,
        "same": told.verdicts.get(SAME, 0),
        "different": told.verdicts.get(DIFFERENT, 0),
        "not_known": told.verdicts.get(UNKNOWN, 0),
        "causes": [{"cause": code, "text": cause_in_words(code), "tickets": n} for code, n in told.causes.items()],
        "due": {
            "before": {"met": told.met_before, "missed": told.missed_before},
            "after": {"met": told.met_after, "missed": told.missed_after, "not_known": told.unsure_after},
        },
        "work": {
            "more": told.more,
            "less": told.less,
            "equal": told.equal,
            "steps": told.work,
            "minutes": round(told.time_ms / 60_000),
            "not_timed": sorted(told.untimed),
        },
    }


def _ticket(one: Replay) -> dict[str, Any]:
    verdict, unknown = one.verdict, one.verdict.unknown
    return {
        "ticket": one.ticket_id,
        "sop": one.really or None,
        "version": one.number,
        "verdict": verdict.code,
        "told": verdict.told,
        "why": list(verdict.why),
        "not_known": None
        if unknown is None
        else {
            "cause": unknown.cause,
            "text": cause_in_words(unknown.cause),
            "step": unknown.step or None,
            "from": rfc3339(unknown.at),
        },
        "before": [_stage(stage) for stage in one.before],
        "after": [_stage(stage) for stage in one.after],
        "work_steps": one.work,
        "work_minutes": None if one.time_ms is None else round(one.time_ms / 60_000),
    }


def _stage(one: Stage) -> dict[str, Any]:
    return {
        "step": one.shown,
        "kind": one.kind,
        "state": one.state,
        "outcome": one.outcome,
        "by": one.by or None,
        "opened_at": rfc3339(one.opened_at),
        "ended_at": rfc3339(one.ended_at),
        "due_at": rfc3339(one.due_at),
        "late_seconds": None if one.late_ms is None else one.late_ms // 1000,
        "known": one.how or "happened",
    }


def as_lines(found: Replays) -> Iterable[str]:
    """What a person reads in a terminal: all together first, then each ticket that does not go the same way."""
    told = summary(found.tickets)
    counts = {code: told.verdicts.get(code, 0) for code in (SAME, DIFFERENT, UNKNOWN)}
    looked_at = ngettext("%(n)s ticket was looked at", "%(n)s tickets were looked at", found.chosen.looked_at)
    yield f"{looked_at}; " + ngettext("%(n)s is played.", "%(n)s are played.", told.tickets)
    yield _("the same way: %(same)s; another way: %(different)s; cannot be known: %(unknown)s", **counts)
    for code, n in told.causes.items():
        yield f"  {n}: {cause_in_words(code)}"
    yield _(
        "due moments: %(met)s met and %(missed)s missed; with the draft %(new_met)s met, %(new_missed)s missed, %(unsure)s not known",
        met=told.met_before,
        missed=told.missed_before,
        new_met=told.met_after,
        new_missed=told.missed_after,
        unsure=told.unsure_after,
    )
    yield _("steps of people: %(work)s (%(time)s)", work=f"{told.work:+}", time=signed(told.time_ms))
    for one in found.tickets:
        if one.verdict.code == DIFFERENT:
            yield f"{one.ticket_id}: {one.verdict.told}"
            yield from (f"    {line}" for line in one.verdict.why)
        elif one.verdict.unknown is not None:
            step = f" ({one.verdict.unknown.step})" if one.verdict.unknown.step else ""
            yield (
                f"{one.ticket_id}: "
                + _("cannot be known: %(cause)s", cause=cause_in_words(one.verdict.unknown.cause))
                + step
            )


def signed(ms: int) -> str:
    """A length of time that is added or saved: `+2 h`, `−30 min`."""
    return ("−" if ms < 0 else "+") + span(abs(ms))
