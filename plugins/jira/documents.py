"""Texts on their way to Jira and back: Cloud wants documents (ADF), Data Center its wiki text."""

from __future__ import annotations

from typing import Any

_BLOCKS = {"paragraph", "heading", "codeBlock", "listItem", "blockquote", "tableRow", "panel", "rule"}


def document(text: str, link: tuple[str, str] | None = None) -> dict[str, Any]:
    """A text as a document: an empty line begins a paragraph, a line break stays one. `link`: (words, address) as a last paragraph."""
    blocks = [[_line(line) for line in part.split("\n")] for part in text.strip().split("\n\n") if part.strip()]
    content = [{"type": "paragraph", "content": _broken(lines)} for lines in blocks]
    if link:
        mark = {"type": "link", "attrs": {"href": link[1]}}
        content.append({"type": "paragraph", "content": [{"type": "text", "text": link[0], "marks": [mark]}]})
    return {"type": "doc", "version": 1, "content": content}


def _line(line: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": line}] if line else []


def _broken(lines: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        joined += [{"type": "hardBreak"}] * bool(number) + line
    return joined


def wiki(text: str, link: tuple[str, str] | None = None) -> str:
    """A text as wiki text. What would be markup is escaped, so that it is read as it was written."""
    for sign in "\\{}[]":
        text = text.replace(sign, f"\\{sign}")
    return text + (f"\n\n[{link[0]}|{link[1]}]" if link else "")


def plain(value: Any) -> str:
    """What a document or a wiki text says, as people read it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return _plain(value, 0).strip()


def addresses(value: Any) -> str:
    """Everything in a document that could hold a link, as one text to search in."""
    if isinstance(value, dict):
        return " ".join(addresses(one) for one in value.values())
    if isinstance(value, list):
        return " ".join(addresses(one) for one in value)
    return str(value)


def _plain(node: Any, depth: int) -> str:
    if not isinstance(node, dict) or depth > 60:
        return ""
    kind, attributes = node.get("type"), node.get("attrs") or {}
    if kind == "hardBreak":
        return "\n"
    if kind in {"mention", "emoji", "status", "inlineCard", "date"}:
        return str(attributes.get("text") or attributes.get("shortName") or attributes.get("url") or "")
    inside = "".join(_plain(one, depth + 1) for one in node.get("content") or ())
    text = str(node.get("text", "")) + inside
    if kind == "listItem":
        return "- " + text.strip() + "\n"
    return text + ("\n\n" if kind in _BLOCKS else "")
