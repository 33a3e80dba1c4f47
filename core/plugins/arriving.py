"""Webhooks that were stored are turned by their plugin into news, one by one in the order of arrival, and applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from core.errors import CommandError, NotFound
from core.moments import now_ms, to_datetime
from core.permissions import require
from core.plugins.asking import BROKEN, PERMANENT, Answer
from core.plugins.conversations import take_message
from core.plugins.facts import MOST_TRIES, NotTaken
from core.plugins.health import note
from core.plugins.linking import tickets_of
from core.plugins.news import apply_news
from core.plugins.registry import PluginRow, plugin
from core.plugins.settings import settings_of
from core.schema import WebhookDelivery
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.database import Database
    from core.plugins.asking import Caller
    from core.settings import Settings

log = structlog.get_logger()
NEW, DONE, PARKED = "new", "done", "parked"
KEPT_MS = 14 * 86_400_000  # so long a repetition of a delivery is known
_d = WebhookDelivery.__table__.c
_NEXT = (
    select(_d.id, _d.webhook, _d.headers, _d.body, _d.received_at, _d.tries)
    .where(_d.plugin == bindparam("plugin"), _d.state == NEW)
    .order_by(_d.id)
    .limit(1)
)
_WAITING = select(_d.plugin).where(_d.state == NEW).distinct()


def with_deliveries(tx: Connection) -> set[str]:
    """Plugins for which something has come."""
    return set(tx.execute(_WAITING).scalars())


def take_delivery(database: Database, settings: Settings, caller: Caller, name: str) -> bool:
    """Turn the next delivery into news and apply it. True: there may be more. NotTaken: try again later."""
    with database.read() as tx:
        row = plugin(tx, name)
        found = tx.execute(_NEXT, {"plugin": name}).first()
    if row is None or not row.works or found is None:
        return False
    wire = {
        "id": found.id,
        "webhook": found.webhook,
        "headers": found.headers,
        "body": found.body,
        "received_at": to_datetime(found.received_at).isoformat(),
    }
    question = {"do": "receive", "delivery": wire, "settings": settings_of(settings, row)}
    with caller.slot(name):
        answer = caller.ask(row.source, question)
    problems = list[str]()
    if answer.ok:
        answer, problems = _apply_all(database, settings, row, answer)
    with database.write(quietly=True) as tx:
        note(tx, name, answer, now_ms())
    if not answer.ok:
        _not_taken(database, found, answer)
        return True
    with database.write(quietly=True) as tx:
        _set(tx, found.id, state=DONE, detail=" ".join(problems)[:2000], body="", headers={})
    return True


def _apply_all(database: Database, settings: Settings, row: PluginRow, answer: Answer) -> tuple[Answer, list[str]]:
    """What came of it: the answer, or why it could not be applied; and what should be said about it."""
    try:
        return answer, apply_all(database, settings, row, answer.value)
    except (CommandError, ValueError) as error:
        return Answer(PERMANENT, None, str(error), ms=answer.ms), []
    except (OperationalError, InterfaceError):  # the database is away or busy: not the plugin's fault
        raise
    except Exception as error:
        log.exception("news not applied", plugin=row.name)
        return Answer(BROKEN, None, f"{type(error).__name__}: {error}"[:1000], ms=answer.ms), []


def apply_all(database: Database, settings: Settings, row: PluginRow, news: Sequence[Mapping[str, Any]]) -> list[str]:
    """Apply news of a plugin, each ticket in a transaction of its own. Applying the same news twice changes nothing more."""
    problems = []
    for one in news:
        if one["kind"] == "incoming":
            with database.write() as tx:
                take_message(tx, settings, row.name, one, now_ms())
            continue
        with database.read() as tx:
            tickets = tickets_of(tx, row.name, one["ref"])
        if not tickets:
            problems.append(f"no ticket is linked to {one['ref']}.")
        for ticket_id in tickets:
            problems += _apply_to(database, settings, row, ticket_id, one)
    return problems


def _apply_to(
    database: Database, settings: Settings, row: PluginRow, ticket_id: int, news: Mapping[str, Any]
) -> list[str]:
    with database.write() as tx:
        problems = apply_news(tx, settings, row.name, ticket_id, news, now_ms())
    if problems:
        with database.write(quietly=True) as tx:
            note(tx, row.name, Answer(PERMANENT, None, " ".join(problems)), now_ms(), ticket_id)
    return problems


def _not_taken(database: Database, found: Any, failure: Answer) -> None:
    """It is tried again, or parked after its last try, and the next one comes."""
    tries, words = found.tries + 1, failure.detail or failure.how
    final = tries >= MOST_TRIES or failure.how == PERMANENT
    with database.write() as tx:
        _set(tx, found.id, tries=tries, detail=words[:2000], state=PARKED if final else NEW)
    if not final:
        raise NotTaken(words, failure.wait or float(2 ** (tries - 1)))


def _set(tx: Connection, delivery_id: int, **values: Any) -> None:
    tx.execute(update(WebhookDelivery.__table__).where(_d.id == delivery_id).values(values))


def turn_again(tx: Connection, actor: Actor, delivery_id: int) -> None:
    """A person wants a parked delivery to be taken once more."""
    require(actor, "change_plugins")
    statement = update(WebhookDelivery.__table__).where(_d.id == delivery_id, _d.state == PARKED)
    if tx.execute(statement.values(state=NEW, tries=0)).rowcount == 0:
        raise NotFound(_("This delivery is no longer set aside."))


def forget_old_deliveries(tx: Connection, now: int) -> int:
    """Deliveries that were taken long ago are no longer needed to know their repetitions."""
    old = tx.execute(delete(WebhookDelivery.__table__).where(_d.state == DONE, _d.received_at < now - KEPT_MS))
    return old.rowcount
