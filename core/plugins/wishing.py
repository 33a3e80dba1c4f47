"""Actions that no step wants: a plugin wishes for one because of a fact, or a person presses its button on the ticket's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core import effects
from core.advance import want
from core.errors import FieldError, Invalid, NotFound, Refused
from core.moments import now_ms
from core.noticing.sensing import judged
from core.permissions import require
from core.plugins.discovery import DESK
from core.plugins.registry import plugin, plugins
from core.plugins.shapes import misfit
from core.schema import StepVisit
from core.texts import _
from core.tickets.rows import lock
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.plugins.registry import PluginRow
    from core.settings import Settings
    from core.timeline import Happening

CALL = "call_plugin"
_UPSET, _MOST_POINTS = f"{DESK}.upset", 10
_s = StepVisit.__table__.c
_TASKS = (
    select(_s.name).where(_s.ticket_id == bindparam("ticket"), _s.state == "open", _s.kind == "task").order_by(_s.id)
)


def plan_wishes(
    tx: Connection,
    settings: Settings,
    owner: PluginRow,
    event: Happening,
    wishes: Sequence[Mapping[str, Any]],
    now: int,
) -> str | None:
    """Plan what a plugin wants because of an event: once, however often it hears of it. What cannot be planned is said."""
    if wishes and event.stream != "ticket":
        return f"it wants {wishes[0]['action']} because of {event.kind}, which belongs to no ticket"
    for n, wish in enumerate(wishes):
        action = str(wish["action"])
        row = lock(tx, event.stream_id)
        if action == _UPSET:
            points = wish["arguments"].get("points")
            if not isinstance(points, int) or not 1 <= points <= _MOST_POINTS:
                return f"{_UPSET} needs points from 1 to {_MOST_POINTS}, not {str(points)[:40]}"
            judged(tx, settings, row, owner.name, points, now)
            continue
        key = f"{row.id}/wish/{event.id}/{owner.name}/{n}"
        payload = {"action": action, "arguments": dict(wish["arguments"])}
        if effects.read(tx, key) is None:
            effects.plan(tx, row.id, key, CALL, action, payload, at=now, plugin=owner.name)
            want(tx, row.id)
    return None


def offered_actions(tx: Connection) -> list[tuple[PluginRow, dict[str, Any]]]:
    """Actions that people may do on a ticket's page, of plugins that work."""
    return [(row, one) for row in plugins(tx) if row.works for one in row.actions if one.get("on_ticket")]


def open_tasks(tx: Connection, ticket_id: int) -> list[str]:
    """The names of the ticket's open tasks: what a new thing outside may stand for."""
    return list(dict.fromkeys(tx.execute(_TASKS, {"ticket": ticket_id}).scalars()))


def ask_action(
    tx: Connection,
    actor: Actor,
    ticket_id: int,
    action: str,
    given: Mapping[str, str],
    *,
    nonce: str,
    step: str = "",
    now: int | None = None,
) -> None:
    """A person wants an action done. `given` are the texts of its form; the same `nonce` twice is one wish. Invalid: all errors at once."""
    require(actor, "change_ticket")
    now = now or now_ms()
    owner = plugin(tx, action.partition(".")[0])
    offered = owner.action(action) if owner else None
    if owner is None or offered is None or not offered.get("on_ticket"):
        raise NotFound(_("No plugin offers “%(name)s” on a ticket's page.", name=action))
    if not owner.works:
        raise Refused(_("Plugin “%(name)s” is off or cannot be loaded. Try again when it is back.", name=owner.name))
    arguments = read_form(offered["arguments"] or {}, given)
    row = lock(tx, ticket_id)
    key = f"{row.id}/asked/{owner.name}/{nonce[:64]}"
    if effects.read(tx, key) is not None:
        return
    payload = {"action": action, "arguments": arguments, "by": actor.id} | ({"step": step} if step else {})
    data = {"plugin": owner.name, "action": action, "key": key}
    append(tx, row.id, "action.asked", actor, data, at=now)
    effects.plan(tx, row.id, key, CALL, action, payload, at=now, plugin=owner.name)
    want(tx, row.id)


def read_form(schema: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """The arguments in the texts of a form made from the schema; Invalid names every one that does not fit."""
    arguments, errors = dict[str, Any](), list[FieldError]()
    for name, one in (schema.get("properties") or {}).items():
        text = given.get(name, "").strip()
        value, problem = _value(one, text)
        if not text and one.get("type") != "boolean":
            if name in (schema.get("required") or ()):
                errors.append(FieldError(f"/{name}", _("This value is needed.")))
            continue
        if problem is None and misfit(value, one):
            problem = _("This value does not fit: %(words)s.", words=str(misfit(value, one)))
        if problem:
            errors.append(FieldError(f"/{name}", problem))
        arguments[name] = value
    if errors:
        raise Invalid(*errors)
    return arguments


def _value(schema: Mapping[str, Any], text: str) -> tuple[Any, str | None]:
    match schema.get("type"):
        case "boolean":
            return text in {"on", "true", "1", "yes"}, None
        case "integer" | "number" as kind:
            try:
                return int(text) if kind == "integer" else float(text), None
            except ValueError:
                return text, _("“%(value)s” is no number. Write for example 30 or 0.5.", value=text)
        case "array":
            return [one.strip() for one in text.replace("\n", ",").split(",") if one.strip()], None
    return text, None
