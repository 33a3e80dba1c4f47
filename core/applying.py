"""How does a decision of the walk become true? Its orders change the ticket, its effects are planned, in the same transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core import effects, ledger, timeline
from core.actors import FLOW
from core.notifying import notify_parties
from core.plugins.registry import offered_by
from core.procedure.acting import finish_effect
from core.procedures import change_run, find_step
from core.routing.asking import plan_question
from core.routing.candidates import picked
from core.tickets.rows import PRIORITIES, PRIORITY_NAMES, RESOLVED, STATUSES, TicketRow, change, held

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.ledger import Visits
    from core.procedure.values import Effect, Order, Visit
    from core.procedures import RunRow
    from core.settings import Settings
    from core.world import DatabaseWorld


def apply_order(
    tx: Connection,
    world: DatabaseWorld,
    row: TicketRow,
    run: RunRow,
    order: Order,
    visits: Mapping[str, Visit],
    now: int,
) -> tuple[TicketRow, RunRow]:
    """Carry out one order; returns the ticket and the run as they are then."""
    match order.kind:
        case "assign":
            return _assign(tx, world, row, order, now), run
        case "backlog":
            return _to_backlog(tx, world, row, order, now), run
        case "status":
            return _set_status(tx, row, str(order.value), now), run
        case "resolve":
            return _resolve(tx, row, run, visits[str(order.value)], now), run
        case "ticket":
            return _set_property(tx, world, row, str(order.name), order.value, now), run
        case "var":
            return row, _put(tx, run, "vars", order)
        case "field":
            return row, _put(tx, run, "fields", order)
        case _:
            raise AssertionError(f"the walk gave an order nobody knows: {order.kind}")


def _put(tx: Connection, run: RunRow, which: str, order: Order) -> RunRow:
    values: dict[str, dict[str, Any]] = dict(getattr(run, which))
    values[order.frame] = {**values.get(order.frame, {}), str(order.name): order.value}
    change_run(tx, run.id, **{which: values})
    return replace(run, fields=values) if which == "fields" else replace(run, vars=values)


def _assign(tx: Connection, world: DatabaseWorld, row: TicketRow, order: Order, now: int) -> TicketRow:
    person = int(order.value)
    team = world.firm.team(str(order.name).removeprefix("team:")) if order.name else None
    if team is None and person not in world.firm.teams[row.team_id].members:
        team = next(
            (t for t in world.firm.teams.values() if person in t.members and t.department_id == row.department_id), None
        )
    new = change(tx, row, holder_id=person, team_id=team.id if team else row.team_id)
    picked(tx, new.team_id, person, now)
    data = {
        "to": {"kind": "person", "id": person},
        "team": new.team_id,
        "from": row.holder_id,
        "step": order.path,
        "why": order.why,
    }
    timeline.append(tx, row.id, "ticket.assigned", FLOW, data, at=now)
    return new


def _to_backlog(tx: Connection, world: DatabaseWorld, row: TicketRow, order: Order, now: int) -> TicketRow:
    team = world.firm.team(str(order.name).removeprefix("team:")) if order.name else world.firm.teams[row.team_id]
    team_id = team.id if team else row.team_id
    if row.holder_id is None and row.team_id == team_id:
        return row
    data = {"to": {"kind": "team", "id": team_id}, "from": row.holder_id, "step": order.path, "why": order.why}
    timeline.append(tx, row.id, "ticket.assigned", FLOW, data, at=now)
    return change(tx, row, holder_id=None, team_id=team_id)


def _set_status(tx: Connection, row: TicketRow, status: str, now: int) -> TicketRow:
    if status == row.status or status not in STATUSES or not row.unresolved:
        return row
    timeline.append(
        tx, row.id, "ticket.changed", FLOW, {"property": "status", "from": row.status, "to": status}, at=now
    )
    return change(tx, row, status=status)


def _resolve(tx: Connection, row: TicketRow, run: RunRow, visit: Visit, now: int) -> TicketRow:
    if row.status == RESOLVED:
        return row
    timeline.append(
        tx, row.id, "ticket.resolved", FLOW, {"step": visit.name, "run": run.id, "by": visit.ended_by}, at=now
    )
    return change(tx, row, status=RESOLVED, resolved_at=now, resolution=resolution_of(run, visit) or row.resolution)


def resolution_of(run: RunRow, visit: Visit) -> str | None:
    """The resolution: typed into the step, given in the document, or a field of that name."""
    if isinstance(visit.result, dict) and visit.result.get("resolution"):
        return str(visit.result["resolution"])
    step = next((step for step in run.sop.steps() if step.name == visit.name), None)
    given = getattr(step.what, "resolution", None) if step else None
    if given is not None:
        return str(given.say("en"))
    value = run.fields.get("", {}).get("resolution")
    return str(value) if value else None


def _set_property(tx: Connection, world: DatabaseWorld, row: TicketRow, name: str, value: Any, now: int) -> TicketRow:
    """`set: {ticket.X: …}`: what a document may set; a name or value that cannot be is left and said on the timeline."""
    values: dict[str, Any] = {}
    match name:
        case "priority" if value in PRIORITIES:
            values = {"priority": PRIORITIES[value]}
        case "status" if value in STATUSES:
            return _set_status(tx, row, value, now)
        case "topic" | "product" | "subject" | "resolution":
            values = {name: None if value is None else str(value)}
        case "language" if value in {"en", "id"}:
            values = {"language": value}
        case "tags" if isinstance(value, list):
            values = {"tags": sorted({str(tag) for tag in value})}
        case "department" if (department := world.firm.department(str(value))) and (
            team := world.firm.first_team(department.id)
        ):
            values = {"department_id": department.id, "team_id": team.id, "holder_id": None}
        case "team" if team := world.firm.team(str(value).removeprefix("team:")):
            values = {"team_id": team.id}
    data = {"property": name, "refused": not values} | _from_to(row, name, values)
    timeline.append(tx, row.id, "ticket.changed", FLOW, data, at=now)
    return change(tx, row, **values)


_CODES = ("topic", "product", "language", "tags")


def _from_to(row: TicketRow, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Old and new value where they are codes, not texts."""
    if name in _CODES and name in values:
        return {"from": getattr(row, name), "to": values[name]}
    if name == "priority" and values:
        return {"from": PRIORITY_NAMES[row.priority], "to": PRIORITY_NAMES[values["priority"]]}
    return {"from": row.department_id, "to": values["department_id"]} if "department_id" in values else {}


