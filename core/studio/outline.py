"""Edits of the outline: each is one small act on the text, after which everything else stands as its writers left it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.sop import words
from core.sop.arranging import arrange, is_arranged
from core.sop.editing import EditError, Editor
from core.sop.shapes import NAME, humanised, suggested_name
from core.studio.edits import Edited, body_in, changed, document_of, free_name, one, with_one_reminder
from core.studio.inputs import Answers, Input, WrongAnswer
from core.studio.new_steps import KINDS, body_of
from core.studio.outline_branches import add_branch, change_branch, remove_branch
from core.studio.outline_document import add_field, change_document, change_field, remove_field
from core.studio.outline_view import outline_of
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from core.sop.naming import Names


_ONE_LINE = 100  # characters of a step that may stand on one line


def edit(text: str, answers: Answers, names: Names, published: frozenset[str] | None = None) -> Edited:
    """Make one edit. Raises EditError or WrongAnswer with a sentence for its author; the text is then as it was.

    `published` are the steps of the version before: only those leave their old name in `was`, since only tickets know them by it.
    """
    act = one(answers, "act")
    if act == "rename":
        return _rename(Editor(text), answers, published)
    if act not in ACTS:
        raise EditError(_("This cannot be done here."))
    return ACTS[act](Editor(text), answers, names)


def _place(place: str) -> dict[str, Any]:
    """`after:NAME` or `first:HOLDER/KIND/BRANCH` as the editor takes it."""
    how, _colon, where = place.partition(":")
    if how == "after" and where:
        return {"after": where}
    holder, _slash, rest = where.partition("/")
    kind, _slash, branch = rest.partition("/")
    if kind in ("escalate", "event"):
        return {"holder": holder or None, "branch": (kind, int(branch) if branch.isdecimal() else branch)}
    if not holder:
        return {}
    return {"holder": holder, "branch": int(branch) if kind == "case" and branch.isdecimal() else branch or None}


def _add(editor: Editor, answers: Answers, names: Names) -> Edited:
    kind, said = one(answers, "kind"), one(answers, "words")
    if kind not in KINDS:
        raise WrongAnswer(_("Choose what kind of step it is."))
    sop = document_of(editor)
    name = free_name(editor, said or kind)
    editor.add_step(name, body_of(kind, said or humanised(name), sop, names), **_place(one(answers, "place")))
    return Edited(editor.text(), name, _("%(step)s was added", step=humanised(name)))


def _remove(editor: Editor, answers: Answers, _names: Names) -> Edited:
    name = one(answers, "step")
    steps, index = editor.find(name)
    near = steps[index - 1] if index else steps[1] if len(steps) > 1 else None
    editor.remove_step(name)
    return Edited(editor.text(), _name_of(near), _("%(step)s was deleted", step=humanised(name)))


def _name_of(item: Any) -> str:
    if item is None:
        return ""
    return str(next(iter(item))) if isinstance(item, dict) else suggested_name(str(item))


def _move(editor: Editor, answers: Answers, _names: Names) -> Edited:
    name, place = one(answers, "step"), one(answers, "place")
    if place and place != f"after:{name}":
        editor.move_step(name, **_place(place))
    return Edited(editor.text(), name, _said_place(editor, name))


def _shift(by: int) -> Callable[[Editor, Answers, Names], Edited]:
    def shift(editor: Editor, answers: Answers, _names: Names) -> Edited:
        name = one(answers, "step")
        steps, index = editor.find(name)
        if not 0 <= index + by < len(steps):
            return Edited(editor.text(), name, _said_place(editor, name))
        steps.insert(index + by, steps.pop(index))
        return Edited(editor.text(), name, _said_place(editor, name))

    return shift


def _said_place(editor: Editor, name: str) -> str:
    steps, index = editor.find(name)
    return _("%(step)s stands at place %(n)s of %(all)s", step=humanised(name), n=index + 1, all=len(steps))


def _rename(editor: Editor, answers: Answers, published: frozenset[str] | None) -> Edited:
    name, said = one(answers, "step"), one(answers, "words")
    new = suggested_name(said)
    if not re.search(r"\w", said) or not NAME.fullmatch(new) or new in words.RESERVED_TARGETS:
        raise WrongAnswer(_("“%(words)s” cannot be a step's name. Use a few plain words.", words=said))
    if new == name:
        return Edited(editor.text(), name)
    editor.rename_step(name, new, published=published is None or name in published)
    text = re.sub(rf"\bsteps\.{re.escape(name)}\b", f"steps.{new}", editor.text())
    return Edited(text, new, _("%(old)s is called %(new)s now", old=humanised(name), new=humanised(new)))


def _change(editor: Editor, answers: Answers, names: Names) -> Edited:
    name = one(answers, "step")
    sop = document_of(editor)
    view = outline_of(sop, names, (), ())
    item = next((item for item in view.items() if item.name == name), None)
    if item is None:
        raise EditError(_("There is no step '%(name)s'.", name=name))
    _write_step(editor, name, item.inputs, answers)
    return Edited(editor.text(), said=_("saved"))


def _write_step(editor: Editor, name: str, inputs: Iterable[Input], answers: Answers) -> None:
    different = with_one_reminder(changed(inputs, answers), (body_in(editor, name) or {}).get("remind"))
    for path, value in different:
        if value is None:
            _take_out(editor, name, path)
        else:
            editor.change_step(name, path, value)
    if different:
        _tidy(editor, name)


def _take_out(editor: Editor, name: str, path: tuple[str | int, ...]) -> None:
    whole = {"timeout": 1, "on": 2, "skippable": 1, "remind": 1}.get(str(path[0]), len(path))
    if path[-2:] == ("timeout", "then"):
        editor.change_step(name, path, "continue")
        return
    try:
        editor.unset_in_step(name, path[:whole])
    except EditError:  # it was not there: nothing to take out
        return


def _tidy(editor: Editor, name: str) -> None:
    """What one answer leaves half said: a time limit needs its way on, and nothing stays behind empty."""
    body: Any = body_in(editor, name)
    if body is None or not hasattr(body, "fa"):
        return
    if len(str(body)) > _ONE_LINE:
        body.fa.set_block_style()
    timeout = body.get("timeout")
    if isinstance(timeout, dict):
        if "after" not in timeout:
            del body["timeout"]
        else:
            timeout.setdefault("then", "continue")
    resolve = body.get("resolve")
    if isinstance(resolve, dict) and "resolution" in resolve and set(resolve.get("require", ["?"])) <= {"resolution"}:
        ours = is_arranged("resolve", resolve)
        del resolve["require"]
        if ours:
            arrange("resolve", resolve)
    for key in ("on", "skippable"):
        if key in body and not body[key]:
            del body[key]
    if "task" in body and isinstance(body.get("on"), dict) and isinstance(body.get("choices"), dict | list):
        _forget_routes(body)


def _forget_routes(body: Any) -> None:
    """A choice that is gone takes its way with it."""
    choices = body["choices"]
    codes = {str(next(iter(one))) if isinstance(one, dict) else str(one) for one in choices}
    for code in [
        code for code in body["on"] if code not in codes and code not in (*words.OUTCOMES["task"], *words.EVERY_OUTCOME)
    ]:
        del body["on"][code]
    if not body["on"]:
        del body["on"]


def _restore(editor: Editor, answers: Answers, _names: Names) -> Edited:
    """Take a deletion back: the text as it was before it. The revision sees to it that nobody's later change is lost."""
    before = Editor(one(answers, "text") + "\n")
    if before.root.get("sop") != editor.root.get("sop"):
        raise EditError(_("This cannot be done here."))
    return Edited(before.text(), one(answers, "step"), _("taken back"))


ACTS: Mapping[str, Callable[[Editor, Answers, Names], Edited]] = {
    "add": _add,
    "remove": _remove,
    "move": _move,
    "up": _shift(-1),
    "down": _shift(1),
    "restore": _restore,
    "change": _change,
    "add_branch": add_branch,
    "remove_branch": remove_branch,
    "change_branch": change_branch,
    "document": change_document,
    "add_field": add_field,
    "change_field": change_field,
    "remove_field": remove_field,
}
