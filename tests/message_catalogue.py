"""What `docs/studio_messages.md` shows: blocks with the lines said about them, and tables of causes with what is said about each."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "studio_messages.md").read_text("utf-8")
_BLOCK = re.compile(r"```yaml(?: (?P<kind>\w+))?\n(?P<text>.*?)```\n(?P<said>(?:`[^`\n]+:` [^\n]+\n)*)", re.DOTALL)
_LINE = re.compile(r"`([^`\n]+):` ([^\n]+)\n")
_ROW = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
_HOLE = re.compile(r"%\(\w+\)s|%%")


@dataclass(frozen=True)
class Block:
    """A document or a part of one; `said` are (where, sentence), and `around` is the document that stands above it."""

    kind: str
    text: str
    said: tuple[tuple[str, str], ...]
    around: str = ""


def section(title: str) -> str:
    """The text below a heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"the page has no section “{title}”"
    return found[1]


def blocks(title: str) -> list[Block]:
    """The blocks of a section about which something is said."""
    found, around = [], ""
    for one in _BLOCK.finditer(section(title)):
        said = tuple(_LINE.findall(one["said"]))
        around = around if said else one["text"]
        found += [Block(one["kind"] or "", one["text"], said, around)] if said else []
    return found


def document(title: str) -> str:
    """The document that the rows of a section are about."""
    return next(_BLOCK.finditer(section(title)))["text"]


def rows(title: str) -> list[tuple[str, str]]:
    """Cause and sentence of each row of a section's table."""
    found = [(cause.strip(), said.strip()) for cause, said in _ROW.findall(section(title))]
    return [(re.sub(r"^`([^`]*)`$", r"\1", cause), said) for cause, said in found if not set(cause) <= set("- ")][1:]


def sentences() -> list[str]:
    """Every sentence of the page."""
    said = [sentence for one in _BLOCK.finditer(PAGE) for _where, sentence in _LINE.findall(one["said"])]
    return [*said, *(said for _cause, said in _ROW.findall(PAGE))]


# ---- what the code can say -----------------------------------------------------------------------------------------------

_SAYS = {"_", "ngettext", "N_"}
_RAISES = re.compile(
    r"[A-Z]\w*(?:Error|Problem|Failure|Answer|Waits)$|^(?:wrong|Failure|Refused|NotFound|Conflict|Forbidden)$"
)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _said_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _SAYS and isinstance(node.args[0], ast.Constant):
            texts = node.args[: 2 if _name(node.func) == "ngettext" else 1]
            yield from (str(text.value) for text in texts if isinstance(text, ast.Constant))


def all_texts(path: Path) -> set[str]:
    """Every text of a module that people read."""
    return set(_said_in(ast.parse(path.read_text("utf-8"))))


def refusals(path: Path) -> set[str]:
    """The texts that a module raises, or that are values of what it calls wrong."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _RAISES.search(_name(node.func))):
            found |= set(_said_in(node))
    return found


@cache
def _parts(text: str) -> tuple[str, ...]:
    """What stands between the holes of a text; what fills the last hole may be nothing."""
    return tuple(part.strip() if part.isspace() else part for part in _HOLE.split(text.strip()))


def fits(text: str, sentence: str) -> bool:
    """Can this sentence have been made of this text?"""
    at = 0
    for part in _parts(text):
        at = sentence.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
