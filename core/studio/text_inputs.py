"""Inputs for texts that people read, with a box for each of the product's languages where a document is written in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop.shapes import suggested_name
from core.studio.inputs import Input
from core.texts import LANGUAGES, _, language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.sop.document import Text
    from core.studio.inputs import Path


def languages() -> tuple[str, str]:
    """The reader's language, and the other one."""
    here = language()
    return here, next(code for code in LANGUAGES if code != here)


def other_language() -> str:
    """The name of the language that the reader does not read the page in, in that of the page."""
    return _("in Bahasa Indonesia") if language() == "en" else _("in English")


def said(text: Text | None, *, both: bool) -> tuple[str, ...]:
    """A text as the boxes show it: one, or one for each language."""
    by = dict(text.by) if text is not None else {}
    here, other = languages()
    if both or sum(code in by for code in LANGUAGES) > 1:
        return (by.get("", by.get(here, "")).strip(), by.get(other, "").strip())
    return (text.say(here).strip() if text is not None else "",)


def by_language(given: Sequence[str], text: Text | None = None) -> Any:
    """What is written for the boxes of a text; None: nothing at all."""
    old = {code: words for code, words in text.by if code} if text is not None else {}
    here, other = languages()
    if len(given) == 1:  # the only box: the language in which it was shown, if the text has languages
        code = here if here in old else next(iter(old), "")
        found = {**old, code: given[0]} if code else {"": given[0]}
    else:
        found = {**old, here: given[0], other: given[1]}
    kept = {code: found[code] for code in (*LANGUAGES, *found) if found.get(code)}
    if not kept or (len(given) == 1 and not given[0]):
        return None
    return next(iter(kept.values())) if list(kept) in ([""], [here]) else kept


def words(
    name: str,
    label: str,
    path: Path,
    text: Text | None,
    *,
    long: bool = False,
    both: bool = False,
    hint: str = "",
    more: bool = False,
) -> Input:
    """A text for people, in the language in which the page is read, and in the other one where `both` are written."""
    return Input(
        name,
        label,
        "area" if long else "text",
        path,
        said(text, both=both),
        lambda given: by_language([one.strip() for one in given], text),
        hint=hint,
        more=more,
    )


def texts(
    name: str,
    label: str,
    path: Path,
    values: Sequence[Text],
    read: Callable[[list[tuple[str, str, Any]]], Any],
    *,
    codes: Sequence[str] | None = None,
    both: bool = False,
    hint: str = "",
    more: bool = False,
) -> Input:
    """Several texts for people, one a line, in one language or side by side in both; `codes` are their short names.

    A short name that does not follow from the words stands before them: `works = It works again`.
    """
    both = both or any(len(said(value, both=False)) > 1 for value in values)
    boxes = [said(value, both=both) for value in values]
    coded_ = codes is not None
    first = [
        f"{code} = {box[0]}" if code and suggested_name(box[0]) != code else box[0]
        for code, box in zip(codes or [""] * len(boxes), boxes, strict=True)
    ]
    shown = ["\n".join(first), *(["\n".join(box[1] for box in boxes).rstrip("\n")] if both else [])]
    old = {box[0]: value for box, value in zip(boxes, values, strict=True)}

    def read_all(given: tuple[str, ...]) -> Any:
        columns = [[line.strip() for line in one.split("\n")] for one in given]
        rows = []
        for number, line in enumerate(columns[0]):
            code, equals, rest = line.partition("=") if coded_ else ("", "", line)
            here = rest.strip() if equals else line
            if not here:
                continue
            others = [column[number] if number < len(column) else "" for column in columns[1:]]
            rows.append((code.strip() if equals else "", here, by_language([here, *others], old.get(here))))
        return read(rows)

    return Input(name, label, "area", path, tuple(shown), read_all, hint=hint, more=more)


def coded(rows: Sequence[tuple[str, str, Any]], known: Mapping[str, str]) -> Any:
    """Choices with their codes: the one they were given, the one they had, or one made of their words."""
    return {code or known.get(here) or suggested_name(here): written for code, here, written in rows} or None
