"""Which plugins are installed? Entry points of the group `estafet.plugins`, and files in the home's folder `plugins`. Nothing is imported."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.settings import Settings

GROUP = "estafet.plugins"
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
DESK = "desk"  # the name under which the desk has actions of its own


@dataclass(frozen=True, slots=True)
class Source:
    """Where a plugin comes from. `kind`: entry (`where` is module or module:attribute) or file (`where` is its path)."""

    name: str
    kind: str
    where: str
    version: str = ""
    problem: str | None = None

    def wire(self) -> dict[str, Any]:
        """As JSON, for the child that loads it."""
        return asdict(self)


def find_sources(settings: Settings) -> list[Source]:
    """Every plugin, by name. Two of the same name, or a name that is none, have their `problem` said."""
    found = [_entry(point) for point in entry_points(group=GROUP)] + _files(settings)
    by_name: dict[str, list[Source]] = {}
    for source in dict.fromkeys(found):
        by_name.setdefault(source.name, []).append(source)
    return [_one(name, sources) for name, sources in sorted(by_name.items())]


def _entry(point: Any) -> Source:
    return Source(point.name, "entry", point.value, point.dist.version if point.dist else "")


def _files(settings: Settings) -> list[Source]:
    if not settings.plugin_files:
        return []
    paths = sorted((settings.home / "plugins").glob("*.py"))
    return [Source(path.stem, "file", str(path)) for path in paths if not path.name.startswith(("_", "test_"))]


def _one(name: str, sources: list[Source]) -> Source:
    problem = None
    if not NAME.fullmatch(name):
        problem = f"'{name}' is no name for a plugin: small letters, digits and _ only, at most 41, a letter first"
    elif name == DESK:
        problem = f"'{DESK}' is the desk's own name: give the plugin another one"
    elif len(sources) > 1:
        problem = f"there are {len(sources)} plugins of this name: {' and '.join(source.where for source in sources)}"
    first = sources[0]
    return Source(name[:64], first.kind, first.where, first.version, problem)
