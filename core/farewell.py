"""Somebody is about to leave: what do they hold, what waits for them, and who names them? Shown before; what became of it is shown after."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from core.clocks.policies import policies
from core.directory import directory
from core.permissions import require
from core.routing.store import all_rules
from core.schema import Handover, Sop, SopVersion, StepDuty, StepVisit, Ticket, Token
from core.tickets.rows import flush

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Person

_t, _d, _s, _h = Ticket.__table__.c, StepDuty.__table__.c, StepVisit.__table__.c, Handover.__table__.c
_v, _sop, _token = SopVersion.__table__.c, Sop.__table__.c, Token.__table__.c
_HELD = select(_t.id, _t.team_id).where(_t.holder_id == bindparam("who"), _t.queue_key.is_not(None))
_DUTIES = (
    select(_s.kind, func.count().label("n"))
    .join(StepVisit.__table__, _s.id == _d.step_id)
    .where(_d.party_kind == "person", _d.party_id == bindparam("who"))
    .group_by(_s.kind)
)
_OFFERED = select(func.count()).where(_h.to_id == bindparam("who"), _h.state == "offered")
_NAMING = (  # texts that may name them; the word is looked at exactly afterwards
    select(_sop.name, _v.state, _v.text)
    .join(SopVersion.__table__, _v.sop_id == _sop.id)
    .where(_v.state.in_(("published", "draft", "in_review")), _v.text.contains(bindparam("nick")))
    .order_by(_sop.name, _v.id)
)
_TOKENS = select(func.count()).where(_token.person_id == bindparam("who"), _token.revoked.is_(False))
_NOW = select(_t.id, _t.holder_id, _t.team_id).where(_t.id.in_(bindparam("tickets", expanding=True)))


@dataclass(frozen=True, slots=True)
class Farewell:
    """What a person leaves behind. `held`: open tickets by team; `duties`: steps that wait for them by kind."""

    held: Mapping[int, int]
    duties: Mapping[str, int]
    offered: int
    tokens: int
    rules: Sequence[tuple[int, str]]
    sops: Sequence[str]
    policies: Sequence[str]
    leads: Sequence[str]
    manages: Sequence[str]
    stands_in_for: Sequence[str]

    @property
    def tickets(self) -> int:
        return sum(self.held.values())

    @property
    def named(self) -> bool:
        """Does anything go on naming them?"""
        return any((self.rules, self.sops, self.policies, self.leads, self.manages, self.stands_in_for))


def farewell(tx: Connection, actor: Actor, person: Person) -> Farewell:
    """What would be left behind, if they left now."""
    require(actor, "change_people")
    firm, who = directory(tx), {"who": person.id}
    naming = re.compile(
        rf"(?<![\w-])agent:\s*(?:agent:)?(?:{re.escape(person.nick)}|{re.escape(person.email)})(?![\w.@-])"
    )
    return Farewell(
        held=Counter(row.team_id for row in tx.execute(_HELD, who)),
        duties={row.kind: row.n for row in tx.execute(_DUTIES, who)},
        offered=tx.execute(_OFFERED, who).scalar_one(),
        tokens=tx.execute(_TOKENS, who).scalar_one(),
        rules=[
            (rule.id, rule.title)
            for rule in all_rules(tx)
            if person.id in (rule.gives.get("agent"), *rule.gives.get("people", ()))
        ],
        sops=sorted({row.name for row in tx.execute(_NAMING, {"nick": person.nick}) if naming.search(row.text)}),
        policies=[
            row.name
            for row in policies(tx)
            if row.active and any(f"agent:{person.nick}" == one.get("to") for one in _escalations(row.data))
        ],
        leads=[team.title for team in firm.open_teams if team.lead_id == person.id],
        manages=[one.title for one in firm.open_departments if one.manager_id == person.id],
        stands_in_for=[p.name for p in firm.people.values() if p.active and p.way.stand_in == person.id],
    )


def _escalations(data: Mapping[str, object]) -> list[Mapping[str, object]]:
    metrics = data.get("metrics")
    found = metrics.values() if isinstance(metrics, dict) else ()
    return [one for metric in found for one in metric.get("escalations") or ()]


def held_tickets(tx: Connection, person_id: int) -> list[int]:
    """The open tickets they hold now."""
    return [row.id for row in tx.execute(_HELD, {"who": person_id})]


def where_now(tx: Connection, tickets: Sequence[int]) -> Counter[tuple[str, int]]:
    """Who has these tickets now: how many by ("person" or "team", id)."""
    flush(tx)
    return Counter(
        ("person", row.holder_id) if row.holder_id else ("team", row.team_id)
        for row in tx.execute(_NOW, {"tickets": list(tickets)})
    )
