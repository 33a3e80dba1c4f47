"""Reads an SOP: one YAML document becomes frozen values, or a list of everything that is wrong with its shape."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from core.sop import timing, words
from core.sop.document import Field, OnEvent, Sop, Start, Text
from core.sop.nodes import LARGEST, Node, Pairs, Place, Scalar, compose
from core.sop.patterns import PatternError, compiled
from core.sop.problems import Problem, Problems, Refused, SopError
from core.sop.shapes import NAME, Shapes, humanised, suggested_name
from core.sop.steps import StepReader
from core.sop.tokens import SEPARATED
from core.sop.traps import explain
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Draft", "Problem", "Reading", "SopError", "draft", "load", "read"]

MOST_FIELDS = 200
_LINE_ENDS = re.compile(r"\r\n?")
_NO_LINE_ENDS = {0x85: " ", 0x2028: " ", 0x2029: " "}  # YAML ends a line there, and no editor does
_TOP = Place(1, 1, 1, 2, 0, 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """The document, when its shape is right, and what is wrong with it."""

    sop: Sop | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as far as it could be read, with the places of everything the checker looks at again."""

    sop: Sop | None
    problems: Problems
    shapes: Shapes
    nodes: Mapping[str, Scalar]
    top: Pairs | None


def read(text: str, file: str = "") -> Reading:  # noqa: ARG001 (the file belongs to whoever prints the problems)
    """Read the shape of a document. Meaning (jumps, types, names) is `core.sop.checking.check`."""
    found = draft(text)
    problems = found.problems.sorted("error")
    return Reading(None if problems else found.sop, problems)


@lru_cache(maxsize=256)
def _loaded(_digest: str, text: str) -> Sop:
    reading = read(text)
    if reading.sop is None:
        raise SopError(reading.problems)
    return reading.sop


def load(text: str) -> Sop:
    """The compiled document, from a cache by its hash; raises SopError with every problem of its shape."""
    return _loaded(digest(text), text)


