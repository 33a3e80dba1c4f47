"""Something is known of a thing outside: it is applied to a ticket that it is linked to, in one transaction, and the walk goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from core import ledger
from core.actors import Actor
from core.advance import walk_on
from core.database import is_sqlite
from core.errors import CommandError
from core.plugins.linking import LinkRow, change_link, of_ref
from core.procedure import acting
from core.procedures import find_step, read_run
from core.schema import LinkComment, StepVisit
from core.sop.document import Call
from core.texts import _
from core.tickets.messages import INTERNAL, NewMessage, write_message
from core.tickets.properties import change_ticket
from core.tickets.rows import lock
from core.tickets.steps import complete_step
from core.timeline import append

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.procedure.values import Visit
    from core.settings import Settings
    from core.tickets.rows import TicketRow

LONGEST_COMMENT = 100_000
_s = StepVisit.__table__.c
_c = LinkComment.__table__.c
_ONCE_SQLITE = sqlite.insert(LinkComment.__table__).on_conflict_do_nothing().returning(_c.ticket_id)
_ONCE_POSTGRES = postgresql.insert(LinkComment.__table__).on_conflict_do_nothing().returning(_c.ticket_id)
_TASKS = (
    select(_s.id, _s.path, _s.name)
    .where(_s.ticket_id == bindparam("ticket"), _s.state == "open", _s.kind == "task")
    .order_by(_s.id.desc())
)


def as_plugin(name: str) -> Actor:
    """A plugin that does something on a ticket."""
    return Actor("plugin", name=name)


def apply_news(
    tx: Connection, settings: Settings, plugin: str, ticket_id: int, news: Mapping[str, Any], now: int
) -> list[str]:
    """Apply what is known of `news["ref"]` to one ticket. What could not be done is said in sentences; the rest is done."""
    row = lock(tx, ticket_id)
    links = of_ref(tx, ticket_id, plugin, news["ref"])
    actor = as_plugin(plugin)
    for comment in news.get("comments", ()):
        _comment(tx, actor, ticket_id, news["ref"], comment, now)
    fresh = [one for one in links if not _older(news, one)]
    if not fresh:
        return []
    cause = _note_change(tx, actor, row, fresh, news, now)
    moved = _tell_calls(tx, lock(tx, ticket_id), fresh, news)
    if moved or "due" in news.get("changes", {}):
        _move_due(tx, lock(tx, ticket_id), fresh, news)
        walk_on(tx, settings, lock(tx, ticket_id), now, cause=cause)
    problems = _change(tx, settings, actor, ticket_id, news, now)
    if news.get("done"):
        problems += _complete(tx, settings, actor, ticket_id, fresh, now)
    return problems


def _older(news: Mapping[str, Any], link: LinkRow) -> bool:
    return news.get("at") is not None and link.known_at is not None and news["at"] < link.known_at


def _comment(tx: Connection, actor: Actor, ticket_id: int, ref: str, comment: Mapping[str, Any], now: int) -> None:
    """A comment made outside becomes an internal one here, once."""
    key = {"plugin": actor.name, "ref": ref, "outside_id": str(comment["id"])[:200], "ticket_id": ticket_id}
    if tx.execute(_ONCE_SQLITE if is_sqlite(tx) else _ONCE_POSTGRES, key).first() is None:
        return
    data = {"plugin": actor.name, "ref": ref, "comment": key["outside_id"]}
    event = append(tx, ticket_id, "comment.added", actor, data, at=now)
    row = lock(tx, ticket_id)
    message = NewMessage(
        direction=INTERNAL,
        author_kind="plugin",
        author_id=None,
        author_name=f"{comment['author']} ({ref})"[:200],
        text=str(comment["text"])[:LONGEST_COMMENT],
        subject=row.subject,
        channel=actor.name,
    )
    write_message(tx, row, message, event.seq, comment.get("at") or now)


def _note_change(
    tx: Connection, actor: Actor, row: TicketRow, links: Sequence[LinkRow], news: Mapping[str, Any], now: int
) -> int | None:
    """Write down what is known; one event when something that people see is new. Returns its seq."""
    told, event = False, None
    for one in links:
        values = {
            "known": {**one.known, **news.get("values", {})},
            "title": str(news["title"])[:500] if news.get("title") else one.title,
            "url": str(news["url"])[:2000] if news.get("url") else one.url,
            "state": str(news["state"])[:200] if news.get("state") is not None else one.state,
            "open": not news.get("gone"),
        }
        changed = {name: value for name, value in values.items() if getattr(one, name) != value}
        change_link(tx, one.id, **changed, seen_at=now, known_at=news.get("at") or one.known_at)
        if changed and not told:
            told = True
            op = "gone" if news.get("gone") else "changed"
            data = {"plugin": actor.name, "ref": one.ref, "op": op, "state": values["state"], "from": one.state}
            event = append(tx, row.id, "link.changed", actor, data, at=now)
    return event.seq if event else None


def _tell_calls(tx: Connection, row: TicketRow, links: Sequence[LinkRow], news: Mapping[str, Any]) -> bool:
    """Calls that wait for the thing have its newest values; where it is gone they fail, and their `on_error` is followed."""
    moved = False
    for one in links:
        if one.run_id != row.run_id or not one.path:
            continue
        run = read_run(tx, one.run_id)
        visits = ledger.load(tx, run.id)
        visit = visits.get(one.path)
        if visit is None or not visit.open or visit.kind != "call" or visit.effect:
            continue
        step = find_step(tx, run, visits, visit)
        if step is None or not isinstance(step.what, Call) or visit.marks.get("error"):
            continue
        changed = _told(visit, one, news)
        moved = ledger.end_open(tx, row.id, visits, changed) or moved
    return moved


def _told(visit: Visit, link: LinkRow, news: Mapping[str, Any]) -> Visit:
    changed = acting.linked(visit, dict(news.get("values", {})))
    if news.get("gone"):
        words = _("“%(ref)s” no longer exists at the other side.", ref=link.ref)
        changed.marks["error"] = {"code": "error", "detail": {"plugin": link.plugin, "words": words}}
    return changed


def _stands_for(link: LinkRow, path: str, name: str) -> bool:
    return (bool(link.path) and link.path == path) or (bool(link.step) and link.step == name)


def _move_due(tx: Connection, row: TicketRow, links: Sequence[LinkRow], news: Mapping[str, Any]) -> None:
    """The other side has another due moment for the open step that the thing stands for."""
    if "due" not in news.get("changes", {}) or row.run_id is None:
        return
    visits = ledger.load(tx, row.run_id)
    for visit in list(visits.values()):
        if visit.open and any(_stands_for(one, visit.path, visit.name) for one in links):
            changed = visit.copy()
            changed.due_at = news["changes"]["due"]
            ledger.end_open(tx, row.id, visits, changed)


def _change(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, news: Mapping[str, Any], now: int
) -> list[str]:
    changes = {name: value for name, value in news.get("changes", {}).items() if name != "due"}
    added, dropped = changes.pop("add_tags", ()), changes.pop("drop_tags", ())
    if added or dropped:
        changes["tags"] = sorted({*lock(tx, ticket_id).tags, *added} - set(dropped))
    try:
        if changes:
            change_ticket(tx, settings, actor, ticket_id, changes, now=now)
    except CommandError as refusal:
        return [_("“%(ref)s”: the ticket was not changed. %(words)s", ref=news["ref"], words=str(refusal))]
    return []


def _complete(
    tx: Connection, settings: Settings, actor: Actor, ticket_id: int, links: Sequence[LinkRow], now: int
) -> list[str]:
    """Complete the open tasks that the thing stands for."""
    problems = []
    lock(tx, ticket_id)
    for step in tx.execute(_TASKS, {"ticket": ticket_id}).all():
        if any(_stands_for(one, step.path, step.name) for one in links):
            try:
                complete_step(tx, settings, actor, ticket_id, step.id, now=now)
            except CommandError as refusal:
                words = str(refusal)
                problems.append(_("“%(ref)s” is done, and its task is not: %(words)s", ref=links[0].ref, words=words))
    return problems
