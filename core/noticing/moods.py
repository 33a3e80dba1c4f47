"""Why a customer seems upset, in words, and a reply that may calm them, in their language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.texts import N_, _, ngettext, speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT = {
    "words": N_("strong words"),
    "capitals": N_("written in capitals"),
    "waiting": N_("has written again and again without an answer"),
    "rating": N_("gave a low rating before"),
    "judge": N_("a plugin says so"),
}


def reasons_in_words(reasons: Mapping[str, Any]) -> list[str]:
    """What was seen, one reason each."""
    said = []
    if "words" in reasons:
        said.append(_("strong words: %(words)s", words=", ".join(f"“{one}”" for one in reasons["words"])))
    if "capitals" in reasons:
        said.append(_("%(percent)s percent in capitals", percent=reasons["capitals"]))
    if "waiting" in reasons:
        n = int(reasons["waiting"])
        said.append(ngettext("%(n)s message without an answer", "%(n)s messages without an answer", n))
    if "rating" in reasons:
        said.append(_("gave %(percent)s percent of the best rating before", percent=reasons["rating"]))
    if "judge" in reasons:
        said.append(_("plugin %(names)s says so", names=", ".join(reasons["judge"])))
    return said


def codes_in_words(codes: str) -> list[str]:
    """The same without what was seen."""
    return [_(_SHORT[code]) for code in codes.split() if code in _SHORT]


def calming_reply(name: str, language: str, department: str) -> str:
    """A first answer to somebody who is upset; a person reads it, completes it and sends it, or does not."""
    with speaking(language):
        return _(
            "Dear %(name)s,\n\nI am sorry for the trouble you have had, and I understand that you are upset. I have read everything "
            "that you wrote and look after it myself from now on.\n\nThis is what happens next: \n\nYou will hear from me "
            "again today, also if it is not solved by then.\n\n%(department)s",
            name=name,
            department=department,
        )
