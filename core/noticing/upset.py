"""Does a customer seem upset? Signs in a message and around it give points, each with its name. Pure: the same signs give the same answer.

What a person has said “no” to is left out (`denied`): the same reasons never come back, new ones may.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.noticing.words import SUBJECT, TEXT, Rule, find, ready

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from core.noticing.words import Ready

WORDS, CAPITALS, WAITING, RATING, JUDGE = "words", "capitals", "waiting", "rating", "judge"
REASONS = (WORDS, CAPITALS, WAITING, RATING, JUDGE)
POINTS = {WORDS: 2, CAPITALS: 2, WAITING: 3, RATING: 1}
MOST_WORD_POINTS = 4  # two words say it; ten do not say more
LOW_RATING = 40  # percent of the best one, as the alerts have it
MOST_POINTS = 10
_SHOUTED = 60  # percent of the letters
_LEAST_LETTERS, _LEAST_WORDS = 20, 4  # “OK”, “KTP” and an order's number are nobody's shouting

_INDONESIAN = (
    "kecewa, mengecewakan, marah, kesal, muak, jengkel, geram, keterlaluan, parah banget, payah, buruk sekali, terburuk, "
    "tidak becus, tidak profesional, penipu, penipuan, menipu, bohong, dibohongi, kapok, capek menunggu, sampai kapan, "
    "berkali kali, tidak ada tanggapan, tidak pernah dijawab, lapor polisi, laporkan polisi, somasi, pengacara, viralkan, "
    "brengsek, tidak masuk akal, ga becus, gak becus, nggak becus, bikin emosi, tidak terima"
)
_ENGLISH = (
    "angry, furious, upset, disappointed, disappointing, frustrated, frustrating, unacceptable, ridiculous, terrible, awful, "
    "horrible, worst, disgusting, outrageous, appalling, disgrace, useless, incompetent, scam, liar, lied to, fed up, sick of, "
    "lawyer, sue you, consumer protection, no one answers, nobody answers, still waiting, how many times, waste of time"
)


def _listed(text: str, language: str, begin: int) -> list[Rule]:
    words = [one.strip() for one in text.split(",")]
    return [Rule(begin + i, 1, word, (word,), language=language) for i, word in enumerate(words)]


@lru_cache(maxsize=1)
def _built_in() -> Ready:
    return ready(_BUILT_IN)


_BUILT_IN = (*_listed(_INDONESIAN, "id", 1), *_listed(_ENGLISH, "en", 1001))


@dataclass(frozen=True, slots=True)
class Watch:
    """How a department looks for upset customers. `threshold` 0: not at all; `mails`: how many without an answer are too many (0: any number)."""

    threshold: int = 3
    priority: str | None = "high"
    mails: int = 3
    words: tuple[str, ...] = ()
    ready: Ready = field(default_factory=_built_in, compare=False)


@dataclass(frozen=True, slots=True)
class Signs:
    """What was seen. `rating` is in percent of the best one; `judges` are the points that plugins gave."""

    words: tuple[str, ...] = ()
    capitals: int = 0
    unanswered: int = 0
    rating: int | None = None
    judges: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mood:
    """The points and their reasons, each with what was seen. `keys` name the reasons so that a “no” to them is remembered."""

    points: int
    reasons: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        """`words:kecewa`, `capitals`, `waiting`, `rating`, `judge:NAME`."""
        found = []
        for code, seen in self.reasons.items():
            found += [f"{code}:{one}" for one in seen] if code in {WORDS, JUDGE} else [code]
        return found


def watch_of(data: Mapping[str, Any]) -> Watch:
    """What is kept of a department."""
    own = tuple(data.get("words", ()))
    rules = [*_BUILT_IN, *(Rule(2001 + i, 1, word, (word,)) for i, word in enumerate(own))]
    plain = Watch()
    return Watch(
        threshold=data.get("threshold", plain.threshold),
        priority=data.get("priority", plain.priority) or None,
        mails=data.get("mails", plain.mails),
        words=own,
        ready=ready(rules) if own else plain.ready,
    )


def read_signs(watch: Watch, subject: str, text: str) -> Signs:
    """The signs in what somebody has written."""
    places: dict[tuple[str, int], str] = {}
    for one in find(watch.ready, [(SUBJECT, subject), (TEXT, text)]):
        places.setdefault(
            (one.where, one.at), one.word
        )  # one word of theirs is one sign, however many of ours have its stem
    return Signs(words=tuple(places.values()), capitals=shouted(f"{subject}\n{text}"))


def shouted(text: str) -> int:
    """How many percent of the letters are capitals; 0 when there is too little to say."""
    letters = [c for c in text if c.isalpha()]
    loud = [word for word in text.split() if len(word) > 1 and word.isupper()]
    if len(letters) < _LEAST_LETTERS or len(loud) < _LEAST_WORDS:
        return 0
    return round(100 * sum(c.isupper() for c in letters) / len(letters))


def mood_of(signs: Signs, watch: Watch, denied: Collection[str] = ()) -> Mood:
    """Points and reasons, without what a person has said no to."""
    reasons: dict[str, Any] = {}
    words = [one for one in signs.words if f"{WORDS}:{one}" not in denied]
    points = 0
    if words:
        points += min(POINTS[WORDS] * len(words), MOST_WORD_POINTS)
        reasons[WORDS] = words[:6]
    for code, seen, holds in (
        (CAPITALS, signs.capitals, signs.capitals >= _SHOUTED),
        (WAITING, signs.unanswered, bool(watch.mails) and signs.unanswered >= watch.mails),
        (RATING, signs.rating, signs.rating is not None and signs.rating <= LOW_RATING),
    ):
        if holds and code not in denied:
            points += POINTS[code]
            reasons[code] = seen
    judges = {name: n for name, n in signs.judges.items() if n > 0 and f"{JUDGE}:{name}" not in denied}
    if judges:
        points += sum(judges.values())
        reasons[JUDGE] = judges
    return Mood(points, reasons)


def upset(mood: Mood, watch: Watch) -> bool:
    """Enough to say so?"""
    return 0 < watch.threshold <= mood.points


def rating_matters(mood: Mood, watch: Watch) -> bool:
    """Would a low rating before decide? Only then is it looked up."""
    return 0 < mood.points < watch.threshold <= mood.points + POINTS[RATING]


def codes(reasons: Sequence[str]) -> str:
    """The reasons as the ticket keeps them."""
    return " ".join(code for code in REASONS if code in reasons)
