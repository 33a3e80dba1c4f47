"""A whole house while its database is locked or Temporal is away: pages and doors stay usable, say what is going on, and all is caught up."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from core import configuration
from core.organisation import issue_token
from core.schema import CaughtMail, Department, Effect, Ticket
from core.tickets.conversation import Draft, send_reply
from core.tickets.resolving import resolve
from tests.conftest import wait_until

from .conftest import a_mail, fetch, hand_in, locked, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import TemporalServer
    from tests.core.conftest import Desk
    from tests.estafet.conftest import House

_t, _e, _k = Ticket.__table__.c, Effect.__table__.c, CaughtMail.__table__.c
USABLE = 5.0  # seconds for a page or a call, on a busy machine


class Firm:
    """The house, what is in its database, and its doors."""

    def __init__(self, house: House, desk: Desk) -> None:
        self.house, self.desk = house, desk
        self.url = f"http://127.0.0.1:{desk.settings.http_port}"
        with desk.database.write() as tx:
            self.token = issue_token(tx, desk.people["dewi"].id or 0, "faults")

    def rows(self, query: Any) -> list[Any]:
        with self.desk.database.read() as tx:
            return list(tx.execute(query))

    def count(self, *conditions: Any) -> int:
        [[n]] = self.rows(select(func.count()).select_from(Ticket).where(*conditions))
        return int(n)

    def ask(self, words: str) -> tuple[int, str]:
        """Open a ticket through the API."""
        asked = {"subject": "Kulkas", "body": words, "customer": {"email": "sari@example.com"}}
        return fetch(f"{self.url}/api/v1/tickets", asked, self.token)

    def ready(self) -> dict[str, Any]:
        """What /readyz says."""
        found: dict[str, Any] = json.loads(fetch(f"{self.url}/readyz")[1])
        return found

    def all_caught_up(self) -> bool:
        unfinished = self.rows(select(_e.key).where(_e.state.in_(["planned", "attempting"])))
        return not unfinished and self.count(_t.want_seq > _t.nudged_seq) == 0


@pytest.fixture
def firm(office: tuple[House, Desk], own_temporal_server: TemporalServer) -> Iterator[Firm]:
    """A running house beside a Temporal that a test may take away."""
    house, desk = office
    house.environ["TEMPORAL_ADDRESS"] = own_temporal_server.address
    house.start()
    yield Firm(house, desk)
    house.stop()
    desk.database.close()


def quickly(act: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """The answer, which must not take long."""
    began = time.monotonic()
    answer = act()
    assert time.monotonic() - began < USABLE
    return answer


@pytest.mark.timeout(240)
def test_temporal_away_and_all_its_data_lost(firm: Firm, own_temporal_server: TemporalServer) -> None:
    """Tickets come in while it is away; it comes back empty; they are caught up. It loses everything again: the open ones still end."""
    own_temporal_server.kill()
    with ThreadPoolExecutor(4) as crowd:
        calls = [crowd.submit(quickly, lambda n=n: firm.ask(f"panggilan{n}")) for n in range(30)]
        mails = [crowd.submit(hand_in, firm.desk.settings.smtp_port, a_mail(f"surat{n}", n)) for n in range(10)]
        assert {call.result()[0] for call in calls} == {201}
        assert {mail.result()[0] for mail in mails} == {250}
    assert quickly(lambda: fetch(f"{firm.url}/help"))[0] == 200
    assert quickly(lambda: fetch(f"{firm.url}/signin"))[0] == 200
    assert firm.count(_t.holder_id.is_not(None)) == 40  # the procedure has gone on: everybody has a holder
    away = wait_until(lambda: (said := firm.ready()) and not said["temporal"]["reachable"] and said, 30, "the news")
    assert (away["status"], away["relay"]["waiting"]) == ("ready", 40)

    forget_everything(own_temporal_server)
    wait_until(firm.all_caught_up, 90, "forty first answers")
    wait_until(lambda: firm.ready()["temporal"]["reachable"], 30, "the good news")
    assert first_answers(firm) == 40

    own_temporal_server.kill()
    forget_everything(own_temporal_server)
    with firm.desk.database.write() as tx:
        tx.execute(update(Department).values(quiet_hours=0))
        configuration.bump(tx)
    tickets = [row[0] for row in firm.rows(select(_t.id).order_by(_t.id))]
    for ticket in tickets:
        with firm.desk.database.write() as tx:
            send_reply(tx, firm.desk.settings, firm.desk.people["dewi"], ticket, Draft("Selesai."))
            resolve(tx, firm.desk.settings, firm.desk.people["dewi"], ticket, "Diganti.")
    wait_until(lambda: firm.count(_t.status != "closed") == 0, 90, "the end of every ticket")
    wait_until(firm.all_caught_up, 90, "every mail")
    assert first_answers(firm) == 40
    keys = [row[0] for row in firm.rows(select(_k.key))]
    assert len(keys) == len(set(keys))
    assert {row[0] for row in firm.rows(select(_e.state))} == {"done"}


def forget_everything(server: TemporalServer) -> None:
    """Temporal comes back without any of its data."""
    for file in server.file.parent.glob("temporal.db*"):
        file.unlink()
    server.start()


def first_answers(firm: Firm) -> int:
    """How many customers have been told that their request arrived."""
    return len(firm.rows(select(_k.id).where(_k.key.like("%received:notify"))))


@pytest.mark.slow  # its short forms: test_locked_database_keeps_mail_waiting, test_locked_click_gets_a_sentence
@pytest.mark.timeout(180)
def test_database_locked_for_long(firm: Firm) -> None:
    """Somebody holds the write lock for more than ten seconds: reading goes on, writing waits or says a clear sentence, nothing is lost."""
    assert firm.ask("sebelumnya")[0] == 201
    with locked(firm.house.home) as let_go, ThreadPoolExecutor(3) as pool:
        call = pool.submit(firm.ask, "terkunci")
        mail = pool.submit(hand_in, firm.desk.settings.smtp_port, a_mail("surat-terkunci"), 60)
        assert quickly(lambda: fetch(f"{firm.url}/help"))[0] == 200
        assert fetch(f"{firm.url}/api/v1/tickets", token=firm.token)[0] == 200
        status, said = call.result(timeout=60)
        code, words = mail.result(timeout=60)
        let_go()
    problem = json.loads(said)
    assert (status, problem["status"]) == (503, 503), said
    assert "nothing was saved" in problem["detail"].lower()
    assert code == 451, words
    assert "send it again later" in words
    assert firm.ask("terkunci")[0] == 201
    assert hand_in(firm.desk.settings.smtp_port, a_mail("surat-terkunci"))[0] == 250
    assert (stored(firm.desk.settings, "terkunci"), stored(firm.desk.settings, "surat-terkunci")) == (2, 1)
    wait_until(firm.all_caught_up, 60, "the mails")
