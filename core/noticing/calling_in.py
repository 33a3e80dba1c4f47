"""Words call in somebody more experienced: they get the ticket, or are added as a helper who hears of it. Once, and explained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.actors import FLOW
from core.alerts.calling import Called, may_read, record, tell
from core.alerts.rules import CALLED, PAGE
from core.clocks.escalating import team_with, watch
from core.directory import directory
from core.noticing.words import REASSIGN
from core.routing.candidates import candidates
from core.routing.choosing import Choice, Wish, choose
from core.routing.giving import give
from core.tickets.rows import flush, held
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from core.directory import Directory
    from core.noticing.message import Noticed
    from core.noticing.words import Call
    from core.settings import Settings
    from core.tickets.rows import TicketRow

CALLED_EVENT = "helper.called"


def call_in(tx: Connection, settings: Settings, row: TicketRow, noticed: Sequence[Noticed], now: int) -> TicketRow:
    """Call in whom the rules of these findings want. One message gives the ticket to one colleague only: the most experienced one asked for."""
    calling = [one for one in noticed if one.finding.rule.call is not None]
    calling.sort(key=lambda one: -_call(one).level)
    moved = False
    for one in calling:
        row = held(tx, row.id).row
        if not row.unresolved:
            break
        if _call(one).how != REASSIGN:
            _help(tx, row, one, now)
        elif not moved:
            moved = _reassign(tx, settings, row, one, now)
    return held(tx, row.id).row


def _call(one: Noticed) -> Call:
    assert one.finding.rule.call is not None
    return one.finding.rule.call


def _reassign(tx: Connection, settings: Settings, row: TicketRow, one: Noticed, now: int) -> bool:
    """Give it to the best who is there and has room; when nobody is, its lead is asked to help. False: its holder is the one already."""
    if _is_one(directory(tx), row.holder_id, _call(one)):
        _tell_called(tx, row, one, row.holder_id, "there", {}, now)
        return False
    choice = _choice(tx, row, one, now)
    if choice.person is None:
        _ask_lead(tx, row, one, choice.why, now)
        return False
    choice.why["because"] = "words"
    choice.why["noticed"] = one.told()
    give(tx, settings, row, team_with(tx, row.team_id, row.department_id, choice.person), choice, now)
    return True


def _help(tx: Connection, row: TicketRow, one: Noticed, now: int) -> None:
    """Add a colleague beside the holder."""
    if _is_one(directory(tx), row.holder_id, _call(one)):
        _tell_called(tx, row, one, row.holder_id, "there", {}, now)
        return
    choice = _choice(tx, row, one, now)
    if choice.person is None:
        _ask_lead(tx, row, one, choice.why, now)
    else:
        _add_helper(tx, row, one, choice.person, "helper", choice.why, now)


def _ask_lead(tx: Connection, row: TicketRow, one: Noticed, why: dict[str, Any], now: int) -> None:
    """Nobody whom the rule wants is there: somebody must know."""
    lead = directory(tx).lead_of(row.team_id, row.department_id)
    if lead is None or lead == row.holder_id:
        _tell_called(tx, row, one, lead, "nobody", why, now)
    else:
        _add_helper(tx, row, one, lead, "lead", why, now)


def _is_one(firm: Directory, holder_id: int | None, call: Call) -> bool:
    """Is the holder themselves as experienced as is asked for?"""
    if holder_id is None or call.skill is None:
        return holder_id is not None and holder_id == call.person
    return firm.people[holder_id].levels.get(call.skill, 0) >= call.level


def _choice(tx: Connection, row: TicketRow, one: Noticed, now: int) -> Choice:
    """The colleague of the department who fits best. Whoever only helps may have their hands full: limits are for tickets that one holds."""
    call, firm = _call(one), directory(tx)
    team = firm.teams[row.team_id]
    holding = call.how == REASSIGN
    wanted = [person for person in _asked(firm, row, call, now) if person != row.holder_id]
    if not wanted:
        return Choice(None, "skill", {"by": "skill" if call.skill else "direct"})
    among = candidates(tx, firm, team, team.way, now, besides=wanted, locked=holding)
    if not holding:
        among = [replace(a, team_limit=None, way=replace(a.way, max_open=None, by_priority={})) for a in among]
    wish = Wish(
        by="skill" if call.skill else "direct",
        priority=row.priority,
        first=() if call.skill else tuple(wanted),
        only=tuple(wanted),
        skill=call.skill,
        level=call.level,
    )
    choice = choose(among, wish, now)
    choice.why["team"] = row.team_id
    return choice


def _asked(firm: Directory, row: TicketRow, call: Call, now: int) -> list[int]:
    """The person who is named, and while they are absent who stands in for them; or everybody of the department who has the skill."""
    if call.skill is None:
        person = firm.people.get(call.person or 0)
        if person is None:
            return []
        stand_in = person.way.stand_in if person.way.absent(now) else None
        return [person.id, *([stand_in] if stand_in else [])]
    return [
        one.id
        for one in firm.people.values()
        if one.active
        and one.role != "light"
        and one.levels.get(call.skill, 0) >= call.level
        and may_read(firm, one.id, row.department_id)
    ]


def _add_helper(
    tx: Connection, row: TicketRow, one: Noticed, person: int, how: str, why: dict[str, Any], now: int
) -> None:
    """They watch the ticket from now on, and an alert of theirs says why."""
    flush(tx)  # the ticket may have been opened in this very transaction
    watch(tx, row.id, person, "words", now)
    _tell_called(tx, row, one, person, how, why, now)
    rule = one.finding.rule
    seen = {"word": one.finding.word, "rule": rule.id, "version": rule.version, "how": how}
    called = Called(f"words/{row.id}/{rule.id}", CALLED, seen, row.department_id, row.team_id, row.id)
    alert_id = record(tx, called, now)
    if alert_id is not None:
        tell(tx, called, alert_id, {person: PAGE}, now)


def _tell_called(
    tx: Connection, row: TicketRow, one: Noticed, person: int | None, how: str, why: dict[str, Any], now: int
) -> None:
    """`how`: helper, lead (nobody whom the rule wants is there), there (the holder is the one already), nobody."""
    data = {"to": person, "how": how, "why": {**why, "noticed": one.told()}}
    append(tx, row.id, CALLED_EVENT, FLOW, data, at=now, cause=one.seq)
