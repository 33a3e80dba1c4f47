"""A small past for the pages of the replay: three refunds, each with its own course, and a draft that would have taken them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from core.actors import SYSTEM, Actor
from core.moments import now_ms
from core.procedures import publish
from core.schema import StepVisit
from core.studio.drafts import open_draft, save_draft
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.steps import complete_step, vote

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.database import Database
    from core.settings import Settings

REFUND = """sop: refund
title: {en: Refund, id: Pengembalian dana}
department: service
start: {if: ticket.topic == "refund"}
fields:
  amount: {type: money, label: Amount paid}
do:
  - take: {assign: {team: service-team}}
  - verify: {task: Check the invoice, require: [fields.amount], due: PT4H}
  - size:
      switch:
        - {if: fields.amount > 5000000, then: ask}
        - else: []
      then: finish
  - ask: {approval: {by: "agent:mira", question: Pay it?}, on: {reject: {then: verify}}}
  - finish: {resolve: {require: [resolution]}}
"""
DRAFT = REFUND.replace("5000000", "9000000").replace("PT4H", "PT2H")
HOUR = 3_600_000
DEWI, LINA = Actor("person", 3, "agent", "Dewi Anggraini", 1), Actor("person", 2, "lead", "Lina Hartati", 1)
MIRA = Actor("person", 1, "manager", "Mira Santoso", None)


def make_past(firm: Database, settings: Settings) -> tuple[int, list[int]]:
    """(id of the SOP, ids of the tickets): seven millions in time, a small one too late for the draft, and one that is still open."""
    now = now_ms() - 48 * HOUR
    with firm.write() as tx:
        sop_id = publish(tx, SYSTEM, REFUND, department_id=1, now=now).sop_id
    tickets = []
    for amount, hours in ((7_000_000, 1), (250_000, 3), (7_000_000, 0)):
        with firm.write() as tx:
            new = NewTicket(
                f"Refund of {amount}",
                "Please pay it back.",
                CustomerRef("sari@example.com", "Sari Wulandari"),
                department="service",
                topic="refund",
                language="en",
            )
            tickets.append(open_ticket(tx, settings, SYSTEM, new, now=now).ticket_id)
        if hours:
            _followed(firm, settings, tickets[-1], amount, now, hours)
    with firm.write() as tx:
        draft = open_draft(tx, LINA, sop_id, now=now_ms())
        save_draft(tx, LINA, sop_id, draft.revision, text=DRAFT, now=now_ms())
    return sop_id, tickets


def _followed(firm: Database, settings: Settings, ticket: int, amount: int, now: int, hours: int) -> None:
    at = now + hours * HOUR
    with firm.write() as tx:
        complete_step(tx, settings, DEWI, ticket, _step(tx, ticket, "verify"), fields={"amount": amount}, now=at)
    if amount > 5_000_000:
        with firm.write() as tx:
            vote(tx, settings, MIRA, ticket, _step(tx, ticket, "ask"), "approve", now=at + HOUR)
    with firm.write() as tx:
        finish = _step(tx, ticket, "finish")
        complete_step(tx, settings, DEWI, ticket, finish, fields={"resolution": "Paid back"}, now=at + 2 * HOUR)


def _step(tx: Connection, ticket: int, name: str) -> int:
    wanted = (StepVisit.ticket_id == ticket, StepVisit.name == name, StepVisit.state == "open")
    return int(tx.execute(select(StepVisit.id).where(*wanted)).scalar_one())
