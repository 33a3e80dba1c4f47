"""“Test the connection”: an administrator asks in the web, the plugin host calls the plugin, and the page shows its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from core.errors import NotFound
from core.moments import now_ms
from core.permissions import require
from core.plugins.asking import Answer, Busy
from core.plugins.health import note, want_check
from core.plugins.registry import plugin
from core.plugins.settings import missing, settings_of
from core.schema import PluginState
from core.texts import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.database import Database
    from core.plugins.asking import Caller
    from core.settings import Settings

_s = PluginState.__table__.c
_WANTED = select(_s.name).where(_s.check_asked_at.is_not(None)).order_by(_s.check_asked_at)


def ask_check(tx: Connection, actor: Actor, name: str) -> None:
    """Want a test of the plugin's connection; the host runs it within a second or two."""
    require(actor, "change_plugins")
    found = plugin(tx, name)
    if found is None or not found.checks:
        raise NotFound(_("Plugin “%(name)s” has no connection to be tested.", name=name))
    want_check(tx, name, now_ms())


def run_wanted_checks(database: Database, settings: Settings, caller: Caller) -> None:
    """Run every test that was asked for, and write down its answer."""
    with database.read() as tx:
        names = tx.execute(_WANTED).scalars().all()
    for name in names:
        ok, words, answer = _run(database, settings, caller, name)
        with database.write() as tx:
            if answer is not None:
                note(tx, name, answer, now_ms())
            values = {"check_asked_at": None, "checked_at": now_ms(), "check_ok": ok, "check_words": words[:1000]}
            tx.execute(update(PluginState.__table__).where(_s.name == name).values(values))


def _run(database: Database, settings: Settings, caller: Caller, name: str) -> tuple[bool, str, Answer | None]:
    with database.read() as tx:
        row = plugin(tx, name)
    if row is None or not row.works:
        return False, _("The plugin is switched off or cannot be loaded."), None
    if problem := missing(settings, row):
        return False, problem, None
    try:
        with caller.slot(name):
            answer = caller.ask(row.source, {"do": "check", "settings": settings_of(settings, row)})
    except Busy:
        return False, _("All processes of the plugin are at work. Try again."), None
    return answer.ok, str(answer.value) if answer.ok else answer.detail or answer.how, answer
