"""Slow care for what is outside: webhooks stay registered at the other side, and things that nobody told us about are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from core.moments import now_ms
from core.plugins.arriving import apply_all
from core.plugins.asking import PERMANENT, Answer
from core.plugins.doors import callback_url
from core.plugins.health import note
from core.plugins.linking import due_looks, looked
from core.plugins.registry import PluginRow, plugin, plugins
from core.plugins.settings import missing, settings_of
from core.schema import PluginState

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.database import Database
    from core.plugins.asking import Caller
    from core.settings import Settings

AT_ONCE = 50  # things in one look
KEEP_EVERY_MS = 3_600_000
_s = PluginState.__table__.c
_KEEP = select(_s.name).where(_s.keep_at.is_not(None), _s.keep_at <= bindparam("now"))
_TRIES = select(_s.keep_tries).where(_s.name == bindparam("plugin"))


def with_care(tx: Connection, now: int) -> dict[str, set[str]]:
    """Plugins whose webhooks want to be looked after (`keep`), and those with things to look at (`look`)."""
    due = set(tx.execute(_KEEP, {"now": now}).scalars())
    working = [row for row in plugins(tx) if row.works]
    return {
        "keep": {row.name for row in working if row.name in due and "keep_webhooks" in row.hooks},
        "look": {row.name for row in working if "look_at" in row.hooks and due_looks(tx, row.name, now, 1)},
    }


def keep_webhooks(database: Database, settings: Settings, caller: Caller, name: str) -> bool:
    """Let the plugin register or repair its webhooks, and write down what it says. False: there is nothing more to do now."""
    with database.read() as tx:
        row = plugin(tx, name)
    if row is None or not row.works or "keep_webhooks" not in row.hooks:
        return False
    problem = missing(settings, row)
    answer = Answer(PERMANENT, None, problem) if problem else _ask_to_keep(settings, caller, row)
    now = now_ms()
    with database.write() as tx:
        tries = 0 if answer.ok else int(tx.execute(_TRIES, {"plugin": name}).scalar_one()) + 1
        if not problem:
            note(tx, name, answer, now)
        wait = KEEP_EVERY_MS if answer.ok else min(KEEP_EVERY_MS, 60_000 * 2 ** min(tries - 1, 6))
        words = str(answer.value) if answer.ok else answer.detail or answer.how
        values = {"keep_at": now + wait, "keep_tries": tries, "kept_at": now, "keep_ok": answer.ok}
        tx.execute(update(PluginState.__table__).where(_s.name == name).values(**values, keep_words=words[:1000]))
    return False


def _ask_to_keep(settings: Settings, caller: Caller, row: PluginRow) -> Answer:
    callbacks = {one["name"]: callback_url(settings, row.name, one["name"]) for one in row.offered("webhooks")}
    with caller.slot(row.name):
        question = {"do": "keep", "callbacks": callbacks, "settings": settings_of(settings, row)}
        return caller.ask(row.source, question)


def look_outside(database: Database, settings: Settings, caller: Caller, name: str) -> bool:
    """Ask the plugin how things stand that nobody told us about. True: there may be more."""
    now = now_ms()
    with database.read() as tx:
        row = plugin(tx, name)
        refs = due_looks(tx, name, now, AT_ONCE)
    if row is None or not row.works or not refs:
        return False
    with database.write(quietly=True) as tx:
        looked(tx, name, refs, now)  # before the question: what never answers is not asked again at once
    if missing(settings, row):
        return False
    with caller.slot(name):
        answer = caller.ask(row.source, {"do": "look", "refs": refs, "settings": settings_of(settings, row)})
    if answer.ok:
        apply_all(database, settings, row, [one for one in answer.value if one["kind"] == "outside"])
    with database.write(quietly=True) as tx:
        note(tx, name, answer, now_ms())
    return answer.ok and len(refs) == AT_ONCE
