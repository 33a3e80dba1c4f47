"""`estafet calendar`: working time, computed from the command line."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from typing import Any

import click

from core.calendar_reading import in_zone, moment_of, read_calendar
from core.calendars import Calendar, CalendarError
from core.texts import _


@click.group()
def calendar() -> None:
    """Opening hours, holidays and the time between."""


@calendar.command()
def compute() -> None:
    """Compute working time: one JSON case per line on stdin, one JSON answer per line on stdout.

    \b
    Example:
      echo '{"kind": "add", "calendar": {"tz": "Asia/Jakarta", "hours": {"mon": [["09:00", "17:00"]]}},
             "start": "2026-11-23T16:00:00+07:00", "seconds": 7200}' | tr -d '\\n' | estafet calendar compute

    `add` answers with a time, `between` (with `start` and `end`) with seconds. A case that cannot be computed answers {"error": …}; the exit
    code is then 1.
    """
    failed = False
    answer: object
    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            answer = answer_case(json.loads(line))
        except json.JSONDecodeError as error:
            answer, failed = {"error": _("This line is not JSON: %(reason)s.", reason=error)}, True
        except CalendarError as error:
            answer, failed = {"error": str(error)}, True
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()  # whoever asks line by line waits for it
    sys.exit(1 if failed else 0)


@lru_cache(maxsize=256)
def _calendar(written: str) -> Calendar:
    """The calendar of a case; many cases share one, and it remembers what it has worked out."""
    return read_calendar(json.loads(written))


def answer_case(case: Any) -> str | float:
    """The answer to one case: a time for `add`, seconds for `between`."""
    if not isinstance(case, dict):
        raise CalendarError(_("A case is a JSON object with “kind”, “calendar” and “start”."))
    if missing := [key for key in ("kind", "calendar", "start") if key not in case]:
        raise CalendarError(_("The case has no “%(key)s”.", key=missing[0]))
    hours, start = _calendar(json.dumps(case["calendar"])), moment_of(case["start"])
    match case["kind"]:
        case "add":
            seconds = case.get("seconds")
            if not isinstance(seconds, int) or isinstance(seconds, bool):
                raise CalendarError(_("“seconds” must be a whole number, not “%(text)s”.", text=seconds))
            return in_zone(hours.add(start, seconds), hours.tz())
        case "between":
            if "end" not in case:
                raise CalendarError(_("The case has no “%(key)s”.", key="end"))
            seconds = hours.between(start, moment_of(case["end"]))
            return int(seconds) if seconds == int(seconds) else seconds
        case other:
            raise CalendarError(_("“%(kind)s” is no kind of computation. Write add or between.", kind=other))
