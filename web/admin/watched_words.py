"""The page of the word rules: which words raise the priority or call somebody in, and a box to try a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request

from core.directory import directory
from core.errors import FieldError, Invalid
from core.noticing import store
from core.noticing.changing import change_rule, create_rule
from core.noticing.reading import PRIORITIES, rule_of
from core.noticing.trying import Tried, try_message
from core.noticing.words import CALLS, HELPER
from core.permissions import require
from core.plugins.registry import channel_titles
from core.routing.store import CHANNELS
from core.texts import _
from web import words
from web.admin import admin
from web.admin.firm_form import is_manager, my_departments, whole
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from core.directory import Directory
    from core.noticing.words import Rule


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as the list shows it."""

    row: store.RuleRow
    place: str
    listens: str
    does: str


@admin.get("/words")
def words_list() -> ResponseReturnValue:
    """The rules that concern the reader."""
    return _list({}, None)


@admin.post("/words/try")
def try_words() -> ResponseReturnValue:
    """What would be noticed in a message, and why not the rest. Nothing is kept."""
    require(actor(), "change_routing")
    form = request.form
    with database().read() as tx:
        firm = directory(tx)
        team = firm.teams.get(int(form["team"])) if form.get("team", "").isdecimal() else None
        team = team or next(iter(firm.open_teams), None)
        rows = store.visible(tx, actor())
    message = form.get("text", "")[:100_000]
    place = (team.department_id, team.id) if team else (0, 0)
    tried = try_message(rows, form.get("subject", ""), message, form.get("channel", "email"), *place)
    return _list(form, tried)


def _list(typed: Mapping[str, Any], tried: list[Tried] | None) -> ResponseReturnValue:
    with database().read() as tx:
        firm = directory(tx)
        rows = store.visible(tx, actor())
        channels = _channels(channel_titles(tx))
    lines = [Line(row, place_of(firm, row), _listens(row, channels), does(firm, rule_of(row))) for row in rows]
    return render_template(
        "admin/words.html",
        here="admin",
        lines=lines,
        typed=typed,
        tried=tried,
        firm=firm,
        channels=channels,
        departments=[d for d in firm.open_departments if is_manager() or d.id == actor().department_id],
        not_found=not_found,
    )


def _channels(of_plugins: dict[str, str]) -> dict[str, str]:
    return {**{code: words.channel(code) for code in CHANNELS}, **of_plugins}


def place_of(firm: Directory, row: store.RuleRow) -> str:
    """Of whom a rule is: its team's, else its department's, else nothing (the whole firm)."""
    if row.team_id in firm.teams:
        return firm.teams[row.team_id].title
    return firm.departments[row.department_id].title if row.department_id in firm.departments else ""


def _listens(row: store.RuleRow, channels: dict[str, str]) -> str:
    listed = row.data.get("channels", ())
    return ", ".join(channels.get(one, one) for one in listed) or _("every channel")


def does(firm: Directory, rule: Rule) -> str:
    """What a rule does, in one line."""
    said = []
    if rule.priority:
        said.append(_("priority at least %(name)s", name=_priority(rule.priority)))
    if rule.call:
        who = _called(firm, rule)
        as_helper = _("%(who)s is called in to help", who=who)
        said.append(as_helper if rule.call.how == HELPER else _("%(who)s gets the ticket", who=who))
    return "; ".join(said)


def _priority(code: str) -> str:
    return words.priority({name: n for n, name in words.PRIORITY_CODES.items()}[code])


def _called(firm: Directory, rule: Rule) -> str:
    assert rule.call is not None
    person = firm.people.get(rule.call.person or 0)
    if person is not None:
        gone = "" if person.active else f" ({_('does not work here any more')})"
        return f"{person.name}{gone}"
    skill = firm.skills.get(rule.call.skill or "")
    title = skill.title if skill else rule.call.skill
    return _("%(skill)s from level %(level)s", skill=title, level=rule.call.level)


def not_found(one: Tried) -> str:
    """Why a rule does not notice the message."""
    return {
        "off": _("It is switched off."),
        "place": _("It is a rule of another team or department."),
        "channel": _("It does not listen to this channel."),
        "quoted": _("Its word stands only in a quotation or a signature."),
    }.get(one.why, _("None of its words stands there."))


# ---- one rule ----------------------------------------------------------------------------------------------------------


@admin.get("/words/new")
def new_words() -> ResponseReturnValue:
    """A form for a new rule."""
    return _form(None, {"stems": "1", "how": "reassign", "level": "3"}, {})


