"""A mail finds the ticket it continues, and nobody can forge the way there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mail.follow_up import (
    LARGEST_TICKET_ID,
    Candidate,
    follow_up,
    plain_subject,
    sign_message_id,
    strip_token,
    subject_token,
    ticket_of_message_id,
    ticket_of_subject,
)
from core.mail.incoming import IncomingMail, read_mail
from core.mail.reports import DeliveryReport

KEY = b"k" * 32
OTHER = b"o" * 32


def signed(ticket: int = 4711, unique: str = "effect-1", key: bytes = KEY) -> str:
    return sign_message_id(key, ticket, unique, "desk.example")


def mail(subject: str = "Re: order", references: tuple[str, ...] = (), report: str | None = None) -> IncomingMail:
    delivery = DeliveryReport(report, "failed", "", "", "") if report else None
    return IncomingMail(fingerprint="x", subject=subject, references=references, delivery_report=delivery)


@given(st.integers(1, LARGEST_TICKET_ID), st.text(max_size=40))
def test_signed_ids_come_back(ticket: int, unique: str) -> None:
    message_id = sign_message_id(KEY, ticket, unique, "desk.example")
    assert ticket_of_message_id(KEY, message_id) == ticket
    assert ticket_of_message_id(KEY, message_id.upper()) == ticket
    assert ticket_of_message_id(OTHER, message_id) is None
    assert len(message_id) < 80


@given(st.integers(1, LARGEST_TICKET_ID))
def test_tokens_come_back(ticket: int) -> None:
    token = subject_token(KEY, ticket)
    assert ticket_of_subject(KEY, f"Re: order {token}") == ticket
    assert ticket_of_subject(KEY, f"RE: ORDER {token.upper()} again") == ticket
    assert ticket_of_subject(OTHER, token) is None


def test_same_input_same_id() -> None:
    assert signed() == signed()
    assert signed(unique="effect-2") != signed()


def test_numbers_do_not_show() -> None:
    first, second = subject_token(KEY, 1), subject_token(KEY, 2)
    assert sum(a == b for a, b in zip(first, second, strict=True)) < 12
    assert "4711" not in signed()


@given(st.integers(3, 42), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_changed_letter_is_forged(position: int, letter: str) -> None:
    message_id = signed()
    if message_id[position] not in (".", letter):
        forged = message_id[:position] + letter + message_id[position + 1 :]
        assert ticket_of_message_id(KEY, forged) is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16))
def test_guessed_token_is_refused(letters: str) -> None:
    assert ticket_of_subject(KEY, f"[#{letters}]") is None


@pytest.mark.parametrize(
    "value", ["", "<>", "<t.a.b@x>", "<t." + "1" * 16 + "." + "a" * 24 + "@x>", "x" * 10_000, "<t.é@x>"]
)
def test_other_ids_name_no_ticket(value: str) -> None:
    assert ticket_of_message_id(KEY, value) is None


def test_token_does_not_open_ids() -> None:
    letters = subject_token(KEY, 7)[2:-1]
    assert ticket_of_message_id(KEY, f"<t.{letters}.{letters}{letters[:8]}@desk.example>") is None


@pytest.mark.parametrize("ticket", [0, -1, 2**40])
def test_impossible_numbers_are_refused(ticket: int) -> None:
    with pytest.raises(ValueError, match="must be between"):
        subject_token(KEY, ticket)


@pytest.mark.parametrize("domain", ["", "a b", "x>\r\nBcc: y", "-x"])
def test_impossible_domains_are_refused(domain: str) -> None:
    with pytest.raises(ValueError, match="expected a domain"):
        sign_message_id(KEY, 1, "x", domain)


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: order", "order"),
        ("RE: Fwd: FW: Bls: Balas: Trs: order", "order"),
        ("Re[2]: order", "order"),
        ("Re (3): order", "order"),
        ("[EXTERNAL] Re: order", "order"),
        ("AW: WG: order", "order"),
        ("Re： order", "order"),
        ("Return: order", "Return: order"),
        ("Rencana: beli", "Rencana: beli"),
        ("", ""),
        ("Re:", ""),
        ("re: " * 100 + "order", None),
    ],
)
def test_prefixes_are_stripped(subject: str, plain: str | None) -> None:
    token = subject_token(KEY, 5)
    if plain is not None:
        assert plain_subject(subject) == plain
        assert plain_subject(f"{subject} {token}") == plain
    assert token not in strip_token(f"{subject} {token}")


def test_signed_id_needs_no_check() -> None:
    expected = Candidate(4711, "message_id", needs_sender_check=False)
    assert follow_up(mail(references=(signed(),)), KEY) == expected
    assert follow_up(mail(references=("<foreign@x>", "<older@x>", signed())), KEY) == expected
    assert follow_up(mail(report=signed()), KEY) == expected


def test_bounced_mail_counts_first() -> None:
    found = follow_up(mail(references=(signed(1),), report=signed(2)), KEY)
    assert found is not None
    assert found.ticket_id == 2


def test_answered_mail_counts_before_thread() -> None:
    found = follow_up(mail(references=(signed(1), signed(3), signed(2))), KEY)
    assert found is not None
    assert found.ticket_id == 1
    newest = follow_up(mail(references=("<foreign@x>", signed(3), signed(2))), KEY)
    assert newest is not None
    assert newest.ticket_id == 2


def test_token_needs_sender_check() -> None:
    subject = f"Re: order {subject_token(KEY, 9)}"
    assert follow_up(mail(subject), KEY) == Candidate(9, "subject_token", needs_sender_check=True)


def test_known_foreign_id_needs_check() -> None:
    expected = Candidate(8, "message_id", needs_sender_check=True)
    assert follow_up(mail(references=("<a@x>", "<b@x>")), KEY, {"<b@x>": 8}) == expected
    assert follow_up(mail(references=("<a@x>",)), KEY, lambda i: 8 if i == "<a@x>" else None) == expected


def test_new_mail_continues_nothing() -> None:
    assert follow_up(mail(references=("<a@x>", signed(key=OTHER))), KEY, {}) is None


def test_reply_from_a_mail_program() -> None:
    raw = f"From: b@x.example\r\nSubject: Re: order\r\nIn-Reply-To:\r\n {signed()}\r\n\r\nthanks"
    assert follow_up(read_mail(raw.encode()), KEY) == Candidate(4711, "message_id", needs_sender_check=False)
