"""Other people's HTML and text, made safe to show: no scripts, no styles, nothing fetched from outside."""

from __future__ import annotations

import re

import nh3
from markupsafe import Markup, escape

_BLOCKS = ["blockquote", "div", "dl", "dd", "dt", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "ul"]
_TABLES = ["table", "tbody", "td", "tfoot", "th", "thead", "tr"]
_WORDS = ["a", "abbr", "b", "br", "code", "em", "i", "s", "small", "span", "strong", "sub", "sup", "u"]
_TAGS = {*_BLOCKS, *_TABLES, *_WORDS}
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_LINK = re.compile(r"https?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)\]]")


def clean_html(html: str) -> Markup:
    """A mail's HTML as part of our page: structure and links only; pictures are left out, so nobody learns that it was read."""
    return Markup(  # noqa: S704  (nh3 has taken out everything but the tags above)
        nh3.clean(
            html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow"
        )
    )


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs, with its line breaks, and web addresses as links."""
    parts = [part.strip("\n") for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(_linked(part)) for part in parts)


def _linked(text: str) -> Markup:
    found, position = Markup(""), 0
    for match in _LINK.finditer(text):
        found += _lines(text[position : match.start()])
        found += Markup('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>').format(match[0])
        position = match.end()
    return found + _lines(text[position:])


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(line) for line in text.split("\n"))
