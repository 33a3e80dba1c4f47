"""What docs/clocks.md says of shifts on the nights when the clocks change."""

from __future__ import annotations

import pytest

from core.calendar_reading import moment_of, read_calendar

SPRING, AUTUMN = "2027-03-28T00:00+01:00", "2027-10-31T00:00+02:00"
DAY = 24 * 3_600_000


@pytest.mark.parametrize(
    ("span", "midnight", "hours"),
    [
        (["02:30", "06:00"], SPRING, 2.5),  # it begins at 03:30
        (["01:00", "03:00"], SPRING, 1),
        (["00:00", "06:00"], SPRING, 5),
        (["00:00", "06:00"], AUTUMN, 7),
        (["02:30", "06:00"], AUTUMN, 4.5),  # from the first 02:30
    ],
)
def test_shift_on_the_night_of_change(span: list[str], midnight: str, hours: float) -> None:
    calendar = read_calendar({"tz": "Europe/Berlin", "hours": {"sun": [span]}})
    start = moment_of(midnight)
    assert calendar.between(start, start + DAY) == hours * 3600


def test_shift_of_the_evening_before_is_shorter() -> None:
    calendar = read_calendar({"tz": "Europe/Berlin", "hours": {"sat": [["22:00", "06:00"]]}})
    start = moment_of(SPRING) - DAY
    assert calendar.between(start, start + 2 * DAY) == 7 * 3600
