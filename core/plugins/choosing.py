"""A plugin is asked who gets a ticket: who could take it is read, the question is put without any lock, and whatever comes back is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import effects
from core.advance import Standing, nudged, standing
from core.directory import directory
from core.effects import PLANNED
from core.moments import now_ms
from core.performing import TryLater
from core.plugins.asking import BROKEN, LIMIT, LOST, Answer, Busy
from core.plugins.health import note
from core.plugins.registry import PluginRow, plugin
from core.plugins.seeing import ticket_json
from core.plugins.settings import missing, settings_of
from core.routing.answering import take_answer
from core.routing.asking import Answered, unpacked
from core.routing.assigning import who_could
from core.tickets.rows import read

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.database import Database
    from core.effects import EffectRow
    from core.plugins.asking import Caller
    from core.settings import Settings

BUSY_WAIT = 1.0
_WHY = {LIMIT: "slow", LOST: "lost"}


def ask_who(database: Database, settings: Settings, caller: Caller, key: str) -> Standing:
    """Ask once. Whatever the plugin does, its ticket has been decided over when this returns."""
    with database.read() as tx:
        asked = effects.read(tx, key)
        if asked is None:
            raise LookupError(key)
        if asked.state != PLANNED:
            return standing(tx, [asked.ticket_id])[asked.ticket_id]
        owner = plugin(tx, asked.plugin or "")
        question = _question(tx, settings, asked, owner) if owner is not None and owner.works else None
    if owner is None or question is None:
        answered = Answered(asked.payload["action"], "off")
    elif missing(settings, owner):
        answered = Answered(asked.payload["action"], "settings")
    else:
        answered = _ask(database, caller, owner, asked, question)
    with database.write() as tx:
        after = take_answer(tx, settings, key, answered, now_ms())
        nudged(tx, [(after.ticket_id, after.seq)])
        return after


def _question(tx: Connection, settings: Settings, asked: EffectRow, owner: PluginRow) -> dict[str, Any]:
    firm, row = directory(tx), read(tx, asked.ticket_id)
    spec, gives = unpacked(asked.payload.get("spec", {})), asked.payload.get("gives")
    free = who_could(tx, firm, row, firm.teams[asked.payload["team"]], spec, now_ms(), gives=gives)
    return {
        "do": "choose",
        "strategy": asked.payload["action"].partition(".")[2],
        "ticket": ticket_json(tx, settings, row, owner.name),
        "candidates": [
            {
                "id": one.person,
                "name": firm.people[one.person].name,
                "open": one.open_n,
                "limit": one.limit,
                "availability": one.availability,
                "skills": dict(one.levels),
                "load": float(one.load or one.open_n),
            }
            for one in free
        ],
        "settings": settings_of(settings, owner),
    }


def _ask(database: Database, caller: Caller, owner: PluginRow, asked: EffectRow, question: dict[str, Any]) -> Answered:
    try:
        with caller.slot(owner.name):
            answer = caller.ask(owner.source, question)
    except Busy:
        raise TryLater("all processes of the plugin are at work", BUSY_WAIT) from None
    by, how, person = asked.payload["action"], _WHY.get(answer.how, "failed"), None
    if answer.ok and answer.value is None:
        how = "nobody"
    elif answer.ok and answer.value in {one["id"] for one in question["candidates"]}:
        how, person = "chosen", int(answer.value)
    elif answer.ok:
        words = f"choose_agent answers with the id of a candidate or None, not {answer.value!r:.60}"
        how, answer = "stranger", Answer(BROKEN, None, words, ms=answer.ms)
    with database.write(quietly=True) as tx:
        note(tx, owner.name, answer, now_ms(), asked.ticket_id)
    return Answered(by, how, person)
