"""A ticket arrives, or changes its department: which rule does it follow, and what does that give it?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.moments import to_datetime
from core.routing.rules import kept_facts, match, packed
from core.routing.store import rule_set
from core.routing.ways import PRIORITIES
from core.timeline import happened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.routing.rules import Facts, Rule
    from core.tickets.rows import TicketRow

ROUTED = "ticket.routed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What rules may look at, whether the ticket is about to open or is there already."""

    channel: str
    subject: str
    department_id: int
    language: str
    priority: str
    topic: str | None = None
    product: str | None = None
    mailbox: str | None = None
    tags: tuple[str, ...] = ()
    customer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the matching rule gives (nothing: none matched), and what is kept of it."""

    gives: Mapping[str, Any]
    data: dict[str, Any]
    department_id: int
    team_id: int | None


def decide(tx: Connection, firm: Directory, asked: Asked, now: int, *, stays: bool = False) -> Decision | None:
    """The decision over this ticket; None when there are no rules. `stays`: rules that would send it to another department are not looked at."""
    rules = rule_set(tx)
    if not rules.rules:
        return None
    facts = facts_of(firm, asked, now)
    passing = (lambda rule: _leads_away(firm, rule, asked.department_id)) if stays else None
    found = match(rules.rules, facts, passing=passing)
    gives = found.rule.gives if found.rule else {}
    data: dict[str, Any] = {"set": rules.number, "failed": packed(found.failed), "facts": kept_facts(facts)}
    if found.rule:
        data |= {"rule": found.rule.id, "version": found.rule.version}
    team = firm.open_team(gives.get("team"))
    department = team.department_id if team else gives.get("department", asked.department_id)
    if (
        department not in firm.departments
        or not firm.departments[department].active
        or firm.first_team(department) is None
    ):
        department, team = asked.department_id, None  # it was there when the rule was written
    if team is None and department != asked.department_id:
        team = firm.first_team(department)
    return Decision(gives, data, department, team.id if team else None)


def _leads_away(firm: Directory, rule: Rule, department_id: int) -> bool:
    team = firm.open_team(rule.gives.get("team"))
    return (team.department_id if team else rule.gives.get("department", department_id)) != department_id


def facts_of(firm: Directory, asked: Asked, now: int) -> Facts:
    """The facts by the names that conditions use."""
    moment = to_datetime(now).astimezone(firm.calendar_of(asked.department_id).tz())
    return {
        "ticket": {
            "channel": asked.channel,
            "subject": asked.subject.lower(),
            "topic": asked.topic,
            "product": asked.product,
            "language": asked.language,
            "priority": asked.priority,
            "department": firm.departments[asked.department_id].name,
            "mailbox": asked.mailbox.lower() if asked.mailbox else None,
            "tags": list(asked.tags),
            "hour": moment.hour,
            "weekday": moment.isoweekday(),
        },
        "customer": {**asked.customer, "email": str(asked.customer.get("email") or "").lower() or None},
    }


def of_ticket(row: TicketRow, customer: Mapping[str, Any], priority: str, *, department_id: int | None = None) -> Asked:
    """A ticket that is there, as rules see it."""
    return Asked(
        channel=row.channel,
        subject=row.subject,
        department_id=department_id or row.department_id,
        language=row.language,
        priority=priority,
        topic=row.topic,
        product=row.product,
        tags=tuple(row.tags),
        customer=customer,
    )


def more_urgent(given: str | None, by_rule: str | None) -> str | None:
    """A rule raises a priority that somebody gave; it never lowers it."""
    if given is None or by_rule is None:
        return by_rule if given is None else given
    return min(given, by_rule, key=lambda name: PRIORITIES[name])


def wished(tx: Connection, row: TicketRow) -> Mapping[str, Any]:
    """What the rule that this ticket follows wishes of its holder, as the rule is now; nothing without rules (and without asking the database)."""
    rules = rule_set(tx)
    if not rules.rules:
        return {}
    decisions = happened(tx, row.id, ROUTED, 0)
    newest = decisions[-1].data if decisions else {}
    rule = next((one for one in rules.rules if one.id == newest.get("rule")), None)
    return rule.gives if rule else newest.get("gave", {})


def kept(decision: Decision, moved: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The decision as the timeline keeps it: codes and numbers, less than 1 kB."""
    wish = {name: decision.gives[name] for name in ("team", "agent", "skill", "level", "by") if name in decision.gives}
    return {**decision.data, **({"gave": wish} if wish else {}), **(moved or {})}


def at_department(asked: Asked, department_id: int) -> Asked:
    """The same ticket in another department."""
    return replace(asked, department_id=department_id)
