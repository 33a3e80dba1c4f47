"""Edits of the document itself in the outline: its title and rules, and its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.editing import EditError, Editor
from core.sop.shapes import humanised, suggested_name
from core.studio.document_inputs import document_inputs, field_inputs, new_field
from core.studio.edits import Edited, changed, document_of, one, with_one_reminder
from core.studio.inputs import Answers, WrongAnswer
from core.studio.surroundings import Surroundings
from core.texts import _

if TYPE_CHECKING:
    from core.sop.naming import Names


def change_document(editor: Editor, answers: Answers, names: Names) -> Edited:
    sop = document_of(editor)
    different = changed(document_inputs(Surroundings(sop, names)), answers)
    for path, value in with_one_reminder(different, editor.root.get("remind")):
        _write(editor, path, value)
    if isinstance(editor.root.get("start"), dict) and "if" not in editor.root["start"]:
        editor.unset(("start",))
    return Edited(editor.text(), said=_("saved"))


def _write(editor: Editor, path: tuple[str | int, ...], value: Any) -> None:
    if value is not None:
        editor.set(path, value)
        return
    whole = path[:2] if path[0] == "on" else path
    try:
        editor.unset(whole)
    except EditError:
        return
    if len(whole) > 1 and not editor.root.get(whole[0]):
        editor.unset(whole[:1])


def add_field(editor: Editor, answers: Answers, _names: Names) -> Edited:
    label, type_ = one(answers, "words"), one(answers, "type")
    name = suggested_name(label)
    if not label or name in (editor.root.get("fields") or {}):
        raise WrongAnswer(_("A field needs a name of its own, such as: Invoice number."))
    editor.set(("fields", name), new_field(label, type_))
    return Edited(editor.text(), f"field-{name}", _("%(field)s was added", field=label))


def change_field(editor: Editor, answers: Answers, names: Names) -> Edited:
    name = one(answers, "field")
    field = document_of(editor).fields.get(name)
    if field is None:
        raise EditError(_("There is no field '%(name)s'.", name=name))
    both = Surroundings(document_of(editor), names).both
    for path, value in changed(field_inputs(field, both=both), answers):
        _write(editor, ("fields", name, *path), value)
    return Edited(editor.text(), said=_("saved"))


def remove_field(editor: Editor, answers: Answers, _names: Names) -> Edited:
    name = one(answers, "field")
    editor.unset(("fields", name))
    if not editor.root.get("fields"):
        editor.unset(("fields",))
    return Edited(editor.text(), said=_("%(field)s was deleted", field=humanised(name)))
