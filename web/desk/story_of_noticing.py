"""Sentences for what was noticed in a customer's words: watched words, and whom they called in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.noticing.moods import reasons_in_words
from core.texts import N_, _
from web import words
from web.desk.telling import Sentence, plain, say
from web.desk.why import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.timeline import Happening
    from web.desk.telling import Teller

_NUMBERS = {code: number for number, code in words.PRIORITY_CODES.items()}
_CALLED = {
    "helper": N_("%(to)s was called in to help"),
    "lead": N_("%(to)s was asked to help, because nobody whom the rule wants is there"),
    "there": N_("Nobody was called in: %(to)s is as experienced as the rule wants"),
}


def noticed(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """Which word, in which part of the message, by which rule, and what it did."""
    where = _("in the subject") if data.get("where") == "subject" else _("in the message")
    text = say(N_("“%(word)s” was noticed %(where)s"), word=str(data.get("word", "")), where=plain(where))
    lines = [_("Word rule %(rule)s, version %(version)s", rule=data.get("rule"), version=data.get("version"))]
    pair = data.get("priority")
    if isinstance(pair, list) and pair[0] != pair[1]:
        lines.append(_("Priority from %(old)s to %(new)s", old=_priority(pair[0]), new=_priority(pair[1])))
    elif pair:
        lines.append(_("The priority was %(name)s already, or more urgent", name=_priority(pair[0])))
    if data.get("call"):
        lines.append(_("It calls in a more experienced colleague"))
    return Sentence("bell", text, why=tuple(lines))


def _priority(code: str) -> str:
    return words.priority(_NUMBERS.get(code, 3))


def called(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """Who was called in, and why it was they."""
    sentence = _CALLED.get(str(data.get("how")))
    why = explain(teller, data.get("why"))
    if sentence is None:
        return Sentence("people", say(N_("Somebody experienced was called for, and nobody is there")), why=why)
    return Sentence("people", say(sentence, to=teller.person(data.get("to"))), why=why)


def upset(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """The customer seems upset: every reason, and how much it took."""
    lines = reasons_in_words(data.get("reasons") or {})
    lines.append(_("%(points)s points; from %(threshold)s on it is said", **_points(data)))
    pair = data.get("priority")
    if isinstance(pair, list):
        lines.append(_("Priority from %(old)s to %(new)s", old=_priority(pair[0]), new=_priority(pair[1])))
    return Sentence("alert", say(N_("%(who)s seems upset"), who=teller.customer), why=tuple(lines))


def _points(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data.get(name) for name in ("points", "threshold")}


def denied(teller: Teller, event: Happening, _data: dict[str, Any]) -> Sentence:
    """A person thinks otherwise."""
    return Sentence("check", say(N_("%(who)s said: not upset"), who=teller.who(event)))


SENTENCES: dict[str, Callable[[Teller, Happening, dict[str, Any]], Sentence]] = {
    "words.noticed": noticed,
    "helper.called": called,
    "customer.upset": upset,
    "upset.denied": denied,
}
