"""The words of an expression: numbers, texts, names and operators, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass


class SyntaxProblem(ValueError):
    """Where (`start` to `end`) the text stops being an expression, and which message of the catalogue says why."""

    def __init__(self, code: str, start: int, end: int, suggests: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.start = start
        self.end = end
        self.suggests = suggests
        self.values = values


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)
    | (?P<text>r?"(?:[^"\\\n]|\\.)*"|r?'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<op>&&|\|\||==|!=|<=|>=|[-!<>+*/%?:.,()\[\]])
    )""",
    re.VERBOSE,
)
WORDS_FOR = {"and": "&&", "or": "||", "not": "!", "is": "==", "AND": "&&", "OR": "||", "NOT": "!"}
# thousands with separators: 5.000.000, 5_000, and 5.000 or 1.500, which nobody writes for 5 or 1.5
SEPARATED = re.compile(r"\d{1,3}(?:[._]\d{3}){2,}|\d{1,3}_\d{3}|[1-9]\d{0,2}\.\d\d0")
_WITH_POINTS = re.compile(r"\d[\d._]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "`": "`", "?": "?"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # number text name op end
    text: str
    start: int
    end: int


def _stray(source: str, at: int) -> SyntaxProblem:
    rest = source[at:]
    mark = rest[0]
    if mark == "=":
        return SyntaxProblem("expr-single-equals", at, at + 1, "==")
    if mark in "&|":
        return SyntaxProblem("expr-word-operator", at, at + 1, mark * 2, found=mark, right=mark * 2)
    if mark in "\"'":
        return SyntaxProblem("expr-open-text", at, len(source))
    if mark == "$":
        return SyntaxProblem("expr-dollar", at, min(at + 2, len(source)))
    if mark in "“”‘’":
        return SyntaxProblem("expr-curly-quotes", at, at + 1, '"')
    return SyntaxProblem("expr-character", at, at + 1, found=mark)


def tokens(source: str) -> list[Token]:
    """The words of an expression, each with its place; the last one is `end`."""
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            start = at + len(source[at:]) - len(source[at:].lstrip())
            if start >= len(source):
                break
            raise _stray(source, start)
        kind = match.lastgroup or ""
        text, start, at = match[kind], match.start(kind), match.end()
        if kind == "number":
            _plain_number(source, start, at)
        found.append(Token(kind, text, start, at))
    return [*found, Token("end", "", len(source), len(source))]


def _plain_number(source: str, start: int, end: int) -> None:
    """Refuse `5.000.000` and `5jt`: what people write for large numbers."""
    whole = _WITH_POINTS.match(source, start)
    if whole and SEPARATED.fullmatch(whole[0]):
        right = re.sub(r"\D", "", whole[0])
        raise SyntaxProblem("number-separators", start, whole.end(), right, found=whole[0], right=right)
    if end < len(source) and (source[end].isalpha() or source[end] == "_"):
        raise SyntaxProblem("expr-number", start, end + 1, found=source[start : end + 1])


def unquote(token: Token) -> str:
    text = token.text
    if text.startswith("r"):
        return text[2:-1]

    def escape(match: re.Match[str]) -> str:
        mark = match[1]
        if mark in _ESCAPES:
            return _ESCAPES[mark]
        if mark[0] == "u" and len(mark) == 5:
            return chr(int(mark[1:], 16))
        at = token.start + 1 + match.start()
        raise SyntaxProblem("expr-escape", at, at + 2, f"\\\\{mark}", found="\\" + mark, right="\\\\" + mark)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", escape, text[1:-1], flags=re.DOTALL)
