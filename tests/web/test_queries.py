"""How many statements a page may run: a number that does not grow with its rows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from core.actors import SYSTEM
from core.tickets.opening import CustomerRef, NewTicket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings

MOST = {
    "/": 6,
    "/?view=mine": 6,
    "/?view=due": 6,
    "/tickets/1": 14,
    "/tickets/1/timeline": 6,
    "/work": 4,
    "/search?q=fridge": 8,
    "/customers/1": 6,
    "/articles": 3,
    "/studio/": 4,
    "/me": 3,
    "/admin/status": 10,
    "/admin/mail": 3,
}


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that run inside the block (BEGIN and the like left out)."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engines = (database._reader, database._writer)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", MOST)
def test_page_runs_few_statements(
    path: str, signed_in: Callable[[str], FlaskClient], firm: Database, settings: Settings, ticket_id: int
) -> None:
    with firm.write() as tx:
        for i in range(12):
            new = NewTicket(f"Fridge {i}", "It leaks", CustomerRef(f"c{i}@example.com"), department="service")
            open_ticket(tx, settings, SYSTEM, new)
    client = signed_in("lina")
    client.get(path)  # documents and the directory are kept from the first visit on
    with statements(firm) as seen:
        assert client.get(path).status_code == 200
    assert len(seen) <= MOST[path], "\n\n".join(seen)