@admin.get("/words/<int:rule_id>")
def words_rule(rule_id: int) -> ResponseReturnValue:
    """A rule to be changed, with its earlier versions."""
    with database().read() as tx:
        row = store.visible_rule(tx, actor(), rule_id)
    return _form(row, _shown(row), {})


def _shown(row: store.RuleRow) -> dict[str, Any]:
    """A kept rule as the form shows it."""
    data, call = row.data, row.data.get("call", {})
    return {
        "title": row.title,
        "words": "\n".join(data["words"]),
        "channels": data.get("channels", []),
        "language": data.get("language", ""),
        "stems": "1" if data.get("stems", True) else "",
        "priority": data.get("priority", ""),
        "how": call.get("how", "reassign"),
        "person": str(call.get("person") or ""),
        "skill": call.get("skill", ""),
        "level": str(call.get("level", 3)),
    }


def _form(row: store.RuleRow | None, typed: Mapping[str, Any], errors: dict[str, str]) -> ResponseReturnValue:
    require(actor(), "change_routing")
    with database().read() as tx:
        firm = directory(tx)
        history = store.versions(tx, row.id) if row else []
        channels = _channels(channel_titles(tx))
    people = sorted((p for p in firm.people.values() if p.active and p.role != "light"), key=lambda p: p.name)
    page = render_template(
        "admin/word.html",
        here="admin",
        row=row,
        typed=typed,
        errors=errors,
        firm=firm,
        place=place_of(firm, row) if row else "",
        mine=my_departments(firm),
        everywhere=is_manager(),
        changeable=row is None or is_manager() or row.department_id == actor().department_id,
        channels=channels,
        people=[(p.id, p.name) for p in people],
        priorities=[(code, _priority(code)) for code in PRIORITIES],
        calls=[(code, _("gets the ticket") if code != HELPER else _("helps whoever holds it")) for code in CALLS],
        history=history,
    )
    return page, 422 if errors else 200


@admin.post("/words/new")
def create_words() -> ResponseReturnValue:
    """Keep a new rule."""
    require(actor(), "change_routing")
    try:
        department, team = _owner()
        with database().write() as tx:
            title = request.form.get("title", "")
            create_rule(tx, actor(), title, _data(), department_id=department, team_id=team)
    except Invalid as wrong:
        return _form(None, _typed(), _fields(wrong))
    flash(_("Saved."))
    return redirect("/admin/words", 303)


@admin.post("/words/<int:rule_id>")
def save_words(rule_id: int) -> ResponseReturnValue:
    """Keep the next version of a rule, and whether it holds."""
    require(actor(), "change_routing")
    with database().read() as tx:
        row = store.visible_rule(tx, actor(), rule_id)
    version = request.form.get("version", "")
    try:
        with database().write() as tx:
            change_rule(
                tx,
                actor(),
                rule_id,
                title=request.form.get("title", ""),
                data=_data(),
                active="active" in request.form,
                version=int(version) if version.isdecimal() else None,
            )
    except Invalid as wrong:
        return _form(row, _typed(), _fields(wrong))
    flash(_("Saved."))
    return redirect("/admin/words", 303)


def _owner() -> tuple[int | None, int | None]:
    """(department, team) of a new rule: `d3`, `t7`, or nothing for the whole firm."""
    text = request.form.get("place", "")
    if not text:
        return None, None
    if not text[1:].isdecimal() or text[0] not in "dt":
        raise Invalid(FieldError("/place", _("Choose a team or a department.")))
    number = int(text[1:16])
    return (number, None) if text[0] == "d" else (None, number)


def _data() -> dict[str, Any]:
    """What was typed in, as the rule's data; wrong values stay as they are, to be told."""
    form = request.form
    data: dict[str, Any] = {
        "words": form.get("words", "").splitlines(),
        "channels": form.getlist("channels"),
        "language": form.get("language") or None,
        "stems": "stems" in form,
        "priority": form.get("priority") or None,
    }
    person, skill = whole(form.get("person")), form.get("skill") or None
    if person or skill:
        call = {"how": form.get("how", ""), "person": person, "skill": skill}
        data["call"] = {name: value for name, value in call.items() if value is not None}
        if skill:
            data["call"]["level"] = whole(form.get("level"))
    return data


def _typed() -> dict[str, Any]:
    return {**request.form, "channels": request.form.getlist("channels")}


def _fields(wrong: Invalid) -> dict[str, str]:
    """The errors by the fields of the form; what is about the whole of it stands at what the rule does."""
    found: dict[str, str] = {}
    for error in wrong.errors:
        name = error.pointer.rsplit("/", 1)[-1]
        name = {"team": "place", "department": "place", "data": "priority", "call": "person"}.get(name, name)
        found.setdefault(name, error.message)
    return found
