"""What was newly written is told from what is quoted."""

from __future__ import annotations

import pytest

from core.mail.quotation import LONGEST_LOOKED_AT, split_reply

NEW = "Masih belum sampai."
QUOTED = "Pesanan Anda sudah dikirim."


@pytest.mark.parametrize(
    "between",
    [
        "On Mon, Mar 2, 2026 at 10:00 AM Desk <help@desk.example> wrote:\n> ",
        "On Mon, Mar 2, 2026 at 10:00 AM Desk <help@desk.example>\nwrote:\n\n> ",
        "On Mon, Mar 2, 2026 at 10:00 AM Bantuan Pelanggan Toko\nSerba Ada <help-with-a-long-name@desk.example>\nwrote:\n> ",
        "Pada Sen, 2 Mar 2026 pukul 10.00 Bantuan <help@desk.example> menulis:\n\n> ",
        "Pada tanggal Sen, 2 Mar 2026 10.00, Bantuan <help@desk.example>\nmenulis:\n> ",
        "Pada 2 Mar 2026, pukul 10.00, Bantuan <help@desk.example> menulis:\n\n> ",
        "2026-03-02 10:00 GMT+07:00 Bantuan <help@desk.example>:\n> ",
        "Le lun. 2 mars 2026 à 10:00, Desk <help@desk.example> a écrit :\n\n> ",
        "Am 02.03.2026 um 10:00 schrieb Desk <help@desk.example>:\n> ",
        "On Mon, 2 Mar 2026, Desk wrote:\n\n",
        "Pada Sen, 2 Mar 2026 10.00, Desk menulis:\n\n",
        "-----Original Message-----\nFrom: Desk\n\n",
        "----- Original Message -----\n",
        "-----Pesan Asli-----\nDari: Desk\n\n",
        "________________________________\nFrom: Desk <help@desk.example>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Budi\n\n",
        "From: Desk <help@desk.example>\nSent: Monday, March 2, 2026\nTo: Budi <b@x.example>\nSubject: RE: order\n\n",
        "Dari: Desk <help@desk.example>\nDikirim: Senin, 02 Maret 2026 10.00\nKepada: Budi\nPerihal: Re: pesanan\n\n",
        "*From:* Desk <help@desk.example>\n*Sent:* Monday\n*To:* Budi\n*Subject:* order\n\n",
        "*Dari: *Desk <help@desk.example>\n*Tanggal: *Senin, 2 Maret 2026\n*Ke: *Budi\n*Subjek: *pesanan\n\n",
        "---------- Forwarded message ---------\nFrom: Desk <help@desk.example>\n\n",
        "---------- Pesan terusan ---------\nDari: Desk <help@desk.example>\n\n",
        "Begin forwarded message:\n\n> From: Desk\n> ",
        "> ",
    ],
)
def test_quotation_is_cut_off(between: str) -> None:
    pieces = split_reply(f"{NEW}\n\n{between}{QUOTED}\n")
    assert pieces.visible.split("\n")[0] == NEW
    assert QUOTED not in pieces.visible
    assert QUOTED in pieces.quoted


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nBudi Santoso\nPT Maju",
        "--\nBudi",
        "Sent from my iPhone",
        "Sent from my Samsung Galaxy smartphone.",
        "Dikirim dari iPhone saya",
        "Dikirim dari ponsel Samsung saya",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Dapatkan Outlook untuk Android",
        "Sent from Yahoo Mail on Android",
        "Dikirim dari Yahoo Mail untuk iPhone",
        "Sent from Mail for Windows",
    ],
)
def test_signature_is_set_aside(signature: str) -> None:
    pieces = split_reply(f"{NEW}\n\n{signature}\n\nOn Mon, 2 Mar 2026, Desk <d@x.example> wrote:\n> {QUOTED}")
    assert pieces.visible == NEW
    assert pieces.signature.split() == signature.split()
    assert QUOTED in pieces.quoted


@pytest.mark.parametrize(
    "text",
    [
        "From: where does my parcel come?\nI do not know.",
        "On the form I wrote:\nmy old address",
        "Dari: Jakarta\nsaya mau kirim barang",
        "We sent from our shop two parcels. Please check them.",
        "Barang dikirim dari gudang kemarin, belum sampai.",
        "a - b -- c\nThe total: 5",
        "To: be or not to be\nSubject: to change",
        "Tanggal: 2 Maret\nHal: penagihan\nNomor: 17",
        "wrote:\nhello",
        "Saya mau kirim barang:\nDari: Jakarta\nKe: Bandung\nTanggal: 5 Mei\nMohon bantuannya.",
    ],
)
def test_own_words_stay_visible(text: str) -> None:
    pieces = split_reply(text)
    assert pieces.visible == text
    assert pieces.quoted == ""
    assert pieces.signature == ""


def test_answers_between_quotes_stay() -> None:
    pieces = split_reply(
        "On Mon, 2 Mar 2026, Desk <d@x.example> wrote:\n> Which colour?\nRed.\n> Which size?\nLarge.\n"
    )
    assert pieces.visible == "Red.\nLarge."
    assert "Which size?" in pieces.quoted


def test_answer_below_quote_is_found() -> None:
    pieces = split_reply(f"On Mon, 2 Mar 2026, Desk <d@x.example> wrote:\n> {QUOTED}\n\n{NEW}\n-- \nBudi")
    assert (pieces.visible, pieces.signature) == (NEW, "--\nBudi")


def test_only_quotation_stays_visible() -> None:
    assert split_reply(f"> {QUOTED}").visible == f"> {QUOTED}"


def test_nothing_gives_nothing() -> None:
    assert split_reply("").visible == ""


def test_end_of_long_text_is_kept() -> None:
    text = "words and words\n" * 6_000
    assert len(text) > LONGEST_LOOKED_AT
    assert len(split_reply(text + "the end").visible) > LONGEST_LOOKED_AT
    pieces = split_reply(f"{NEW}\n-----Original Message-----\n{text}the end")
    assert pieces.visible == NEW
    assert pieces.quoted.endswith("the end")
