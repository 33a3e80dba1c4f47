"""Which words does a notice have? Templates in both languages, as data: a subject line, an empty line, the text.

They are Jinja, of which only output, names, attributes, filters and `if` are allowed: no calls, loops or arithmetic, so that a template can
neither reach for anything nor run for long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Template

_FOLDER = Path(__file__).parent / "notice_texts"
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.If,
    nodes.Filter,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Const,
)
_FILTERS = ("upper", "lower", "title", "trim", "default")
LONGEST = 20_000
_GAPS = re.compile(r"\n{3,}")  # where an `if` left nothing


class TemplateError(ValueError):
    """A template that is not allowed or names something that is not there."""


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False
    )
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    return environment


_jinja = _environment()


@lru_cache(maxsize=1000)
def compiled(source: str) -> Template:
    """The template, refused when it is more than words and placeholders."""
    if len(source) > LONGEST:
        raise TemplateError(f"A template has at most {LONGEST} characters.")
    for node in _jinja.parse(source).find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise TemplateError(f"Line {node.lineno}: {type(node).__name__.lower()} is not allowed in a template.")
    return _jinja.from_string(source)


@lru_cache
def template_names() -> frozenset[str]:
    """The notices that exist."""
    return frozenset(path.name.split(".")[0] for path in _FOLDER.glob("*.md"))


@lru_cache(maxsize=200)
def _source(name: str, language: str) -> str:
    path = _FOLDER / f"{name}.{language}.md"
    return path.read_text("utf-8") if path.exists() else (_FOLDER / f"{name}.en.md").read_text("utf-8")


def render(name: str, language: str, values: Mapping[str, Any]) -> Words:
    """The notice `name` in `language`, filled. Raises TemplateError naming what is missing."""
    if name not in template_names():
        raise TemplateError(f"There is no template {name!r}.")
    try:
        text = compiled(_source(name, language)).render(values)
    except Exception as error:
        raise TemplateError(f"Template {name!r}: {error}") from error
    subject, _, body = text.partition("\n")
    return Words(" ".join(subject.split()), _GAPS.sub("\n\n", body).strip() + "\n")
