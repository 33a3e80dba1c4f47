"""Why did the flow go there? Said from the values that a ledger row has kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.sop.money import Money
from core.texts import _

if TYPE_CHECKING:
    from core.procedure.simulation import Simulation
    from core.procedure.values import JSON, Visit


def said(value: Any) -> str:
    """A value in a sentence."""
    if value is None:
        return _("missing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping) and set(value) == {"minor", "currency"}:
        money = Money(int(value["minor"]), str(value["currency"]))
        return f"{money.currency} {money.major:,.2f}".removesuffix(".00")
    if isinstance(value, list | tuple):
        return "[" + ", ".join(said(one) for one in value) + "]"
    return str(value)


def condition(why: Mapping[str, JSON]) -> str:
    """`fields.amount > 5000000 is false (fields.amount = IDR 250,000)`."""
    seen = ", ".join(f"{name} = {said(value)}" for name, value in why.get("seen", {}).items())
    verdict = _("is true") if why.get("holds") else _("is false")
    return f"{why['if']} {verdict}" + (f" ({seen})" if seen else "")


def reasons(visit: Visit) -> list[str]:
    """What the row says about its decision, a line each."""
    why = visit.why if isinstance(visit.why, Mapping) else {}
    if "cases" in why:
        return [condition(case) for case in why["cases"]] or [_("there is no condition")]
    if "if" in why:
        return [condition(why)]
    if "votes" in why:
        return [", ".join(f"{person}: {vote}" for person, vote in why["votes"].items())]
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
        outcome = row.outcome or (_("passed over") if row.visit == 0 else _("open"))
        text = "; ".join(reasons(row))
        lines.append(_("  why: %(step)s: %(outcome)s", step=shown, outcome=outcome) + (f", {text}" if text else ""))
        if text or len(lines) == 3:
            break
    return lines
