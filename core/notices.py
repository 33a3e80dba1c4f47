"""Which words come with the product? Notices in both languages, as files: a subject line, an empty line, the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.templates.language import compiled
from core.texts import speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDER = Path(__file__).parent / "notice_texts"
_GAPS = re.compile(r"\n{3,}")  # where an `if` left nothing
CUSTOMER, COLLEAGUE = "customer", "colleague"
FOR_COLLEAGUES = frozenset(
    {
        "alert",
        "alert_digest",
        "approval",
        "clock",
        "password",
        "question",
        "reminder",
        "step_failed",
        "step_opened",
        "ticket_alert",
    }
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A template in one language. Without `html`, it is made from the text."""

    subject: str
    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A template that was filled."""

    subject: str
    text: str
    html: str | None = None


@lru_cache
def template_names() -> frozenset[str]:
    """The notices that come with the product."""
    return frozenset(path.name.split(".")[0] for path in _FOLDER.glob("*.md"))


@lru_cache(maxsize=200)
def wording(name: str, language: str) -> Wording:
    """The words of a notice that comes with the product."""
    path = _FOLDER / f"{name}.{language}.md"
    text = path.read_text("utf-8") if path.exists() else (_FOLDER / f"{name}.en.md").read_text("utf-8")
    subject, _, body = text.partition("\n")
    return Wording(subject.strip(), body.strip("\n") + "\n")


def filled(one: Wording, language: str, values: Mapping[str, Any]) -> Words:
    """The template with these values in the places of its placeholders; what is missing leaves nothing."""
    with speaking(language):
        subject = compiled(one.subject).render(values)
        text = compiled(one.text).render(values)
        html = None if one.html is None else compiled(one.html, html=True).render(values)
    return Words(" ".join(subject.split()), _GAPS.sub("\n\n", text).strip() + "\n", html)


def render(name: str, language: str, values: Mapping[str, Any]) -> Words:
    """A notice that comes with the product, filled."""
    return filled(wording(name, language), language, values)