def digest(text: str) -> str:
    """The hash that identifies a document's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def draft(text: str) -> Draft:
    """Read as much of a document as can be read."""
    written, text = text, _LINE_ENDS.sub("\n", text.removeprefix("\ufeff")).translate(_NO_LINE_ENDS)
    problems = Problems(text)
    shapes = Shapes(text, problems)
    steps = StepReader(shapes)
    sop: Sop | None = None
    top: Pairs | None = None
    try:
        top = _compose(text, problems)
        if top is not None:
            sop = replace(_document(shapes, steps, top), hash=digest(written))
    except Refused as refusal:
        problems.found.clear()
        problems.where = ""
        problems.add(refusal.code, refusal.place or _TOP, refusal.suggests, **refusal.values)
        sop = None
    problems.where = ""
    return Draft(sop, problems, shapes, steps.nodes, top)


def _compose(text: str, problems: Problems) -> Pairs | None:
    size = len(text.encode(errors="replace"))
    if size > LARGEST:
        raise Refused("too-large", None, most=LARGEST // 1024, given=size // 1024 + 1)
    try:
        root, found = compose(text)
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        raise explain(text, error) from error
    for code, place, values in found:
        problems.add(code, place, **values)
    if root is None or (isinstance(root, Scalar) and root.value is None):
        raise Refused("empty-document")
    if not isinstance(root, Pairs):
        raise Refused("not-a-document", root.place)
    return root


def _document(s: Shapes, steps: StepReader, top: Pairs) -> Sop:
    given = s.pairs(top, words.DOCUMENT_KEYS, _("the document"), required=("sop", "do"))
    name = _name(s, given["sop"]) if "sop" in given else "?"
    fields = _fields(s, given["fields"]) if "fields" in given else {}
    do = steps.list(given["do"], "do") if "do" in given else ()
    if "do" in given and not do and not s.problems.found:
        s.problems.add("empty-list", given["do"], what="do")
    return Sop(
        name=name,
        title=s.say(given["title"], "title") if "title" in given else Text((("", humanised(name)),)),
        do=do,
        department=s.named("departments", given["department"], "department") if "department" in given else None,
        mode=s.one_of(given["mode"], words.MODES, "mode", "guided") if "mode" in given else "guided",
        start=_start(s, given["start"]) if "start" in given else None,
        calendar=s.named("calendars", given["calendar"], "calendar") if "calendar" in given else None,
        fields=fields,
        on=_events(s, steps, given["on"]) if "on" in given else (),
        due=timing.read_due(s, given["due"], "due") if "due" in given else None,
        remind=timing.read_reminders(s, given["remind"], has_due="due" in given) if "remind" in given else (),
        escalate=timing.read_escalations(s, given["escalate"], steps.list) if "escalate" in given else (),
        timeout=timing.read_timeout(s, given["timeout"]) if "timeout" in given else None,
        note=s.say(given["note"], "note") if "note" in given else None,
        labels=tuple(word for item in s.items(given["labels"], "labels") if (word := s.word(item, "labels")))
        if "labels" in given
        else (),
    )


def _name(s: Shapes, node: Node) -> str:
    found = s.word(node, "sop") or "?"
    if found != "?" and not all(
        (part and part.isascii() and part.isalnum() and part.islower()) or part.isdigit() for part in found.split("-")
    ):
        s.problems.add("sop-name", node, suggested_name(found).replace("_", "-"), found=found)
    return found


def _start(s: Shapes, node: Node) -> Start:
    given = s.pairs(node, ("if", "priority"), "start")
    return Start(
        if_=s.expression(given["if"], "condition", "if") if "if" in given else None,
        priority=s.integer(given["priority"], "priority", least=-1000) if "priority" in given else 0,
    )


def _events(s: Shapes, steps: StepReader, node: Node) -> tuple[OnEvent, ...]:
    if not isinstance(node, Pairs):
        s.problems.add("want-mapping-any", node, what="on")
        return ()
    found = []
    for key, body in node.pairs:
        s.mention("events", key.text, key)
        s.problems.where = _("on '%(event)s'", event=key.text)
        given = s.pairs(body, ("if", "do", "then"), f"on.{key.text}")
        if given and ("do" in given) == ("then" in given):
            s.problems.add("do-or-then", body)
        s.in_result = True
        if_ = s.expression(given["if"], "condition", "if") if "if" in given else None
        s.in_result = False
        found.append(
            OnEvent(
                key.text,
                do=steps.list(given["do"], "do") if "do" in given else None,
                then=s.target(given["then"], "on") if "then" in given else None,
                if_=if_,
            )
        )
        s.problems.where = ""
    return tuple(found)


def _fields(s: Shapes, node: Node) -> dict[str, Field]:
    if not isinstance(node, Pairs):
        s.problems.add("want-mapping-any", node, what="fields")
        return {}
    if len(node.pairs) > MOST_FIELDS:
        s.problems.add("too-many-fields", node.pairs[MOST_FIELDS][0], most=MOST_FIELDS, given=len(node.pairs))
    found = {}
    for key, body in node.pairs[:MOST_FIELDS]:
        s.problems.where = _("field '%(name)s'", name=key.text)
        if not NAME.fullmatch(key.text):
            s.problems.add("name-form", key, suggested_name(key.text), what=_("a field's name"), found=key.text)
        found[key.text] = read_field(s, key, body)
        s.problems.where = ""
    return found


def read_field(s: Shapes, key: Scalar, body: Node) -> Field:
    """One declared field."""
    given = s.pairs(body, words.FIELD_KEYS, key.text, required=("type",))
    type_ = s.one_of(given["type"], words.TYPES, "type", "string") if "type" in given else "string"
    if "type" not in given or type_ != getattr(given["type"], "text", ""):
        s.broken.add(key.text)
    found = Field(
        name=key.text,
        type=type_,
        label=s.say(given["label"], "label") if "label" in given else Text((("", humanised(key.text)),)),
        required=s.boolean(given["required"], "required", default=True) if "required" in given else True,
        options=s.choices(given["options"], "options") if "options" in given else (),
        pattern=s.word(given["pattern"], "pattern") if "pattern" in given else None,
        min=s.value(given["min"]) if "min" in given else None,
        max=s.value(given["max"]) if "max" in given else None,
        currency=s.word(given["currency"], "currency") if "currency" in given else None,
        help=s.say(given["help"], "help") if "help" in given else None,
        personal=s.boolean(given["personal"], "personal", default=False) if "personal" in given else False,
    )
    s.problems.where = _("field '%(name)s'", name=key.text)
    check_field(s, found, given, body)
    return found


def check_field(s: Shapes, found: Field, given: Mapping[str, Node], body: Node) -> None:
    """Do the parts of a field fit its type?"""
    if found.type == "choice" and "options" not in given and "type" in given:
        s.problems.add("missing-key", body, what=_("a choice"), key="options")
    numbers = ("int", "number", "money")
    allowed = {
        "options": ("choice", "list"),
        "pattern": ("string", "text", "phone", "email", "url"),
        "currency": ("money",),
        "min": (*numbers, "date", "datetime", "duration", "string", "text", "list"),
        "max": (*numbers, "date", "datetime", "duration", "string", "text", "list", "file"),
    }
    for key, types in allowed.items():
        if key in given and found.type not in types:
            s.problems.add("field-key", given[key], key=key, type=found.type, types=", ".join(types))
    for key in ("min", "max"):
        value = getattr(found, key)
        if (
            key in given
            and found.type in numbers
            and (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or SEPARATED.fullmatch(getattr(given[key], "text", ""))
            )
        ):
            s.not_a_number(given[key], key)
    if found.currency is not None and not (
        len(found.currency) == 3 and found.currency.isascii() and found.currency.isupper()
    ):
        s.problems.add("currency", given["currency"], found=found.currency)
    if found.pattern is not None:
        check_pattern(s, given["pattern"], found.pattern)


def check_pattern(s: Shapes, node: Node, pattern: str) -> None:
    """Is it a regular expression RE2 understands?"""
    try:
        compiled(pattern)
    except PatternError as error:
        s.problems.add("pattern", node, found=pattern, why=str(error))
