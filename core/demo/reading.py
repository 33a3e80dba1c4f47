"""Reads the texts of the demo (`firm.yaml`, `stories/*.yaml`): who works there, and what happened on each ticket."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_CLOCK = re.compile(r"(\d+):(\d\d)")
VERBS = (
    "reply",
    "comment",
    "customer",
    "complete",
    "skip",
    "approve",
    "reject",
    "answer",
    "accept",
    "decline",
    "take",
    "assign",
    "offer",
    "accept_baton",
    "return_baton",
    "change",
    "resolve",
    "reopen",
    "close",
    "merge",
    "bounce",
    "article",
    "publish",
)


class StoryError(ValueError):
    """A story that cannot be played; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody does, so many seconds of opening time after the ticket was opened. `by`: a nick, `customer`, or `holder`."""

    verb: str
    value: Any
    after: int
    by: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """One ticket: opened so many seconds of opening time ago, and what happened then."""

    key: str
    ago: int
    ticket: dict[str, Any]
    deeds: tuple[Deed, ...]


def _load(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


@lru_cache
def read_firm() -> dict[str, Any]:
    """`firm.yaml`."""
    found: dict[str, Any] = _load(_FOLDER / "firm.yaml")
    return found


def seconds(text: str) -> int:
    """`12:30` is twelve and a half hours."""
    found = _CLOCK.fullmatch(str(text))
    if found is None:
        raise StoryError(f"{text!r} is no length of time; write hours and minutes such as '1:30' (in quotes)")
    return int(found[1]) * 3600 + int(found[2]) * 60


@lru_cache
def read_stories() -> tuple[Story, ...]:
    """Every ticket of the demo."""
    return tuple(_story(raw) for path in sorted((_FOLDER / "stories").glob("*.yaml")) for raw in _load(path))


def _story(raw: dict[str, Any]) -> Story:
    given = dict(raw)
    key, ago, deeds = given.pop("story"), seconds(given.pop("ago")), given.pop("then", [])
    story = Story(key, ago, given, tuple(_deed(key, one) for one in deeds))
    moments = [deed.after for deed in story.deeds]
    if moments != sorted(moments) or any(moment > ago for moment in moments):
        raise StoryError(f"story {key!r}: its deeds are not in the order of time, or lie in the future")
    return story


def _deed(key: str, raw: dict[str, Any]) -> Deed:
    given = dict(raw)
    verbs = [verb for verb in VERBS if verb in given]
    if len(verbs) != 1 or "at" not in given:
        raise StoryError(f"story {key!r}: {raw!r} needs `at` and exactly one of {', '.join(VERBS)}")
    verb = verbs[0]
    value, after = given.pop(verb), seconds(given.pop("at"))
    return Deed(verb, value, after, given.pop("by", "customer" if verb == "customer" else "holder"), given)
