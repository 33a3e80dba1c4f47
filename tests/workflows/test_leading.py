"""One of several relays leads, and another takes over from a dead one."""

from sqlalchemy import update

from core.schema import Process
from workflows.leading import Leadership


def test_first_one_leads(any_database):
    first, second = Leadership(any_database, "relay"), Leadership(any_database, "relay")
    first.keep(dict)
    second.keep(dict)
    assert (first.ours, second.ours) == (True, False)


def test_silent_leader_is_succeeded(any_database):
    Leadership(any_database, "relay").keep(dict)
    with any_database.write() as tx:
        tx.execute(update(Process).values(seen_at=1))
    second = Leadership(any_database, "relay")
    second.keep(dict)
    assert second.ours


def test_dead_leader_is_succeeded_at_once(any_database):
    Leadership(any_database, "relay").keep(dict)
    with any_database.write() as tx:
        tx.execute(update(Process).values(pid=2**22 + 7))  # beyond Linux's highest process id
    second = Leadership(any_database, "relay")
    second.keep(dict)
    assert second.ours


def test_resigning_makes_room(any_database):
    first = Leadership(any_database, "relay")
    first.keep(dict)
    first.resign()
    second = Leadership(any_database, "relay")
    second.keep(dict)
    assert second.ours
