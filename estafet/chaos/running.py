"""One run of the fault suite: start a house, let customers come, kill, wait for the end, check."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from core.database import Database
from core.schema import Effect, Ticket
from core.settings import read_settings
from core.tickets.rows import CLOSED
from estafet.chaos.checking import Verdict, check_world
from estafet.chaos.doors import API, CUSTOMERS, FORM, MAIL, Doors, Wish
from estafet.chaos.people import ADDRESS, DEPARTMENT, Agent, Repliers, reply_to, set_up_office
from estafet.chaos.sink import Sink
from estafet.ports import free_port
from estafet.preparing import prepare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.settings import Settings

END_SECONDS = 240.0  # an attempt that was killed is taken up after a minute, and may be unlucky again


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard it gets. The same seed draws the same plan; instants differ, as the machine does."""

    tickets: int = 60
    kills: int = 10
    seed: int = 1
    longest_pause: float = 1.6
    doors: tuple[str, ...] = (MAIL, API, FORM)
    victims: tuple[str, ...] = ("web", "worker", "worker", "smtp", "temporal")


def run(plan: Plan, home: Path, *, extra_environ: Mapping[str, str] | None = None) -> Verdict:
    """Carry it out in `home`; the verdict's counts tell what happened."""
    dice = random.Random(plan.seed)  # noqa: S311 (chance, not secrecy)
    sink = Sink(free_port(), plan.seed)
    environ = _environ(home, sink.port, extra_environ or {})
    settings = read_settings(environ)
    prepare(settings)
    database = Database(settings)
    office = set_up_office(database)
    sink.start()
    house = subprocess.Popen([sys.executable, "-m", "estafet", "up"], env=environ, stdout=subprocess.DEVNULL)
    try:
        _wait_for(lambda: (settings.home / "ready.json").exists(), 60, "the house did not start")
        doors = Doors(
            settings.public_url,
            settings.smtp_port,
            office.token,
            DEPARTMENT,
            ADDRESS,
            random.Random(plan.seed + 1),  # noqa: S311
        )
        wishes, replies = _wishes(plan, dice)
        agent = Agent(database, settings, office, sink, [*wishes, *replies], random.Random(plan.seed + 2))  # noqa: S311
        repliers = Repliers(doors, sink, replies)
        threads = [threading.Thread(target=work, daemon=True) for work in (agent.work, repliers.work)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        with ThreadPoolExecutor(12) as crowd:
            pace = plan.kills * plan.longest_pause / 2 / max(1, plan.tickets)
            coming = threading.Thread(target=_come, args=(crowd, doors, wishes, pace), daemon=True)
            coming.start()
            kills = _kill(plan, settings, dice)
            coming.join()
        threads[1].join(END_SECONDS)
        repliers.stop.set()
        ended = _wait_for_end(database)
        agent.stop.set()
        threads[0].join(30)
        with database.read() as tx:
            verdict = check_world(tx, [*wishes, *replies], sink.mails(), kills, ended=ended)
        if not ended:
            verdict.wrong.append(f"not ended after {END_SECONDS:.0f} s")
            with database.read() as tx:
                check = check_world(tx, [*wishes, *replies], sink.mails(), kills)
            verdict.wrong.extend(line for line in check.wrong if line not in verdict.wrong)
        verdict.counts |= {"kills": dict(kills), "refused by the mail server": sink.refused}
        verdict.counts["seconds"] = round(time.monotonic() - began)
        verdict.counts["customers' failed knocks"] = dict(Counter(doors.lost))
        return verdict
    finally:
        house.send_signal(signal.SIGINT)
        try:
            house.wait(30)
        except subprocess.TimeoutExpired:
            house.kill()
        sink.stop()
        database.close()


def _environ(home: Path, sink_port: int, extra: Mapping[str, str]) -> dict[str, str]:
    port = free_port()
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("ESTAFET_", "TEMPORAL_"))}
    return {
        **ours,
        "ESTAFET_HOME": str(home),
        "ESTAFET_HTTP_PORT": str(port),
        "ESTAFET_SMTP_PORT": str(free_port()),
        "ESTAFET_MAIL_URL": f"smtp://127.0.0.1:{sink_port}",
        "ESTAFET_DEMO": "0",
        "ESTAFET_SECRET_KEY": "the fault suite has no secrets, but the key must be long",
        **extra,
    }


def _wishes(plan: Plan, dice: random.Random) -> tuple[list[Wish], list[Wish]]:
    wishes = [
        Wish(f"x{plan.seed}n{n}", plan.doors[n % len(plan.doors)], f"customer{n}{CUSTOMERS}")
        for n in range(plan.tickets)
    ]
    return wishes, [reply_to(wish) for wish in wishes if dice.random() < 0.3]


def _come(crowd: ThreadPoolExecutor, doors: Doors, wishes: list[Wish], pace: float) -> None:
    for wish in wishes:
        crowd.submit(doors.say, wish)
        time.sleep(pace)


def _kill(plan: Plan, settings: Settings, dice: random.Random) -> Counter[str]:
    """kill -9, again and again, whoever is up at that instant."""
    kills: Counter[str] = Counter()
    while kills.total() < plan.kills:
        time.sleep(0.2 + dice.random() * plan.longest_pause)
        name = dice.choice(plan.victims)
        try:
            pid = _pids(settings)[name]
            os.kill(pid, signal.SIGKILL)
        except (OSError, KeyError, json.JSONDecodeError):
            continue  # it is just being started again
        kills[name] += 1
    return kills


def _pids(settings: Settings) -> dict[str, int]:
    found: dict[str, Any] = json.loads((settings.home / "ready.json").read_text())["pids"]
    return found


def _wait_for_end(database: Database) -> bool:
    def over() -> bool:
        with database.read() as tx:
            working = tx.execute(
                select(func.count())
                .select_from(Ticket)
                .where((Ticket.status != CLOSED) | (Ticket.want_seq > Ticket.nudged_seq))
            ).scalar_one()
            leaving = tx.execute(
                select(func.count()).select_from(Effect).where(Effect.state.in_(["planned", "attempting", "unknown"]))
            ).scalar_one()
        return not working and not leaving

    try:
        _wait_for(over, END_SECONDS, "")
    except TimeoutError:
        return False
    return True


def _wait_for(condition: Any, seconds: float, words: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(words)
        time.sleep(0.1)
