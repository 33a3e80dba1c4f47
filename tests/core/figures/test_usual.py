"""What is usual on such a day, which day is not, and what else was different on it: pure functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.figures.explaining import Cause, causes
from core.figures.usual import LEAST, Day, judge, usual

DAY = 20_000


def before(**values: Any) -> dict[int, Day]:
    """Eight weeks of the same weekday: about 20 tickets, 18 solved by four people."""
    steady = [19, 20, 20, 21, 20, 22, 18, 20]
    common = {"came": 20, "solved": 18, "first_n": 15, "first_p50": 1_200_000, "kept": 18, "broken": 1, "present": 4}
    data = {"topics": {"leak": 4, "noise": 3}, "customers": {"7": 1}, "organisations": {"3": 2}}
    days = {}
    for week, came in enumerate(steady, 1):
        day = DAY - 7 * week
        days[day] = Day(day, **{**common, "came": came, "data": data, **values})
    return days


TYPICAL = replace(before()[DAY - 7], day=DAY, came=20)


def test_one_bad_week_changes_little() -> None:
    found = usual([20, 19, 21, 20, 20, 95, 20, 21], LEAST["came"])
    assert found is not None
    assert (found.median, found.n) == (20, 8)
    assert (found.low, found.high) == (15, 25)
    wide = usual([10, 20, 30, 40], 5)
    assert wide is not None
    assert (wide.median, wide.low) == (25, 0)
    assert round(wide.high, 2) == round(25 + 3 * 1.4826 * 10, 2)
    assert usual([20, 20, 20], 5) is None


def test_usual_day_needs_no_words() -> None:
    found = judge(TYPICAL, before())
    assert found.sides == {}
    assert causes(found) == ()
    assert len(found.same) == 8


def test_too_little_to_compare_says_nothing() -> None:
    few = dict(list(before().items())[:3])
    found = judge(replace(TYPICAL, came=90), few)
    assert (found.sides, found.usual["came"]) == ({}, None)


def test_closed_days_are_no_measure() -> None:
    days = before()
    days[DAY - 7] = replace(days[DAY - 7], opened=False, came=0)
    assert len(judge(TYPICAL, days).same) == 7
    assert judge(replace(TYPICAL, opened=False, came=0), days).sides == {}  # only one such day to compare with


def test_one_topic_explains_a_flood() -> None:
    data = {"topics": {"leak": 19, "noise": 4}, "customers": {"7": 2}, "organisations": {"3": 2}}
    found = judge(replace(TYPICAL, came=38, data=data), before())
    assert found.sides == {"came": "above"}
    assert causes(found) == (Cause("topic", 19, 4.0, "leak"),)


def test_organisation_speaks_for_its_customer() -> None:
    data = {"topics": {"leak": 5}, "customers": {"7": 14}, "organisations": {"3": 15}}
    found = judge(replace(TYPICAL, came=36, data=data), before())
    assert causes(found) == (Cause("organisation", 15, 2.0, "3"),)
    alone = {**data, "organisations": {}}
    assert causes(judge(replace(TYPICAL, came=36, data=alone), before())) == (Cause("customer", 14, 1.0, "7"),)


def test_few_people_explain_broken_promises() -> None:
    found = judge(replace(TYPICAL, broken=9, solved=7, present=2), before())
    assert found.sides == {"solved": "below", "broken": "above"}
    assert causes(found) == (Cause("staffing", 2, 4.0),)
    slow = judge(replace(TYPICAL, solved=8, present=4), before())
    assert causes(slow) == (Cause("pace", 2.0, 4.5),)


def test_flood_explains_slow_answers() -> None:
    found = judge(replace(TYPICAL, came=41, first_p50=9_000_000), before())
    assert found.sides == {"came": "above", "first": "above"}
    assert causes(found) == (Cause("volume", 41, 20.0),)


def test_flood_without_a_face_has_no_cause() -> None:
    assert causes(judge(replace(TYPICAL, came=41), before())) == (Cause("nothing", 0, 0),)


def test_a_day_that_runs_is_not_called_low() -> None:
    assert judge(replace(TYPICAL, came=3, solved=1), before()).sides == {"came": "below", "solved": "below"}
    assert judge(replace(TYPICAL, came=3, solved=1, over=False), before()).sides == {}
    assert judge(replace(TYPICAL, came=40, over=False), before()).sides == {"came": "above"}


def test_few_answers_have_no_median() -> None:
    assert judge(replace(TYPICAL, first_n=3, first_p50=9_999_999), before()).sides == {}
    assert Day(1).share_kept is None
    assert Day(1, kept=3, broken=1).share_kept == 0.75
