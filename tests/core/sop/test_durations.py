"""ISO 8601 durations without fractions, and lengths of time that can be added to a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sop.document import Duration
from core.sop.durations import DurationError, Span, parse_duration


@pytest.mark.parametrize(
    ("source", "months", "weeks", "days", "seconds"),
    [
        ("PT2H", 0, 0, 0, 7200),
        ("PT1H30M5S", 0, 0, 0, 5405),
        ("P3D", 0, 0, 3, 0),
        ("P2W", 0, 2, 0, 0),
        ("P1Y2M", 14, 0, 0, 0),
        ("P1M2W3DT4H", 1, 2, 3, 14400),
        ("PT0S", 0, 0, 0, 0),
    ],
)
def test_durations_are_read(source: str, months: int, weeks: int, days: int, seconds: int) -> None:
    assert parse_duration(source) == Duration(months, weeks, days, seconds, source=source)


@pytest.mark.parametrize(
    ("source", "code", "suggests"),
    [
        ("2h", "duration", "PT2H"),
        ("3 days", "duration", "P3D"),
        ("P2H", "duration", "PT2H"),
        ("PT3D", "duration", "P3D"),
        ("2 jam", "duration", "PT2H"),
        ("soon", "duration", None),
        ("P", "duration", None),
        ("PT", "duration", None),
        ("-P1D", "duration", None),
        ("PT1.5H", "duration-fraction", None),
        ("P0,5D", "duration-fraction", None),
        ("P11Y", "duration-too-long", None),
        ("PT999999999H", "duration-too-long", None),
    ],
)
def test_bad_durations_say_what_was_meant(source: str, code: str, suggests: str | None) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(source)
    assert (caught.value.code, caught.value.suggests) == (code, suggests)


@pytest.mark.parametrize("source", ["P1W", "P1M", "P1Y"])
def test_business_time_has_no_weeks(source: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(source, business=True)
    assert caught.value.code == "business-weeks"
    assert parse_duration("P5D", business=True).business


@given(st.integers(0, 400), st.integers(0, 10**6))
def test_spans_come_back(days: int, seconds: int) -> None:
    moment = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    span = Span(days, seconds)
    assert span.after(moment, UTC) - moment == span.timedelta
    assert (span + span - span).total == span.total
    assert (-span).after(span.after(moment, UTC), UTC) == moment


def test_days_follow_the_clock_on_the_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    evening = datetime(2026, 3, 28, 18, 0, tzinfo=berlin)
    assert Span(days=1).after(evening, berlin) == datetime(2026, 3, 29, 18, 0, tzinfo=berlin)
    assert Span(seconds=86400).after(evening, berlin) == datetime(2026, 3, 29, 19, 0, tzinfo=berlin)
    assert Span(days=2).timedelta == timedelta(days=2)


def test_far_moments_overflow() -> None:
    with pytest.raises(OverflowError):
        Span(months=12 * 9000).after(datetime(2026, 1, 1, tzinfo=UTC), UTC)
