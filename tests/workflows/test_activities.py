"""What activities answer Temporal when the core fails: codes, never anybody's words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from core.actors import SYSTEM
from core.moments import now_ms
from core.organisation import create_department, create_team
from core.performing import TryLater
from core.procedures import publish_library
from core.schema import Ticket
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from workflows import activities
from workflows.activities import Activities
from workflows.timing import ATTEMPTS_TO_ADVANCE, EFFECTS, limits


@pytest.fixture
def ticket(database, settings) -> int:
    with database.write() as tx:
        publish_library(tx, SYSTEM, now_ms())
        department = create_department(tx, SYSTEM, "service", "Service", language="en")
        create_team(tx, SYSTEM, department, "repair", "Repair", default=True)
        new = NewTicket("Broken", "It does not work.", CustomerRef("sari@example.com", "Sari"), language="en")
        return open_ticket(tx, settings, SYSTEM, new).ticket_id


def run(activity, *args, attempt: int = 1):
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    return environment.run(activity, *args)


def activity_named(offered: Activities, name: str):
    from temporalio.activity import _Definition

    return next(one for one in offered.all() if _Definition.must_from_callable(one).name == name)


def test_every_kind_has_an_activity(database, settings):
    offered = Activities(settings, database)
    for kind in EFFECTS:
        assert activity_named(offered, kind)


def test_attempts_outlive_their_work():
    from core.effects import PERFORM_SECONDS

    for kind in EFFECTS:
        assert limits(kind)["start_to_close_timeout"].total_seconds() > PERFORM_SECONDS


def test_advance_answers_and_marks(database, settings, ticket):
    standing = run(Activities(settings, database).advance, ticket, None)
    assert standing.ticket_id == ticket
    with database.read() as tx:
        row = tx.execute(select(Ticket.__table__).where(Ticket.id == ticket)).one()
    assert row.nudged_seq >= row.want_seq


def test_fifth_failure_needs_attention(database, settings, ticket, monkeypatch):
    def broken(*_args):
        raise ValueError("Sari wrote: it does not work")

    monkeypatch.setattr(activities.advancing, "advance", broken)
    offered = Activities(settings, database)
    with pytest.raises(ApplicationError) as caught:
        run(offered.advance, ticket, None)
    assert not caught.value.non_retryable
    with pytest.raises(ApplicationError) as caught:
        run(offered.advance, ticket, None, attempt=ATTEMPTS_TO_ADVANCE)
    assert caught.value.non_retryable
    assert "Sari" not in str(caught.value)
    with database.read() as tx:
        assert tx.execute(select(Ticket.__table__.c.attention)).scalar_one() == "advance_failed"


def test_absent_database_is_waited_for(database, settings, ticket, monkeypatch):
    def away(*_args):
        raise OperationalError("SELECT", {}, Exception("no connection"))

    monkeypatch.setattr(activities.advancing, "advance", away)
    with pytest.raises(ApplicationError) as caught:
        run(Activities(settings, database).advance, ticket, None, attempt=50)
    assert not caught.value.non_retryable
    with database.read() as tx:
        assert tx.execute(select(Ticket.__table__.c.attention)).scalar_one() is None


def test_put_off_effect_says_when(database, settings, monkeypatch):
    def later(*_args):
        raise TryLater("451 Sari's mailbox is full", 90)

    monkeypatch.setattr(activities, "perform_effect", later)
    with pytest.raises(ApplicationError) as caught:
        run(activity_named(Activities(settings, database), "send_mail"), "1/x")
    assert caught.value.next_retry_delay.total_seconds() == 90
    assert "Sari" not in str(caught.value)
