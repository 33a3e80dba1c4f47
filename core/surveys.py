"""What do the kinds of survey ask, and on which scale? CSAT (content?), CES (easy?), NPS (would you recommend us?)."""

from __future__ import annotations

from dataclasses import dataclass

from core.texts import N_, _


@dataclass(frozen=True, slots=True)
class Scale:
    """Scores from `least` to `most`; more is better on each. `low` and `high` say what the ends mean."""

    least: int
    most: int
    question: str
    low: str
    high: str

    @property
    def scores(self) -> range:
        """Every score that may be given."""
        return range(self.least, self.most + 1)

    def ask(self) -> str:
        """The question, in the reader's language."""
        return _(self.question)

    def ends(self) -> str:
        """What the lowest and the highest score mean."""
        low, high = _(self.low), _(self.high)
        return _("%(least)s is “%(low)s”, %(most)s is “%(high)s”", least=self.least, low=low, most=self.most, high=high)


SCALES = {
    "csat": Scale(1, 5, N_("How content are you with our help?"), N_("not at all"), N_("very much")),
    "ces": Scale(1, 7, N_("How easy was it to get help from us?"), N_("very hard"), N_("very easy")),
    "nps": Scale(0, 10, N_("How likely are you to recommend us?"), N_("not at all"), N_("certainly")),
}
