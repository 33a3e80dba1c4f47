"""What tests of plugins share: files in the home's plugin folder, a pool with short limits, a firm, and its host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import select

from core import effects, procedures
from core.actors import SYSTEM, Actor
from core.advance import Standing, standing
from core.database import Database
from core.moments import now_ms
from core.organisation import NewPerson, add_person, create_department, create_team
from core.performing import TryLater
from core.plugins.calling import call
from core.plugins.child import Limits
from core.plugins.discovery import find_sources
from core.plugins.facts import NotTaken, deliver
from core.plugins.publishing import publish
from core.plugins.reading import read_sources
from core.plugins.registry import PluginRow, plugin
from core.schema import PluginParked, PluginState, StepVisit
from core.settings import Settings
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.timeline import timeline_page
from plugins.standins.serving import Serving
from tests.plugins.outside import Outside
from workflows.plugin_host import publish_plugins
from workflows.plugin_pool import Bounds, PluginPool

SHIPPED = Path(__file__).parent
SOP = """
sop: outside
title: Outside
start: {if: 'ticket.channel == "form"'}
do:
  - ask:
      call: {ACTION}
      with: {WITH}
  - finish:
      resolve: {require: [resolution]}
"""


@dataclass
class Host:
    """A firm, its plugins and their processes: what the plugin host does, without Temporal."""

    database: Database
    settings: Settings
    pool: PluginPool
    manager: Actor
    agent: Actor
    slow: list[TryLater] = field(default_factory=list)

    def add(self, name: str, text: str) -> None:
        """Drop a file into the plugin folder."""
        folder = self.settings.home / "plugins"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(text)
        self.pool.forget(name)

    def add_hostile(self, name: str) -> None:
        self.add(name, (SHIPPED / "hostile" / f"{name}.py").read_text())

    def publish(self) -> None:
        publish_plugins(self.settings, self.database, self.pool)

    def publish_only(self, name: str) -> None:
        """As if this were the only plugin: quicker than loading all that are installed."""
        found = [one for one in find_sources(self.settings) if one.name == name]
        with self.database.write() as tx:
            publish(tx, read_sources(self.pool, found), now_ms())

    def plugin(self, name: str) -> PluginRow:
        with self.database.read() as tx:
            found = plugin(tx, name)
        assert found
        return found

    def state(self, name: str) -> Any:
        return self.rows(select(PluginState.__table__).where(PluginState.name == name))[0]

    def parked(self) -> list[Any]:
        return self.rows(select(PluginParked.__table__).order_by(PluginParked.id))

    def rows(self, query: Any) -> list[Any]:
        with self.database.read() as tx:
            return list(tx.execute(query))

    def open(self, action: str, given: str = "{}", on_error: str = "") -> int:
        """A ticket whose first step calls the action; the effect is planned and not yet performed."""
        text = SOP.replace("{ACTION}", action).replace("{WITH}", given)
        if on_error:
            text = text.replace("  - finish:", f"      on_error: {on_error}\n  - finish:")
        with self.database.write() as tx:
            procedures.publish(tx, SYSTEM, text, now=now_ms())
        with self.database.write() as tx:
            new = NewTicket("Broken", "It is.", CustomerRef("sari@example.com", "Sari"), channel="form", language="en")
            return open_ticket(tx, self.settings, SYSTEM, new).ticket_id

    def due(self, ticket: int) -> list[str]:
        """Keys of the calls that are due now."""
        with self.database.read() as tx:
            return [one.key for one in standing(tx, [ticket])[ticket].effects if one.kind == "call_plugin"]

    def call(self, ticket: int, now: int | None = None) -> Standing:
        return call(self.database, self.settings, self.pool, self.key(ticket), now=now)

    def key(self, ticket: int) -> str:
        return self.effect(ticket).key

    def effect(self, ticket: int) -> effects.EffectRow:
        with self.database.read() as tx:
            return [one for one in effects.page(tx, ticket_id=ticket) if one.kind == "call_plugin"][-1]

    def step(self, ticket: int, name: str = "ask") -> Any:
        query = select(StepVisit.__table__).where(StepVisit.ticket_id == ticket, StepVisit.name == name)
        return self.rows(query.order_by(StepVisit.id.desc()))[0]

    def events(self, ticket: int) -> list[Any]:
        with self.database.read() as tx:
            return timeline_page(tx, ticket)

    def deliver(self, name: str) -> int:
        """Hand over facts until nothing is left; how often that was put off."""
        refused = 0
        for _turn in range(40):
            try:
                if not deliver(self.database, self.settings, self.pool, name):
                    return refused
            except NotTaken:
                refused += 1
        raise AssertionError("facts without end")


@pytest.fixture
def bounds() -> Bounds:
    """Limits that tests can wait for."""
    return Bounds(soft=Limits(call=2.0, fact=2.0), hard=8.0, workers=1, memory=1 << 30)


@pytest.fixture
def pool(bounds: Bounds) -> Iterator[PluginPool]:
    made = PluginPool(bounds)
    yield made
    made.close()


@pytest.fixture
def make_host() -> Callable[..., Host]:
    def make(database: Database, settings: Settings, pool: PluginPool) -> Host:
        with database.write() as tx:
            procedures.publish_library(tx, SYSTEM, now_ms())
            department = create_department(tx, SYSTEM, "service", "Service", address="s@example.com", language="en")
            team = create_team(tx, SYSTEM, department, "repair", "Repair", default=True)
            ids = {}
            for nick, role in (("mira", "manager"), ("dewi", "agent")):
                new = NewPerson(f"{nick}@example.com", nick.title(), role, department, [team], availability="online")
                ids[nick] = add_person(tx, SYSTEM, new)
        manager = Actor("person", ids["mira"], "manager", "Mira", department)
        return Host(database, settings, pool, manager, Actor("person", ids["dewi"], "agent", "Dewi", department))

    return make


@pytest.fixture
def host(database: Database, settings: Settings, pool: PluginPool, make_host: Callable[..., Host]) -> Host:
    """On SQLite."""
    shutil.rmtree(settings.home / "plugins", ignore_errors=True)
    return make_host(database, settings, pool)


@pytest.fixture
def any_host(any_database: Database, any_settings: Settings, pool: PluginPool, make_host: Callable[..., Host]) -> Host:
    """On SQLite and on PostgreSQL."""
    return make_host(any_database, any_settings, pool)


@dataclass
class Ear:
    """An address that webhooks are sent to: what came, and what is answered."""

    url: str
    heard: list[tuple[dict[str, str], bytes]]
    answer: list[int]


@pytest.fixture
def ear() -> Iterator[Ear]:
    app, heard, answer = Flask("ear"), list[tuple[dict[str, str], bytes]](), [200]

    @app.route("/hook", methods=["POST", "HEAD"])
    def hook() -> Any:
        if request.method == "POST":
            heard.append(({name.lower(): value for name, value in request.headers.items()}, request.get_data()))
        return "", answer[0]

    serving = Serving(app)
    yield Ear(f"{serving.url}/hook", heard, answer)
    serving.close()


@pytest.fixture
def outside(any_host, tmp_path):
    return Outside(any_host, tmp_path)


@pytest.fixture
def quick(host, tmp_path):
    """On SQLite only: where nothing of the database is in question."""
    return Outside(host, tmp_path)
