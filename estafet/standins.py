"""The stand-ins of Jira and Trello that `estafet up` runs beside a demo, already connected, so that a laptop shows them without an account."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from estafet.ports import free_port, is_taken

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from core.database import Database
    from core.settings import Settings

NAMES = ("jira", "trello")
_SETTING = "standins"
_FIRST_KEY = "webhook_secret"


def ports(home: Path) -> dict[str, int]:
    """The same as last time where that is possible, so that links to the stand-ins stay right."""
    file = home / "standins" / "ports.json"
    known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    found = {name: port if (port := known.get(name)) and not is_taken(port) else free_port() for name in NAMES}
    if found != known:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(found))
    return found


def chosen_ports(home: Path) -> dict[str, int]:
    """What `ports` chose when Estafet was started."""
    chosen: dict[str, int] = json.loads((home / "standins" / "ports.json").read_text())
    return chosen


def address(port: int) -> str:
    """Where a stand-in answers."""
    return f"http://127.0.0.1:{port}"


def connect(database: Database, settings: Settings) -> None:
    """Type the stand-ins' addresses into the settings of the plugins, unless somebody typed in others; the first time, link a ticket."""
    from core.configuration import put_setting, setting
    from core.plugins.registry import plugin

    urls = {name: address(port) for name, port in chosen_ports(settings.home).items()}
    with database.write() as tx:
        known: dict[str, Any] = setting(tx, _SETTING) or {}
        for name, url in urls.items():
            row = plugin(tx, name)
            if row is None or not row.settings or row.settings.get("site") == known.get(name, ""):
                _type_in(tx, settings, name, url)
        if not known:
            _link_a_ticket(tx, settings, urls)
        if known != urls:
            put_setting(tx, _SETTING, urls)


def _type_in(tx: Connection, settings: Settings, name: str, url: str) -> None:
    import plugins.jira
    import plugins.trello
    from core.moments import now_ms
    from core.plugins.publishing import expect
    from core.plugins.registry import plugin
    from core.plugins.settings import save_settings
    from core.plugins.wire import declared_setting

    module = {"jira": plugins.jira, "trello": plugins.trello}[name]
    declared = [declared_setting(one) for one in module.register_settings()]
    row = plugin(tx, name)
    if row is None:
        expect(tx, name, declared, now_ms())
    kept = {one["name"]: row.settings.get(one["name"]) if row else None for one in declared}
    given = {name: _said(value) for name, value in kept.items() if value is not None}
    for one in declared:
        given.setdefault(one["name"], _said(one["default"]))
    save_settings(tx, settings, _manager(tx), name, {**given, **_logins(name, row is None), "site": url})


def _logins(name: str, first: bool) -> dict[str, str]:
    """What the stand-in takes. The secret of Jira's webhook is another one in every installation; an empty one leaves the old."""
    from plugins.standins import jira, trello

    if name == "jira":
        secret = secrets.token_urlsafe(24) if first else ""
        return {"email": jira.EMAIL, "token": jira.TOKEN, _FIRST_KEY: secret, "project": "KAN"}
    return {"key": trello.KEY, "token": trello.TOKEN, "app_secret": trello.SECRET, "board": "Support"}


def _said(value: Any) -> str:
    """A value as a form sends it."""
    return "on" if value is True else "" if value in {None, False} else str(value)


def _manager(tx: Connection) -> Any:
    from core.actors import Actor
    from core.directory import directory

    manager = next(one for one in directory(tx).people.values() if one.role == "manager")
    return Actor("person", manager.id, "manager", manager.name, manager.department_id)


# ---- something to see --------------------------------------------------------------------------------------------------------


def _link_a_ticket(tx: Connection, settings: Settings, urls: dict[str, str]) -> None:
    """The newest open ticket of the demo has an issue and a card."""
    from sqlalchemy import select

    from core.schema import Ticket

    query = select(Ticket.id).where(Ticket.status == "open").order_by(Ticket.id.desc()).limit(1)
    ticket_id = tx.execute(query).scalar()
    if ticket_id is not None:
        _link(tx, ticket_id, "jira", _issue(settings, ticket_id, urls["jira"], _subject(tx, ticket_id)))
        _link(tx, ticket_id, "trello", _card(settings, ticket_id, urls["trello"], _subject(tx, ticket_id)))


def _subject(tx: Connection, ticket_id: int) -> str:
    from core.tickets.rows import read

    return read(tx, ticket_id).subject


def _link(tx: Connection, ticket_id: int, name: str, told: dict[str, str]) -> None:
    from core.moments import now_ms
    from core.plugins.linking import keep_link
    from core.plugins.news import as_plugin
    from core.tickets.rows import lock

    lock(tx, ticket_id)
    keep_link(tx, as_plugin(name), ticket_id, name, told, now=now_ms())


def _issue(settings: Settings, ticket_id: int, url: str, subject: str) -> dict[str, str]:
    from plugins.standins.jira import Jira

    jira = Jira(settings.home / "standins" / "jira.json")
    fields = {"project": {"key": "KAN"}, "issuetype": {"name": "Bug"}, "summary": subject[:250], "labels": ["support"]}
    page = f"{settings.public_url}/tickets/{ticket_id}"
    made = jira.create({"fields": {**fields, "description": f"Ticket {ticket_id}: {page}"}}, 2)
    with jira.kept.changing():
        made["links"][f"estafet={page}"] = {"url": page, "title": f"Ticket {ticket_id}: {subject}"}
    jira.sending.close()
    return {
        "ref": made["key"],
        "url": f"{url}/browse/{made['key']}",
        "title": subject,
        "state": "To Do",
    }


def _card(settings: Settings, ticket_id: int, url: str, subject: str) -> dict[str, str]:
    from plugins.standins.trello import LABELS, LISTS, Trello

    trello = Trello(settings.home / "standins" / "trello.json")
    first = next(iter(LISTS))
    page = f"{settings.public_url}/tickets/{ticket_id}"
    given = {"idList": first, "name": subject, "idLabels": list(LABELS)[-1], "desc": f"[Ticket {ticket_id}]({page})"}
    made = trello.create(given)
    trello.sending.close()
    return {"ref": made["short"], "url": f"{url}/c/{made['short']}", "title": subject, "state": LISTS[first]}
