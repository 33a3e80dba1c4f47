"""YAML that cannot be read, explained in our words: most of it is one of a dozen traps that people who write procedures fall into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.sop.nodes import Place, quoted
from core.sop.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"(?:\w+\s*:|-)\s+(?P<value>!\S.*?)\s*$")
_FLOW_TAG = re.compile(r"\w+\s*:\s+(?P<value>![^,{}\"']+)")
_WHO = re.compile(r"[:\-\[,]\s+(?P<right>(?P<kind>team|role|agent|skill|department):\s+(?P<name>[\w.-]+))")
_ESCAPED = re.compile(r"\"(?P<inside>(?:[^\"\\]|\\.)*\\(?:[^\"\\]|\\.)*)\"")
_FLOW_VALUE = re.compile(r"[{,]\s*(?P<key>[\w.]+)\s*:\s+(?P<value>[^\"'\s{\[].*)$")
_FLOW_END = re.compile(r",\s*[\w.]+\s*:\s|\}*\s*(?:#.*)?$")
_AFTER_QUOTE = re.compile(r"^\s*(?:-\s+)*(?:[\w.]+:\s+)?(?P<value>(?P<quote>[\"']).*?(?P=quote)\s*[^\s#].*?)\s*$")
_TEXT_COLON = re.compile(r"^\s*(?:-\s+)*(?:[\w.]+:\s+)?(?P<value>[^\"'\[{|>\s].*?:(?=\s|$).*?)\s*$")
_START = re.compile(r"(?:^|:\s+|-\s+)(?P<value>[@`%*&][^#]*?)\s*$")
_NO_COLON = re.compile(r"^\s*(?:-\s+)?(?P<word>[\w.]+)\s*$")
_CONDITIONS = ("if", "until")


def explain(text: str, error: Exception) -> Refused:
    """The one sentence for a document that is no YAML."""
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start())
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1)
        return Refused("yaml-character", _at(line + 1, column, column + 1), found=f"U+{ord(found[0]):04X}")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    lines = text.split("\n")
    at = min(mark.line, len(lines) - 1) if mark else 0
    return _trapped(lines, at, error) or _ordinary(lines, at, mark, error)


def _at(number: int, start: int, end: int) -> Place:
    return Place(number, start + 1, number, end + 1, 0, 0)


def _trapped(lines: list[str], at: int, error: Any) -> Refused | None:
    """The traps, looked for in the line where reading stopped, then in the two before it and where the broken part began."""
    context = getattr(error, "context_mark", None)
    spots = [at, at - 1, at - 2, *([context.line] if context else [])]
    words = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    for number in dict.fromkeys(spot for spot in spots if 0 <= spot < len(lines)):
        for trap in _traps(words):
            if refusal := trap(lines[number], number + 1):
                return refusal
    return None


def _traps(words: str) -> list[Callable[[str, int], Refused | None]]:
    """Which traps fit what libyaml was doing when it stopped."""
    found: list[Callable[[str, int], Refused | None]] = [_tab, _tag]
    if "mapping values" in words or "flow" in words:
        found.append(_who)
    if "escape" in words or "hexdecimal" in words:
        found.append(_backslash)
    if "flow" in words or "mapping values" in words:
        found.append(_flow)
    if "mapping values" in words:
        found.append(_colon)
    if "block mapping" in words or "block collection" in words:
        found.append(_after_quote)
    if "cannot start" in words or "alphabetic" in words:
        found.append(_start)
    return found


def _tab(line: str, number: int) -> Refused | None:
    indent = line[: len(line) - len(line.lstrip())]
    found = indent.find("\t")
    return Refused("yaml-tab", _at(number, found, found + 1)) if found >= 0 and line.strip() else None


def _tag(line: str, number: int) -> Refused | None:
    found = _FLOW_TAG.search(line) if "{" in line else _TAG.search(line)
    if found is None:
        return None
    value = found["value"].strip()
    start = found.start("value")
    return Refused("yaml-tag", _at(number, start, start + len(value)), found=value, right=quoted(value))


def _who(line: str, number: int) -> Refused | None:
    found = _WHO.search(line)
    if found is None:
        return None
    right = f"{found['kind']}:{found['name']}"
    return Refused("yaml-who", _at(number, *found.span("right")), right, right=right)


def _backslash(line: str, number: int) -> Refused | None:
    found = _ESCAPED.search(line)
    if found is None:
        return None
    return Refused("yaml-backslash", _at(number, *found.span()), right="'" + found["inside"].replace("'", "''") + "'")


def _flow(line: str, number: int) -> Refused | None:
    """A value inside {…} that holds what ends it there: a bracket, a comma, a colon and a space."""
    for match in re.finditer(r"[{,]\s*(?=[\w.]+\s*:\s)", line):
        found = _FLOW_VALUE.match(line, match.start())
        if found is None:
            continue
        value = _FLOW_END.split(found["value"], maxsplit=1)[0].strip()
        if value.endswith("}") and value.count("{") < value.count("}"):
            value = value.rstrip("}").strip()
        rest = found["value"]
        whole = rest if found["key"] in _CONDITIONS else value
        if re.search(r"[\[\]{}]|:\s", value) or (whole is not value and re.search(r"^[^,]*\?[^,]*:\s", value)):
            start = found.start("value")
            code = "yaml-expression" if found["key"] in _CONDITIONS else "yaml-flow-text"
            return Refused(code, _at(number, start, start + len(value)), right=quoted(value))
    return None


def _colon(line: str, number: int) -> Refused | None:
    found = _TEXT_COLON.match(line)
    if found is None or "#" in line[: found.start("value")]:
        return None
    return Refused("yaml-colon", _at(number, *found.span("value")), right=quoted(found["value"]))


def _after_quote(line: str, number: int) -> Refused | None:
    found = _AFTER_QUOTE.match(line)
    if found is None:
        return None
    return Refused("yaml-after-quote", _at(number, *found.span("value")), right=quoted(found["value"]))


def _start(line: str, number: int) -> Refused | None:
    found = _START.search(line)
    if found is None:
        return None
    return Refused(
        "yaml-start", _at(number, *found.span("value")), found=found["value"][0], right=quoted(found["value"])
    )


def _ordinary(lines: list[str], at: int, mark: Any, error: Any) -> Refused:
    """Everything else, by what libyaml was doing."""
    why = str(getattr(error, "problem", "") or error).split("\n")[0]
    column = mark.column if mark else 0
    context = str(getattr(error, "context", "") or "")
    start = getattr(error, "context_mark", None)
    here = _at(at + 1, column, column + 1)
    there = _at(start.line + 1, start.column, start.column + 1) if start else here
    if lines[at][column : column + 1] in ("]", "}") and "flow" not in context:
        return Refused("yaml-stray", here, found=lines[at][column])
    if "quoted scalar" in context and "end of" in why:
        return Refused("yaml-quote", there)
    if "flow" in context and start and start.line < len(lines):
        return Refused("yaml-unclosed", there, found=lines[start.line][start.column : start.column + 1] or "[")
    if "expected ':'" in why or "could not find expected" in why:
        spot = start.line if start else at
        found = _NO_COLON.match(lines[spot]) if spot < len(lines) else None
        word = found["word"] if found else lines[spot].strip()[:40]
        return Refused("yaml-colon-missing", _at(spot + 1, *(found.span("word") if found else (0, 1))), found=word)
    if "did not find expected" in why and "parsing a block" in context:
        return Refused("yaml-indent", here)
    return Refused("yaml", here, why=why or "it cannot be read")
