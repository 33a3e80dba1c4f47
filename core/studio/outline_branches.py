"""Edits of branches in the outline: rows of a decision, branches side by side, escalations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.editing import EditError, Editor
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
    body: Any = body_in(editor, name) or {}
    if "switch" in body:
        rows = body["switch"]
        place = len(rows) - 1 if rows and "else" in rows[-1] else len(rows)
        rows.fa.set_block_style()
        rows.insert(place, {"if": 'ticket.priority == "high"', "do": []})
    elif "fork" in body:
        branches = body["fork"].setdefault("branches", {})
        code = suggested_name(said or _("branch"))
        while code in branches:
            code += "_2"
        branches[code] = [{free_name(editor, said or _("task")): {"task": said or _("What is to be done?")}}]
    else:
        editor.change_step(name, ("escalate",), [*body.get("escalate", ()), _escalation(editor, answers)])
    return Edited(editor.text(), name, _("added"))


def _escalation(editor: Editor, answers: Answers) -> dict[str, Any]:
    number, unit, who = one(answers, "after"), one(answers, "after.unit"), one(answers, "who") or "lead"

    after = duration_of((number, unit))
    if after is None:
        raise WrongAnswer(_("Say after how long."))
    name = free_name(editor, f"{one(answers, 'step')}_is_late")
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
    group = next((inner for item in view.items() for inner in item.lists if inner.id == where), None)
    if group is None:
        raise EditError(_("This branch is gone."))
    holder = where.partition("/")[0]
    for path, value in changed(group.inputs, answers):
        if path[-1] == "then":
            number = path[1]
            row = body_in(editor, holder)["switch"][number]
            _lead(row, value, otherwise=group.kind == "else")
        elif value is not None:
            editor.change_step(holder, path, value)
    return Edited(editor.text(), said=_("saved"))


def _lead(row: Any, target: str | None, *, otherwise: bool) -> None:
    """`{if, do}` or `{if, then}`; an "otherwise" that leads elsewhere is a last step of its own that jumps there."""
    if otherwise:
        name = next((str(next(iter(step))) for step in row["else"] if isinstance(step, dict)), "otherwise")
        row["else"] = [] if target is None else [{name: {"then": target}}]
        return
    for key in ("do", "then"):
        row.pop(key, None)
    if target is None:
        row["do"] = []
    else:
        row["then"] = target
