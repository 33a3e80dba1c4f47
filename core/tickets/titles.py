"""What is a step called? By its own words; a decision is called by its question, and a machine's step says what it does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.sop.document import Approval, Collaborate
from core.sop.drawing_words import about, say
from core.sop.shapes import humanised
from core.texts import language

if TYPE_CHECKING:
    from core.sop.document import Step

_UNFILLED = re.compile(r"\$\{[^}]*\}")
_SAYS_ITSELF = frozenset({"assign", "notify", "call", "wait", "resolve", "document", "survey", "run", "set"})


def step_title(step: Step) -> str:
    """The title in the language in force; `${…}` in it is left as it is written."""
    title = step.title.say(language())
    if title != humanised(step.name):
        return title
    if isinstance(step.what, Approval | Collaborate):
        return say(step.what.question) or title
    if step.kind in _SAYS_ITSELF:
        said = about(step)
        return said[:1].upper() + said[1:] if said else title
    return title


def bare_title(step: Step) -> str:
    """The title where no ticket fills it: what a ticket would say in it is “…”."""
    return _UNFILLED.sub("…", step_title(step))
