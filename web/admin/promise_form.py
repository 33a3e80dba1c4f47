"""A policy or a calendar as a form: from what was typed to the text that is kept, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from core.calendar_reading import WEEKDAYS
from core.clocks.policy import PRIORITIES
from core.clocks.reading import BUILT_IN_METRICS
from core.errors import FieldError, Invalid
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

_LENGTH = re.compile(
    r"(?:(\d{1,6})\s*(?:h|hours?|jam))?\s*(?:(\d{1,6})\s*(?:m|min|mins|minutes?|mnt|menit))?", re.IGNORECASE
)
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?")
_SPAN = re.compile(r"\s*([\d:]+)\s*[-–]\s*([\d:]+)\s*")
_OF_FORM = {"goal", "limit", "warnings", "escalations", "pause_while"}


def iso(text: str) -> str:
    """`1 h 30 min` as PT1H30M; what is written otherwise stays, and is checked later."""
    text = text.strip()
    found = _LENGTH.fullmatch(text)
    if not text or found is None:
        return text
    hours, minutes = found.groups()
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")


def spoken(text: Any) -> str:
    """PT1H30M as `1 h 30 min`."""
    found = _ISO.fullmatch(str(text or ""))
    if not text or found is None:
        return str(text or "")
    hours, minutes = found.groups()
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def policy_of(form: Mapping[str, Any], lists: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """The policy that was typed in. `lists(name)` gives the values of a group of boxes; `before` keeps what the form does not show."""
    data: dict[str, Any] = {"name": form.get("name", "").strip(), "metrics": {}}
    for name in ("priorities", "channels"):
        if lists(name):
            data[name] = list(lists(name))
    if classes := [one.strip() for one in form.get("classes", "").split(",") if one.strip()]:
        data["classes"] = classes
    if form.get("calendar"):
        data["calendar"] = form["calendar"]
    for name in BUILT_IN_METRICS:
        metric = _metric(form, name, (before.get("metrics") or {}).get(name) or {})
        if metric:
            data["metrics"][name] = metric
    data["metrics"] |= _own(form.get("own", ""))
    return data


def _metric(form: Mapping[str, Any], name: str, before: Mapping[str, Any]) -> dict[str, Any]:
    goal = {p: iso(form.get(f"{name}-{p}", "")) for p in PRIORITIES if form.get(f"{name}-{p}", "").strip()}
    if not goal:
        return {}
    found: dict[str, Any] = {key: value for key, value in before.items() if key not in _OF_FORM} | {"goal": goal}
    limit = {p: iso(form.get(f"{name}-{p}-limit", "")) for p in PRIORITIES if form.get(f"{name}-{p}-limit", "").strip()}
    if limit:
        found["limit"] = limit
    if warnings := [one.strip() for one in form.get(f"{name}-warnings", "").split(",") if one.strip()]:
        found["warnings"] = [_warning(one) for one in warnings]
    if pause := form.get(f"{name}-pause", "").strip():
        found["pause_while"] = pause
    if lines := [line.split() for line in form.get(f"{name}-escalations", "").splitlines() if line.strip()]:
        found["escalations"] = [dict(zip(("at", "do", "to"), [*line, "", ""], strict=False)) for line in lines]
    return found


def _warning(text: str) -> int | str:
    percent = text.removesuffix("%").strip()
    return int(percent) if text.endswith("%") and percent.isdecimal() else iso(text)


def _own(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(
            FieldError("/own", _("The own metrics are no YAML: %(error)s", error=str(error)[:200]))
        ) from error
    if not isinstance(read, dict):
        raise Invalid(
            FieldError("/own", _("Own metrics begin with their name, and what belongs to them indented below it."))
        )
    return read


def shown_policy(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a policy's form."""
    found = {
        "name": str(data.get("name", "")),
        "classes": ", ".join(data.get("classes") or ()),
        "calendar": data.get("calendar") or "",
    }
    metrics = data.get("metrics") or {}
    for name in BUILT_IN_METRICS:
        metric = metrics.get(name) or {}
        for priority in PRIORITIES:
            found[f"{name}-{priority}"] = spoken(_at(metric.get("goal"), priority))
            found[f"{name}-{priority}-limit"] = spoken(_at(metric.get("limit"), priority))
        found[f"{name}-warnings"] = ", ".join(
            f"{one}%" if isinstance(one, int) else spoken(one) for one in metric.get("warnings") or ()
        )
        found[f"{name}-pause"] = metric.get("pause_while", "")
        lines = (
            " ".join(filter(None, (e.get("at"), e.get("do"), e.get("to")))) for e in metric.get("escalations") or ()
        )
        found[f"{name}-escalations"] = "\n".join(lines)
    own = {name: metric for name, metric in metrics.items() if name not in BUILT_IN_METRICS}
    found["own"] = yaml.safe_dump(own, sort_keys=False, allow_unicode=True) if own else ""
    return found


def _at(given: Any, priority: str) -> Any:
    return given.get(priority) if isinstance(given, dict) else given


def field_of(pointer: str) -> str:
    """Which field of the policy's form a pointer means."""
    parts = pointer.strip("/").split("/")
    if parts[0] != "metrics" or len(parts) < 2 or parts[1] not in BUILT_IN_METRICS:
        return "own" if parts[0] in {"metrics", "own"} and len(parts) > 1 else parts[0]
    name, what, *rest = (*parts[1:], "")
    match what:
        case "goal" | "limit":
            priority = rest[0] if rest and rest[0] in PRIORITIES else PRIORITIES[0]
            return f"{name}-{priority}" + ("-limit" if what == "limit" else "")
        case "warnings" | "escalations":
            return f"{name}-{what}"
        case "pause_while":
            return f"{name}-pause"
        case _:
            return f"{name}-{PRIORITIES[0]}"


def calendar_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """The calendar that was typed in: `08:00–12:00, 13:00–17:00` a weekday, one date a line."""
    data: dict[str, Any] = {"tz": form.get("tz", "").strip(), "hours": {}}
    for day in WEEKDAYS:
        if form.get(day, "").strip():
            data["hours"][day] = [_span(one) for one in form[day].split(",") if one.strip()]
    if dates := form.get("holidays", "").split():
        data["holidays"] = dates
    special: dict[str, list[list[str]]] = {}
    for line in form.get("special", "").splitlines():
        day, _space, spans = line.strip().partition(" ")
        if day:
            special[day] = [_span(one) for one in spans.split(",") if one.strip()]
    if special:
        data["special"] = special
    if country := form.get("country", "").strip().upper():
        data |= {"country": country, "joint_holidays": bool(form.get("joint"))}
    return data


def _span(text: str) -> list[str]:
    found = _SPAN.fullmatch(text)
    return [found[1], found[2]] if found else [text.strip(), ""]


def shown_calendar(name: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a calendar's form."""
    hours = data.get("hours") or {}
    found = {day: ", ".join(f"{a}–{b}" for a, b in hours.get(day) or ()) for day in WEEKDAYS}
    special = data.get("special") or {}
    return found | {
        "name": name,
        "tz": str(data.get("tz") or data.get("zone") or "Asia/Jakarta"),
        "holidays": "\n".join(map(str, data.get("holidays") or ())),
        "special": "\n".join(f"{day} {', '.join(f'{a}–{b}' for a, b in spans)}" for day, spans in special.items()),
        "country": data.get("country") or "",
        "joint": "1" if data.get("joint_holidays", True) else "",
    }
