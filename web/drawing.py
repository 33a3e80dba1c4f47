"""Small drawings of a list: the relay of a ticket as one dash a step."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

_STEP, _DASH = 14, 10
_MOST = 9  # dashes that fit into the column beside “12 of 15”


@lru_cache(4096)
def small_legs(at: int, of: int, late: bool) -> Markup:
    """The relay in small: `at` of `of` legs, what is run before it, red when it is late. Long ones are drawn to scale."""
    if of > _MOST:
        at, of = max(1, round(at * _MOST / of)), _MOST
    dashes = "".join(
        f'<rect x="{i * _STEP}" width="{_DASH}" height="4" rx="1"{_kind(i + 1, at, late)}/>' for i in range(of)
    )
    width = of * _STEP - (_STEP - _DASH)
    return Markup(f'<svg class="legs" width="{width}" height="4" aria-hidden="true">{dashes}</svg>')  # noqa: S704 (numbers only)


def _kind(leg: int, at: int, late: bool) -> str:
    if leg < at:
        return ' class="d"'
    return f' class="{"l" if late else "n"}"' if leg == at else ""
