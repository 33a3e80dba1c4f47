"""What may stand in a template? Words, placeholders such as `{{ customer.name }}`, filters and `{% if … %}`: data and never code.

It is the part of Jinja that only shows values: calls, loops, arithmetic and indexes are refused when the template is saved, names lead through
mappings and never into objects, and a text has a largest length. So a template can neither reach for anything nor run for long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import ChainableUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.sop.problems import nearest
from core.spoken import say_value
from core.texts import _, language

if TYPE_CHECKING:
    from jinja2 import Template

LONGEST = 20_000  # characters
_DEEPEST = 20  # `if`s inside one another
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
FILTERS = ("upper", "lower", "title", "trim", "default")

Path: TypeAlias = tuple[str, ...]
Knows: TypeAlias = Callable[[Path], bool]


class TemplateError(ValueError):
    """A template that is not allowed; `line` is where (from 1). The text is for people."""

    def __init__(self, words: str, line: int = 1) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that a template shows or asks for: `customer.name` is ("customer", "name")."""

    path: Path
    line: int


class _Environment(ImmutableSandboxedEnvironment):
    """Only mappings have parts, and only their keys: no attribute of any object is ever read."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return self.undefined(name=attribute)


def _shown(value: Any) -> Any:
    """A value as the current language writes it; a group of values shows nothing."""
    if isinstance(value, str | ChainableUndefined):
        return value
    return "" if isinstance(value, Mapping) else say_value(value, language())


def _environment(*, autoescape: bool) -> _Environment:
    environment = _Environment(undefined=ChainableUndefined, autoescape=autoescape, finalize=_shown)
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests, environment.globals = {}, {}
    return environment


_plain, _html = _environment(autoescape=False), _environment(autoescape=True)


@lru_cache(maxsize=2000)
def compiled(source: str, *, html: bool = False) -> Template:
    """The template, ready to be filled; in `html`, what is filled in is escaped. Raises TemplateError."""
    _tree(source)
    try:
        return (_html if html else _plain).from_string(source)
    except TemplateSyntaxError as error:
        raise _unreadable(error) from error


def placeholders(source: str) -> list[Placeholder]:
    """Every name of the template, in the order of the text. Raises TemplateError."""
    return list(_names(_tree(source)))


def problems(source: str, knows: Knows, known: tuple[str, ...] = ()) -> list[TemplateError]:
    """What is wrong with a template: that it is not allowed, or each name it uses that does not exist, with the nearest right one of `known`."""
    try:
        used = placeholders(source)
        compiled(source)
    except TemplateError as error:
        return [error]
    return [TemplateError(_unknown(one, known), one.line) for one in used if not knows(one.path)]


def _unknown(one: Placeholder, known: tuple[str, ...]) -> str:
    name = ".".join(one.path)
    near = nearest(name, known)
    if near:
        return _("There is no placeholder “%(name)s”. Did you mean “%(near)s”?", name=name, near=near)
    return _("There is no placeholder “%(name)s”. Choose one from the list.", name=name)


@lru_cache(maxsize=2000)
def _tree(source: str) -> nodes.Template:
    if len(source) > LONGEST:
        raise TemplateError(_("A template has at most %(n)s characters.", n=LONGEST))
    try:
        tree = _plain.parse(source)
        _refuse(tree, 0)
    except TemplateSyntaxError as error:
        raise _unreadable(error) from error
    except RecursionError as error:
        raise TemplateError(_("This template is nested too deeply.")) from error
    return tree


def _unreadable(error: TemplateSyntaxError) -> TemplateError:
    """What the parser cannot read, in words that name what may stand there."""
    if "filter" in (error.message or ""):
        return TemplateError(
            _("There is no such filter. These exist: %(known)s.", known=", ".join(FILTERS)), error.lineno
        )
    words = _(
        "This cannot be read. Write a placeholder as {{ customer.name }}, and a condition as {% if note %} … {% endif %}."
    )
    return TemplateError(words, error.lineno)


def _refuse(node: nodes.Node, depth: int) -> None:
    if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.Filter) and (node.dyn_args or node.dyn_kwargs)):
        words = _(
            "Only placeholders, filters and “if” may stand in a template: no calculations, calls, loops or other commands."
        )
        raise TemplateError(words, node.lineno)
    name = node.attr if isinstance(node, nodes.Getattr) else node.name if isinstance(node, nodes.Name) else ""
    if name.startswith("_"):
        raise TemplateError(_("Names of placeholders do not begin with “_”."), node.lineno)
    depth += isinstance(node, nodes.If)
    if depth > _DEEPEST:
        raise TemplateError(_("This template is nested too deeply."), node.lineno)
    for child in node.iter_child_nodes():
        _refuse(child, depth)


def _names(node: nodes.Node) -> Iterator[Placeholder]:
    path: list[str] = []
    inner = node
    while isinstance(inner, nodes.Getattr):
        path.insert(0, inner.attr)
        inner = inner.node
    if isinstance(inner, nodes.Name):
        yield Placeholder((inner.name, *path), inner.lineno)
        return
    for child in inner.iter_child_nodes():
        yield from _names(child)
