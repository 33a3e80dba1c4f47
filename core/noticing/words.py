"""Which watched words stand in a message? Whole words, also in other forms of them. Pure: rules and texts in, findings out.

A rule's words are made ready once (`ready`); a message is then read once, however many rules there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.stems import LANGUAGES, stem_in, words_with_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

REASSIGN, HELPER = "reassign", "helper"
CALLS = (REASSIGN, HELPER)
SUBJECT, TEXT = "subject", "text"
LONGEST_READ = 20_000  # characters of a message: what somebody wants to say stands before
_EXACT = "="


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called in, and as what: a person, or whoever has a skill from a level on."""

    how: str
    person: int | None = None
    skill: str | None = None
    level: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. `language` None: the endings of both languages are known; `stems` False: only the words as they are written.

    It holds for a team, else for a department, else for the whole firm; without channels for every channel.
    """

    id: int
    version: int
    title: str
    words: tuple[str, ...]
    channels: tuple[str, ...] = ()
    language: str | None = None
    stems: bool = True
    priority: str | None = None
    call: Call | None = None
    department_id: int | None = None
    team_id: int | None = None
    active: bool = True

    def concerns(self, department_id: int, team_id: int) -> bool:
        """Is it a rule for what stands there?"""
        if self.team_id is not None:
            return self.team_id == team_id
        return self.department_id in {None, department_id}

    def listens_to(self, channel: str) -> bool:
        """Does it read what comes this way?"""
        return not self.channels or channel in self.channels

    @property
    def kinds(self) -> tuple[str, ...]:
        """In which forms its words are compared."""
        if not self.stems:
            return (_EXACT,)
        return (_EXACT, *((self.language,) if self.language else LANGUAGES))


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's word that stands in a message: in which part of it, and at which character."""

    rule: Rule
    word: str
    where: str
    at: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    rule: Rule
    word: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """Rules made ready: their words by the kind of form and the first word of each."""

    rules: tuple[Rule, ...] = ()
    phrases: Mapping[str, Mapping[str, tuple[_Phrase, ...]]] = field(default_factory=dict)


def ready(rules: Iterable[Rule]) -> Ready:
    """Read the words of these rules once, for every message that comes."""
    kept = tuple(rules)
    found: dict[str, dict[str, tuple[_Phrase, ...]]] = {}
    for rule in kept:
        for word in rule.words:
            plain = [one.text for one in words_with_places(word)]
            for kind in rule.kinds if plain else ():
                forms = tuple(_form(kind, one) for one in plain)
                first = found.setdefault(kind, {})
                first[forms[0]] = (*first.get(forms[0], ()), _Phrase(rule, word, forms))
    return Ready(kept, found)


def _form(kind: str, word: str) -> str:
    return word if kind == _EXACT else stem_in(word, kind)


def find(known: Ready, texts: Sequence[tuple[str, str]]) -> list[Finding]:
    """The first word of each rule that stands in these (part, text), in the order of the rules."""
    found: dict[int, Finding] = {}
    for part, text in texts:
        words = words_with_places(text[:LONGEST_READ])
        earliest: dict[int, Finding] = {}
        for kind, phrases in known.phrases.items():
            forms = [_form(kind, word.text) for word in words]
            for i, form in enumerate(forms):
                for phrase in phrases.get(form, ()):
                    n = len(phrase.forms)
                    if n == 1 or tuple(forms[i : i + n]) == phrase.forms:
                        before = earliest.get(phrase.rule.id)
                        if before is None or words[i].at < before.at:
                            earliest[phrase.rule.id] = Finding(phrase.rule, phrase.word, part, words[i].at)
        found = {**earliest, **found}
    return [found[rule.id] for rule in known.rules if rule.id in found]
