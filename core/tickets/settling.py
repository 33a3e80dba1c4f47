"""An effect has ended: its message says how it fared, its step knows, and the procedure goes on, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from core import effects, ledger
from core.actors import FLOW
from core.advance import Standing, standing, walk_on, want
from core.effects import DONE, FAILED, UNKNOWN
from core.errors import Conflict, NotFound
from core.moments import now_ms
from core.permissions import require
from core.procedure import acting
from core.procedures import find_step, read_run
from core.schema import Message
from core.texts import _
from core.tickets.rows import lock
from core.timeline import append

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.procedure.values import Visit
    from core.settings import Settings
    from core.tickets.rows import TicketRow

_m = Message.__table__.c
STAFF = ":staff"  # ends the key of a notice's mail to colleagues
_DELIVERY = {DONE: "sent", FAILED: "failed", UNKNOWN: "unknown"}


def settle(
    tx: Connection,
    settings: Settings,
    key: str,
    state: str,
    now: int,
    *,
    actor: Actor = FLOW,
    result: dict[str, Any] | None = None,
    detail: str | None = None,
    message_id: str | None = None,
) -> Standing:
    """Note the end of the effect `key` and walk its ticket. An effect that has ended already is left alone."""
    known = effects.read(tx, key)
    if known is None:
        raise NotFound(_("There is no such outgoing action."))
    row = lock(tx, known.ticket_id)
    ended = effects.finish(tx, key, state, now, result=result, detail=detail)
    if ended is not None:
        data = {"key": key, "kind": ended.kind, "step": ended.title}
        if ended.plugin:
            data["plugin"] = ended.plugin
        append(tx, row.id, f"effect.{state}", actor, data, at=now)
        _note_delivery(tx, ended, state, detail, message_id)
        _tell_step(tx, row, ended, state, result, now)
        walk_on(tx, settings, row, now)
    return standing(tx, [row.id])[row.id]


def _note_delivery(
    tx: Connection, effect: effects.EffectRow, state: str, detail: str | None, message_id: str | None
) -> None:
    if "message" not in effect.payload:
        return
    values: dict[str, Any] = {
        "delivery": _DELIVERY[state],
        "delivery_detail": detail[:500] if detail else None,
        "effect_key": effect.key,
    }
    if message_id:
        values["message_id"] = message_id
    tx.execute(update(Message.__table__).where(_m.id == effect.payload["message"]).values(values))


def _tell_step(
    tx: Connection, row: TicketRow, effect: effects.EffectRow, state: str, result: dict[str, Any] | None, now: int
) -> None:
    """The open visit that waits for this effect ends with it (or, unknown, asks a person)."""
    if effect.run_id is None:
        return
    visits = ledger.load(tx, effect.run_id)
    visit = next((one for one in visits.values() if _waits_for(one, effect)), None)
    if visit is None or (state == DONE and _other_mail_is_open(tx, effect)):
        return
    step = find_step(tx, read_run(tx, effect.run_id), visits, visit)
    if step is None:
        return
    changed = acting.finish_effect(visit, step, "error" if state == FAILED else state, result, now)
    ledger.end_open(tx, row.id, visits, changed)


def _waits_for(visit: Visit, effect: effects.EffectRow) -> bool:
    """Is this the visit that the effect ends, or whose person was asked because nobody knew? Its key is fixed by visit, action and try."""
    if not visit.open or not (visit.effect or visit.marks.get("error")):
        return False
    tries = int(visit.marks.get("tries", 1))
    action = effect.payload.get("action", "notify") + (f"#{tries}" if tries > 1 else "")
    wanted = effects.fitted(f"{effect.ticket_id}/{effect.run_id}/{visit.path}:{action}")
    return effect.key.removesuffix(STAFF) == wanted


def _other_mail_is_open(tx: Connection, effect: effects.EffectRow) -> bool:
    """One notice may be two mails, to the customer and to colleagues: its step ends with the second."""
    plain = effect.key.removesuffix(STAFF)
    other = effects.read(tx, plain + STAFF if plain == effect.key else plain)
    return other is not None and other.state != DONE


def answer_unknown(
    tx: Connection, settings: Settings, actor: Actor, key: str, answer: str, *, now: int | None = None
) -> None:
    """A person says what happened to an effect nobody could know of: `done`, `failed`, or `again` (it was not sent: send it)."""
    require(actor, "settle_effects")
    now = now or now_ms()
    known = effects.read(tx, key)
    if known is None:
        raise NotFound(_("There is no such outgoing action."))
    if known.state not in {UNKNOWN, FAILED}:
        raise Conflict(_("This has been answered already: it is %(state)s.", state=known.state))
    if answer == "again":
        row = lock(tx, known.ticket_id)
        if not effects.plan_again(tx, key, now):
            raise Conflict(_("This has been answered already."))
        append(tx, row.id, "effect.planned", actor, {"key": key, "kind": known.kind, "step": known.title}, at=now)
        if "message" in known.payload:
            tx.execute(
                update(Message.__table__)
                .where(_m.id == known.payload["message"])
                .values(delivery="queued", delivery_detail=None)
            )
        want(tx, row.id)
        return
    settle(tx, settings, key, DONE if answer == "done" else FAILED, now, actor=actor, detail=known.detail)