def apply_effect(
    tx: Connection, settings: Settings, world: DatabaseWorld, effect: Effect, visits: Visits, now: int
) -> bool:
    """Plan one effect under its fixed key; True when Temporal has something to do for it."""
    key = effects.fitted(f"{world.row.id}/{world.run.id}/{effect.key}")
    visit = visits.get(effect.path)
    title = visit.name if visit else effect.path
    match effect.kind:
        case "notify" | "remind" | "survey":
            seq = held(tx, world.row.id).row.last_seq
            planned = notify_parties(tx, settings, world, key, effect, visit, visits, now)
            if not planned and visit is not None and visit.open and visit.effect:
                _hand_over_at_once(tx, world, visits, visit, seq, now)
            return planned
        case "draft":
            return False  # the article is drafted when somebody accepts
        case "child":
            from core.tickets.children import open_child  # opening walks, and a walk may open: they know one another

            open_child(tx, settings, world, effect, visits, now)
            return False
        case "choose":
            plan_question(tx, world.row.id, {"path": effect.path, **effect.payload}, now, key=key, run_id=world.run.id)
            return True
        case kind:
            payload = {"path": effect.path, **effect.payload}
            plugin = offered_by(tx, str(effect.payload["action"])) if kind == "call" else None
            if plugin and not plugin.works:
                timeline.append(
                    tx, world.row.id, "plugin.awaited", FLOW, {"plugin": plugin.name, "step": title}, at=now
                )
            effects.plan(
                tx,
                world.row.id,
                key,
                "call_plugin" if kind == "call" else kind,
                title,
                payload,
                at=now,
                run_id=world.run.id,
                plugin=plugin.name if plugin else None,
            )
            return True


def _hand_over_at_once(tx: Connection, world: DatabaseWorld, visits: Visits, visit: Visit, seq: int, now: int) -> None:
    """An awaited notice of which no mail leaves: since `seq` it stands on the request page, or there is nobody to tell: a failure."""
    told = {event["kind"] for event in held(tx, world.row.id).events if event["seq"] > seq}
    reached = bool(told & {"message.sent", "notice.spared"})
    step = find_step(tx, world.run, visits, visit)
    if step is None:
        return
    changed = finish_effect(visit, step, "done" if reached else "error", None if reached else "nobody", now)
    ledger.end_open(tx, world.row.id, visits, changed)
