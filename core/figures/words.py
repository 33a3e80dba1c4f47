"""Figures in plain words: what was unusual about a day, and what else was different on it, with the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from core.figures import explaining
from core.figures.usual import ABOVE, BROKEN, CAME, FIRST, SOLVED
from core.spoken import span
from core.texts import _, language, ngettext

if TYPE_CHECKING:
    from core.figures.performance import Explained
    from core.figures.usual import Judged, Usual


def number(value: float) -> str:
    """A count or a rate with one digit behind the point, where it has one."""
    return str(format_decimal(round(value, 1), locale=language()))


def amount(what: str, value: float) -> str:
    """The value of a measure: a length of time for the first answer, a number for everything else."""
    return span(int(value)) if what == FIRST else number(value)


def measure(what: str) -> str:
    """What is measured."""
    names = {
        CAME: _("Came in"),
        SOLVED: _("Solved"),
        FIRST: _("First answer, median"),
        BROKEN: _("Broken promises"),
    }
    return names[what]


def band(what: str, common: Usual) -> str:
    """What is usual: the median, and between which values a day is nothing special."""
    values = {name: amount(what, getattr(common, name)) for name in ("median", "low", "high")}
    return _("usual: %(median)s, from %(low)s to %(high)s", **values)


def finding(judged: Judged, what: str) -> str:
    """`Came in: 41, far more than usual (usual: 18, from 12 to 24).`"""
    value, common = judged.day.measure(what), judged.usual[what]
    assert value is not None
    assert common is not None
    values = {"what": measure(what), "value": amount(what, value), "usual": band(what, common)}
    if judged.sides[what] != ABOVE:
        return _("%(what)s: %(value)s, far less than usual (%(usual)s).", **values)
    return _("%(what)s: %(value)s, far more than usual (%(usual)s).", **values)


def because(one: Explained) -> str:
    """A cause as a sentence."""
    now, common = number(one.cause.now), number(one.cause.usual)
    match one.cause.kind:
        case explaining.VOLUME:
            return _("More came in: %(now)s tickets, usually %(usual)s.", now=now, usual=common)
        case explaining.CALM:
            return _("Less came in: %(now)s tickets, usually %(usual)s.", now=now, usual=common)
        case explaining.STAFFING:
            return ngettext(
                "Fewer people: %(n)s colleague worked on its tickets, usually %(usual)s.",
                "Fewer people: %(n)s colleagues worked on its tickets, usually %(usual)s.",
                int(one.cause.now),
                usual=common,
            )
        case explaining.PACE:
            return _("Each of those who worked solved fewer: %(now)s, usually %(usual)s.", now=now, usual=common)
        case explaining.CUSTOMER | explaining.ORGANISATION:
            return _(
                "Much of it came from %(name)s: %(now)s tickets, usually %(usual)s.",
                name=one.name,
                now=now,
                usual=common,
            )
        case explaining.TOPIC:
            return _(
                "Much of it was about “%(name)s”: %(now)s tickets, usually %(usual)s.",
                name=one.name,
                now=now,
                usual=common,
            )
        case _other:
            return _("No single customer, topic or change of staff explains it: it is spread over many.")
