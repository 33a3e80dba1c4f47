"""A way of choosing that a plugin knows: may it be asked now, and what is it asked? The question is an effect; nothing waits for it under a lock."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, func, select, update

from core import effects
from core.plugins.registry import plugin, plugins
from core.schema import Effect, Plugin
from core.sop.document import Assign
from core.tickets.rows import change, held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.routing.choosing import Choice
    from core.tickets.rows import TicketRow

CHOOSE = "choose_agent"
ANSWER_WITHIN_MS = 30_000  # then the built-in way decides: a ticket never waits for a plugin
MOST_OVERDUE = 50
_e, _p = Effect.__table__.c, Plugin.__table__.c
_ASKED = select(exists().where(_e.ticket_id == bindparam("ticket"), _e.kind == CHOOSE, _e.state == effects.PLANNED))
_COUNT = select(func.count()).where(_e.ticket_id == bindparam("ticket"), _e.kind == CHOOSE)
_OVERDUE = (
    select(_e.key, _e.plugin, _p.present & _p.enabled & _p.error.is_(None))
    .join(Plugin.__table__, _p.name == _e.plugin)
    .where(_e.next_at.is_not(None), _e.next_at < bindparam("now"), _e.kind == CHOOSE)
    .order_by(_e.next_at)
    .limit(MOST_OVERDUE)
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of asking a plugin. `how`: chosen, nobody (it shall stay in the backlog), or why the plugin gave no usable answer."""

    by: str
    how: str
    person: int | None = None

    @property
    def plugin(self) -> str:
        return self.by.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A question that nobody has answered in time, or whose plugin was switched off meanwhile."""

    key: str
    works: bool


def is_of_plugin(by: str | None) -> bool:
    """`PLUGIN.STRATEGY`, as opposed to a built-in word."""
    return by is not None and "." in by


def known_strategies(tx: Connection) -> list[str]:
    """What procedures, rules and teams may name beside the built-in ways: the strategies of plugins that work."""
    return [f"{row.name}.{one}" for row in plugins(tx) if row.works for one in row.offers.get("strategies", ())]


def against_asking(tx: Connection, by: str) -> str | None:
    """Why this strategy cannot be asked now: its plugin is `off`, or `gone` with it; None when it can."""
    name, _dot, strategy = by.partition(".")
    row = plugin(tx, name)
    if row is None or strategy not in row.offers.get("strategies", ()):
        return "gone"
    return None if row.works else "off"


def ask_plugin(
    tx: Connection,
    row: TicketRow,
    choice: Choice,
    spec: Assign,
    now: int,
    **more: Any,
) -> bool:
    """Plan the question of a choice that `asks`, beside any step; False when one is under way. Until then the ticket is in its backlog."""
    assert choice.asks is not None
    if tx.execute(_ASKED, {"ticket": row.id}).scalar_one():
        return False
    payload = {"action": choice.asks, "team": choice.why["team"], "spec": packed(spec), **more}
    key = f"{row.id}/choose/{tx.execute(_COUNT, {'ticket': row.id}).scalar_one() + 1}"
    plan_question(tx, row.id, payload, now, key=key)
    mine = held(tx, row.id)
    change(tx, mine.row, want_seq=mine.row.last_seq)
    return True


def plan_question(
    tx: Connection, ticket_id: int, payload: Mapping[str, Any], now: int, *, key: str, run_id: int | None = None
) -> None:
    """The question under its key; whoever calls this tells Temporal."""
    by = str(payload["action"])
    effects.plan(
        tx, ticket_id, key, CHOOSE, by, dict(payload),
        at=now, run_id=run_id, plugin=by.partition(".")[0], within=ANSWER_WITHIN_MS,
    )  # fmt: skip


def packed(spec: Assign) -> dict[str, Any]:
    """What the step wishes, as the question keeps it."""
    plain = Assign()
    return {
        name: value
        for name, value in asdict(spec).items()
        if name in ("skill", "tier", "cap", "availability") and value != getattr(plain, name)
    }


def unpacked(kept: Mapping[str, Any]) -> Assign:
    """What was packed."""
    return Assign(**kept)


def overdue(tx: Connection, now: int) -> Sequence[Overdue]:
    """Questions that must not be waited for any longer."""
    return [Overdue(key, bool(works)) for key, _plugin, works in tx.execute(_OVERDUE, {"now": now})]


def let_go(tx: Connection, name: str) -> None:
    """A plugin was switched off: nobody waits for its answers."""
    tx.execute(
        update(Effect.__table__).where(_e.plugin == name, _e.kind == CHOOSE, _e.ended_at.is_(None)).values(next_at=0)
    )
