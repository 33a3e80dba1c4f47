"""Articles are written in Markdown: as HTML that holds nothing but what the text says."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markupsafe import Markup

from core.personal import MARK

_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


def rendered(text: str) -> Markup:
    """Markdown as HTML; tags that somebody typed show as text, and places where something personal stood are marked."""
    html = _markdown.render(text)  # html=False: the renderer escapes everything else
    return Markup(MARK.sub(lambda found: f"<mark>{found[0]}</mark>", html))  # noqa: S704
