"""What would change if open tickets met the routing rules as they are now? Counted by what changes, ticket by ticket, before anything is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.directory import directory
from core.errors import FieldError, Forbidden, Invalid
from core.moments import now_ms
from core.permissions import MANAGER, require
from core.routing.store import rule_set
from core.texts import _
from core.tickets.bulk_verdicts import Chosen, count, ids_after, verdicts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.routing.rules import Rule
    from core.tickets.bulk_verdicts import Verdict

READ_AT_ONCE = 500
MOST_PREVIEWED = 10_000
PAGE = 50
CHANGES, SAME, CANNOT = "changes", "same", "cannot"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done: how many of each sort, what would change how often, and one page of one sort. `partly`: only the first were looked at."""

    rules: int
    total: int
    looked_at: int
    sorts: dict[str, int]
    names: dict[str, int]
    page: tuple[Verdict, ...]
    more: bool
    by_rule: dict[int, Rule]

    @property
    def partly(self) -> bool:
        """Were there too many to look at each?"""
        return self.looked_at < self.total


def may_choose(tx: Connection, actor: Actor, chosen: Chosen) -> Chosen:
    """What this person may choose: managers everything, leads tickets of their own department. What does not exist is said."""
    require(actor, "change_routing")
    firm, errors = directory(tx), []
    if chosen.department_id is not None and chosen.department_id not in firm.departments:
        errors.append(FieldError("/department", _("There is no such department.")))
    if chosen.team_id is not None and chosen.team_id not in firm.teams:
        errors.append(FieldError("/team", _("There is no such team.")))
    if errors:
        raise Invalid(*errors)
    team = firm.teams[chosen.team_id] if chosen.team_id is not None else None
    if team is not None and chosen.department_id not in {None, team.department_id}:
        raise Invalid(FieldError("/team", _("This team belongs to another department.")))
    if not actor.is_person or actor.role == MANAGER:
        return chosen
    department = team.department_id if team is not None else chosen.department_id or actor.department_id
    if department is None or department != actor.department_id:
        raise Forbidden(_("You can route tickets of your own department again. A manager can do it for all."))
    return Chosen(department, chosen.team_id, chosen.channel, chosen.tag, chosen.unassigned)


def preview(
    tx: Connection, actor: Actor, chosen: Chosen, *, sort: str = CHANGES, offset: int = 0, now: int | None = None
) -> Preview:
    """What the rules as they are now would make of the chosen tickets. Nothing is changed."""
    chosen, now = may_choose(tx, actor, chosen), now or now_ms()
    rules = rule_set(tx)
    total, upto = count(tx, chosen)
    sorts, names = Counter({CHANGES: 0, SAME: 0, CANNOT: 0}), Counter[str]()
    page: list[Verdict] = []
    cursor = looked_at = 0
    while looked_at < MOST_PREVIEWED and (ids := ids_after(tx, chosen, cursor, READ_AT_ONCE, upto=upto)):
        for one in verdicts(tx, ids, now):
            mine = sort_of(one)
            sorts[mine] += 1
            if mine == CHANGES:
                names.update(one.moves.keys())
            if mine == sort and offset < sorts[mine] <= offset + PAGE:
                page.append(one)
        cursor, looked_at = ids[-1], looked_at + len(ids)
    more = sorts[sort] > offset + PAGE
    by_rule = {rule.id: rule for rule in rules.rules}
    return Preview(rules.number, total, looked_at, dict(sorts), dict(names), tuple(page), more, by_rule)


def sort_of(one: Verdict) -> str:
    """To which group of a preview it belongs."""
    return CANNOT if one.refused else CHANGES if one.moves else SAME
