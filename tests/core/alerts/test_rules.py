"""What each kind of rule asks, as a pure function: when it holds, what is missing, and when to look again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.alerts.delivering import DIGEST, HOURS, TIMES, Wishes, due, quiet_until
from core.alerts.rules import Deadline, Facts, Judged, Rated, Rule, above, judge
from core.calendar_reading import built_in
from tests.core.conftest import HOUR, MORNING

DAYS = built_in("id-jakarta")
FACTS = Facts(MORNING, "open", "medium", False, MORNING, DAYS)


def rule(kind: str, threshold: int = 0, **more: object) -> Rule:
    return replace(Rule(1, 1, "x", kind, threshold, ("lead",), "page"), **more)  # type: ignore[arg-type]


def said(judged: Judged) -> tuple[str | None, list[str], int | None]:
    """(the first false condition, the keys of the causes, the next moment in hours after the morning)."""
    missing = judged.missing.what if judged.missing else None
    later = None if judged.next_at is None else (judged.next_at - MORNING) // HOUR
    return missing, [cause.key for cause in judged.causes], later


def test_vip_is_called_once_for_all() -> None:
    assert said(judge(rule("vip"), FACTS)) == ("vip", [], None)
    assert said(judge(rule("vip"), replace(FACTS, vip=True))) == (None, ["vip"], None)
    assert said(judge(rule("vip"), replace(FACTS, vip=True, status="resolved")))[0] == "open"
    assert said(judge(rule("vip", priorities=("urgent",)), replace(FACTS, vip=True)))[0] == "priority"


def test_what_is_due_is_called_before_and_after() -> None:
    first, step = Deadline("first_response", 1, MORNING + 2 * HOUR), Deadline("step", 9, MORNING + 5 * HOUR)
    facts = replace(FACTS, deadlines=(step, first))
    soon, late = rule("time_sensitive", HOUR), rule("overdue", HOUR)
    assert said(judge(soon, FACTS)) == ("due", [], None)
    assert said(judge(soon, facts)) == ("soon", [], 1)
    assert said(judge(soon, replace(facts, now=MORNING + HOUR))) == (None, ["first_response.1"], 4)
    assert said(judge(late, replace(facts, now=MORNING + 2 * HOUR))) == ("late", [], 3)
    assert said(judge(late, replace(facts, now=MORNING + 3 * HOUR))) == (None, ["first_response.1"], 6)
    assert said(judge(late, replace(facts, now=MORNING + 9 * HOUR)))[1] == ["step.9", "first_response.1"]


def test_idle_counts_opening_time() -> None:
    """Ten hours after nine o'clock are the next morning: the doors close at five."""
    idle = rule("idle", 10 * HOUR)
    assert said(judge(idle, FACTS)) == ("idle", [], 24 + 1)  # the calendar has no break: 8 h today, 2 h from eight on
    assert said(judge(idle, replace(FACTS, now=MORNING + 25 * HOUR)))[1] == [f"idle.{MORNING}"]
    waiting = replace(FACTS, status="pending_customer", now=MORNING + 90 * HOUR)
    assert said(judge(idle, waiting)) == ("counted", [], None)
    assert judge(replace(idle, waiting=True), waiting).causes


def test_events_are_causes() -> None:
    often = rule("reopened", 2)
    assert said(judge(often, FACTS))[0] == "reopened"
    assert said(judge(often, replace(FACTS, reopening=7, reopened=1)))[0] == "often"
    assert said(judge(often, replace(FACTS, reopening=9, reopened=2)))[1] == ["event.9"]
    low = rule("bad_rating", 40)
    solved = replace(FACTS, status="resolved")
    assert said(judge(low, solved))[0] == "rated"
    assert said(judge(low, replace(solved, rated=Rated(5, 3, 5))))[0] == "low"
    assert said(judge(low, replace(solved, rated=Rated(5, 2, 5))))[1] == ["event.5"]


def test_backlog_is_above_until_a_fifth_is_done() -> None:
    ten = rule("backlog", 10)
    assert [above(ten, n, before=False) for n in (10, 11)] == [False, True]
    assert [above(ten, n, before=True) for n in (9, 8)] == [True, False]


@pytest.mark.parametrize(
    ("wishes", "how", "hours"),
    [
        (Wishes(), "mail", None),
        (Wishes(digest=8 * 60), DIGEST, 23),
        (Wishes(digest=9 * 60 + 30), DIGEST, 0),
        (Wishes(quiet=HOURS), "mail", None),
        (Wishes(quiet=TIMES, begins=8 * 60, ends=12 * 60), "mail", 3),
        (Wishes(quiet=TIMES, begins=22 * 60, ends=10 * 60), "mail", 1),
        (Wishes(digest=23 * 60, quiet=TIMES, begins=22 * 60, ends=6 * 60), DIGEST, 21),
        (Wishes(digest=23 * 60, quiet=HOURS), DIGEST, 23),
    ],
)
def test_mail_waits_for_digest_and_quiet_time(wishes: Wishes, how: str, hours: int | None) -> None:
    found = due(wishes, how, "Asia/Jakarta", DAYS, MORNING)
    assert (None if found is None else (found - MORNING) // HOUR) == hours


def test_quiet_time_ends_when_the_doors_open() -> None:
    night = MORNING + 13 * HOUR
    assert quiet_until(Wishes(quiet=HOURS), "Asia/Jakarta", DAYS, night) == MORNING + 23 * HOUR
    assert quiet_until(Wishes(), "Asia/Jakarta", DAYS, night) is None
