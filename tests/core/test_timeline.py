"""The one log: no gaps, and no reader ever passes an event over."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from core.actors import SYSTEM
from core.tickets.conversation import Draft, add_comment
from core.tickets.rows import flush
from core.timeline import Position, append, append_to, follow, newest

if TYPE_CHECKING:
    from core.database import Database
    from tests.core.conftest import Desk


def read_on(database: Database, position: Position) -> tuple[list[int], Position]:
    with database.read() as tx:
        found, position = follow(tx, position)
    return [event.id for event in found], position


def test_reader_waits_for_open_transaction(desk: Desk) -> None:
    """A transaction that began earlier commits later: on PostgreSQL its event has the smaller id and must not be lost."""
    first, second = desk.open().ticket_id, desk.open().ticket_id
    with desk.database.read() as tx:
        position = newest(tx)
    if desk.database.sqlite:
        with desk.database.write() as tx:
            append(tx, first, "comment.added", SYSTEM, at=1)
        assert len(read_on(desk.database, position)[0]) == 1
        return
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with desk.database.write() as tx:
            append(tx, first, "comment.added", SYSTEM, at=1)
            flush(tx)
            begun.set()
            go_on.wait(20)

    writer = threading.Thread(target=slow)
    writer.start()
    begun.wait(20)
    with desk.database.write() as tx:
        later = append(tx, second, "comment.added", SYSTEM, at=2).seq
    seen, position = read_on(desk.database, position)
    assert seen == []  # the later event waits behind the open transaction
    go_on.set()
    writer.join()
    seen, position = read_on(desk.database, position)
    assert len(seen) == 2
    assert [event.seq for event in desk.events(second) if event.id in seen] == [later]
    assert read_on(desk.database, position)[0] == []


def test_writers_of_one_ticket_queue(desk: Desk) -> None:
    ticket = desk.open().ticket_id

    def write() -> None:
        for _ in range(10):
            with desk.database.write() as tx:
                add_comment(tx, desk.people["dewi"], ticket, Draft("Catatan."))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seqs = [event.seq for event in desk.events(ticket)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert desk.kinds(ticket).count("comment.added") == 40


def test_other_streams_count_too(desk: Desk) -> None:
    with desk.database.write() as tx:
        before = append_to(tx, "person", 999, "person.availability", SYSTEM, at=1).seq
        after = append_to(tx, "person", 999, "person.availability", SYSTEM, at=2).seq
    assert (before, after) == (1, 2)
