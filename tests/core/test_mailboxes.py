"""A department has several addresses: mail to each arrives there, answers leave from it, and none is in the house twice."""

from __future__ import annotations

import email
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from core.actors import SYSTEM
from core.department_changes import change_department
from core.errors import Forbidden, Invalid
from core.intake import receive_mail, understand
from core.organisation import create_department
from core.routing.store import RuleText, add_rule
from core.tickets.conversation import Draft, send_reply

if TYPE_CHECKING:
    from core.intake import Fate
    from tests.core.conftest import Desk

MORNING = 1_795_485_600_000
HELP = "help@lentera.example"


def arrive(desk: Desk, to: str, *, rcpt: str | None = None, n: int = 1, **headers: str) -> Fate:
    mail = EmailMessage()
    mail["From"], mail["To"] = headers.pop("sender", "Sari <sari@example.com>"), to
    mail["Subject"], mail["Message-ID"] = headers.pop("subject", "Kulkas bocor"), f"<{n}@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Tolong dibantu, kulkas saya bocor.")
    raw = mail.as_bytes()
    read = understand(desk.settings, raw, "sari@example.com")
    with desk.database.write() as tx:
        return receive_mail(
            tx, desk.settings, raw, read, envelope_sender="sari@example.com", recipients=[rcpt or to], now=MORNING
        )


def further(desk: Desk, department: str, *addresses: str) -> None:
    with desk.database.write() as tx:
        change_department(
            tx, desk.people["mira"], desk.departments[department], {"mailboxes": list(addresses)}, now=MORNING
        )


def left(desk: Desk, ticket: int) -> Any:
    desk.perform_all(ticket)
    mine = [mail for mail in desk.caught() if mail.recipients == ["sari@example.com"]]
    return email.message_from_string(mine[-1].raw)


def test_answer_leaves_from_address_written_to(desk: Desk) -> None:
    further(desk, "billing", HELP, "tagihan@lentera.example")
    ticket = arrive(desk, "HELP@Lentera.example").ticket_id or 0
    assert desk.row(ticket).department_id == desk.departments["billing"]
    assert HELP in left(desk, ticket)["From"]  # that it was received is said from there, too
    with desk.database.write() as tx:
        send_reply(tx, desk.settings, desk.people["rina"], ticket, Draft("We look."), now=MORNING + 1)
    ours = left(desk, ticket)
    assert HELP in ours["From"]
    assert desk.messages(ticket)[-1].author_email == HELP
    joined = arrive(desk, "tagihan@lentera.example", n=2, In_Reply_To=ours["Message-ID"])
    assert (joined.fate, joined.ticket_id) == ("joined", ticket)
    with desk.database.write() as tx:
        send_reply(tx, desk.settings, desk.people["rina"], ticket, Draft("Solved."), now=MORNING + 2)
    assert "tagihan@lentera.example" in left(desk, ticket)["From"]
    further(desk, "billing", HELP)  # the other address is given up: answers leave from the department's own
    with desk.database.write() as tx:
        send_reply(tx, desk.settings, desk.people["rina"], ticket, Draft("Good bye."), now=MORNING + 3)
    assert "billing@lentera.example" in left(desk, ticket)["From"]


def test_hidden_recipient_and_rules_see_mailbox(desk: Desk) -> None:
    further(desk, "billing", HELP)
    with desk.database.write() as tx:
        gives = {"priority": "urgent"}
        add_rule(tx, desk.settings, SYSTEM, RuleText("Help", f'ticket.mailbox == "{HELP}"', gives), now=MORNING)
    hidden = desk.row(arrive(desk, "undisclosed@elsewhere.example", rcpt=HELP).ticket_id or 0)
    assert (hidden.department_id, hidden.mailbox, hidden.priority) == (desk.departments["billing"], HELP, 1)
    plain = desk.row(arrive(desk, "billing@lentera.example", n=2, subject="Faktur").ticket_id or 0)
    assert (plain.department_id, plain.priority) == (desk.departments["billing"], 3)


def test_own_addresses_never_answer_each_other(desk: Desk) -> None:
    further(desk, "billing", HELP)
    fate = arrive(desk, "service@lentera.example", sender=f"Help <{HELP}>")
    assert fate.fate == "opened"  # somebody may have written there by hand: it is looked at, and not answered
    desk.perform_all(fate.ticket_id or 0)
    assert [mail for mail in desk.caught() if HELP in mail.recipients] == []
    ours = left(desk, arrive(desk, HELP, n=2).ticket_id or 0)
    back = arrive(desk, "service@lentera.example", n=3, sender=f"Help <{HELP}>", X_Estafet_Desk=ours["X-Estafet-Desk"])
    assert (back.fate, back.ticket_id) == ("own", None)


@pytest.mark.parametrize(
    ("address", "whom"),
    [
        ("Service@lentera.example", "Service"),
        (HELP, "Billing"),
        ("dewi@lentera.example", "Dewi"),
        ("no address", "not an e-mail"),
    ],
)
def test_address_is_in_the_house_once(sqlite_desk: Desk, address: str, whom: str) -> None:
    further(sqlite_desk, "billing", HELP)
    with sqlite_desk.database.write() as tx, pytest.raises(Invalid) as wrong:
        create_department(tx, SYSTEM, "sales", "Sales", mailboxes=["ok@lentera.example", address])
    [error] = wrong.value.errors
    assert error.pointer == "/mailboxes/1"
    assert whom in error.message


def test_lead_moves_no_mailboxes(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    with desk.database.write() as tx, pytest.raises(Forbidden):
        change_department(tx, desk.people["catherine"], desk.departments["service"], {"mailboxes": [HELP]})
    with desk.database.write() as tx:
        change_department(
            tx, desk.people["catherine"], desk.departments["service"], {"title": "Repairs", "mailboxes": []}
        )


def test_department_closes_when_nothing_is_left(desk: Desk) -> None:
    billing, mira = desk.departments["billing"], desk.people["mira"]
    ticket = desk.open(department="billing").ticket_id
    with desk.database.write() as tx, pytest.raises(Invalid) as kept:
        change_department(tx, mira, billing, {"active": False})
    assert [("1 open" in e.message, "Rina" in e.message, "billing@" in e.message) for e in kept.value.errors] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    desk.sql("UPDATE ticket SET status = 'closed', queue_key = NULL WHERE id = :t", t=ticket)
    desk.sql("UPDATE person SET active = :no WHERE department_id = :d", no=False, d=billing)
    with desk.database.write() as tx:
        change_department(tx, mira, billing, {"address": None})
        change_department(tx, mira, billing, {"active": False})
    assert desk.row(desk.open().ticket_id).department_id == desk.departments["service"]
    with pytest.raises(Invalid, match="no department"):
        desk.open(department="billing")
