"""Working time against a naive oracle that looks at the wall clock minute by minute, and the cases that are easy to get wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar_reading import built_in, moment_of, read_calendar
from core.calendars import Calendar, CalendarError
from core.sop.document import Duration
from estafet.commands.calendar import calendar as command

JAKARTA = built_in("id-jakarta")
HALF_HOURS = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 30)]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(text: str) -> int:
    return moment_of(text)


def shown(moment: int, zone: str = "Asia/Jakarta") -> str:
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone)).isoformat(timespec="minutes")


def test_hours_skip_the_weekend() -> None:
    assert shown(JAKARTA.add(at("2026-11-27T16:00+07:00"), 7200)) == "2026-11-30T09:00+07:00"


def test_closing_moment_is_reached() -> None:
    assert shown(JAKARTA.add(at("2026-11-27T16:00+07:00"), 3600)) == "2026-11-27T17:00+07:00"


def test_night_shift_belongs_to_its_evening() -> None:
    nights = read_calendar({"tz": "Asia/Jakarta", "hours": {"mon": [["22:00", "06:00"]]}, "holidays": ["2026-12-01"]})
    assert nights.is_open(at("2026-12-01T05:59+07:00"))
    assert not nights.is_open(at("2026-12-01T06:00+07:00"))
    assert nights.between(at("2026-11-30T00:00+07:00"), at("2026-12-02T00:00+07:00")) == 8 * 3600


def test_night_before_a_holiday_counts_no_holiday_night() -> None:
    nights = read_calendar({"tz": "Asia/Jakarta", "hours": {"mon": [["22:00", "06:00"]]}, "holidays": ["2026-11-30"]})
    assert nights.between(at("2026-11-30T00:00+07:00"), at("2026-12-02T00:00+07:00")) == 0


def test_longest_sunday_has_25_hours() -> None:
    berlin = read_calendar({"tz": "Europe/Berlin", "hours": {"sun": [["00:00", "24:00"]]}})
    start, end = at("2026-10-25T00:00+02:00"), at("2026-10-26T00:00+01:00")
    assert berlin.between(start, end) == 25 * 3600
    assert berlin.add(start, 25 * 3600) == end


def test_shortest_sunday_has_23_hours() -> None:
    berlin = read_calendar({"tz": "Europe/Berlin", "hours": {"sun": [["00:00", "24:00"]]}})
    assert berlin.between(at("2026-03-29T00:00+01:00"), at("2026-03-30T00:00+02:00")) == 23 * 3600


def test_overlapping_spans_count_once() -> None:
    both = read_calendar(
        {"tz": "UTC", "hours": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "08:00"], ["07:00", "09:00"]]}}
    )
    assert both.between(at("2026-11-23T00:00+00:00"), at("2026-11-25T00:00+00:00")) == 11 * 3600


def test_special_day_replaces_hours() -> None:
    short = read_calendar(
        {"extends": "id-jakarta", "special": {"2026-12-24": [["08:00", "12:00"]], "2026-12-26": [["09:00", "10:00"]]}}
    )
    assert short.between(at("2026-12-24T00:00+07:00"), at("2026-12-27T00:00+07:00")) == (4 + 9 + 1) * 3600


def test_pause_counts_nothing() -> None:
    paused = read_calendar(
        {"extends": "id-jakarta", "pauses": [["2026-11-23T09:00:00+07:00", "2026-11-24T09:30:00+07:00"]]}
    )
    assert shown(paused.add(at("2026-11-23T08:00+07:00"), 2 * 3600)) == "2026-11-24T10:30+07:00"


def test_endless_pause_is_an_error() -> None:
    paused = read_calendar({"extends": "id-jakarta", "pauses": [["2026-11-23T09:00:00+07:00", None]]})
    with pytest.raises(CalendarError, match="not enough working time"):
        paused.add(at("2026-11-23T08:00+07:00"), 2 * 3600)


def test_calendar_without_hours_is_refused() -> None:
    with pytest.raises(CalendarError, match="no working time"):
        read_calendar({"tz": "UTC", "hours": {"mon": []}})


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"hours": {"mon": [["9", "17:00"]]}, "tz": "UTC"}, "not a time of day"),
        ({"hours": {"monday": []}, "tz": "UTC"}, "no weekday"),
        ({"hours": {"mon": [["09:00", "17:00"]]}, "tz": "Mars/Olympus"}, "does not exist"),
        ({"hours": {"mon": [["24:00", "17:00"]]}, "tz": "UTC"}, "cannot begin at 24:00"),
        ({"hours": {"mon": [["09:00", "24:30"]]}, "tz": "UTC"}, "not a time of day"),
        ({"hours": {"mon": [["09:00", "17:00"]]}, "tz": "UTC", "holiday": []}, "Unknown key"),
        ({"hours": {"mon": [["09:00", "17:00"]]}, "tz": "UTC", "holidays": ["25.12.2026"]}, "not a date"),
    ],
)
def test_bad_calendars_are_explained(written: dict[str, object], says: str) -> None:
    with pytest.raises(CalendarError, match=says):
        read_calendar(written)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-11-27T10:00+07:00", Duration(days=1, business=True), "2026-11-30T10:00+07:00"),
        ("2026-11-28T10:00+07:00", Duration(days=1, business=True), "2026-11-30T10:00+07:00"),
        ("2026-11-26T19:00+07:00", Duration(days=1, business=True), "2026-11-27T17:00+07:00"),
        ("2026-11-23T10:00+07:00", Duration(days=20, business=True), "2026-12-21T10:00+07:00"),
        ("2026-11-23T16:30+07:00", Duration(seconds=3600, business=True), "2026-11-24T08:30+07:00"),
        ("2026-01-31T10:00+07:00", Duration(months=1), "2026-02-28T10:00+07:00"),
        ("2026-11-23T10:00+07:00", Duration(weeks=1, days=1), "2026-12-01T10:00+07:00"),
        ("2026-11-23T10:00+07:00", Duration(seconds=90 * 60), "2026-11-23T11:30+07:00"),
    ],
)
def test_durations_of_the_contract(start: str, duration: Duration, expected: str) -> None:
    assert shown(JAKARTA.after(at(start), duration)) == expected


def test_a_day_is_a_date_across_the_clock_change() -> None:
    berlin = Calendar("Europe/Berlin", (((0, 86400),),) * 7)
    end = berlin.after(at("2026-10-24T12:00+02:00"), Duration(days=1))
    assert shown(end, "Europe/Berlin") == "2026-10-25T12:00+01:00"


def test_before_undoes_after() -> None:
    due = at("2026-11-30T08:15+07:00")
    assert shown(JAKARTA.before(due, Duration(seconds=1800, business=True))) == "2026-11-27T16:45+07:00"


def test_explain_adds_up_to_between() -> None:
    start, end = at("2026-11-20T10:00+07:00"), at("2026-12-04T11:00+07:00")
    assert sum(interval.seconds for interval in JAKARTA.explain(start, end)) == JAKARTA.between(start, end)


def test_years_equal_the_sum_of_their_days() -> None:
    berlin = read_calendar(
        {"tz": "Europe/Berlin", "hours": {day: [["20:00", "04:00"]] for day in WEEK}, "holidays": ["2030-06-05"]}
    )
    start, end = at("2026-01-05T03:00+01:00"), at("2036-03-07T21:00+01:00")
    assert sum(interval.seconds for interval in berlin.explain(start, end)) == berlin.between(start, end)
    assert berlin.add(start, int(berlin.between(start, end))) == end


spans = st.lists(st.tuples(st.sampled_from(HALF_HOURS), st.sampled_from([*HALF_HOURS, "24:00"])), max_size=2)
days = st.integers(0, 40).map(lambda n: (date(2026, 3, 10) + timedelta(days=n)).isoformat())
moments = st.integers(0, 40 * 1440).map(
    lambda n: int(datetime(2026, 3, 10, tzinfo=UTC).timestamp()) * 1000 + n * 60_000
)


@st.composite
def calendars(draw: st.DrawFn) -> dict[str, object]:
    pauses = draw(st.lists(st.tuples(moments, st.integers(1, 5000)), max_size=2))
    return {
        "tz": draw(st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/New_York", "UTC"])),
        "hours": {day: draw(spans) for day in WEEK} | {"wed": [("09:00", "17:30")]},
        "holidays": draw(st.lists(days, max_size=3)),
        "special": draw(st.dictionaries(days, spans, max_size=2)),
        "pauses": [[_text(start), _text(start + minutes * 60_000)] for start, minutes in pauses],
    }


def _text(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat()


def oracle(written: dict[str, object]) -> object:
    """Is the minute that begins at a moment open? Looked up from the wall clock alone."""
    zone = ZoneInfo(str(written["tz"]))

    def hours(day: date) -> list[tuple[int, int]]:
        special: dict[str, list[tuple[str, str]]] = written["special"]  # type: ignore[assignment]
        weekly: dict[str, list[tuple[str, str]]] = written["hours"]  # type: ignore[assignment]
        if day.isoformat() in special:
            raw = special[day.isoformat()]
        else:
            raw = [] if day.isoformat() in written["holidays"] else weekly[WEEK[day.weekday()]]  # type: ignore[operator]
        minutes = [tuple(int(part[:2]) * 60 + int(part[3:]) for part in pair) for pair in raw]
        return [(a, b if b > a else b + 1440) for a, b in minutes]

    pauses = [(moment_of(a), moment_of(b)) for a, b in written["pauses"]]  # type: ignore[attr-defined]

    def is_open(moment: int) -> bool:
        if any(a <= moment < b for a, b in pauses):
            return False
        local = datetime.fromtimestamp(moment / 1000, zone)
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        return any(a <= minute < b for a, b in hours(today)) or any(a <= minute + 1440 < b for a, b in hours(yesterday))

    return is_open


def near_clock_change(written: dict[str, object]) -> bool:
    """Spans that begin or end while clocks change are a matter of definition (the first such wall clock moment counts)."""
    every = [*written["hours"].values(), *written["special"].values()]  # type: ignore[attr-defined]
    return any("01:00" <= edge <= "03:30" for hours in every for pair in hours for edge in pair)


@settings(max_examples=120, deadline=None)
@given(calendars(), moments, st.integers(0, 6000))
def test_between_agrees_with_the_wall_clock(written: dict[str, object], start: int, minutes: int) -> None:
    if near_clock_change(written):
        return
    is_open = oracle(written)
    expected = sum(60 for n in range(minutes) if is_open(start + n * 60_000))  # type: ignore[operator]
    assert read_calendar(written).between(start, start + minutes * 60_000) == expected


@settings(max_examples=80, deadline=None)
@given(calendars(), moments, st.integers(1, 3000))
def test_add_agrees_with_the_wall_clock(written: dict[str, object], start: int, minutes: int) -> None:
    if near_clock_change(written):
        return
    is_open, moment, left = oracle(written), start, minutes
    while left:
        left -= bool(is_open(moment))  # type: ignore[operator]
        moment += 60_000
    assert read_calendar(written).add(start, minutes * 60) == moment


@settings(max_examples=200, deadline=None)
@given(calendars(), moments, st.integers(1, 400_000))
def test_between_measures_what_add_added(written: dict[str, object], start: int, seconds: int) -> None:
    hours = read_calendar(written)
    end = hours.add(start, seconds)
    assert hours.between(start, end) == seconds
    assert hours.add(end, -seconds) >= start
    assert hours.between(hours.add(end, -seconds), end) == seconds


def test_compute_answers_line_by_line() -> None:
    hours = {"tz": "Asia/Jakarta", "hours": {"mon": [["09:00", "17:00"]]}}
    cases = [
        {"kind": "add", "calendar": hours, "start": "2026-11-23T16:00:00+07:00", "seconds": 7200},
        {
            "kind": "between",
            "calendar": hours,
            "start": "2026-11-23T00:00:00+07:00",
            "end": "2026-11-24T00:00:00+07:00",
        },
    ]
    done = CliRunner().invoke(command, ["compute"], input="\n".join(map(json.dumps, cases)))
    assert [json.loads(line) for line in done.output.splitlines()] == ["2026-11-30T10:00:00+07:00", 28800]
    assert done.exit_code == 0


def test_bad_case_answers_an_error() -> None:
    done = CliRunner().invoke(command, ["compute"], input='{"kind": "add"}\nnonsense\n')
    assert all("error" in json.loads(line) for line in done.output.splitlines())
    assert done.exit_code == 1
