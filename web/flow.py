"""The drawing of a procedure for a page: wide and narrow, and in words. `studio/flow.html` shows it; the page needs `studio/flow.css`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from core.sop.drawing import NARROW, WIDE, draw, sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.sop.document import Sop


@dataclass(frozen=True, slots=True)
class Drawing:
    """Both widths of one drawing, and its words."""

    wide: Markup
    narrow: Markup
    words: list[str]


def drawing(
    sop: Sop, marks: Mapping[str, str] | None = None, *, href: str = "", width: float = WIDE, prefix: str = ""
) -> Drawing:
    """Draw a document; `marks` says where a ticket is (`core.sop.drawing_marks.marks_of`). `prefix` is needed for a second one on a page."""
    return Drawing(
        Markup(draw(sop, marks, width=width, prefix=f"{prefix}w-", href=href)),  # noqa: S704 (escaped where it is written)
        Markup(draw(sop, marks, width=NARROW, prefix=f"{prefix}n-", href=href)),  # noqa: S704
        sentences(sop),
    )
