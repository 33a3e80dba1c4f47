"""Edits of branches in the outline: rows of a decision, branches side by side, escalations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.arranging import arrange, arrange_steps, is_arranged
from core.sop.editing import EditError, Editor
from core.sop.editing_values import commented
from core.sop.shapes import suggested_name
from core.studio.edits import Edited, body_in, changed, document_of, free_name, one
from core.studio.inputs import Answers, WrongAnswer, duration_of
from core.studio.outline_view import outline_of
from core.texts import _

if TYPE_CHECKING:
    from core.sop.naming import Names


def add_branch(editor: Editor, answers: Answers, _names: Names) -> Edited:
    """One more row of a decision (before "otherwise"), or one more branch beside the others."""
    name, said = one(answers, "step"), one(answers, "words")
    if not name:
        late = [*(editor.root.get("escalate") or ()), _escalation(editor, answers)]
        editor.set(("escalate",), late)
        return Edited(editor.text(), "", _("added"))
    body: Any = body_in(editor, name) or {}
    if "switch" in body:
        rows = body["switch"]
        place = len(rows) - 1 if rows and "else" in rows[-1] else len(rows)
        rows.fa.set_block_style()
        rows.insert(place, commented({"if": 'ticket.priority == "high"', "do": []}))
        arrange("switch", rows)
    elif "fork" in body and not one(answers, "after"):
        branches = body["fork"].setdefault("branches", {})
        code = suggested_name(said or _("branch"))
        while code in branches:
            code += "_2"
        first = {free_name(editor, said or _("task")): {"task": said or _("What is to be done?")}}
        branches[code] = commented([first])
        arrange_steps(branches[code])
    else:
        editor.change_step(name, ("escalate",), [*body.get("escalate", ()), _escalation(editor, answers)])
    return Edited(editor.text(), name, _("added"))


def _escalation(editor: Editor, answers: Answers) -> dict[str, Any]:
    number, unit, who = one(answers, "after"), one(answers, "after.unit"), one(answers, "who") or "lead"
    after = duration_of((number, unit))
    if after is None:
        raise WrongAnswer(_("Say after how long."))
    name = free_name(editor, one(answers, "name") or f"{one(answers, 'step') or 'all'}_is_late")
    return {"after": after, "do": [{name: {"notify": {"to": who, "template": "alert"}}}]}


def remove_branch(editor: Editor, answers: Answers, _names: Names) -> Edited:
    holder, _slash, rest = one(answers, "list").partition("/")
    kind, _slash, branch = rest.partition("/")
    path: dict[str, tuple[str | int, ...]] = {
        "case": ("switch", int(branch) if branch.isdecimal() else 0),
        "branch": ("fork", "branches", branch),
        "escalate": ("escalate", int(branch) if branch.isdecimal() else 0),
    }
    if kind not in path:
        raise EditError(_("This cannot be done here."))
    if not holder:
        editor.unset(path[kind])
        if not editor.root["escalate"]:
            editor.unset(("escalate",))
        return Edited(editor.text(), "", _("removed"))
    editor.unset_in_step(holder, path[kind])
    body = body_in(editor, holder)
    if "escalate" in body and not body["escalate"]:
        del body["escalate"]
    return Edited(editor.text(), holder, _("removed"))


def change_branch(editor: Editor, answers: Answers, names: Names) -> Edited:
    """The condition of a row, and where it leads: to a step elsewhere, or through steps of its own."""
    where = one(answers, "list")
    sop = document_of(editor)
    view = outline_of(sop, names, (), ())
    groups = [*view.heads, *(inner for item in view.items() for inner in item.lists)]
    group = next((group for group in groups if group.id == where), None)
    if group is None:
        raise EditError(_("This branch is gone."))
    holder = where.partition("/")[0]
    for path, value in changed(group.inputs, answers):
        if path[-1] == "then":
            rows = body_in(editor, holder)["switch"]
            ours = is_arranged("switch", rows)
            _lead(rows[path[1]], value, otherwise=group.kind == "else")
            if ours:
                arrange("switch", rows)
        elif value is not None and holder:
            editor.change_step(holder, path, value)
        elif value is not None:
            editor.set(path, value)
    return Edited(editor.text(), said=_("saved"))


def _lead(row: Any, target: str | None, *, otherwise: bool) -> None:
    """`{if, do}` or `{if, then}`; an "otherwise" that leads elsewhere is a last step of its own that jumps there."""
    if otherwise:
        name = next((str(next(iter(step))) for step in row["else"] if isinstance(step, dict)), "otherwise")
        row["else"] = commented([] if target is None else [{name: {"then": target}}])
        return
    for key in ("do", "then"):
        row.pop(key, None)
    if target is None:
        row["do"] = commented([])
    else:
        row["then"] = target
