"""Full text over what was written, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from core.actors import SYSTEM
from core.moments import now_ms
from core.procedures import publish_library
from core.schema import Department, Team
from core.tickets import search
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings


@pytest.fixture
def filled(any_database: Database, any_settings: Settings) -> Database:
    """Three tickets in two departments, indexed."""
    with any_database.write() as tx:
        for i, name in ((1, "service"), (2, "billing")):
            tx.execute(insert(Department).values(id=i, name=name, title=name, language="en", default_team_id=i))
            tx.execute(insert(Team).values(id=i, department_id=i, name=f"t{i}", title=name))
        publish_library(tx, SYSTEM, now_ms())
        for subject, body, who, department in (
            ("Kulkas bocor", "Air menggenang, nota INV-20931", "Sari Wulandari", "service"),
            ("Faktur pajak", "Mohon dikirim, terima kasih", "Yusuf Maulana", "billing"),
            ("Kulkas berisik", "Bunyi keras", "Dian Permata", "service"),
        ):
            email = who.split()[0].lower() + "@example.com"
            open_ticket(
                tx, any_settings, SYSTEM, NewTicket(subject, body, CustomerRef(email, who), department=department)
            )
        while search.index_messages(tx, 2):
            pass
    return any_database


def subjects(database: Database, typed: str, department: int | None = None) -> list[str]:
    with database.read() as tx:
        return [found.subject for found in search.search_tickets(tx, typed, department)]


def test_newest_comes_first(filled: Database) -> None:
    assert subjects(filled, "kulkas") == ["Kulkas berisik", "Kulkas bocor"]


def test_every_word_must_occur(filled: Database) -> None:
    assert subjects(filled, "kulkas menggenang") == ["Kulkas bocor"]
    assert subjects(filled, "kulkas pajak") == []


def test_last_word_may_be_a_beginning(filled: Database) -> None:
    assert subjects(filled, "air mengg") == ["Kulkas bocor"]


def test_number_of_a_receipt_is_found(filled: Database) -> None:
    assert subjects(filled, "INV-20931") == ["Kulkas bocor"]


def test_other_department_stays_hidden(filled: Database) -> None:
    assert subjects(filled, "faktur", 1) == []
    assert subjects(filled, "faktur", 2) == ["Faktur pajak"]
    assert "Faktur pajak" not in subjects(filled, "2", 1)


def test_ticket_number_leads_to_it(filled: Database) -> None:
    assert subjects(filled, "2")[0] == "Faktur pajak"


@pytest.mark.parametrize("typed", ["", '"', "(", "a AND", "NEAR(", "*", "':*", "b0 | b1", "\\", "x" * 500])
def test_odd_words_break_nothing(filled: Database, typed: str) -> None:
    assert isinstance(subjects(filled, typed), list)


def test_index_is_complete(filled: Database) -> None:
    with filled.read() as tx:
        assert not search.unindexed(tx)


def test_customers_by_name_and_address(filled: Database) -> None:
    with filled.read() as tx:
        assert [c.name for c in search.search_customers(tx, "sari")] == ["Sari Wulandari"]
        assert [c.name for c in search.search_customers(tx, "yusuf@ex")] == ["Yusuf Maulana"]
        assert search.search_customers(tx, "x") == []
