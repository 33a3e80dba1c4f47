"""Who is told by mail that a step waits for them? Whoever it has just come to, unless they act themselves or see it in their queue already.

One mail for each visit and person, planned in the walk's own transaction under a key that never changes, so nobody is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core import effects
from core.prepared import Prepared
from core.schema import Person
from core.tickets.rows import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.ledger import Visits
    from core.procedure.values import Party, Visit
    from core.world import DatabaseWorld

NOTICES = {"task": "step_opened", "resolve": "step_opened", "approval": "approval", "collaborate": "question"}
FAILED = "step_failed"
_IN_THE_QUEUE = ("task", "resolve")
SEND_MAIL = "send_mail"
_p = Person.__table__.c
_ONLINE = select(_p.id).where(
    _p.id.in_(bindparam("people", expanding=True)), _p.availability == "online", _p.active.is_(True)
)


_IS_ONLINE = Prepared(
    select(_p.id).where(_p.id == bindparam("person"), _p.availability == "online", _p.active.is_(True))
)


@dataclass(frozen=True, slots=True)
class Reader:
    """One who is told: a colleague by id, or somebody outside by address."""

    key: str
    person: int | None = None
    address: str | None = None


def waiting_for(visits: Mapping[str, Visit]) -> dict[str, tuple[Party, ...]]:
    """Whom every open visit waits for; taken before a walk, to see afterwards who is new."""
    return {path: visit.assignees for path, visit in visits.items() if visit.open}


def tell_people(
    tx: Connection,
    world: DatabaseWorld,
    visits: Visits,
    before: Mapping[str, tuple[Party, ...]],
    touched: Iterable[str],
) -> bool:
    """Plan a mail to everybody for whom one of the touched visits is new. True when Temporal has mails to send."""
    planned = False
    for path in dict.fromkeys(touched):
        visit = visits[path]
        notice = _notice(visit)
        if notice is None:
            continue
        known = () if notice == FAILED else before.get(path, ())
        parties = [party for party in visit.assignees if party not in known]
        for reader in _readers(tx, world, visit, parties):
            _plan(tx, world, visits.ids[path], visit, notice, reader)
            planned = True
    return planned


def _notice(visit: Visit) -> str | None:
    if not visit.open:
        return None
    return FAILED if visit.marks.get("asked") else NOTICES.get(visit.kind)


def _readers(tx: Connection, world: DatabaseWorld, visit: Visit, parties: Sequence[Party]) -> list[Reader]:
    acting = held(tx, world.row.id).acting
    barred = {int(one) for one in visit.marks.get("excluded", ()) if str(one).isdecimal()}
    found: dict[str, Reader] = {}
    for party in parties:
        if party.kind == "mail":
            found[party.id] = Reader(f"mail:{party.id}", address=party.id)
        for person in _people(tx, world, party, barred):
            if person != acting and not (visit.kind in _IN_THE_QUEUE and _sees_it(tx, world, person)):
                found[str(person)] = Reader(str(person), person=person)
    return list(found.values())


def _sees_it(tx: Connection, world: DatabaseWorld, person: int) -> bool:
    """A holder who is online has the ticket on the screen at once: a mail for each would only be noise."""
    return person == world.row.holder_id and _IS_ONLINE.first(tx, {"person": person}) is not None


def _people(tx: Connection, world: DatabaseWorld, party: Party, barred: set[int]) -> list[int]:
    """A person; of a team or department its members who are online, and when nobody is, who leads it."""
    firm = world.firm
    if party.kind == "person":
        chosen = int(party.id)
        return [chosen] if chosen in firm.people and firm.people[chosen].active and chosen not in barred else []
    members = [int(one) for one in world.members(party) or () if one.isdecimal()] if party.kind != "customer" else []
    here = [one for one in members if one not in barred]
    online = list(tx.execute(_ONLINE, {"people": here}).scalars()) if here else []
    return sorted(online) or [one for one in _leads(firm, party) if one not in barred][:1]


def _leads(firm: Directory, party: Party) -> list[int]:
    """Who answers for a team or department, the nearest first."""
    if party.kind == "team":
        team = firm.teams[int(party.id)]
        found = [team.lead_id, firm.departments[team.department_id].manager_id]
    elif party.kind == "department":
        found = [firm.departments[int(party.id)].manager_id]
    else:
        found = []
    return [person for person in found if person is not None and person in firm.people and firm.people[person].active]


def _plan(tx: Connection, world: DatabaseWorld, step_id: int, visit: Visit, notice: str, reader: Reader) -> None:
    again = f"#{visit.marks['tries']}" if notice == FAILED and "tries" in visit.marks else ""
    kind = "failed" if notice == FAILED else "told"
    key = f"{world.row.id}/{world.run.id}/{visit.path}:{kind}{again}:{reader.key}"
    payload = {"notice": notice, "path": visit.path, "run": world.run.id, "step": step_id, "people": []}
    if reader.person is not None:
        payload["people"] = [reader.person]
    else:
        payload["to"] = [reader.address]
    effects.plan(
        tx, world.row.id, key, SEND_MAIL, visit.name, payload, at=world.now, run_id=world.run.id, step_id=step_id
    )
