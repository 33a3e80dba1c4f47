"""Changes one thing in the text of an SOP and leaves everything else as it was written: comments, order, quotes, blank lines."""

from __future__ import annotations

import io
from collections import OrderedDict
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from core.sop.arranging import (
    DOCUMENT,
    FIELD,
    STEP,
    arrange,
    arrange_step,
    in_order,
    plainly,
    put,
)
from core.sop.editing_values import EditError, Path, commented, retarget, set_in, take_out
from core.sop.messages import sentence
from core.sop.problems import Refused, nearest
from core.sop.reading import read
from core.sop.remarks import Remarks
from core.sop.shapes import NAME, suggested_name
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.sop.document import Value

Branch: TypeAlias = "str | int | tuple[str, str | int] | None"
__all__ = ["EditError", "Editor", "Path"]


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    yaml.width = 4096  # no line is broken that its writer did not break
    return yaml


class Editor:
    """One document while it is changed: `Editor(text)`, some changes, `editor.text()`."""

    def __init__(self, text: str) -> None:
        problems = [
            problem
            for problem in read(text).problems
            if problem.code.startswith(("yaml", "alias", "second", "too-", "double-key"))
        ]
        if problems:
            raise EditError(
                _(
                    "The document cannot be changed here: line %(line)s: %(why)s",
                    line=problems[0].line,
                    why=problems[0].message,
                )
            )
        self._yaml = _yaml()
        self._newline = "\r\n" if "\r\n" in text else "\n"
        try:
            self._remarks = Remarks(text.replace("\r\n", "\n"))
            self.root: Any = self._yaml.load(self._remarks.bare)
        except Refused as refusal:
            line, why = refusal.place.line if refusal.place else 1, sentence(refusal.code, refusal.values)
            raise EditError(
                _("The document cannot be changed here: line %(line)s: %(why)s", line=line, why=why)
            ) from refusal
        except YAMLError as error:
            raise EditError(_("The document cannot be changed here: it is no YAML.")) from error
        if not isinstance(self.root, CommentedMap) or not isinstance(self.root.get("do"), list):
            raise EditError(_("The document cannot be changed here: it has no list of steps under 'do'."))
        self._indent(self._remarks.bare)
        self._as_read = self._dump()
        self._remarks.settle(self.root)

    def _indent(self, text: str) -> None:
        """Write lists as they were written: `- ` below the key, or two spaces further in."""
        lines = text.splitlines()
        for number, line in enumerate(lines[:-1]):
            if line.rstrip() == "do:":
                deep = next((other for other in lines[number + 1 :] if other.lstrip().startswith("-")), "  -")
                offset = len(deep) - len(deep.lstrip())
                self._yaml.indent(mapping=self._mapping_indent(lines), sequence=offset + 2, offset=offset)
                return
        self._yaml.indent(mapping=self._mapping_indent(lines), sequence=4, offset=2)

    @staticmethod
    def _mapping_indent(lines: Sequence[str]) -> int:
        """How far a key stands inside the one around it, by the first such pair of the document."""
        for before, line in pairwise(lines):
            outer, inner = len(before) - len(before.lstrip()), len(line) - len(line.lstrip())
            if (
                before.rstrip().endswith(":")
                and not before.lstrip().startswith("-")
                and not line.lstrip().startswith(("-", "#"))
                and inner > outer
            ):
                return min(inner - outer, 8)
        return 2

    def _dump(self) -> str:
        out = io.StringIO()
        self._yaml.dump(self.root, out)
        return out.getvalue()

    def text(self) -> str:
        """The document as text: lines that no change touched stand as their writer spaced them."""
        dumped = self._dump()
        return self._woven(_kept(self._remarks.bare, self._as_read, dumped), dumped)

    def arranged(self) -> str:
        """The document as the product writes it: order of keys, lines, quotes and spaces."""
        for key, value in self.root.items():
            OrderedDict.__setitem__(self.root, key, plainly(value))
            arrange(str(key), self.root[key])
        in_order(self.root, DOCUMENT)
        for field in (self.root.get("fields") or {}).values():
            if isinstance(field, CommentedMap):
                in_order(field, FIELD)
        for steps in self._all_lists():
            for item in steps:
                body = _body(item)
                if body is not None:
                    in_order(body, STEP)
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        dumped = self._dump()
        return self._woven(dumped.splitlines(), dumped)

    def _woven(self, lines: Sequence[str], dumped: str) -> str:
        try:
            return self._remarks.woven(lines, dumped, self.root).replace("\n", self._newline)
        except Refused as refusal:
            raise EditError(_("The document would be too long. Take something out first.")) from refusal

    # ---- finding -------------------------------------------------------------------------------------------------------

    def _lists(self, steps: CommentedSeq) -> Iterator[CommentedSeq]:
        """This list of steps and every list inside it."""
        yield steps
        for item in steps:
            body = _body(item)
            if body is not None:
                yield from (deeper for inner in _inner_lists(body) for deeper in self._lists(inner))

    def _all_lists(self) -> Iterator[CommentedSeq]:
        yield from self._lists(self.root["do"])
        for event in (self.root.get("on") or {}).values():
            if isinstance(event, CommentedMap) and isinstance(event.get("do"), CommentedSeq):
                yield from self._lists(event["do"])
        for escalation in self.root.get("escalate") or ():
            if isinstance(escalation, CommentedMap) and isinstance(escalation.get("do"), CommentedSeq):
                yield from self._lists(escalation["do"])

    def names(self) -> list[str]:
        """The names of all steps."""
        return [_name(item) for steps in self._all_lists() for item in steps]

    def find(self, name: str) -> tuple[CommentedSeq, int]:
        """The list in which a step stands, and at which place."""
        for steps in self._all_lists():
            for index, item in enumerate(steps):
                if _name(item) == name:
                    return steps, index
        near = nearest(name, self.names())
        raise EditError(
            _("There is no step '%(name)s'. Did you mean '%(near)s'?", name=name, near=near)
            if near
            else _("There is no step '%(name)s'.", name=name)
        )

    def _steps_of(self, holder: str | None, branch: Branch) -> CommentedSeq:
        """The main list, or the one inside a step: of a phase, of branch NAME of a fork, of row N of a switch.

        ("escalate", N) is that of an escalation (of the document without a holder), ("event", NAME) that of an event of the document.
        """
        if isinstance(branch, tuple):
            kind, which = branch
            steps, index = self.find(holder) if holder is not None else ([], 0)
            around: Any = self.root if holder is None else _body(steps[index]) or {}
            known: Any = around.get("on" if kind == "event" else "escalate") or {}
            inside = which in known if isinstance(known, dict) else isinstance(which, int) and 0 <= which < len(known)
            found: Any = known[which].get("do") if inside else None
        elif holder is None:
            found = self.root["do"]
        else:
            steps, index = self.find(holder)
            body: Any = _body(steps[index]) or {}
            if "do" in body:
                found = body["do"]
            elif isinstance(body.get("fork"), CommentedMap):
                found = (body["fork"].get("branches") or {}).get(branch)
            else:
                found = _row(body.get("switch"), branch)
        if not isinstance(found, CommentedSeq):
            raise EditError(_("'%(name)s' holds no list of steps there.", name=holder))
        return found

    # ---- steps ---------------------------------------------------------------------------------------------------------

    def add_step(
        self,
        name: str,
        body: Value,
        *,
        after: str | None = None,
        holder: str | None = None,
        branch: Branch = None,
    ) -> None:
        """Add a step behind another one, or at the beginning of the main list or of the list inside `holder`."""
        if not NAME.fullmatch(name):
            right = suggested_name(name)
            raise EditError(_("'%(name)s' is no name for a step. Write it as %(right)s.", name=name, right=right))
        if name in self.names():
            raise EditError(_("There is a step '%(name)s' already. Choose another name.", name=name))
        item = CommentedMap({name: commented(body)})
        arrange_step(item[name])
        if after is not None:
            steps, index = self.find(after)
            _insert(steps, index + 1, item)
        else:
            _insert(self._steps_of(holder, branch), 0, item)

    def remove_step(self, name: str) -> None:
        """Remove a step, with whatever it holds."""
        steps, index = self.find(name)
        if steps is self.root["do"] and len(steps) == 1:
            raise EditError(_("'%(name)s' is the only step. A document needs at least one.", name=name))
        steps.pop(index)

    def move_step(
        self, name: str, *, after: str | None = None, holder: str | None = None, branch: Branch = None
    ) -> None:
        """Move a step behind another one, or to the beginning of a list. It cannot move into itself."""
        steps, index = self.find(name)
        inside = [
            _name(item)
            for inner in _inner_lists(_body(steps[index]) or {})
            for part in self._lists(inner)
            for item in part
        ]
        if {after, holder} & {name, *inside}:
            raise EditError(_("'%(name)s' cannot move into itself.", name=name))
        target = self.find(after)[0] if after is not None else self._steps_of(holder, branch)
        if target is not steps and steps is self.root["do"] and len(steps) == 1:
            raise EditError(_("'%(name)s' is the only step. A document needs at least one.", name=name))
        item = steps.pop(index)
        place = (
            next(number for number, other in enumerate(target) if _name(other) == after) + 1 if after is not None else 0
        )
        _insert(target, place, item)

    def rename_step(self, name: str, new: str, *, published: bool = True) -> None:
        """Give a step another name, follow it in every jump, and note the old one in `was` if tickets know it."""
        if not NAME.fullmatch(new) or new in self.names():
            raise EditError(_("'%(name)s' cannot be the new name: it has another form, or is taken.", name=new))
        steps, index = self.find(name)
        body = self._full_body(steps, index)
        item = steps[index]
        del item[_name(item)]
        item[new] = body
        if published and "was" not in body:
            put(body, "was", name, STEP)
        retarget(self.root, name, new)

    def change_step(self, name: str, path: Path, value: Value) -> None:
        """Set what stands at `path` inside a step, as ("due", "business")."""
        steps, index = self.find(name)
        set_in(self._full_body(steps, index), path, value, step=True)

    def unset_in_step(self, name: str, path: Path) -> None:
        """Remove what stands at `path` inside a step."""
        steps, index = self.find(name)
        take_out(self._full_body(steps, index), path)

    def _full_body(self, steps: CommentedSeq, index: int) -> CommentedMap:
        """The mapping of a step; a bare text becomes a named task first."""
        body = _body(steps[index])
        if body is None:
            text = steps[index]
            body = CommentedMap({"task": str(text)})
            steps[index] = CommentedMap({suggested_name(str(text)): body})
            self._remarks.follow(text, steps[index])
        return body

    # ---- the document --------------------------------------------------------------------------------------------------

    def set(self, path: Path, value: Value) -> None:
        """Set a key of the document, as ("calendar",) or ("fields", "amount", "type")."""
        set_in(self.root, path, value, step=False)

    def unset(self, path: Path) -> None:
        """Remove a key of the document."""
        if path in (("sop",), ("do",)):
            raise EditError(_("A document needs '%(key)s'.", key=path[0]))
        take_out(self.root, path)


