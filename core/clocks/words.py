"""What clocks are called, and what a mail says of one that warns or breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.step_words import StepWords
from core.texts import N_, _, speaking

if TYPE_CHECKING:
    from collections.abc import Mapping

METRICS = {
    "first_response": N_("First response"),
    "next_response": N_("Next response"),
    "resolution": N_("Resolution"),
}


def metric(name: str) -> str:
    """What a clock measures; an own metric of the firm is called by its name."""
    return _(METRICS[name]) if name in METRICS else name.replace("_", " ").capitalize()


def say_clock(payload: Mapping[str, Any], language: str) -> StepWords:
    """The words of a mail about a clock."""
    with speaking(language):
        name = metric(str(payload["metric"]))
        match payload.get("what"):
            case "breach":
                text = _("“%(metric)s” is late.", metric=name)
            case "limit":
                text = _("“%(metric)s” has passed its second goal.", metric=name)
            case _other:
                text = _("“%(metric)s” is nearly due.", metric=name)
    return StepWords(name, text)
