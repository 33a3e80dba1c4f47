"""The plugin host beside a real Temporal: calls, facts and tests of a connection, and the switch while all of it runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from core.plugins.checks import ask_check
from core.plugins.publishing import switch
from tests.conftest import wait_until
from tests.plugins.outside import Outside
from workflows.client import connect
from workflows.plugin_host import build_host
from workflows.relay import Relay
from workflows.tending import Tending
from workflows.worker import build_worker

HELLO = """
import pathlib
import estafet

@estafet.hookimpl
def register_actions():
    return [estafet.Action("hello.greet", greet)]

def greet(call):
    flaky = pathlib.Path({flag!r})
    if not flaky.exists():
        flaky.touch()
        raise estafet.TemporaryFailure("just woken up", wait=0.2)
    return {{"words": "Hello, " + call.ticket.customer.name}}

@estafet.hookimpl
def ticket_opened(event, ticket):
    with open({book!r}, "a") as file:
        file.write(str(ticket.id) + "\\n")

@estafet.hookimpl
def check_connection(settings):
    return "it answers"
"""


@pytest.fixture
def hello(host, temporal_server, temporal_namespace, tmp_path):
    host.settings = replace(
        host.settings, temporal_address=temporal_server.address, temporal_namespace=temporal_namespace
    )
    host.add("hello", HELLO.format(flag=str(tmp_path / "flag"), book=str(tmp_path / "book")))
    host.publish()
    return host


@asynccontextmanager
async def at_work(host):
    """Worker, relay and plugin host."""
    client = await connect(host.settings)
    relay = Relay(host.settings, host.database, client)
    tending, stop = Tending(host.settings, host.database, host.pool), asyncio.Event()
    async with (
        build_worker(host.settings, host.database, client),
        build_host(host.settings, host.database, host.pool, client),
    ):
        tasks = [asyncio.create_task(relay.run()), asyncio.create_task(tending.run(stop, client))]
        yield
        relay.stop.set()
        stop.set()
        await asyncio.gather(*tasks)


async def until(condition, seconds=20):
    async with asyncio.timeout(seconds):
        while not (found := await asyncio.to_thread(condition)):  # noqa: ASYNC110 (the database changes, nobody tells)
            await asyncio.sleep(0.02)
    return found


def test_everything_runs_beside_temporal(hello, tmp_path):
    async def all_of_it():
        async with at_work(hello):
            ticket = hello.open("hello.greet")
            await until(lambda: hello.step(ticket).state == "done")
            assert hello.step(ticket).result == {"words": "Hello, Sari"}
            assert hello.effect(ticket).attempts == 2
            await until(lambda: (tmp_path / "book").exists())
            assert (tmp_path / "book").read_text() == f"{ticket}\n"

            with hello.database.write() as tx:
                ask_check(tx, hello.manager, "hello")
            await until(lambda: hello.state("hello").checked_at)
            assert (hello.state("hello").check_ok, hello.state("hello").check_words) == (True, "it answers")

            with hello.database.write() as tx:
                switch(tx, hello.manager, "hello", on=False)
            waiting = hello.open("hello.greet")
            await asyncio.sleep(1)
            assert hello.effect(waiting).state == "planned"
            with hello.database.write() as tx:
                switch(tx, hello.manager, "hello", on=True)
            await until(lambda: hello.step(waiting).state == "done", seconds=10)
            await until(lambda: (tmp_path / "book").read_text() == f"{ticket}\n{waiting}\n")

    asyncio.run(all_of_it())


def test_webhook_wakes_its_step_through_temporal(hello, tmp_path):
    outside = Outside(hello, tmp_path)

    async def all_of_it():
        async with at_work(hello):
            ticket = await asyncio.to_thread(outside.begin)
            await until(lambda: outside.links(ticket))
            await until(lambda: hello.state("tracker").keep_ok)
            answer = await asyncio.to_thread(outside.post, {"ref": "BUG-1", "values": {"status": "Done"}})
            assert answer.status_code == 200
            await until(lambda: hello.step(ticket).state == "done")

    asyncio.run(all_of_it())


def test_every_process_follows_the_switch(hello, tmp_path):
    """The host is a real process of its own; the web and the worker are this one."""
    environ = {
        **os.environ,
        "ESTAFET_HOME": str(hello.settings.home),
        "ESTAFET_SECRET_KEY": hello.settings.secret.decode(),
        "ESTAFET_DEMO": "0",
        "TEMPORAL_ADDRESS": hello.settings.temporal_address,
        "TEMPORAL_NAMESPACE": hello.settings.temporal_namespace,
    }
    command = [sys.executable, "-m", "estafet", "plugins", "run"]
    book = tmp_path / "book"

    def turn(on):
        with hello.database.write() as tx:
            switch(tx, hello.manager, "hello", on=on)

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        first = hello.open("nobody.does")
        wait_until(book.exists, 60, "the host hands over facts")
        turn(False)
        second = hello.open("nobody.does")
        other = hello.open("nobody.does")
        wait_until(lambda: hello.plugin("hello").enabled is False)
        assert book.read_text() == f"{first}\n"
        turn(True)
        wait_until(lambda: book.read_text() == f"{first}\n{second}\n{other}\n", 30, "it goes on where it stood")
    finally:
        process.terminate()
        process.wait(20)
