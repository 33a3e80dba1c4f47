"""Which rule brought the ticket here, what it saw, and what was not true of the rules before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.routing.deciding import ROUTED
from core.routing.rules import part_at, unpacked
from core.routing.store import rules_of_set
from core.sop.drawing_words import plain
from core.texts import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.routing.rules import Rule
    from core.timeline import Happening
    from web.desk.telling import Teller

MOST_SHOWN = 8  # rules that were passed over: those nearest to the one that matched


def newest_decision(tx: Connection, events: Sequence[Happening]) -> tuple[dict[str, Any], Sequence[Rule]] | None:
    """The newest decision of the rules and the rules that held then; None when they were never asked."""
    newest = next((event for event in reversed(events) if event.kind == ROUTED), None)
    return None if newest is None else (newest.data, rules_of_set(tx, int(newest.data.get("set", 0))))


def lines_of(teller: Teller, data: dict[str, Any], rules: Sequence[Rule]) -> tuple[str, ...]:
    """One decision: the rule with its version and what it saw, then why those before it did not match."""
    facts = data.get("facts") or {}
    marks = unpacked(str(data.get("failed", "")))
    matched = next((rule for rule in rules if rule.id == data.get("rule")), None)
    lines = [_matched(teller, matched, data, facts) if matched else _("No routing rule matches this ticket.")]
    passed = list(zip(range(1, len(marks) + 1), rules, marks, strict=False))
    for place, rule, mark in passed[-MOST_SHOWN:]:
        lines.append(_passed(teller, place, rule, mark, facts))
    if len(passed) > MOST_SHOWN:
        n = len(passed) - MOST_SHOWN
        lines.append(ngettext("%(n)s rule before those did not match", "%(n)s rules before those did not match", n))
    return tuple(lines)


def _matched(teller: Teller, rule: Rule, data: dict[str, Any], facts: dict[str, Any]) -> str:
    place = len(unpacked(str(data.get("failed", "")))) + 1
    said = _(
        "Rule %(place)s, “%(title)s” (version %(version)s) matches", place=place, title=rule.title, version=rule.version
    )
    names = [name for name in sorted(facts) if name in rule.condition]
    seen = ", ".join(_fact(teller, name, facts[name]) for name in names)
    return f"{said}: {seen}" if seen else f"{said}."


def _passed(teller: Teller, place: int, rule: Rule, mark: str, facts: dict[str, Any]) -> str:
    index = part_at(mark)
    if index is None:
        return _("Rule %(place)s, “%(title)s”, leads to another department", place=place, title=rule.title)
    part = rule.parts[index].source if index < len(rule.parts) else rule.condition
    said = _("Rule %(place)s, “%(title)s”: “%(part)s” is not true", place=place, title=rule.title, part=plain(part))
    seen = ", ".join(_fact(teller, name, facts[name]) for name in sorted(facts) if name in part)
    return f"{said} ({seen})" if seen else said


def _fact(teller: Teller, name: str, value: Any) -> str:
    said, shown = teller.seen(name, value)
    return _("%(name)s is %(value)s", name=said, value=shown)
