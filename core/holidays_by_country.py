"""Public holidays of a country, written down with a calendar when it is saved: what a clock was reckoned by must never change by itself."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import holidays

from core.calendar_reading import WEEKDAYS, read_calendar, spans
from core.calendars import DAY, CalendarError
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

YEARS = 5  # this year and the next ones


def countries() -> list[str]:
    """The codes of the countries whose holidays are known."""
    return sorted(code for code in holidays.list_supported_countries() if len(code) == 2)


def public_holidays(country: str, years: range, *, joint: bool) -> dict[date, str]:
    """The public holidays by date; `joint`: with the days that a government adds (in Indonesia the cuti bersama)."""
    if country not in countries():
        raise CalendarError(
            _("“%(country)s” is no country whose holidays are known. Write a code such as ID.", country=country)
        )
    known = holidays.country_holidays(country, years=list(years))
    if joint and "government" in known.supported_categories:
        known = holidays.country_holidays(country, years=list(years), categories=("public", "government"))
    return dict(sorted(known.items()))


def prepared(written: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The calendar as it is kept: checked, and with the holidays of its country as dates.

    `country` and `joint_holidays` say where the dates under `public` came from; saving again brings newer ones.
    """
    data = {key: value for key, value in written.items() if key != "public"}
    if data.get("country"):
        years = range(today.year, today.year + YEARS)
        found = public_holidays(str(data["country"]), years, joint=bool(data.get("joint_holidays", True)))
        data["public"] = {day.isoformat(): name for day, name in found.items()}
    read_calendar(data)
    check_overlaps(data)
    return data


def check_overlaps(data: Mapping[str, Any]) -> None:
    """Refuse opening hours that overlap on one day, or run over midnight into those of the next one."""
    hours = data.get("hours") or {}
    days = [(name, spans(hours.get(name) or [])) for name in WEEKDAYS]
    for i, (name, own) in enumerate(days):
        for (_a, end), (start, _b) in pairwise(own):
            if start < end:
                raise CalendarError(
                    _("On %(day)s two spans of opening hours overlap. Join them, or part them.", day=name)
                )
        following, later = days[(i + 1) % len(days)]
        last = max((end for _a, end in own), default=0) - DAY
        if later and last > later[0][0]:
            text = _("The hours of %(day)s run over midnight into those of %(next)s.", day=name, next=following)
            raise CalendarError(text)
