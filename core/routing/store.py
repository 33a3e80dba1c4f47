"""The rules as they are kept: read once for each configuration, changed with a new version each time, in an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from core import configuration
from core.database import database_of
from core.directory import directory
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.moments import now_ms
from core.permissions import require
from core.routing.draining import teams_have_room
from core.routing.reading import checked_gives
from core.routing.rules import KNOWN, Rule, RuleError, RuleSet, compiled
from core.routing.traps import Trap, traps
from core.schema import RoutingRule, RoutingRuleVersion, RoutingSet
from core.texts import LANGUAGES, _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Directory
    from core.settings import Settings

CHANNELS = ("email", "form", "portal", "chat", "phone", "api", "social")
MOST_RULES = 500
_r, _v, _s = RoutingRule.__table__.c, RoutingRuleVersion.__table__.c, RoutingSet.__table__.c
_RULES = select(_r.id, _r.version, _r.title, _r.condition, _r.gives, _r.department_id, _r.active, _r.place).order_by(
    _r.place, _r.id
)
_SET = select(func.max(_s.number))
_ONE_SET = select(_s.rules).where(_s.number == bindparam("number"))
_VERSIONS = select(_v.rule_id, _v.number, _v.title, _v.condition, _v.gives)
_cache: dict[str, tuple[int, RuleSet, tuple[Rule, ...]]] = {}


@dataclass(frozen=True, slots=True)
class RuleText:
    """What somebody writes of a rule. `condition` is an expression; `gives` by names of `core.routing.rules.GIVES`, with ids."""

    title: str
    condition: str
    gives: Mapping[str, Any]
    department_id: int | None = None
    active: bool = True


def rule_set(tx: Connection) -> RuleSet:
    """The active rules, compiled; read anew only when the configuration has changed."""
    return _read(tx)[1]


def all_rules(tx: Connection) -> tuple[Rule, ...]:
    """Every rule in its order, also those that are switched off."""
    return _read(tx)[2]


def _read(tx: Connection) -> tuple[int, RuleSet, tuple[Rule, ...]]:
    version, where = configuration.version(tx), database_of(tx)
    known = _cache.get(where)
    if known is None or known[0] != version:
        rules = tuple(
            Rule(row.id, row.version, row.title, row.condition, row.gives, row.department_id, row.active, _parts(row))
            for row in tx.execute(_RULES)
        )
        number = tx.execute(_SET).scalar() or 0 if rules else 0
        known = _cache[where] = (version, RuleSet(number, tuple(rule for rule in rules if rule.active)), rules)
    return known


def _parts(row: Any) -> Any:
    return compiled(row.condition)


def rules_of_set(tx: Connection, number: int) -> tuple[Rule, ...]:
    """The rules as they were when a decision was made: for explaining it, however they have changed since."""
    pairs = tx.execute(_ONE_SET, {"number": number}).scalar_one_or_none() or []
    wanted = {(int(rule), int(version)) for rule, version in pairs}
    rows = tx.execute(_VERSIONS.where(_v.rule_id.in_({rule for rule, _version in wanted})))
    found = {
        (row.rule_id, row.number): Rule(
            row.rule_id, row.number, row.title, row.condition, row.gives, None, True, _parts(row)
        )
        for row in rows
        if (row.rule_id, row.number) in wanted
    }
    return tuple(found[int(rule), int(version)] for rule, version in pairs if (rule, version) in found)


def rule_version(tx: Connection, rule_id: int, number: int) -> Rule | None:
    """One text of a rule."""
    row = tx.execute(_VERSIONS.where(_v.rule_id == rule_id, _v.number == number)).one_or_none()
    return Rule(row.rule_id, row.number, row.title, row.condition, row.gives, None, True, _parts(row)) if row else None


def trapped(tx: Connection, rules: Sequence[Rule] | None = None) -> list[Trap]:
    """Rules that no ticket can reach, as they stand or as they would."""
    firm = directory(tx)
    values = {
        "ticket.channel": CHANNELS,
        "ticket.language": LANGUAGES,
        "ticket.priority": ("urgent", "high", "medium", "low"),
        "ticket.department": tuple(firm.department_names),
    }
    return traps(all_rules(tx) if rules is None else rules, values)


# ---- changing ----------------------------------------------------------------------------------------------------------


def require_rules(actor: Actor, *departments: int | None) -> None:
    """Managers change every rule, leads those of their own department."""
    require(actor, "change_routing")
    if actor.is_person and actor.role != "manager" and any(one != actor.department_id for one in departments):
        raise Forbidden(_("Rules of other departments, and of the whole firm, are changed by managers."))


def add_rule(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    rule: RuleText,
    *,
    place: int | None = None,
    now: int | None = None,
) -> int:
    """A new rule, the last one unless a `place` (from 1) is given. Returns its id."""
    require_rules(actor, rule.department_id)
    now = now or now_ms()
    rule = _checked(tx, actor, rule)
    count = len(all_rules(tx))
    if count >= MOST_RULES:
        raise Invalid(
            FieldError("/title", _("There are %(most)s rules already. Take one away first.", most=MOST_RULES))
        )
    values = {**_values(rule), "version": 1, "place": count + 1}
    rule_id = int(tx.execute(insert(RoutingRule.__table__).values(values).returning(_r.id)).scalar_one())
    _keep_version(tx, actor, rule_id, 1, rule, now)
    _tell(tx, actor, "rule.added", rule_id, 1, rule.department_id, now)
    if place is not None and place <= count:
        _put_at(tx, rule_id, place)
    _new_set(tx, settings, now)
    return rule_id


def change_rule(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    rule_id: int,
    rule: RuleText,
    *,
    if_version: int | None = None,
    now: int | None = None,
) -> int:
    """The next version of a rule. Returns its number."""
    old = find_rule(tx, rule_id)
    require_rules(actor, old.department_id, rule.department_id)
    if if_version is not None and old.version != if_version:
        raise Conflict(_("Somebody has changed this rule since you looked at it. Look at it again; nothing was saved."))
    now = now or now_ms()
    rule = _checked(tx, actor, rule)
    if rule == RuleText(old.title, old.condition, dict(old.gives), old.department_id, old.active):
        return old.version
    number = old.version + 1
    tx.execute(update(RoutingRule.__table__).where(_r.id == rule_id).values({**_values(rule), "version": number}))
    _keep_version(tx, actor, rule_id, number, rule, now)
    _tell(tx, actor, "rule.changed", rule_id, number, rule.department_id, now)
    _new_set(tx, settings, now)
    return number


def remove_rule(tx: Connection, settings: Settings, actor: Actor, rule_id: int, *, now: int | None = None) -> None:
    """Take a rule away; its versions stay, because decisions name them."""
    old = find_rule(tx, rule_id)
    require_rules(actor, old.department_id)
    now = now or now_ms()
    tx.execute(RoutingRule.__table__.delete().where(_r.id == rule_id))
    _tell(tx, actor, "rule.removed", rule_id, old.version, old.department_id, now)
    _new_set(tx, settings, now)


def move_rule(
    tx: Connection, settings: Settings, actor: Actor, rule_id: int, place: int, *, now: int | None = None
) -> None:
    """Put a rule at a place (from 1): earlier ones are asked first. Leads move theirs among those of their department only."""
    old = find_rule(tx, rule_id)
    require_rules(actor, old.department_id)
    rules = [rule.id for rule in all_rules(tx)]
    passed = _passed(rules, rule_id, place)
    require_rules(actor, *(find_rule(tx, one).department_id for one in passed))
    now = now or now_ms()
    _put_at(tx, rule_id, place)
    _tell(tx, actor, "rule.moved", rule_id, old.version, old.department_id, now)
    _new_set(tx, settings, now)


def _passed(rules: list[int], rule_id: int, place: int) -> list[int]:
    """The rules that a move passes by."""
    here, there = rules.index(rule_id), max(0, min(place - 1, len(rules) - 1))
    return rules[there:here] if there < here else rules[here + 1 : there + 1]


def find_rule(tx: Connection, rule_id: int) -> Rule:
    """A rule as it is now. NotFound when it was taken away."""
    found = next((rule for rule in all_rules(tx) if rule.id == rule_id), None)
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def _put_at(tx: Connection, rule_id: int, place: int) -> None:
    order = [row.id for row in tx.execute(_RULES) if row.id != rule_id]
    order.insert(max(0, min(place - 1, len(order))), rule_id)
    for number, one in enumerate(order, 1):
        tx.execute(update(RoutingRule.__table__).where(_r.id == one, _r.place != number).values(place=number))


def _values(rule: RuleText) -> dict[str, Any]:
    return {
        "title": rule.title,
        "condition": rule.condition,
        "gives": dict(rule.gives),
        "department_id": rule.department_id,
        "active": rule.active,
    }


def _keep_version(tx: Connection, actor: Actor, rule_id: int, number: int, rule: RuleText, now: int) -> None:
    values = {
        "rule_id": rule_id,
        "number": number,
        "title": rule.title,
        "condition": rule.condition,
        "gives": dict(rule.gives),
        "author_id": actor.id if actor.is_person else None,
        "at": now,
    }
    tx.execute(insert(RoutingRuleVersion.__table__).values(values))


def _tell(
    tx: Connection, actor: Actor, kind: str, rule_id: int, version: int, department: int | None, now: int
) -> None:
    data = {"rule": rule_id, "version": version}
    append_to(tx, "organisation", department or 0, kind, actor, data, at=now, department_id=department)


def _new_set(tx: Connection, settings: Settings, now: int) -> None:
    """Write down which rules hold from now on, and tell every process. What waits in backlogs may find somebody by them."""
    pairs = [[row.id, row.version] for row in tx.execute(_RULES) if row.active]
    tx.execute(insert(RoutingSet.__table__).values(rules=pairs, at=now))
    configuration.bump(tx)
    teams_have_room(tx, settings, directory(tx).teams, now)


def _checked(tx: Connection, actor: Actor, rule: RuleText) -> RuleText:
    """The rule in its canonical form; Invalid names everything that is wrong."""
    errors: list[FieldError] = []
    firm = directory(tx)
    title = " ".join(rule.title.split())
    if not 0 < len(title) <= 200:
        errors.append(FieldError("/title", _("This must be a text of 1 to %(most)s characters.", most=200)))
    condition = " ".join(rule.condition.split())
    wrong = condition_error(condition)
    if wrong:
        errors.append(FieldError("/condition", wrong))
    if rule.department_id is not None and rule.department_id not in firm.departments:
        errors.append(FieldError("/department", _("There is no such department.")))
    gives = checked_gives(tx, firm, rule.gives, errors)
    _own_department(firm, actor, gives, errors)
    if errors:
        raise Invalid(*errors)
    return RuleText(title, condition, gives, rule.department_id, rule.active)


def condition_error(condition: str) -> str | None:
    """What is wrong with a condition, in words; None: nothing."""
    try:
        compiled(condition)
    except RuleError as error:
        code, _colon, place = str(error).rpartition(":")
        known = ", ".join(sorted(".".join(name) for name in KNOWN))
        if code:
            return _("This condition cannot be read: something is wrong at character %(place)s.", place=place)
        return _("Rules know no “%(name)s”. They know: %(known)s.", name=str(error), known=known)
    return None


def _own_department(firm: Directory, actor: Actor, gives: Mapping[str, Any], errors: list[FieldError]) -> None:
    """A lead's rule may send tickets away, but decides among people of the own department only."""
    if not actor.is_person or actor.role == "manager":
        return
    for person in (gives.get("agent"), *gives.get("people", ())):
        if person in firm.people and firm.people[person].department_id != actor.department_id:
            errors.append(FieldError("/gives/agent", _("Choose people of your own department.")))
            return
