"""Who holds the baton? Taking a ticket, giving it to somebody, offering it: always exactly one holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from core.actors import FLOW
from core.advance import walk_on
from core.directory import directory
from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.moments import now_ms
from core.permissions import may, require, require_colleague
from core.routing.candidates import picked
from core.routing.draining import has_room
from core.routing.giving import give_back
from core.schema import Handover, Person, StepVisit, Ticket
from core.texts import _
from core.tickets.rows import TicketRow, change, flush, lock
from core.timeline import append, append_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings

_h, _p, _t, _s = Handover.__table__.c, Person.__table__.c, Ticket.__table__.c, StepVisit.__table__.c
AVAILABILITIES = ("online", "busy", "away", "offline")
_OFFER = select(_h.id, _h.ticket_id, _h.from_id, _h.to_id, _h.state).where(_h.id == bindparam("handover"))
_WITHDRAW = (
    update(Handover.__table__)
    .where(_h.ticket_id == bindparam("b_ticket"), _h.state == "offered")
    .values(state="withdrawn", ended_at=bindparam("b_now"))
)


def take(tx: Connection, settings: Settings, actor: Actor, ticket_id: int, *, now: int | None = None) -> None:
    """The actor takes the ticket, from the backlog or from a colleague."""
    require(actor, "take")
    assert actor.id is not None
    assign(tx, settings, actor, ticket_id, person_id=actor.id, reason="taken", now=now)


def assign(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    person_id: int | None = None,
    team_id: int | None = None,
    reason: str = "",
    *,
    now: int | None = None,
) -> None:
    """Give the ticket to a person, or (without one) to a team's backlog."""
    require(actor, "assign")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    firm = directory(tx)
    if person_id is None and team_id is None:
        raise Invalid(FieldError("/person", _("To whom? Name a person or a team.")))
    if person_id is not None and (
        person_id not in firm.people or not firm.people[person_id].active or firm.people[person_id].role == "light"
    ):
        raise Invalid(FieldError("/person", _("Nobody with the id %(id)s can hold tickets.", id=person_id)))
    if team_id is not None and team_id not in firm.teams:
        raise Invalid(FieldError("/team", _("There is no team with the id %(id)s.", id=team_id)))
    team = team_id or _team_of(tx, row, person_id)
    if row.holder_id == person_id and row.team_id == team:
        return
    _give(tx, settings, actor, row, person_id, team, reason, now)


def _team_of(tx: Connection, row: TicketRow, person_id: int | None) -> int:
    firm = directory(tx)
    if person_id is None or person_id in firm.teams[row.team_id].members:
        return row.team_id
    return next(
        (t.id for t in firm.teams.values() if t.department_id == row.department_id and person_id in t.members),
        row.team_id,
    )


def _give(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    row: TicketRow,
    person_id: int | None,
    team_id: int,
    reason: str,
    now: int,
) -> None:
    to = {"kind": "team", "id": team_id} if person_id is None else {"kind": "person", "id": person_id}
    data = {
        "to": to,
        "team": team_id,
        "from": row.holder_id,
        "why": {"by": reason if reason in {"taken", "handover"} else "hand"},
    }
    event = append(tx, row.id, "ticket.assigned", actor, data, at=now)
    withdraw_offers(tx, row.id, now)
    row = change(
        tx, row, holder_id=person_id, team_id=team_id, department_id=directory(tx).teams[team_id].department_id
    )
    if person_id is not None:
        picked(tx, team_id, person_id, now)
    walk_on(tx, settings, row, now, cause=event.seq)


def withdraw_offers(tx: Connection, ticket_id: int, now: int) -> None:
    """The ticket goes elsewhere: whoever was offered it need not answer."""
    tx.execute(_WITHDRAW, {"b_ticket": ticket_id, "b_now": now})


# ---- the baton offered -------------------------------------------------------------------------------------------------


def offer_baton(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    ticket_id: int,
    to_id: int,
    note: str = "",
    *,
    now: int | None = None,
) -> int:
    """Offer the ticket to a colleague; until they accept, its holder keeps it. Returns the handover's id."""
    require(actor, "hand_over")
    now = now or now_ms()
    row = lock(tx, ticket_id)
    person = directory(tx).people.get(to_id)
    if person is None or not person.active or person.role == "light":
        raise Invalid(FieldError("/to", _("Nobody with the id %(id)s can hold tickets.", id=to_id)))
    if to_id == row.holder_id:
        raise Invalid(FieldError("/to", _("%(name)s holds this ticket already.", name=person.name)))
    if row.holder_id not in {None, actor.id} and not may(actor, "publish_sops"):
        raise Forbidden(_("Only the holder or a lead can offer the baton of this ticket."))
    withdraw_offers(tx, row.id, now)
    handover = tx.execute(
        insert(Handover.__table__)
        .values(ticket_id=row.id, from_id=row.holder_id, to_id=to_id, note=note[:4000], state="offered", offered_at=now)
        .returning(_h.id)
    ).scalar_one()
    append(tx, row.id, "baton.offered", actor, {"to": to_id, "handover": handover}, at=now)
    return int(handover)


