"""Which address opens what: every page of the customers with every kind of address. A new page without a line here fails."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from core import procedures
from core.actors import SYSTEM
from core.articles import draft_from_ticket
from core.configuration import bump
from core.links import request_link, step_url, survey_url
from core.moments import now_ms
from core.schema import Attachment, Customer, Person, StepVisit
from core.tickets.messages import NewAttachment

from ..conftest import IDS
from .conftest import new_customer

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from core.database import Database
    from core.settings import Settings

THEIRS = """
sop: theirs
do:
  - how: {survey: {type: csat}}
  - beside:
      fork:
        join: all
        branches:
          one: [where: {task: Where may we deliver?, to: customer}]
          two: [may: {approval: {by: agent:lina, question: May we?}}]
"""
ADDRESSES = ("own", "another's", "forged", "revoked", "of the other kind")
# What each address gets, in this order. Another's address opens another's page; what lies on mine is not there.
LINES = {
    "GET /help": (200, 200, 200, 200, 200),
    "POST /help": (422, 422, 422, 422, 422),
    "GET /help/embed": (200, 200, 200, 200, 200),
    "POST /help/embed": (422, 422, 422, 422, 422),
    "GET /help/thanks": (200, 200, 200, 200, 200),
    "GET /help/articles": (200, 200, 200, 200, 200),
    "GET /help/articles/offered": (200, 200, 200, 200, 200),
    "GET /help/articles/<int:article_id>": (404, 404, 404, 404, 404),  # there is an article, but not for everybody
    "GET /r/<signed>": (200, 200, 404, 404, 404),
    "POST /r/<signed>/reply": (303, 303, 404, 404, 404),
    "POST /r/<signed>/steps/<int:step_id>": (303, 409, 404, 404, 404),
    "POST /r/<signed>/surveys/<int:step_id>": (303, 404, 404, 404, 404),
    "POST /r/<signed>/withdraw": (303, 303, 404, 404, 404),
    "GET /s/<signed>": (200, 200, 404, 404, 404),
    "POST /s/<signed>": (303, 303, 404, 404, 404),
    "GET /r/<signed>/files/<int:file_id>": (200, 404, 404, 404, 404),
    "GET /a/<signed>": (200, 200, 404, 404, 404),  # a colleague who is not asked (any more) may look and not decide
    "POST /a/<signed>": (303, 409, 404, 404, 404),
}


def test_every_page_has_a_line(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("portal.")]
    found = [f"{way} {rule.rule}" for rule in rules for way in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    assert sorted(found) == sorted(LINES)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("line", LINES)
def test_address_opens_only_its_own(line: str, address: str, knock: Callable[[str, str], int]) -> None:
    assert knock(line, address) == LINES[line][ADDRESSES.index(address)]


@pytest.fixture
def knock(app: Flask, firm: Database, settings: Settings) -> Callable[[str, str], int]:
    """`knock("GET /r/<signed>", "forged")`: the status of Bo's page, opened with this kind of address."""
    with firm.write() as tx:
        procedures.publish(tx, SYSTEM, THEIRS, now=now_ms())
    photo = NewAttachment("grinder.jpg", "image/jpeg", b"a photo")
    bo = new_customer(app, firm, settings, "bo@example.com", sop="theirs", attachments=(photo,))
    ana = new_customer(app, firm, settings, "ana@example.com", sop="theirs")
    a, s = Attachment.__table__.c, StepVisit.__table__.c
    with firm.read() as tx:
        steps = {row.name: row.id for row in tx.execute(select(s.name, s.id).where(s.ticket_id == bo.opened.ticket_id))}
        file = tx.execute(select(a.id)).scalar_one()
    with firm.write() as tx:
        article = draft_from_ticket(tx, SYSTEM, bo.opened.ticket_id)
    others = replace(settings, secret=b"another secret, as long as it needs to be")

    def to_request(address: str) -> str:
        ticket, customer = bo.opened.ticket_id, bo.opened.customer_id
        if address == "of the other kind":
            return step_url(settings, steps["may"], str(IDS["lina"]))
        return {"another's": ana.link, "forged": request_link(others, ticket, customer, 1)}.get(address, bo.link)

    def to_question(address: str) -> str:
        if address == "of the other kind":
            return bo.link
        voter = "dewi" if address == "another's" else "lina"  # nobody asked Dewi
        return step_url(others if address == "forged" else settings, steps["may"], str(IDS[voter]))

    def to_survey(address: str) -> str:
        if address == "of the other kind":
            return bo.link
        who = ana if address == "another's" else bo
        with firm.read() as tx:
            asked = tx.execute(select(s.id).where(s.ticket_id == who.opened.ticket_id, s.name == "how")).scalar_one()
        return survey_url(others if address == "forged" else settings, asked, who.opened.customer_id, 1)

    def revoke() -> None:
        """The customer's addresses were renewed; the colleague has left."""
        with firm.write() as tx:
            tx.execute(update(Customer.__table__).values(link_epoch=2))
            tx.execute(update(Person.__table__).where(Person.__table__.c.nick == "lina").values(active=False))
            bump(tx)

    def go(line: str, address: str) -> int:
        method, rule = line.split(" ")
        if address == "revoked":
            revoke()
        opens = {"a": to_question, "s": to_survey}.get(rule.split("/")[1], to_request)
        link = opens(address)
        ids = {
            "signed": link.rsplit("/", 1)[-1],
            "step_id": steps["how" if "surveys" in rule else "where"],
            "file_id": file,
            "article_id": article,
        }
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ids[found[1]]), rule)
        form: dict[str, Any] = {"reply": "hello", "verdict": "approve", "score": "4"}
        return int(app.test_client().open(path, method=method, data=form if method == "POST" else None).status_code)

    return go