def _kept(written: str, as_read: str, changed: str) -> list[str]:
    """The changed text, with every line that stayed the same written as in the original."""
    before, originals, after = as_read.splitlines(), written.splitlines(), changed.splitlines()
    if len(before) != len(originals):
        return after
    lines: list[str] = []
    for same, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        lines += originals[a:b] if same == "equal" else after[c:d]
    return lines


def _body(item: Any) -> CommentedMap | None:
    if isinstance(item, CommentedMap) and len(item) == 1:
        body = next(iter(item.values()))
        return body if isinstance(body, CommentedMap) else None
    return None


def _name(item: Any) -> str:
    return str(next(iter(item))) if isinstance(item, CommentedMap) and item else suggested_name(str(item))


def _inner_lists(body: Any) -> Iterator[CommentedSeq]:
    """The lists of steps directly inside a step."""
    found: list[Any] = [body.get("do")]
    fork, switch = body.get("fork"), body.get("switch")
    if isinstance(fork, CommentedMap) and isinstance(fork.get("branches"), CommentedMap):
        found += fork["branches"].values()
    for row in [*(switch if isinstance(switch, list) else ()), *(body.get("escalate") or ())]:
        if isinstance(row, CommentedMap):
            found += [row.get("do"), row.get("else")]
    yield from (steps for steps in found if isinstance(steps, CommentedSeq))


def _row(switch: Any, number: str | int | None) -> Any:
    if not isinstance(switch, list) or not isinstance(number, int) or not 0 <= number < len(switch):
        return None
    row = switch[number]
    return row.get("do", row.get("else")) if isinstance(row, CommentedMap) else None


def _insert(steps: CommentedSeq, index: int, item: Any) -> None:
    """Insert; a list that was written on one line (or was empty) is written below its key from now on."""
    steps.fa.set_block_style()
    steps.insert(index, item)
