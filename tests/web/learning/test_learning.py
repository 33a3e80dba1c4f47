"""Learning through the pages: similar tickets beside the ticket, a procedure with one click, figures with their tickets, the glossary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from core.actors import SYSTEM, Actor
from core.learning.solved import index_solved
from core.moments import now_ms
from core.procedures import publish
from core.schema import Article, Run, Solved, Sop, SopVersion
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.resolving import resolve
from tests.web.conftest import IDS, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

DEWI = Actor("person", IDS["dewi"], "agent", "Dewi Anggraini", 1)
MEND = """\
sop: mend
title: Mend a fridge
department: service
start:
  if: ticket.topic == "fridge"
do:
  - look:
      task: Look at the fridge
      due: {business: PT2H}
  - finish:
      resolve: {require: [resolution]}
  - learn:
      document: {article: suggest, sop: suggest}
"""


def one(database: Database, query: Any) -> Any:
    with database.read() as tx:
        return tx.execute(query).scalar()


@pytest.fixture
def solved(firm: Database, settings: Settings, ticket_id: int) -> int:
    """A solved ticket like the open one, that followed its own procedure."""
    with firm.write() as tx:
        publish(tx, SYSTEM, MEND, now=now_ms())
        new = NewTicket(
            "Kulkas bocor",
            "Air menetes di bawah kulkas, kata Sari Wulandari.",
            CustomerRef("budi@example.com", "Budi Hartono"),
            department="service",
            language="id",
            topic="fridge",
        )
        made = open_ticket(tx, settings, SYSTEM, new).ticket_id
    with firm.write() as tx:
        resolve(tx, settings, DEWI, made, "Selang Pak Budi diganti.")
    with firm.write() as tx:
        index_solved(tx)
    return made


@pytest.fixture
def dewi(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("dewi")


@pytest.fixture
def lina(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("lina")


def test_similar_comes_after_the_page(dewi: FlaskClient, ticket_id: int, solved: int) -> None:
    assert f'data-later="/tickets/{ticket_id}/similar"' in dewi.get(f"/tickets/{ticket_id}").text
    part = dewi.get(f"/tickets/{ticket_id}/similar", headers={"X-Requested-With": "fetch"}).text
    assert "<html" not in part
    assert "Kulkas bocor" in part
    assert "Mend a fridge" in part
    assert "diganti." in part
    assert "Budi" not in part
    assert "<html" in dewi.get(f"/tickets/{ticket_id}/similar").text


def test_its_procedure_is_used(dewi: FlaskClient, firm: Database, ticket_id: int, solved: int) -> None:
    answer = post(dewi, f"/tickets/{ticket_id}/use", {"sop": "mend", "like": str(solved)})
    assert answer.status_code == 303, answer.text
    newest = select(Sop.name).join(SopVersion, SopVersion.sop_id == Sop.id).join(Run, Run.version_id == SopVersion.id)
    assert one(firm, newest.where(Run.ticket_id == ticket_id, Run.state == "running")) == "mend"
    assert f"Like ticket {solved}" in dewi.get(f"/tickets/{ticket_id}").text


def test_unknown_procedure_is_explained(dewi: FlaskClient, ticket_id: int) -> None:
    answer = post(dewi, f"/tickets/{ticket_id}/use", {"sop": "nothing"})
    assert answer.status_code == 422
    assert "no published SOP" in answer.text


def test_one_click_drafts_and_opens_outline(
    lina: FlaskClient, settings: Settings, firm: Database, ticket_id: int
) -> None:
    with firm.write() as tx:
        resolve(tx, settings, DEWI, ticket_id, "Done.")
    assert "Draft a procedure from this" in lina.get(f"/tickets/{ticket_id}").text
    answer = post(lina, f"/tickets/{ticket_id}/learn")
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/studio/\d+/edit", answer.headers["Location"])
    page = lina.get(answer.headers["Location"]).text
    assert "Write to the customer" in page
    assert "drafted a procedure from this ticket" in lina.get(f"/tickets/{ticket_id}/timeline").text


def test_change_is_shown_as_difference(lina: FlaskClient, firm: Database, settings: Settings, solved: int) -> None:
    answer = post(lina, f"/tickets/{solved}/learn")
    assert answer.status_code in {303, 409}
    if answer.status_code == 303:
        assert "/compare?from=1&to=draft" in answer.headers["Location"]
        assert "Go on with the draft" in lina.get(answer.headers["Location"]).text
    else:
        assert "nothing to learn" in answer.text


def test_accepted_step_drafts_article_and_procedure(
    dewi: FlaskClient, firm: Database, ticket_id: int, settings: Settings
) -> None:
    """The standard procedure's last step suggests both; an agent accepts, a lead finds the draft."""
    step = text("SELECT id FROM step WHERE ticket_id = :t AND state = 'open' AND kind <> 'sop'").bindparams(t=ticket_id)
    assert post(dewi, f"/tickets/{ticket_id}/steps/{one(firm, step)}/complete", {"choice": "solved"}).status_code == 303
    done = post(dewi, f"/tickets/{ticket_id}/steps/{one(firm, step)}/complete", {"field.resolution": "New seal."})
    assert done.status_code == 303, done.text
    decided = post(dewi, f"/tickets/{ticket_id}/steps/{one(firm, step)}/decide", {"accept": "yes"})
    assert decided.status_code == 303, decided.text
    assert one(firm, select(Article.id)) is not None
    assert one(firm, select(SopVersion.state).order_by(SopVersion.id.desc())) == "draft"