def _offered(tx: Connection, actor: Actor, handover_id: int) -> Any:
    offer = tx.execute(_OFFER, {"handover": handover_id}).one_or_none()
    if offer is None:
        raise NotFound(_("There is no such offer."))
    if offer.to_id != actor.id:
        raise Forbidden(_("This baton was offered to somebody else."))
    return offer


def _end_offer(tx: Connection, handover_id: int, state: str, now: int) -> None:
    ended = tx.execute(
        update(Handover.__table__).where(_h.id == handover_id, _h.state == "offered").values(state=state, ended_at=now)
    )
    if ended.rowcount != 1:
        raise Conflict(_("This offer is no longer open: the ticket has been given to somebody meanwhile."))


def accept_baton(tx: Connection, settings: Settings, actor: Actor, handover_id: int, *, now: int | None = None) -> int:
    """Accept an offered baton; the actor holds the ticket from now on. Returns the ticket's id."""
    require(actor, "take")
    now = now or now_ms()
    offer = _offered(tx, actor, handover_id)
    row = lock(tx, offer.ticket_id)
    _end_offer(tx, handover_id, "accepted", now)
    append(tx, row.id, "baton.accepted", actor, {"from": offer.from_id, "handover": handover_id}, at=now)
    _give(tx, settings, actor, row, actor.id, _team_of(tx, row, actor.id), "handover", now)
    return row.id


def return_baton(
    tx: Connection, settings: Settings, actor: Actor, handover_id: int, note: str = "", *, now: int | None = None
) -> int:
    """Send an offered baton back; its holder keeps the ticket. Returns the ticket's id."""
    now = now or now_ms()
    offer = _offered(tx, actor, handover_id)
    row = lock(tx, offer.ticket_id)
    _end_offer(tx, handover_id, "returned", now)
    append(
        tx,
        row.id,
        "baton.returned",
        actor,
        {"from": offer.from_id, "handover": handover_id, "noted": bool(note)},
        at=now,
    )
    return row.id


# ---- given back to routing ---------------------------------------------------------------------------------------------

_HELD = select(_t.id).where(_t.holder_id == bindparam("who"), _t.queue_key.is_not(None)).order_by(_t.queue_key, _t.id)


def give_tickets_back(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    person_id: int,
    why: str,
    now: int,
    *,
    teams: Sequence[int] | None = None,
    stand_in: int | None = None,
) -> int:
    """Routing chooses anew for every open ticket the person holds (of these teams), the first of the queue first. Returns how many changed hands."""
    if teams is not None and not teams:
        return 0
    flush(tx)
    moved = 0
    for ticket_id in tx.execute(_HELD, {"who": person_id}).scalars().all():
        row = lock(tx, ticket_id)
        if teams is None or row.team_id in teams:
            withdraw_offers(tx, row.id, now)
            moved += give_back(tx, settings, actor, row, why, now, stand_in=stand_in) != person_id
    return moved


# ---- being there -------------------------------------------------------------------------------------------------------


def set_availability(
    tx: Connection,
    settings: Settings,
    actor: Actor,
    person_id: int,
    availability: str,
    *,
    by_itself: bool = False,
    now: int | None = None,
) -> None:
    """Come online, be busy, go away. Coming online draws what waits in the backlogs of the person's teams, in the order of their queues.

    Whoever goes away gives the tickets of those teams back that want it so. `by_itself`: their browser has gone, or is there again.
    """
    if actor.id == person_id:
        require(actor, "change_own_availability")
    elif (colleague := directory(tx).people.get(person_id)) is not None:
        require_colleague(actor, colleague.department_id, colleague.role)
    now = now or now_ms()
    if availability not in AVAILABILITIES:
        raise Invalid(FieldError("/availability", _("Write one of: %(known)s.", known=", ".join(AVAILABILITIES))))
    old = tx.execute(select(_p.availability).where(_p.id == person_id)).scalar_one_or_none()
    if old is None:
        raise NotFound(_("There is no such person."))
    values = {"availability_by": "itself" if by_itself and availability == "offline" else None}
    tx.execute(update(Person.__table__).where(_p.id == person_id).values(values))
    if old == availability:
        return
    tx.execute(
        update(Person.__table__).where(_p.id == person_id).values(availability=availability, availability_at=now)
    )
    firm = directory(tx)
    department = firm.people[person_id].department_id if person_id in firm.people else None
    append_to(
        tx,
        "person",
        person_id,
        "person.availability",
        actor,
        {"from": old, "to": availability, **({"by": "itself"} if by_itself else {})},
        at=now,
        department_id=department,
    )
    if availability == "online":
        has_room(tx, settings, person_id, now)
    elif availability == "offline":
        teams = [team.id for team in firm.teams.values() if team.way.when_offline == "reroute"]
        give_tickets_back(tx, settings, FLOW, person_id, "offline", now, teams=teams)
