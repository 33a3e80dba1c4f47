"""The doors of plugins: a webhook is checked, stored and answered in one transaction, without running the plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite
from core.plugins.registry import plugin
from core.plugins.settings import settings_of
from core.plugins.signatures import delivery_key, refusal
from core.schema import WebhookDelivery, WebhookState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.settings import Settings

LARGEST_BODY = 1_000_000
GUESSES = frozenset({"missing", "wrong", "old"})  # refusals that somebody who tries signatures gets
_UNSAID = frozenset({"authorization", "cookie", "proxy-authorization"})  # nobody needs them after the check
_s = WebhookState.__table__.c


@dataclass(frozen=True, slots=True)
class Knock:
    """What came to a door. Names of `headers` are in small letters."""

    plugin: str
    webhook: str
    headers: Mapping[str, str]
    body: bytes


def callback_url(settings: Settings, plugin_name: str, webhook: str) -> str:
    """The address that the other side calls."""
    return f"{settings.public_url}/hooks/{plugin_name}/{webhook}"


def is_door(tx: Connection, plugin_name: str, webhook: str) -> bool:
    """Does a plugin have this webhook? It may be off for the moment: what comes then is kept."""
    row = plugin(tx, plugin_name)
    return row is not None and row.present and row.webhook(webhook) is not None


def wrongly_signed(tx: Connection, settings: Settings, knock: Knock, now: int) -> bool:
    """Would it be refused for its signature? Asked before anything is written for somebody who has been wrong too often."""
    row = plugin(tx, knock.plugin)
    webhook = row.webhook(knock.webhook) if row is not None and row.present else None
    if row is None or webhook is None:
        return False
    secret = str(settings_of(settings, row).get(webhook["secret"]) or "")
    return _check(settings, webhook, secret, knock, now) in GUESSES


def count_limited(tx: Connection, knock: Knock, n: int, now: int) -> None:
    """So many were turned away unread, because their address had been wrong too often."""
    _count(tx, knock, refused=n, refused_at=now, refused_why="limited")


def open_door(tx: Connection, settings: Settings, knock: Knock, now: int) -> str:
    """What became of it: taken, again (a repetition), or why not: unknown, unset, missing, wrong, old, large, unreadable."""
    row = plugin(tx, knock.plugin)
    webhook = row.webhook(knock.webhook) if row is not None and row.present else None
    if row is None or webhook is None:
        return "unknown"
    secret = settings_of(settings, row).get(webhook["secret"])
    why = _check(settings, webhook, str(secret) if secret else "", knock, now)
    text = ""
    if why is None:
        try:
            text = knock.body.decode("utf-8").replace("\0", "")
        except UnicodeDecodeError:
            why = "unreadable"
    if why is not None:
        _count(tx, knock, refused=1, refused_at=now, refused_why=why)
        return why
    values = {
        "plugin": row.name,
        "webhook": webhook["name"],
        "key": delivery_key(webhook, knock.headers, knock.body),
        "headers": _kept(webhook, knock.headers),
        "body": text,
        "received_at": now,
        "state": "new",
        "tries": 0,
        "detail": "",
    }
    dialect = sqlite if is_sqlite(tx) else postgresql
    statement = dialect.insert(WebhookDelivery.__table__).values(values).on_conflict_do_nothing()
    if tx.execute(statement.returning(WebhookDelivery.__table__.c.id)).first() is None:
        return "again"
    _count(tx, knock, taken=1, taken_at=now)
    return "taken"


def _check(settings: Settings, webhook: Mapping[str, Any], secret: str, knock: Knock, now: int) -> str | None:
    if len(knock.body) > LARGEST_BODY:
        return "large"
    if not secret:
        return "unset"
    url = callback_url(settings, knock.plugin, knock.webhook)
    return refusal(webhook, secret, knock.headers, knock.body, url, now)


def _kept(webhook: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    left_out = _UNSAID | {webhook["header"].lower()}
    return {name[:200]: value[:2000] for name, value in list(headers.items())[:60] if name not in left_out}


def _count(tx: Connection, knock: Knock, **values: Any) -> None:
    dialect = sqlite if is_sqlite(tx) else postgresql
    first = {"plugin": knock.plugin, "webhook": knock.webhook, "taken": 0, "refused": 0, **values}
    more = {name: _s[name] + value if name in {"taken", "refused"} else value for name, value in values.items()}
    statement = dialect.insert(WebhookState.__table__).values(first)
    tx.execute(statement.on_conflict_do_update(index_elements=["plugin", "webhook"], set_=more))
