"""What would be noticed in a message? Every rule with its finding, or with the first thing that speaks against it. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.mail.quotation import newly_written
from core.noticing.reading import rule_of
from core.noticing.words import SUBJECT, TEXT, find, ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.noticing.store import RuleRow
    from core.noticing.words import Finding, Rule


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule. `why` says why it would not notice: off, place, channel, quoted, words; empty: it would."""

    rule: Rule
    finding: Finding | None = None
    why: str = ""


def try_message(
    rows: Sequence[RuleRow], subject: str, text: str, channel: str, department_id: int, team_id: int
) -> list[Tried]:
    """The rules over a first message that comes through this channel to this team."""
    rules = [rule_of(row) for row in rows]
    known = ready(rules)
    found = {one.rule.id: one for one in find(known, [(SUBJECT, subject), (TEXT, newly_written(text))])}
    anywhere = {one.rule.id for one in find(known, [(TEXT, text)])}
    return [_judged(rule, found.get(rule.id), rule.id in anywhere, channel, department_id, team_id) for rule in rules]


def _judged(
    rule: Rule, finding: Finding | None, anywhere: bool, channel: str, department_id: int, team_id: int
) -> Tried:
    against = (
        ("off", not rule.active),
        ("place", not rule.concerns(department_id, team_id)),
        ("channel", not rule.listens_to(channel)),
        ("quoted", finding is None and anywhere),
        ("words", finding is None),
    )
    why = next((code for code, holds in against if holds), "")
    return Tried(rule, None if why else finding, why)
