"""`estafet up`, from the outside: started, hurt and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return value


def lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_house_starts_heals_and_stops(house):
    house.start()
    ready = house.ready
    assert stat.S_IMODE((house.home / "ready.json").stat().st_mode) == 0o600
    assert set(ready["pids"]) >= {"up", "web", "worker", "smtp", "plugins", "temporal"}
    assert answers(ready["url"] + "/")
    for name in ("web", "worker", "smtp", "plugins", "temporal"):
        old = house.ready["pids"][name]
        os.kill(old, signal.SIGKILL)
        new = wait_until(lambda name=name, old=old: (pid := house.ready["pids"][name]) != old and pid)
        assert lives(new)
        if name == "web":
            wait_until(lambda: answers(ready["url"] + "/"))
    pids = house.ready["pids"]
    code, said = house.stop()
    assert code == 0
    assert "Estafet has stopped" in said
    assert not (house.home / "ready.json").exists()
    assert not [name for name, pid in pids.items() if lives(pid)]
    house.start()  # the second start continues in the same home
    assert house.stop(signal.SIGTERM)[0] == 0


@pytest.mark.slow
def test_killed_parent_leaves_no_orphans(house):
    house.start()
    pids = house.ready["pids"]
    house.process.kill()
    house.process.communicate()
    wait_until(lambda: not [pid for pid in pids.values() if lives(pid)], seconds=10)


def test_demo_can_be_used_at_once(house):
    house.environ["ESTAFET_DEMO"] = "1"
    house.start(seconds=110)
    ready = house.ready
    assert {account["role"] for account in ready["accounts"]} >= {"manager", "agent"}
    request = urllib.request.Request(
        ready["url"] + "/api/v1/tickets", headers={"Authorization": f"Bearer {ready['api_token']}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["items"]
    follow_the_stand_ins(house, ready["standins"])
    said = house.stop()[1]
    assert ready["accounts"][0]["password"] in said


def follow_the_stand_ins(house, addresses):
    """What is moved on a stand-in's board is seen at the ticket that the demo has linked to it."""

    def asked(query):
        with closing(sqlite3.connect(house.home / "estafet.db", timeout=30)) as database:
            return database.execute(query).fetchall()

    registered = "SELECT name FROM plugin_state WHERE keep_ok ORDER BY name"
    wait_until(lambda: asked(registered) == [("jira",), ("trello",)], seconds=100)
    ((card,),) = asked("SELECT ref FROM link WHERE plugin = 'trello'")
    for url, deed in ((addresses["jira"], "KAN-1/move?"), (addresses["trello"], f"{card}/tick?")):
        assert answers(url)
        urllib.request.urlopen(f"{url}/board/{deed}", data=b"to=In+Progress", timeout=10).close()
    wait_until(lambda: asked("SELECT 1 FROM link WHERE ref = 'KAN-1' AND state = 'In Progress'"), seconds=60)
    wait_until(lambda: '"done": true' in asked("SELECT known FROM link WHERE plugin = 'trello'")[0][0])


@pytest.mark.slow
def test_stopping_while_it_starts(house):
    process = house.launch()
    time.sleep(0.7)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert not (house.home / "ready.json").exists()


def test_second_start_in_home_is_refused(house):
    house.start()
    code, said = house.refuse()
    assert code == 2
    assert "already running" in said
    assert "Traceback" not in said


def test_taken_port_is_named(house):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(house.environ["ESTAFET_HTTP_PORT"])))
        other.listen()
        code, said = house.refuse()
    assert code == 2
    assert house.environ["ESTAFET_HTTP_PORT"] in said
    assert "ESTAFET_HTTP_PORT" in said
    assert "Traceback" not in said


def test_unwritable_home_is_named(house, tmp_path):
    (tmp_path / "file").write_text("")
    house.environ["ESTAFET_HOME"] = str(tmp_path / "file" / "home")
    code, said = house.refuse()
    assert code == 2
    assert "ESTAFET_HOME" in said
    assert "Traceback" not in said


def test_newer_database_is_refused(house):
    import sqlite3

    from core.settings import read_settings
    from core.upgrading import upgrade

    settings = read_settings(house.environ)
    upgrade(settings)
    with sqlite3.connect(house.home / "estafet.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    code, said = house.refuse()
    assert code == 2
    assert "newer than this program" in said
    assert "Traceback" not in said
