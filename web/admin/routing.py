"""The rules of routing: in their order, with what can never be reached, added and changed with rows that need no expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for

from core.directory import directory
from core.errors import CommandError, Invalid
from core.moments import now_ms
from core.permissions import require
from core.procedures import published
from core.routing import builder, store
from core.routing.asking import is_of_plugin, known_strategies
from core.routing.deciding import facts_of
from core.routing.rules import match
from core.routing.store import RuleText
from core.routing.ways import STRATEGIES
from core.studio.conditions import Test
from core.texts import N_, _
from core.tickets.bulk_rerouting import open_job
from core.tickets.head import ticket_head
from core.tickets.rerouting import asked_of
from core.tickets.rows import read
from web.admin import admin
from web.desk.ticket import team_ids, teller_of
from web.desk.why_routed import lines_of
from web.signin import actor, reader
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.directory import Directory
    from core.routing.rules import Rule
    from core.routing.traps import Trap

BY = {
    "least_busy": N_("the least busy"),
    "round_robin": N_("in turns"),
    "skill": N_("by skill, the lowest sufficient level first"),
}


@admin.get("/routing")
def routing() -> ResponseReturnValue:
    """All rules, and what they would make of one ticket."""
    require(actor(), "change_routing")
    ticket = request.args.get("ticket", "").strip()
    with database().read() as tx:
        firm = directory(tx)
        rules = store.all_rules(tx)
        traps = {trap.rule: trap for trap in store.trapped(tx)}
        tried, wrong = _tried(tx, firm, ticket) if ticket else ((), "")
        running = open_job(tx)
    return render_template(
        "admin/routing.html",
        here="admin",
        rules=rules,
        places={rule.id: place for place, rule in enumerate(rules, 1)},
        traps={rule: _trap_words(trap, rules) for rule, trap in traps.items()},
        gives={rule.id: gives_in_words(firm, rule) for rule in rules},
        gone={rule.id: _gone(firm, rule) for rule in rules},
        mine={rule.id: _mine(rule) for rule in rules},
        spoken=builder.spoken,
        firm=firm,
        ticket=ticket,
        tried=tried,
        wrong=wrong,
        running=running,
    )


def _mine(rule: Rule) -> bool:
    return actor().role == "manager" or rule.department_id == actor().department_id


def _tried(tx: Connection, firm: Directory, ticket: str) -> tuple[tuple[str, ...], str]:
    """What the rules as they are now would make of a ticket, line by line."""
    try:
        head = ticket_head(tx, actor(), int(ticket[:18]) if ticket.isdecimal() else 0, team_ids(reader()))
    except CommandError as error:
        return (), str(error)
    facts = facts_of(firm, asked_of(tx, read(tx, head.id)), now_ms())
    rules = store.rule_set(tx).rules
    found = match(rules, facts)
    said = {f"{root}.{name}": value for root, values in facts.items() for name, value in values.items() if value}
    data: dict[str, Any] = {"failed": found.failed, "facts": said, "rule": found.rule.id if found.rule else None}
    teller = teller_of(head, firm, None, reader().id)
    gives = (_("It gives: %(what)s", what=gives_in_words(firm, found.rule)),) if found.rule else ()
    return (*lines_of(teller, data, rules), *gives), ""


def _trap_words(trap: Trap, rules: tuple[Rule, ...]) -> str:
    if trap.code == "shadowed":
        place, other = next((i, rule) for i, rule in enumerate(rules, 1) if rule.id == trap.by)
        return _("Never reached: rule %(place)s, “%(title)s”, always matches first.", place=place, title=other.title)
    what = dict(builder.subjects()).get(trap.what, trap.what)
    if trap.code == "unknown":
        return _("Never matches: %(what)s is never “%(value)s”.", what=what, value=trap.value)
    return _("Never matches: what it asks of “%(what)s” contradicts itself.", what=what)


def _gone(firm: Directory, rule: Rule) -> list[str]:
    """People whom a rule names and who work here no more."""
    named = [rule.gives.get("agent"), *rule.gives.get("people", ())]
    return [firm.people[one].name for one in named if one in firm.people and not firm.people[one].active]


def gives_in_words(firm: Directory, rule: Rule) -> str:
    """What a rule gives, in one line."""
    gives, said = rule.gives, []
    if gives.get("department") in firm.departments:
        said.append(firm.departments[gives["department"]].title)
    if gives.get("team") in firm.teams:
        said.append(firm.teams[gives["team"]].title)
    people = [one for one in (gives.get("agent"), *gives.get("people", ())) if one in firm.people]
    said += [firm.people[one].name for one in people]
    if "skill" in gives:
        skill = firm.skills.get(gives["skill"])
        title = skill.title if skill else gives["skill"]
        said.append(_("%(skill)s from level %(level)s", skill=title, level=gives.get("level", 1)))
    if gives.get("last_agent"):
        said.append(_("whoever served the customer last comes first"))
    if gives.get("by") in BY:
        said.append(_(BY[gives["by"]]))
    elif "by" in gives:
        said.append(_("as the plugin says: %(name)s", name=gives["by"]))
    if "priority" in gives:
        said.append(_("priority %(name)s", name=gives["priority"]))
    if "topic" in gives:
        said.append(_("topic %(name)s", name=gives["topic"]))
    if "tags" in gives:
        said.append(_("tags %(names)s", names=", ".join(gives["tags"])))
    if "sop" in gives:
        said.append(_("procedure %(name)s", name=gives["sop"]))
    return "; ".join(said)


# ---- one rule ----------------------------------------------------------------------------------------------------------


@admin.get("/routing/rules/new")
def new_rule() -> ResponseReturnValue:
    """An empty rule."""
    require(actor(), "change_routing")
    department = None if actor().role == "manager" else actor().department_id
    return _form(None, RuleText("", "", {}, department), {})


@admin.get("/routing/rules/<int:rule_id>")
def rule(rule_id: int) -> ResponseReturnValue:
    """One rule, to be changed."""
    require(actor(), "change_routing")
    with database().read() as tx:
        old = store.find_rule(tx, rule_id)
    return _form(old, RuleText(old.title, old.condition, old.gives, old.department_id, old.active), {})


def _form(old: Rule | None, text: RuleText, errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
        sops = sorted({one.name for one in published(tx)})
        ways = sorted({*known_strategies(tx), *({text.gives["by"]} if is_of_plugin(text.gives.get("by")) else ())})
    rows = builder.rows_of(text.condition)
    return (
        render_template(
            "admin/rule.html",
            here="admin",
            old=old,
            text=text,
            errors=errors,
            rows=None if rows is None else [*rows, *[Test()] * max(1, 3 - len(rows))],
            subjects=builder.subjects(),
            operators=builder.operators(),
            known=builder.known_values(firm),
            strategies=[
                *((code, _(BY[code])) for code in STRATEGIES),
                *((way, _("as the plugin says: %(name)s", name=way)) for way in ways),
            ],
            pick=_picks(firm, sops, text.gives.get("agent")),
            mine=old is None or _mine(old),
        ),
        status,
    )


def _picks(firm: Directory, sops: list[str], named: int | None) -> dict[str, list[tuple[Any, str]]]:
    """What can be chosen, by kind: (value, words)."""
    people = [p for p in firm.people.values() if (p.active and p.role != "light") or p.id == named]
    return {
        "teams": [(team.id, team.title) for team in firm.teams.values()],
        "people": sorted(((p.id, p.name) for p in people), key=lambda one: one[1]),
        "skills": [(skill.name, skill.title) for skill in firm.skills.values()],
        "departments": [(one.id, one.title) for one in firm.departments.values()],
        "sops": [(name, name) for name in sops],
    }


@admin.post("/routing/rules")
def add_rule() -> ResponseReturnValue:
    """A new rule, at the end."""
    text = _written()
    try:
        with database().write() as tx:
            rule_id = store.add_rule(tx, settings(), actor(), text)
            said = _said_on_saving(tx, rule_id)
    except Invalid as error:
        return _form(None, text, _errors(error), 422)
    flash(said)
    return redirect(url_for("admin.routing"), 303)


@admin.post("/routing/rules/<int:rule_id>")
def save_rule(rule_id: int) -> ResponseReturnValue:
    """The next version of a rule."""
    text = _written()
    version = request.form.get("version", type=int)
    try:
        with database().write() as tx:
            store.change_rule(tx, settings(), actor(), rule_id, text, if_version=version)
            said = _said_on_saving(tx, rule_id)
    except Invalid as error:
        with database().read() as tx:
            old = store.find_rule(tx, rule_id)
        return _form(old, text, _errors(error), 422)
    flash(said)
    return redirect(url_for("admin.routing"), 303)


def _said_on_saving(tx: Connection, rule_id: int) -> str:
    """Saved; and whether the rule can be reached at all."""
    trap = next((one for one in store.trapped(tx) if one.rule == rule_id), None)
    return f"{_('Saved.')} {_trap_words(trap, store.all_rules(tx))}" if trap else _("Saved.")


@admin.post("/routing/rules/<int:rule_id>/move")
def move_rule(rule_id: int) -> ResponseReturnValue:
    """Ask a rule earlier or later."""
    with database().write() as tx:
        store.move_rule(tx, settings(), actor(), rule_id, request.form.get("place", 1, type=int))
    return redirect(url_for("admin.routing", _anchor=f"rule-{rule_id}"), 303)


@admin.post("/routing/rules/<int:rule_id>/remove")
def remove_rule(rule_id: int) -> ResponseReturnValue:
    """Take a rule away. What it has decided stays explained."""
    with database().write() as tx:
        store.remove_rule(tx, settings(), actor(), rule_id)
    flash(_("The rule was taken away. Decisions that it made stay explained."))
    return redirect(url_for("admin.routing"), 303)


def _errors(error: Invalid) -> dict[str, str]:
    return {one.pointer.removeprefix("/").replace("gives/", ""): one.message for one in error.errors}


def _written() -> RuleText:
    """The rule as the form has it."""
    form = request.form
    if "condition.raw" in form:
        condition = form["condition.raw"]
    else:
        rows = zip(form.getlist("what"), form.getlist("op"), form.getlist("value"), strict=False)
        condition = builder.expression_of([Test(*row) for row in rows])
    gives = {
        "department": form.get("department", type=int),
        "team": form.get("team", type=int),
        "agent": form.get("agent", type=int),
        "people": [int(one) for one in form.getlist("people") if one.isdecimal()],
        "by": form.get("by", ""),
        "skill": form.get("skill", ""),
        "level": form.get("level", 1, type=int),
        "priority": form.get("priority", ""),
        "topic": form.get("topic", "").strip(),
        "tags": [one.strip() for one in form.get("tags", "").split(",") if one.strip()],
        "sop": form.get("sop", ""),
        "last_agent": "last_agent" in form,
    }
    owner = form.get("owner", type=int)
    kept = {name: value for name, value in gives.items() if value}
    if "skill" not in kept:
        kept.pop("level", None)
    return RuleText(form.get("title", ""), condition, kept, owner, "active" in form)
