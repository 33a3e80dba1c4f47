"""How does plain text with a little Markdown become a mail's HTML?"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

import nh3
from css_inline import CSSInliner
from markdown_it import MarkdownIt

_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p",
    "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
    "ol": {"start"},
}
# No colours for text and ground: a mail program with a dark page then chooses both, and the mail stays readable.
_STYLE = """
.mail { font-family: system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; font-size: 15px; line-height: 1.5 }
p { margin: 0 0 12px }
blockquote { margin: 12px 0; padding: 0 0 0 12px; border-left: 3px solid #8a8f98 }
pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; white-space: pre-wrap }
table { border-collapse: collapse }
td { border: 1px solid #8a8f98; padding: 4px 8px }
th { border: 1px solid #8a8f98; padding: 4px 8px; text-align: left }
img { max-width: 100% }
"""


# An address that stands alone: not already in <…>, (…), […], `…` or quotes, and without the full stop that ends its sentence.
_BARE_ADDRESS = re.compile(r"(?<![<(\[`\"'\w/])https?://[^\s<>()\[\]`\"']{1,2000}(?<![.,;:!?])")


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    # Pictures are off: text that a customer wrote may be quoted in it, and must not make a reader's program load them.
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)


def text_to_html(text: str) -> str:
    """Safe HTML for text with a little Markdown; HTML in the text stays visible as text, an address becomes a link."""
    return _safe(_markdown().render(_BARE_ADDRESS.sub(r"<\g<0>>", text)))


def _safe(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer",
    )


def html_page(text: str, html: str | None, intro: str, quoted: str, language: str) -> str:
    """The whole HTML form of a mail: the message, and below it what is answered."""
    message = text_to_html(text) if html is None else _safe(html)
    if intro:
        lines = "<br>\n".join(escape(line, quote=False) for line in quoted.strip().splitlines())
        message += f"<p>{escape(intro, quote=False)}</p>\n<blockquote>{lines}</blockquote>\n"
    page = (
        f'<!DOCTYPE html><html lang="{re.sub("[^A-Za-z-]", "", language) or "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f'<style>{_STYLE}</style></head><body><div class="mail">{message}</div></body></html>'
    )
    return _inliner().inline(page).replace(' class="mail"', "")
