"""Charts as inline drawings: geometry in attributes, colour by class, every mark with words and a link; the page has a table beside each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 420, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 20, 10, 22
_PARTS = (0, 0.5, 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """One day: its value, between which values it is usual, what is read about it, and where it leads. `label` stands below."""

    value: float | None
    words: str
    href: str = ""
    low: float | None = None
    median: float | None = None
    high: float | None = None
    unusual: bool = False
    label: str = ""


def days_chart(marks: Sequence[Mark], title: str, say: Callable[[float], str], *, unit: float = 1) -> Markup:
    """A dot a day in front of what is usual; a triangle where the day was unusual."""
    top = _round_up(max([0.0, *(v for one in marks for v in (one.value, one.high) if v is not None)]), unit)
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(marks))
    out = [_frame(title), *_rules(top, say)]
    for i, one in enumerate(marks):
        x = _LEFT + step * (i + 0.5)
        if one.low is not None and one.high is not None and one.median is not None:
            high, low, middle = _y(one.high, top), _y(one.low, top), _y(one.median, top)
            out.append(_rect("area", x - step * 0.4, high, step * 0.8, max(1.0, low - high)))
            out.append(f'<path class="mid" d="M{x - step * 0.4:.1f} {middle:.1f}h{step * 0.8:.1f}"/>')
        if one.label:
            out.append(f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(one.label)}</text>')
        if one.value is not None:
            out.append(_linked(one, _triangle(x, _y(one.value, top)) if one.unusual else _dot(x, _y(one.value, top))))
    return Markup("".join([*out, "</svg>"]))  # noqa: S704 (escaped where it is written)


def line_chart(marks: Sequence[Mark], title: str, say: Callable[[float], str]) -> Markup:
    """One line over the days, its last value said at its end."""
    values = [one.value or 0.0 for one in marks]
    top = _round_up(max([0.0, *values]))
    step = (WIDTH - _LEFT - _RIGHT - 20) / max(1, len(marks) - 1)
    points = [(_LEFT + step * i, _y(value, top)) for i, value in enumerate(values)]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    out = [_frame(title), *_rules(top, say)]
    if points:
        floor, (x, y) = _y(0, top), points[-1]
        out.append(f'<path class="area" d="M{_LEFT} {floor:.1f}L{way} {x:.1f},{floor:.1f}z"/>')
        out.append(f'<polyline class="one" points="{way}"/>{_dot(x, y)}')
        out.append(f'<text class="label" x="{x + 9:.1f}" y="{y + 4:.1f}">{escape(say(values[-1]))}</text>')
    for one, (x, _end) in zip(marks, points, strict=True):
        if one.label:
            out.append(f'<text x="{x:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(one.label)}</text>')
    return Markup("".join([*out, "</svg>"]))  # noqa: S704 (escaped where it is written)


def spark(values: Sequence[int], words: str) -> Markup:
    """A small line beside a number."""
    top = max([1, *values])
    step = 76 / max(1, len(values) - 1)
    way = " ".join(f"{2 + step * i:.1f},{18 - 15 * value / top:.1f}" for i, value in enumerate(values))
    return Markup(  # noqa: S704 (escaped where it is written)
        f'<svg class="chart" viewBox="0 0 80 20" width="80" height="20" role="img" aria-label="{_quoted(words)}">'
        f'<path class="rule" d="M2 18.5H78"/><polyline class="one" points="{way}"/></svg>'
    )


def _frame(title: str) -> str:
    return (
        f'<svg class="chart img-fluid" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH + 60}" role="group"'
        f' aria-label="{_quoted(title)}">'
    )


def _rules(top: float, say: Callable[[float], str]) -> list[str]:
    out = []
    for part in _PARTS:
        y = _y(top * part, top)
        out.append(f'<path class="rule" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        out.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{escape(say(top * part))}</text>')
    return out


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * min(value, top) / top


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'


def _triangle(x: float, y: float) -> str:
    return f'<path class="mark-bad" d="M{x:.1f} {y - 6:.1f}l6 11h-12z"/>'


def _linked(one: Mark, shape: str) -> str:
    title = f"<title>{escape(one.words)}</title>"
    if not one.href:
        return f"<g>{title}{shape}</g>"
    return f'<a href="{_quoted(one.href)}" aria-label="{_quoted(one.words)}">{title}{shape}</a>'


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _round_up(value: float, unit: float = 1) -> float:
    """A value above it that reads well at the edge and at the half."""
    units = max(value / unit, 1)
    step = 10.0 ** (len(str(int(units))) - 1)
    return unit * next(step * n for n in (2, 4, 6, 8, 10, 20) if step * n >= units)
