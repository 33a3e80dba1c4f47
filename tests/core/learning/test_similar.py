"""Similar solved tickets are found in either language, with how they were solved, and only by those who may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from core.learning import solved
from core.learning.similar import similar_tickets
from core.learning.words import GlossaryError, _shipped, glossary_of, keys, read_groups
from core.schema import Solved, SolvedWord
from core.tickets.resolving import reopen, resolve
from tests.core.conftest import HOUR, MORNING, Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

PAST = [
    ("Kulkas bocor dan tidak dingin", "Air menetes di bawah kulkas sejak kemarin.", "Selang pembuangan diganti."),
    ("Refund belum masuk", "Uang kembali untuk INV-20884 belum sampai ke rekening saya.", "The bank was asked to pay."),
    ("Lupa kata sandi", "Saya tidak bisa masuk akun.", "A new password was sent."),
    ("Printer mencetak garis", "Hasil cetak bergaris hitam.", "Drum diganti."),
    ("Pengiriman terlambat", "Paket belum sampai setelah seminggu.", "Kurir mengantar ulang."),
]


def solve(desk: Desk, past: Sequence[tuple[str, str, str]] = PAST) -> list[int]:
    found = []
    for n, (subject, body, resolution) in enumerate(past):
        ticket = desk.open(subject, MORNING + n, body=body, department="service").ticket_id
        with desk.database.write() as tx:
            resolve(tx, desk.settings, desk.people["dewi"], ticket, resolution, now=MORNING + HOUR + n)
        found.append(ticket)
    index(desk)
    return found


def index(desk: Desk) -> int:
    done = 0
    while True:
        with desk.database.write() as tx:
            n = solved.index_solved(tx)
        if not n:
            return done
        done += n


def alike(desk: Desk, subject: str, body: str, nick: str = "dewi", department: str = "service") -> list[str]:
    ticket = desk.open(subject, MORNING + 2 * HOUR, body=body, department=department).ticket_id
    with desk.database.read() as tx:
        return [one.subject for one in similar_tickets(tx, desk.people[nick], ticket)]


@pytest.mark.parametrize(
    ("subject", "body", "first"),
    [
        ("My fridge leaks", "Water under the refrigerator, it is not cold.", 0),
        ("Where is my money back?", "The reimbursement has not reached my account number.", 1),
        ("Password forgotten", "I cannot log in to my account.", 2),
        ("The printer prints stripes", "", 3),
        ("Late delivery", "The parcel has not arrived.", 4),
        ("Kulkas saya bocor", "Ada air di lantai.", 0),
    ],
)
def test_other_language_is_found(desk: Desk, subject: str, body: str, first: int) -> None:
    solve(desk)
    assert alike(desk, subject, body or subject)[0] == PAST[first][0]


def test_answer_names_procedure_and_resolution(sqlite_desk: Desk) -> None:
    solve(sqlite_desk)
    ticket = sqlite_desk.open("Fridge leaks", MORNING + 2 * HOUR, body="leaking fridge").ticket_id
    with sqlite_desk.database.read() as tx:
        found = similar_tickets(tx, sqlite_desk.people["mira"], ticket)[0]
    assert (found.sop, found.sop_title, found.resolution) == ("standard", "Standard request", PAST[0][2])


def test_other_departments_stay_unknown(desk: Desk) -> None:
    solve(desk)
    assert alike(desk, "Kulkas bocor", "kulkas bocor", "rina", "billing") == []
    assert alike(desk, "Kulkas bocor", "kulkas bocor", "mira", "billing")[0] == PAST[0][0]


def test_reopened_ticket_is_not_offered(desk: Desk) -> None:
    first = solve(desk)[0]
    with desk.database.write() as tx:
        reopen(tx, desk.settings, desk.people["dewi"], first, now=MORNING + HOUR)
    assert PAST[0][0] not in alike(desk, "Kulkas bocor", "kulkas bocor")


def test_stopwords_alone_find_nothing(desk: Desk) -> None:
    solve(desk)
    assert alike(desk, "Halo", "Selamat pagi, terima kasih.") == []


def test_oldest_are_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solved, "KEPT", 2)
    kept = solve(desk)[-2:]
    with desk.database.read() as tx:
        assert sorted(tx.execute(select(Solved.ticket_id)).scalars()) == kept
        counted = dict(tx.execute(select(SolvedWord.word, SolvedWord.n)).all())
        words = [word for row in tx.execute(select(Solved.__table__.c.words)) for word in row.words]
        assert counted == {word: words.count(word) for word in words}
        assert tx.execute(text("SELECT count(*) FROM search_solved")).scalar_one() == 2


def test_names_are_not_indexed(sqlite_desk: Desk) -> None:
    solve(sqlite_desk, [("Kulkas bocor", "Saya Sari Wulandari, INV-20884.", "x")])
    with sqlite_desk.database.read() as tx:
        words = tx.execute(select(Solved.__table__.c.words)).scalar_one()
    assert not {"sari", "wulandari", "20884"} & set(words)


def test_new_glossary_is_used_everywhere(sqlite_desk: Desk) -> None:
    solve(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        solved.forget_all(tx)
    assert index(sqlite_desk) == len(PAST)


def test_groups_join_words_and_pairs() -> None:
    known = glossary_of(_shipped())
    assert keys("kata sandi", known) == keys("Password!", known)
    assert keys("uang kembali", known) == keys("refunds", known)


@pytest.mark.parametrize(
    ("written", "said"),
    [("- [one]", "two words"), ("- [a, b c d]", "one word or two"), ("a: b", "list"), ("- [a", "Line")],
)
def test_bad_glossary_is_refused(written: str, said: str) -> None:
    with pytest.raises(GlossaryError, match=said):
        read_groups(written)
