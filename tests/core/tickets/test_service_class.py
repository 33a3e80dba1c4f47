"""A customer becomes a VIP: their open tickets move to the front, the timeline says who did it, and policies are decided anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.actors import Actor
from core.customer_list import change_customer
from core.service_class import change_class

if TYPE_CHECKING:
    from tests.core.conftest import Desk

CRM = Actor("plugin", name="crm")


def test_open_tickets_follow_their_customer(desk: Desk) -> None:
    first, second = desk.open("TV mati").ticket_id, desk.open("Kulkas bocor").ticket_id
    with desk.database.write() as tx:
        customer = desk.row(first).customer_id
        assert change_class(tx, CRM, customer, "vip", 1_795_485_700_000)
        assert not change_class(tx, CRM, customer, "vip", 1_795_485_700_000)
    assert all(desk.row(ticket).vip for ticket in (first, second))
    (told,) = [one for one in desk.events(first) if one.data.get("property") == "class"]
    assert (told.actor_kind, told.data["from"], told.data["to"]) == ("plugin", "standard", "vip")
    with desk.database.write() as tx:
        change_customer(tx, desk.people["dewi"], customer, {"klass": "standard"})
    assert not desk.row(second).vip
