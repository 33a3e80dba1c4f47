"""Reads the small shapes a document is made of: texts, choices, people, values, expressions; and notes what has to be checked later."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.sop import words
from core.sop.document import Choice, Text
from core.sop.grammar import holes
from core.sop.nodes import Items, Node, Pairs, Scalar
from core.sop.problems import Problems, nearest
from core.sop.tokens import SyntaxProblem
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.sop.document import Value, Who

NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_MAIL = re.compile(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+|mailto:[^@\s]+@localhost")
_WHOLE_HOLE = re.compile(r"\$\{.*\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An expression of the document: its source, the scalar it stands in and at which character, and what it must give."""

    source: str
    node: Scalar
    offset: int
    expects: str  # condition | moment | until | any
    step: str
    where: str
    with_result: bool = False
    var: str = ""  # the variable that a `set` fills with it


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of something outside the document: `kind` is the list of `Names` it must stand in."""

    kind: str
    name: str
    node: Node
    where: str
    step: str


@dataclass(frozen=True, slots=True)
class Aim:
    """A jump: `step` ("" = the document) goes to `target`; `via` is `then`, `timeout`, `on_error`, `case` or the outcome's name."""

    step: str
    target: str
    node: Node
    where: str
    via: str


@dataclass(slots=True)
class Shapes:
    """The part of the reader that knows no steps."""

    text: str
    problems: Problems
    spoken: list[Spoken] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    step: str = ""
    in_result: bool = False
    business: list[Node] = field(default_factory=list)
    moments: set[str] = field(default_factory=set)  # steps that wait until a moment, not for a condition
    broken: set[str] = field(default_factory=set)  # declared fields whose type cannot be known

    # ---- mappings and lists --------------------------------------------------------------------------------------------

    def pairs(self, node: Node, known: Sequence[str], what: str, required: Sequence[str] = ()) -> dict[str, Node]:
        """The members of a mapping that may only hold `known` keys."""
        if not isinstance(node, Pairs):
            self.problems.add("want-mapping", node, what=what, keys=", ".join(known))
            return {}
        slips = {nearest(key.text, known) for key, _value in node.pairs if key.text not in known} if required else set()
        for name in required:
            if name not in node.at and name not in slips:
                self.problems.add("missing-key", node, what=what, key=name)
        for key, _value in node.pairs:
            if key.text not in known:
                self.unknown_key(key, known)
        return {key.text: value for key, value in node.pairs if key.text in known}

    def unknown_key(self, key: Scalar, known: Iterable[str]) -> None:
        """Refuse a key, naming the nearest right one."""
        if self.problems.full:
            return
        known = tuple(known)
        meant = nearest(key.text, known)
        if meant is None:
            self.problems.add("unknown-key-list", key, key=key.text, keys=", ".join(known))
        else:
            self.problems.add("unknown-key", key, meant, key=key.text)

    def items(self, node: Node, what: str) -> list[Node]:
        """The items of a list."""
        if isinstance(node, Items):
            return node.items
        self.problems.add("want-list", node, what=what)
        return []

    # ---- single values -------------------------------------------------------------------------------------------------

    def word(self, node: Node, what: str) -> str | None:
        """A plain text such as a name."""
        if isinstance(node, Scalar) and node.value is not None and node.text.strip():
            return node.text
        self.problems.add("want-text", node, what=what)
        return None

    def one_of(self, node: Node, known: Sequence[str], what: str, default: str) -> str:
        """One of a few words."""
        if isinstance(node, Scalar) and node.text in known:
            return node.text
        found = node.text if isinstance(node, Scalar) else "…"
        self.problems.add("one-of", node, nearest(found, known), what=what, found=found, known=", ".join(known))
        return default

    def boolean(self, node: Node, what: str, *, default: bool) -> bool:
        """`true` or `false`; `yes` and `no` are texts in this language."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.problems.add("want-boolean", node, what=what, found=node.text if isinstance(node, Scalar) else "…")
        return default

    def integer(self, node: Node, what: str, least: int = 0) -> int:
        """A whole number."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**31:
            return value
        self.not_a_number(node, what)
        return least

    def not_a_number(self, node: Node, what: str) -> None:
        """Refuse something that is no number, with a word for `5.000.000`."""
        found = node.text if isinstance(node, Scalar) else "…"
        if re.fullmatch(r"-?\d{1,3}([.,_]\d{3})+", found) and isinstance(node, Scalar):
            right = re.sub(r"[.,_]", "", found)
            self.problems.add("number-separators", node, right, found=found, right=right)
        else:
            self.problems.add("want-number", node, what=what, found=found)

    def name(self, node: Node, what: str) -> str:
        """A name of a step, branch or field."""
        found = self.word(node, what)
        if found is not None and not NAME.fullmatch(found):
            self.problems.add("name-form", node, suggested_name(found), what=what, found=found)
        return found or ""

    # ---- texts for people ----------------------------------------------------------------------------------------------

    def say(self, node: Node, what: str) -> Text:
        """A text for people, in one language or by language."""
        if isinstance(node, Pairs) and node.pairs:
            if all(_LANGUAGE.fullmatch(key.text) for key, _value in node.pairs):
                return Text(tuple((key.text, self.spoken_text(value, what)) for key, value in node.pairs))
            self.problems.add("want-languages", node, what=what, found=node.pairs[0][0].text)
            return Text((("", ""),))
        return Text((("", self.spoken_text(node, what)),))

    def spoken_text(self, node: Node, what: str) -> str:
        """A text that may hold `${…}`."""
        found = self.word(node, what)
        if found is None:
            return ""
        assert isinstance(node, Scalar)
        self.holes(node)
        return found

    def choices(self, node: Node, what: str) -> tuple[Choice, ...]:
        """Codes with labels: `[a, b]`, `{a: Label}` or a list of `{a: Label}`."""
        if isinstance(node, Pairs):
            found = [Choice(key.text, self.say(value, what)) for key, value in node.pairs]
        else:
            found = []
            for item in self.items(node, what):
                if isinstance(item, Pairs) and len(item.pairs) == 1:
                    found += [Choice(key.text, self.say(value, what)) for key, value in item.pairs]
                elif code := self.word(item, what):
                    found.append(Choice(code, Text((("", humanised(code)),))))
        codes = [choice.code for choice in found]
        for code in {code for code in codes if codes.count(code) > 1}:
            self.problems.add("double-choice", node, found=code)
        if not found and not isinstance(node, Scalar):
            self.problems.add("empty-list", node, what=what)
        return tuple(found)

    # ---- people --------------------------------------------------------------------------------------------------------

    def who(self, node: Node, what: str) -> Who:
        """People: one of the grammar's words or a list of them."""
        if isinstance(node, Items):
            return tuple(one for item in node.items if (one := self.person(item, what)))
        one = self.person(node, what)
        return (one,) if one else ()

    def person(self, node: Node, what: str) -> str | None:
        if isinstance(node, Pairs) and len(node.pairs) == 1 and node.pairs[0][0].text in words.WHO_LISTS:
            key, value = node.pairs[0]
            right = f"{key.text}:{value.text}" if isinstance(value, Scalar) else f"{key.text}:…"
            self.problems.add("who-space", key, right, right=right)
            return None
        found = self.word(node, what)
        if found is None:
            return None
        assert isinstance(node, Scalar)
        if _WHOLE_HOLE.fullmatch(found):
            self.holes(node)
            return found
        prefix, colon, name = found.partition(":")
        if colon and prefix in words.WHO_LISTS and name.strip() == name and name:
            self.mention(words.WHO_LISTS[prefix], name, node)
        elif found not in words.WHO_WORDS and not _MAIL.fullmatch(found):
            self.not_a_person(node, found, prefix, name.strip(), what)
        return found

    def not_a_person(self, node: Scalar, found: str, prefix: str, name: str, what: str) -> None:
        if prefix in words.WHO_LISTS and name:
            self.problems.add("who-space", node, f"{prefix}:{name}", right=f"{prefix}:{name}")
            return
        meant = nearest(found, words.WHO_WORDS)
        if meant is None and name and (near := nearest(prefix, words.WHO_LISTS)):
            meant = f"{near}:{name}"
        self.problems.add("who", node, meant, what=what, found=found)

    def mention(self, kind: str, name: str, node: Node) -> None:
        """Note the name of something outside, unless it is filled in later."""
        if "${" not in name:
            self.mentions.append(Mention(kind, name, node, self.problems.where, self.step))

    def named(self, kind: str, node: Node, what: str) -> str | None:
        """A plain name out of one of the lists of names."""
        found = self.word(node, what)
        if found is not None:
            assert isinstance(node, Scalar)
            self.holes(node)
            self.mention(kind, found, node)
        return found

    # ---- values and expressions ----------------------------------------------------------------------------------------

    def value(self, node: Node) -> Value:
        """Any value; texts in it may hold `${…}`."""
        match node:
            case Items(items=items):
                return [self.value(item) for item in items]
            case Pairs(pairs=pairs):
                return {key.text: self.value(inner) for key, inner in pairs}
            case Scalar():
                if isinstance(node.value, str):
                    self.holes(node)
                    if node.is_plain and re.fullmatch(r"-?\d{1,3}(\.\d{3}){2,}", node.text):
                        self.not_a_number(node, _("a value"))
                return node.value

    def values(self, node: Node, what: str) -> dict[str, Value]:
        """A mapping of values."""
        if isinstance(node, Pairs):
            return {key.text: self.value(inner) for key, inner in node.pairs}
        self.problems.add("want-mapping-any", node, what=what)
        return {}

    def holes(self, node: Scalar, *, var: str = "") -> None:
        """Note the expressions of a text."""
        try:
            spots = holes(node.text)
        except SyntaxProblem as problem:
            self.problems.within(problem.code, node, problem.start, problem.end)
            return
        for start, end, source in spots:
            whole = var if (start, end) == (0, len(node.text)) else ""
            self.speak(source, node, start + 2, "any", var=whole)

    def expression(self, node: Node, expects: str, what: str) -> str | None:
        """An expression that is written bare, as after `if` and `until`."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return self.speak("true" if node.value else "false", node, 0, expects)
        found = self.word(node, what) if isinstance(node, Scalar) else None
        if found is None:
            if not isinstance(node, Scalar):
                self.problems.add("want-expression", node, what=what)
            return None
        assert isinstance(node, Scalar)
        if _WHOLE_HOLE.fullmatch(found.strip()):
            self.problems.add("expr-wrapped", node, found.strip()[2:-1], what=what, right=found.strip()[2:-1])
            return None
        return self.speak(found, node, 0, expects)

    def moment(self, node: Node, what: str) -> str | None:
        """`from: "${…}"`: the expression inside."""
        found = self.word(node, what)
        if found is None:
            return None
        assert isinstance(node, Scalar)
        if not _WHOLE_HOLE.fullmatch(found) or found.count("${") > 1:
            self.problems.add("want-hole", node, "${" + found + "}", what=what, right="${" + found + "}")
            return None
        return self.speak(found[2:-1], node, 2, "moment")

    def speak(self, source: str, node: Scalar, offset: int, expects: str, var: str = "") -> str:
        self.spoken.append(Spoken(source, node, offset, expects, self.step, self.problems.where, self.in_result, var))
        return source

    def target(self, node: Node, via: str) -> str | None:
        """Where a `then` goes."""
        found = self.word(node, "then")
        if found is not None:
            self.aims.append(Aim(self.step, found, node, self.problems.where, via))
        return found


def humanised(code: str) -> str:
    """`invoice_no` as people read it: Invoice no."""
    text = code.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def suggested_name(text: str) -> str:
    """A step's name made of a text: `Set a new password` → `set_a_new_password`."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_text.lower()).strip("_")[:60].strip("_")
    return name if name[:1].isalpha() else f"step_{name}".strip("_")