def test_figures_lead_to_tickets(lina: FlaskClient, firm: Database, solved: int) -> None:
    sop = one(firm, select(Sop.id).where(Sop.name == "mend"))
    page = lina.get(f"/studio/{sop}/figures").text
    assert "Look at the fridge" in page
    assert 'class="plate' in page
    link = re.search(rf'href="(/studio/{sop}/figures/look\?version=1&amp;what=visits)"', page)
    assert link
    assert f"/tickets/{solved}" in lina.get(link[1].replace("&amp;", "&")).text
    assert f"/studio/{sop}/figures" in lina.get(f"/studio/{sop}").text
    assert lina.get(f"/studio/{sop}/figures?version=9").status_code == 404
    assert lina.get(f"/studio/{sop}/figures/nope").status_code == 404
    assert lina.get(f"/studio/{sop}/figures/look?what=x").status_code == 404


def test_glossary_takes_own_words(lina: FlaskClient, firm: Database, solved: int) -> None:
    assert "refund, refunds" in lina.get("/studio/glossary").text
    wrong = post(lina, "/studio/glossary", {"own": "magic com, rice cooker\nalone"})
    assert wrong.status_code == 422
    assert "Group 2" in wrong.text
    assert "magic com" in wrong.text
    assert post(lina, "/studio/glossary", {"own": "magic com, rice cooker"}).status_code == 303
    assert "magic com, rice cooker" in lina.get("/studio/glossary").text
    assert one(firm, select(Solved.ticket_id)) is None
    with firm.write() as tx:
        assert index_solved(tx) == 1


def test_public_article_needs_a_tick(lina: FlaskClient, firm: Database, solved: int) -> None:
    post(lina, f"/tickets/{solved}/article")
    article = one(firm, select(Article.id))
    body = {"title": "Kulkas", "body": "Tanya Budi Hartono", "visibility": "public", "language": "id", "version": "1"}
    assert post(lina, f"/articles/{article}/edit", body).status_code == 303
    page = lina.get(f"/articles/{article}").text
    assert "Budi Hartono" in page
    refused = post(lina, f"/articles/{article}/publish")
    assert refused.status_code == 422
    assert "nothing in them belongs to a customer" in refused.text
    assert post(lina, f"/articles/{article}/publish", {"confirmed": "yes"}).status_code == 303
    history = lina.get(f"/articles/{article}/versions").text
    assert "version 2" in history
    assert "− " in history
