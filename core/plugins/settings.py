"""What an administrator typed in for a plugin: checked against what it declared; secrets are encrypted at rest and never shown again."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import update

from core import configuration
from core.errors import FieldError, Invalid, NotFound
from core.moments import now_ms
from core.permissions import require
from core.plugins.health import want_check
from core.plugins.labels import said
from core.plugins.publishing import look_after_webhooks
from core.plugins.registry import PluginRow, plugin
from core.schema import Plugin
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.settings import Settings

_p = Plugin.__table__.c


def _box(settings: Settings) -> Fernet:
    return Fernet(urlsafe_b64encode(settings.key("plugin-secrets")))


def settings_of(settings: Settings, row: PluginRow) -> dict[str, Any]:
    """Everything the plugin was given, secrets included: for its calls only."""
    opened = {}
    for name, sealed in row.secrets.items():
        try:
            opened[name] = _box(settings).decrypt(sealed.encode()).decode()
        except InvalidToken:  # the secret key was changed: it must be typed in again
            continue
    given = {**row.settings, **opened}
    return {one["name"]: given.get(one["name"], one["default"]) for one in row.declared}


def missing(settings: Settings, row: PluginRow) -> str | None:
    """The sentence about a required setting that has no value, or None."""
    given = settings_of(settings, row)
    for one in row.declared:
        if one["required"] and given.get(one["name"]) in (None, ""):
            name = said(one["title"]) or one["name"]
            return _("Setting “%(name)s” is missing. Add it on the plugins page.", name=name)
    return None


def save_settings(tx: Connection, settings: Settings, actor: Actor, name: str, given: Mapping[str, str]) -> None:
    """Keep what was typed in. An empty secret leaves the old one; all errors come at once."""
    require(actor, "change_plugins")
    row = plugin(tx, name)
    if row is None:
        raise NotFound(_("There is no plugin “%(name)s”.", name=name))
    plain, secrets, errors = dict(row.settings), dict(row.secrets), list[FieldError]()
    for one in row.declared:
        raw = given.get(one["name"], "").strip()
        if one["secret"]:
            if raw:
                secrets[one["name"]] = _box(settings).encrypt(raw.encode()).decode()
            elif one["required"] and one["name"] not in secrets:
                errors.append(FieldError(f"/{one['name']}", _("This value is needed.")))
            continue
        value, problem = _read(one, raw)
        if problem:
            errors.append(FieldError(f"/{one['name']}", problem))
        plain[one["name"]] = value
    if errors:
        raise Invalid(*errors)
    tx.execute(update(Plugin.__table__).where(_p.name == name).values(settings=plain, secrets=secrets))
    look_after_webhooks(tx, now_ms(), name)
    if row.offers.get("schema"):
        want_check(tx, name, now_ms())  # its own validators run in its own process
    configuration.bump(tx)


def _read(one: Mapping[str, Any], raw: str) -> tuple[Any, str | None]:
    if one["kind"] == "boolean":
        return raw in {"on", "true", "1", "yes"}, None
    if not raw:
        return one["default"], _("This value is needed.") if one["required"] and one["default"] in (None, "") else None
    match one["kind"]:
        case "number":
            try:
                number = float(raw)
            except ValueError:
                return None, _("“%(value)s” is no number. Write for example 30 or 0.5.", value=raw)
            if number != number or abs(number) == float("inf"):
                return None, _("“%(value)s” is no number. Write for example 30 or 0.5.", value=raw)
            return int(number) if number == int(number) else number, None
        case "url":
            parts = urlsplit(raw)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                return None, _("“%(value)s” is no web address. Write for example https://crm.example.com.", value=raw)
        case "choice" if raw not in one["options"]:
            return None, _(
                "“%(value)s” is no option. Options: %(options)s.", value=raw, options=", ".join(one["options"])
            )
    return raw, None
