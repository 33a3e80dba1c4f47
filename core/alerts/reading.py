"""An alert rule as people write it (a form, JSON), read and checked; what is wrong is said with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.alerts.rules import BACKLOG, DURATIONS, HOWS, IDLE, KINDS, OVERDUE, RATING, REOPENED, VIP, Rule
from core.errors import FieldError, Invalid
from core.meant import nobody
from core.sop.durations import DurationError, parse_duration
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.directory import Directory

PRIORITIES = ("urgent", "high", "medium", "low")
MOST_TO, MOST_TITLE, MOST_NUMBER = 20, 200, 100_000
LONGEST_MS = 366 * 24 * 3_600_000
_KNOWN = frozenset({"threshold", "to", "how", "priorities", "waiting"})
_STANDARD: dict[str, Any] = {VIP: 0, OVERDUE: "PT0S", REOPENED: 1, RATING: 40}
_NEEDED = frozenset({IDLE, BACKLOG, "time_sensitive"})


def checked(firm: Directory, title: str, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as it is kept; Invalid names every wrong value at once."""
    errors: list[FieldError] = []
    if not 0 < len(title.strip()) <= MOST_TITLE:
        errors.append(FieldError("/title", _("This must be a text of 1 to %(most)s characters.", most=MOST_TITLE)))
    _one_of(kind, KINDS, "/kind", errors)
    for name in sorted(set(data) - _KNOWN):
        known = ", ".join(sorted(_KNOWN))
        errors.append(
            FieldError(f"/data/{name}", _("“%(key)s” is not known here. Known: %(known)s.", key=name, known=known))
        )
    threshold = data.get("threshold")
    if threshold in (None, ""):
        threshold = _STANDARD.get(kind)
    if kind in KINDS:
        _threshold(kind, threshold, errors)
    to = _to(firm, kind, data.get("to"), errors)
    how = str(data.get("how") or HOWS[0])
    _one_of(how, HOWS, "/data/how", errors)
    priorities = [str(one) for one in data.get("priorities") or ()]
    for one in priorities:
        _one_of(one, PRIORITIES, "/data/priorities", errors)
    if errors:
        raise Invalid(*errors)
    kept: dict[str, Any] = {"threshold": threshold, "to": to, "how": how}
    if priorities and kind != BACKLOG:
        kept["priorities"] = priorities
    if data.get("waiting") and kind == IDLE:
        kept["waiting"] = True
    return kept


def _threshold(kind: str, given: Any, errors: list[FieldError]) -> None:
    if given is None and kind in _NEEDED:
        example = "20" if kind == BACKLOG else "PT4H"
        errors.append(FieldError("/data/threshold", _("From when on? Write for example %(example)s.", example=example)))
    elif kind in DURATIONS:
        _length(kind, str(given), errors)
    elif kind != VIP:
        _number(kind, given, errors)


def _length(kind: str, given: str, errors: list[FieldError]) -> None:
    wrong = ""
    try:
        duration = parse_duration(given)
    except DurationError as error:
        example = error.suggests or "PT4H"
        wrong = _("“%(text)s” is no length of time. Write for example %(example)s.", text=given, example=example)
    else:
        days = duration.days or duration.weeks or duration.months
        if days:
            wrong = _("“%(text)s”: this is counted in hours. Write for example PT8H.", text=given)
        elif duration.seconds * 1000 > LONGEST_MS:
            wrong = _("“%(text)s” is more than a year. Write something shorter.", text=given)
        elif kind != OVERDUE and duration.seconds < 60:
            wrong = _("“%(text)s” is over at once. Write at least one minute, PT1M.", text=given)
    if wrong:
        errors.append(FieldError("/data/threshold", wrong))


def _number(kind: str, given: Any, errors: list[FieldError]) -> None:
    least, most = {RATING: (0, 100), REOPENED: (1, 1000)}.get(kind, (0, MOST_NUMBER))
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        text = _("This must be a whole number from %(least)s to %(most)s.", least=least, most=most)
        errors.append(FieldError("/data/threshold", text))


def _to(firm: Directory, kind: str, given: Any, errors: list[FieldError]) -> list[str]:
    found = [str(one).strip() for one in given or () if str(one).strip()] if isinstance(given, list | tuple) else []
    found = list(dict.fromkeys(found))
    if not found or len(found) > MOST_TO:
        text = _("Whom does it tell? Name 1 to %(most)s: holder, lead, team, team:NAME, agent:NAME.", most=MOST_TO)
        errors.append(FieldError("/data/to", text))
    for one in found[:MOST_TO]:
        wrong = nobody(firm, one)
        if not wrong and kind == BACKLOG and one in {"holder", "watchers"}:
            wrong = _("A backlog has no holder and no watchers. Name the lead, a team or colleagues.")
        if wrong:
            errors.append(FieldError("/data/to", wrong))
    return found


def _one_of(value: str, known: tuple[str, ...], pointer: str, errors: list[FieldError]) -> None:
    if value not in known:
        text = _("“%(value)s” is not possible here. Write one of: %(known)s.", value=value, known=", ".join(known))
        errors.append(FieldError(pointer, text))


def rule_of(row: Any) -> Rule:
    """A kept row as a rule that can be judged."""
    data = row.data
    threshold = data.get("threshold") or 0
    if row.kind in DURATIONS:
        threshold = parse_duration(str(data["threshold"])).seconds * 1000
    return Rule(
        id=row.id,
        version=row.version,
        title=row.title,
        kind=row.kind,
        threshold=int(threshold),
        to=tuple(data.get("to", ())),
        how=data.get("how", HOWS[0]),
        department_id=row.department_id,
        team_id=row.team_id,
        priorities=tuple(data.get("priorities", ())),
        waiting=bool(data.get("waiting", False)),
        active=row.active,
    )
