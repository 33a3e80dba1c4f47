"""YAML that cannot be read, explained in our words: most of it is one of a dozen traps that people who write procedures fall into."""

from __future__ import annotations

import re
from typing import Any

from core.sop.nodes import Place
from core.sop.problems import Refused

_TAG = re.compile(r"(?:(?P<key>\w+)\s*:|-)\s+(?P<value>!\S.*?)\s*$")
_FLOW_TAG = re.compile(r"\w+\s*:\s+(?P<value>![^,{}\"']+)")
_WHO = re.compile(r"[:\-\[,]\s+(?P<right>(?P<kind>team|role|agent|skill|department):\s+(?P<name>[\w.-]+))")
_ESCAPED = re.compile(r"\"(?P<inside>(?:[^\"\\]|\\.)*\\[^\"\\0abtnvfre /N_LPxuU](?:[^\"\\]|\\.)*)\"")
_FLOW_EXPRESSION = re.compile(r"[{,]\s*(?:if|until)\s*:\s+(?P<value>[^\"'\s].*)$")
_TEXT_COLON = re.compile(r"^\s*(?:-\s+)*(?:[\w.]+:\s+)?(?P<value>[^\"'\[{|>\s].*?:\s.*?)\s*$")
_NO_COLON = re.compile(r"^\s*(?:-\s+)?(?P<word>[\w.]+)\s*$")


def _at(number: int, start: int, end: int) -> Place:
    return Place(number, start + 1, number, end + 1, 0, 0)


def _quoted(text: str) -> str:
    """The text in the quotes that need the least escaping."""
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if '"' in text else f'"{text}"'


def explain(text: str, error: Exception) -> Refused:
    """The one sentence for a document that is no YAML."""
    if found := re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff(?<!^)", text):
        line = text.count("\n", 0, found.start())
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1)
        return Refused("yaml-character", _at(line + 1, column, column + 1), found=f"U+{ord(found[0]):04X}")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    lines = text.split("\n")
    at = min(mark.line, len(lines) - 1) if mark else 0
    return _trapped(lines, at, error) or _ordinary(lines, at, mark, error)


def _trapped(lines: list[str], at: int, error: Any) -> Refused | None:
    """The traps, looked for in the line where reading stopped, then in the two before it and where the broken part began."""
    context = getattr(error, "context_mark", None)
    spots = [at, at - 1, at - 2, *([context.line] if context else [])]
    for number in dict.fromkeys(spot for spot in spots if 0 <= spot < len(lines)):
        line = lines[number]
        for trap in (_tab, _tag, _who, _backslash, _expression, _colon):
            if refusal := trap(line, number + 1, error):
                return refusal
    return None


def _tab(line: str, number: int, _error: Any) -> Refused | None:
    indent = line[: len(line) - len(line.lstrip())]
    found = indent.find("\t")
    return Refused("yaml-tab", _at(number, found, found + 1)) if found >= 0 and line.strip() else None


def _tag(line: str, number: int, _error: Any) -> Refused | None:
    found = _FLOW_TAG.search(line) if "{" in line else _TAG.search(line)
    if found is None:
        return None
    value = found["value"].strip()
    return Refused(
        "yaml-tag",
        _at(number, found.start("value"), found.start("value") + len(value)),
        found=value,
        right=_quoted(value),
    )


def _who(line: str, number: int, error: Any) -> Refused | None:
    found = _WHO.search(line)
    if found is None or "mapping values" not in str(getattr(error, "problem", "")):
        return None
    right = f"{found['kind']}:{found['name']}"
    return Refused("yaml-who", _at(number, *found.span("right")), right, right=right)


def _backslash(line: str, number: int, error: Any) -> Refused | None:
    if "escape" not in str(getattr(error, "problem", "")):
        return None
    found = _ESCAPED.search(line)
    if found is None:
        return None
    return Refused("yaml-backslash", _at(number, *found.span()), right="'" + found["inside"].replace("'", "''") + "'")


def _expression(line: str, number: int, _error: Any) -> Refused | None:
    found = _FLOW_EXPRESSION.search(line)
    if found is None:
        return None
    value = re.split(r",\s*(?:then|do|for|event|else|if|until)\s*:|\}\s*$", found["value"])[0].strip()
    if not re.search(r"[\[\]{},]|:\s", value):
        return None
    start = found.start("value")
    return Refused("yaml-expression", _at(number, start, start + len(value)), right=_quoted(value))


def _colon(line: str, number: int, error: Any) -> Refused | None:
    if "mapping values" not in str(getattr(error, "problem", "")):
        return None
    found = _TEXT_COLON.match(line)
    if found is None or "#" in line[: found.start("value")]:
        return None
    return Refused("yaml-colon", _at(number, *found.span("value")), right=_quoted(found["value"]))


def _ordinary(lines: list[str], at: int, mark: Any, error: Any) -> Refused:
    """Everything else, by what libyaml was doing."""
    why = str(getattr(error, "problem", "") or error).split("\n")[0]
    column = mark.column if mark else 0
    context = str(getattr(error, "context", "") or "")
    start = getattr(error, "context_mark", None)
    here = _at(at + 1, column, column + 1)
    there = _at(start.line + 1, start.column, start.column + 1) if start else here
    if "quoted scalar" in context and "end of" in why:
        return Refused("yaml-quote", there)
    if "flow" in context and start and start.line < len(lines):
        return Refused("yaml-unclosed", there, found=lines[start.line][start.column : start.column + 1] or "[")
    if "expected ':'" in why or "could not find expected" in why:
        spot = start.line if start else at
        found = _NO_COLON.match(lines[spot]) if spot < len(lines) else None
        word = found["word"] if found else lines[spot].strip()[:40]
        return Refused("yaml-colon-missing", _at(spot + 1, *(found.span("word") if found else (0, 1))), found=word)
    if "did not find expected" in why and "block" in context + why:
        return Refused("yaml-indent", here)
    return Refused("yaml", here, why=why or "it cannot be read")
