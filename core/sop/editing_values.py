"""Values inside a document that is being edited: set so that what is the same stays itself, taken out, led to another step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString, ScalarString

from core.sop.arranging import arrange, is_arranged, order_at, put
from core.texts import _

if TYPE_CHECKING:
    from core.sop.document import Value

Path = tuple[str | int, ...]


class EditError(ValueError):
    """An edit that cannot be made; the text says why, for the person who made it."""


def _parent(root: Any, path: Path, *, step: bool, make: bool) -> Any:
    node = root
    for depth, key in enumerate(path[:-1]):
        known = (
            key in node
            if isinstance(node, dict)
            else isinstance(node, list) and isinstance(key, int) and 0 <= key < len(node)
        )
        if not known and make and isinstance(node, CommentedMap):
            put(node, key, CommentedMap(), order_at(path[:depth], step=step))
            known = True
        if not known or not isinstance(node[key], dict | list):
            raise EditError(_("There is no '%(path)s' to change.", path=".".join(map(str, path))))
        node = node[key]
    return node


def set_in(root: Any, path: Path, value: Value, *, step: bool) -> None:
    """Set what stands at a path; a part that is written as the product writes is written so again."""
    top = str(path[0])
    ours = top not in root or is_arranged(top, root[top])
    node, key = _parent(root, path, step=step, make=True), path[-1]
    if isinstance(node, list) and not (isinstance(key, int) and 0 <= key < len(node)):
        raise EditError(_("There is no '%(path)s' to change.", path=".".join(map(str, path))))
    if isinstance(node, CommentedMap):
        old = node.get(key)
        put(node, key, merged(old, value), order_at(path[:-1], step=step))
    else:
        node[key] = merged(node[key], value)
    if ours:
        arrange(top, root[top])


def take_out(root: Any, path: Path) -> None:
    """Remove what stands at a path."""
    node, key = _parent(root, path, step=False, make=False), path[-1]
    missing = key not in node if isinstance(node, dict) else not (isinstance(key, int) and 0 <= key < len(node))
    if missing:
        raise EditError(_("There is no '%(path)s' to remove.", path=".".join(map(str, path))))
    del node[key]


def retarget(node: Any, old: str, new: str) -> None:
    """Follow a new name in every `then` and `on_error`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("then", "on_error") and value == old:
                node[key] = new
            else:
                retarget(value, old, new)
    elif isinstance(node, list):
        for item in node:
            retarget(item, old, new)


def commented(value: Any) -> Any:
    """Plain values as the editor keeps them; what it keeps already stays itself, with its comments."""
    if isinstance(value, CommentedMap | CommentedSeq):
        return value
    if isinstance(value, dict):
        return CommentedMap({key: commented(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return CommentedSeq([commented(inner) for inner in value])
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value


def merged(old: Any, new: Any) -> Any:
    """The new value in place of the old one: what is the same in both stays what it was, with its comments and quotes."""
    if old is new or (old == new and type(old) in (type(new), CommentedMap, CommentedSeq)):
        return old
    if isinstance(old, ScalarString) and old == new:
        return old
    if isinstance(old, CommentedMap) and isinstance(new, dict):
        values = {key: merged(old[key], inner) if key in old else commented(inner) for key, inner in new.items()}
        for key in list(old):
            del old[key]
        for key, inner in values.items():
            old[key] = inner
        return old
    if isinstance(old, CommentedSeq) and isinstance(new, list | tuple):
        known = list(old)
        items = [
            next((one for one in known if one is inner or one == inner), None) or commented(inner) for inner in new
        ]
        while old:
            old.pop()
        for item in items:
            old.append(item)
        return old
    return commented(new)
