"""The order of the queue, its pages, its filters, and the numbers of the sidebar, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, text

from core.schema import Customer, Department, Person, PersonLoad, Team
from core.tickets import queue
from core.tickets.queue import Listing, queue_page
from core.tickets.rows import insert_row

if TYPE_CHECKING:
    from core.database import Database

START = 1_700_000_000_000


def ticket(tx: Any, n: int, **values: Any) -> int:
    """A bare ticket row; `n` orders it."""
    blank: dict[str, Any] = {
        "customer_id": 1,
        "department_id": 1,
        "team_id": 1,
        "holder_id": None,
        "status": "open",
        "priority": 3,
        "vip": False,
        "channel": "email",
        "subject": f"Ticket {n}",
        "topic": None,
        "product": None,
        "language": "en",
        "tags": [],
        "created_at": START + n,
        "entered_at": START + n,
        "last_at": START + n,
        "reopened": 0,
        "last_seq": 1,
        "want_seq": 0,
        "nudged_seq": 0,
        "version": 1,
    }
    nothing = "first_response_at first_response_ms last_customer_at resolved_at closed_at resolution promised_at queue_key due_at"
    more = "due_kind step_id run_id merged_into attention alarm_at last_message_id policy"
    empty = dict.fromkeys(f"{nothing} {more}".split())
    return insert_row(tx, {**empty, **blank, **values}, "vip_lane").id


@pytest.fixture
def filled(any_database: Database) -> Database:
    """Two departments; 60 tickets in the first, of which number 7 and 9 are VIP; one in the second."""
    with any_database.write() as tx:
        tx.execute(
            insert(Customer).values(
                id=1, name="Sari", language="en", klass="standard", verified=True, created_at=1, link_epoch=1
            )
        )
        for i in (1, 2):
            tx.execute(insert(Department).values(id=i, name=f"d{i}", title=f"D{i}", language="en"))
            tx.execute(insert(Team).values(id=i, department_id=i, name=f"t{i}", title=f"T{i}"))
        tx.execute(
            insert(Person).values(
                id=1, email="a@example.com", name="A", nick="a", role="agent", department_id=1, settings={}
            )
        )
        tx.execute(insert(PersonLoad).values(person_id=1, open_n=0))
        for n in range(60):
            ticket(
                tx, n, vip=n in {7, 9}, holder_id=1 if n % 10 == 0 else None, due_at=START + 1000 - n if n % 2 else None
            )
        ticket(tx, 100, department_id=2, team_id=2, status="pending_customer")
        ticket(tx, 101, status="closed")
    return any_database


def subjects(database: Database, listing: Listing) -> list[str]:
    with database.read() as tx:
        return [row.subject for row in queue_page(tx, listing).rows]


def test_vip_lane_comes_first(filled: Database) -> None:
    found = subjects(filled, Listing("department", (1,), limit=4))
    assert found == ["Ticket 7", "Ticket 9", "Ticket 0", "Ticket 1"]


def test_pages_join_without_gaps(filled: Database) -> None:
    seen: list[int] = []
    after: tuple[int, int] | None = None
    with filled.read() as tx:
        while True:
            page = queue_page(tx, Listing("department", (1,), after=after, limit=7))
            seen += [row.id for row in page.rows]
            after = page.next
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 60


@pytest.mark.parametrize("order", ["due", "last"])
def test_other_orders_page_too(filled: Database, order: str) -> None:
    with filled.read() as tx:
        first = queue_page(tx, Listing("department", (1,), order=order, limit=5))
        second = queue_page(tx, Listing("department", (1,), order=order, limit=5, after=first.next))
    keys = [row.key for row in (*first.rows, *second.rows)]
    assert keys == sorted(keys, reverse=order == "last")
    assert len({row.id for row in (*first.rows, *second.rows)}) == 10


def test_several_scopes_merge(filled: Database) -> None:
    assert len(subjects(filled, Listing("team", (1, 2), limit=200))) == 61
    assert len(subjects(filled, Listing("everything", limit=200))) == 61
    assert subjects(filled, Listing("team", ())) == []


@pytest.mark.parametrize(
    ("listing", "n"),
    [
        (Listing("holder", (1,), limit=200), 6),
        (Listing("department", (1,), unheld=True, limit=200), 54),
        (Listing("department", (1,), vip=True, limit=200), 2),
        (Listing("everything", statuses=("pending_customer",), limit=200), 1),
        (Listing("department", (1,), priorities=(1,), limit=200), 0),
        (Listing("department", (1,), channels=("email",), words="ticket 5", limit=200), 11),
        (Listing("department", (1,), order="due", due_before=START + 950, limit=200), 5),
        (Listing("department", (1,), holder_ids=(1,), limit=200), 6),
    ],
)
def test_filters_narrow(filled: Database, listing: Listing, n: int) -> None:
    assert len(subjects(filled, listing)) == n


def test_sidebar_counts_agree(filled: Database) -> None:
    with filled.read() as tx:
        here = queue.counts(tx, 1, (1,), 1, START + 950)
        everywhere = queue.counts(tx, 1, (1,), None, START + 950)
    assert (here.team, here.mine, here.unheld, here.vip, here.waiting, here.everything, here.due) == (
        60,
        6,
        54,
        2,
        0,
        60,
        5,
    )
    assert (everywhere.everything, everywhere.waiting) == (61, 1)


def test_page_uses_the_partial_index(filled: Database) -> None:
    """The key condition must prove to SQLite that its partial index may be used (docs/scale.md)."""
    if not filled.sqlite:
        pytest.skip("the plan is SQLite's")
    from sqlalchemy.dialects import sqlite

    shape = queue._shape(Listing("department", (1,), after=(1, 1)))
    compiled = queue._statement(shape).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": False})
    values = {**compiled.params, **queue._values(Listing("department", (1,), after=(1, 1)))}
    with filled.read() as tx:
        plan = tx.exec_driver_sql(
            "EXPLAIN QUERY PLAN " + str(compiled), tuple(values[name] for name in compiled.positiontup or ())
        )
        assert "ix_ticket_queue_department" in " ".join(str(row) for row in plan)
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
