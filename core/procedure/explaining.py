"""Why did the flow go there? Said from the values that a ledger row has kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.sop.condition_words import condition as in_words
from core.sop.condition_words import name_in_words, value_in_words
from core.sop.drawing_words import outcome as outcome_in_words
from core.sop.money import Money
from core.spoken import say_value
from core.texts import _, language

if TYPE_CHECKING:
    from core.procedure.simulation import Simulation
    from core.procedure.values import JSON, Visit
    from core.sop.document import Sop


def said(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return _("missing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping) and set(value) == {"minor", "currency"}:
        return say_value(Money(int(value["minor"]), str(value["currency"])), language())
    if isinstance(value, list | tuple):
        return ", ".join(said(one) for one in value)
    return say_value(value, language())


def condition(why: Mapping[str, JSON], sop: Sop | None = None) -> str:
    """`“Amount paid is more than Rp 5.000.000” does not hold (Amount paid: Rp 250.000)`."""
    seen = "; ".join(
        f"{name_in_words(name, sop)}: {_seen(name, value, sop)}" for name, value in why.get("seen", {}).items()
    )
    words = {"condition": in_words(why["if"], sop)}
    verdict = _("“%(condition)s” holds", **words) if why.get("holds") else _("“%(condition)s” does not hold", **words)
    return verdict + (f" ({seen})" if seen else "")


def _seen(name: str, value: Any, sop: Sop | None) -> str:
    return value_in_words(name, value, sop) if isinstance(value, str) else said(value)


def reasons(visit: Visit, sop: Sop | None = None) -> list[str]:
    """What the row says about its decision, a line each."""
    why = visit.why if isinstance(visit.why, Mapping) else {}
    if "cases" in why:
        return [condition(case, sop) for case in why["cases"]] or [_("there is no condition")]
    if "if" in why:
        return [condition(why, sop)]
    if "votes" in why:
        return [", ".join(f"{person}: {outcome_in_words(vote)}" for person, vote in why["votes"].items())]
    if "error" in why:
        return [_("the call failed: %(error)s", error=said(why["error"].get("detail") or why["error"].get("code")))]
    return []


def why_opened(sim: Simulation, position: int) -> list[str]:
    """Why the flow went where it went: the last decisions before the step that was opened at this position."""
    opened = sim.log.opened
    if not opened:
        return []
    at = opened[min(position, len(opened) - 1)].path
    rows = list(sim.ledger.values())
    place = next((n for n, row in enumerate(rows) if row.path == at), len(rows) - 1)
    if position >= len(opened):
        place = len(rows)
    lines: list[str] = []
    for row in reversed(rows[:place]):
        if row.kind in ("sop", "event"):
            continue
        shown = sim.shown(row) if row.visit else row.name
        outcome = outcome_in_words(row.outcome) if row.outcome else _("passed over") if row.visit == 0 else _("open")
        text = "; ".join(reasons(row, sim.document_of(row)))
        lines.append(_("  why: %(step)s: %(outcome)s", step=shown, outcome=outcome) + (f", {text}" if text else ""))
        if text or len(lines) == 3:
            break
    return lines
