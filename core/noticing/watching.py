"""How a department looks for upset customers, as somebody wrote it: read and checked; what is as always is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.errors import FieldError
from core.field_checks import must_be, whole_number
from core.noticing.reading import LONGEST_WORD, MOST_PARTS, MOST_WORDS, PRIORITIES
from core.noticing.upset import MOST_POINTS, Watch
from core.stems import words_with_places
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

_KNOWN = ("threshold", "priority", "mails", "words")


def checked_watch(given: Mapping[str, Any], errors: list[FieldError]) -> dict[str, Any]:
    """`threshold` (points; 0: not at all), `priority` (empty: it stays), `mails` without an answer (0: any number), own `words`."""
    plain, kept = Watch(), dict[str, Any]()
    for name in sorted(set(given) - set(_KNOWN)):
        text = _("“%(key)s” is not known here. Known: %(known)s.", key=name, known=", ".join(_KNOWN))
        errors.append(FieldError(f"/upset/{name}", text))
    for name, most in (("threshold", MOST_POINTS), ("mails", 100)):
        value = given.get(name)
        if value is not None:
            whole_number(value, 0, most, f"/upset/{name}", errors)
            if value != getattr(plain, name):
                kept[name] = value
    priority = given.get("priority", plain.priority) or ""
    if priority:
        must_be(priority, PRIORITIES, "/upset/priority", errors)
    if priority != plain.priority:
        kept["priority"] = priority
    words = list(dict.fromkeys(" ".join(str(one).split()) for one in given.get("words") or () if str(one).strip()))
    if len(words) > MOST_WORDS or any(
        len(one) > LONGEST_WORD or not 0 < len(words_with_places(one)) <= MOST_PARTS for one in words
    ):
        text = _("Write at most %(most)s words or groups of words, one a line.", most=MOST_WORDS)
        errors.append(FieldError("/upset/words", text))
    return {**kept, "words": words} if words else kept


def kept_watch(watch: Watch) -> dict[str, Any]:
    """The same as it is written out whole, for forms and programs."""
    return {
        "threshold": watch.threshold,
        "priority": watch.priority or "",
        "mails": watch.mails,
        "words": list(watch.words),
    }
