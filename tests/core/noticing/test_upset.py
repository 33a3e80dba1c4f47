"""A customer seems upset: named reasons with points, and what becomes of the ticket, until a person says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert

from core.actors import SYSTEM
from core.actors import customer as as_customer
from core.department_changes import change_department
from core.errors import Forbidden, Invalid
from core.noticing.moods import calming_reply
from core.noticing.sensing import say_no
from core.noticing.upset import Signs, Watch, mood_of, rating_matters, read_signs, shouted, upset, watch_of
from core.schema import Survey
from core.tickets.conversation import Draft, IncomingMessage, receive_reply, send_reply
from core.tickets.properties import change_ticket
from tests.core.conftest import HOUR, MORNING

if TYPE_CHECKING:
    from tests.core.conftest import Desk

ANGRY = "Saya sangat kecewa. Ini penipuan!"


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Tolong dibantu, kulkas saya bocor.", 0),
        ("Saya agak mengecewakan diri.", 2),
        (ANGRY, 4),
        ("This is unacceptable, the worst service.", 4),
        ("Very, very disappointing", 2),
        ("SAYA SUDAH MENUNGGU TIGA HARI TANPA KABAR", 2),
        ("KTP, NPWP dan SIM untuk PT ABC sudah saya kirim kemarin sore ya", 0),
        ("", 0),
    ],
)
def test_words_and_capitals_give_points(text: str, points: int) -> None:
    assert mood_of(read_signs(Watch(), "", text), Watch()).points == points


def test_reasons_are_named_and_denied_ones_left_out() -> None:
    watch = Watch()
    mood = mood_of(Signs(("kecewa",), 90, 3, 20, {"ear": 4}), watch)
    assert (mood.points, list(mood.reasons)) == (12, ["words", "capitals", "waiting", "rating", "judge"])
    assert mood.keys == ["words:kecewa", "capitals", "waiting", "rating", "judge:ear"]
    assert mood_of(Signs(("kecewa",), 90), watch, mood.keys).points == 0
    assert mood_of(Signs(("kecewa", "marah")), watch, ["words:kecewa"]).reasons == {"words": ["marah"]}
    assert rating_matters(mood_of(Signs(("kecewa",)), watch), watch)
    assert not rating_matters(mood_of(Signs(), watch), watch)
    assert not upset(mood, watch_of({"threshold": 0}))
    no_mails = watch_of({"mails": 0})
    assert mood_of(Signs(unanswered=9), no_mails).points == 0
    assert shouted("OK SIP") == 0


def say(desk: Desk, ticket: int, text: str, now: int = MORNING + HOUR, **more: Any) -> None:
    with desk.database.write() as tx:
        them = as_customer(desk.row(ticket).customer_id, "Sari")
        receive_reply(tx, desk.settings, them, ticket, IncomingMessage("Re: Kulkas", text, **more), now=now)


def deny(desk: Desk, ticket: int, nick: str = "dewi") -> None:
    with desk.database.write() as tx:
        say_no(tx, desk.settings, desk.people[nick], ticket, now=MORNING + 2 * HOUR)


def test_mark_goes_with_a_no_and_not_for_other_reasons(desk: Desk) -> None:
    ticket = desk.open(body=ANGRY).ticket_id
    row = desk.row(ticket)
    assert (row.upset, row.priority) == ("words", 2)
    said = next(one for one in desk.events(ticket) if one.kind == "customer.upset")
    assert said.data["reasons"] == {"words": ["kecewa", "penipu"]}
    assert said.data["priority"] == ["medium", "high"]
    with pytest.raises(Forbidden):
        deny(desk, ticket, "wati")
    deny(desk, ticket)
    deny(desk, ticket)  # said already
    assert (desk.row(ticket).upset, desk.row(ticket).priority) == (None, 3)
    assert desk.kinds(ticket).count("upset.denied") == 1
    say(desk, ticket, ANGRY)
    assert desk.row(ticket).upset is None
    say(desk, ticket, "Saya marah, mana pengacara saya?")
    assert desk.row(ticket).upset == "words waiting"


def test_priority_that_was_changed_since_stays(desk: Desk) -> None:
    ticket = desk.open(body=ANGRY).ticket_id
    with desk.database.write() as tx:
        for priority in ("low", "high"):
            change_ticket(tx, desk.settings, desk.people["dewi"], ticket, {"priority": priority}, now=MORNING + 1)
    deny(desk, ticket)
    assert desk.row(ticket).priority == 2


def test_third_message_without_answer_counts(desk: Desk) -> None:
    ticket = desk.open().ticket_id
    say(desk, ticket, "Halo?")
    say(desk, ticket, "Otomatis", automatic="auto_reply")
    with desk.database.write() as tx:
        send_reply(tx, desk.settings, desk.people["dewi"], ticket, Draft("Sebentar."), now=MORNING + HOUR)
    say(desk, ticket, "Bagaimana?")
    say(desk, ticket, "Halo?")
    assert desk.row(ticket).upset is None
    say(desk, ticket, "Halo??")
    assert desk.row(ticket).upset == "waiting"


def test_low_rating_before_decides_a_close_case(desk: Desk) -> None:
    before = desk.open().ticket_id
    assert desk.row(desk.open(body="Saya kecewa").ticket_id).upset is None
    values = {"step_id": 1, "ticket_id": before, "customer_id": desk.row(before).customer_id, "step": "ask"}
    with desk.database.write() as tx:
        tx.execute(insert(Survey.__table__).values(**values, type="csat", asked_at=1, rated_at=2, score=1))
    assert desk.row(desk.open(body="Saya kecewa").ticket_id).upset == "words rating"
    assert desk.row(desk.open(body="Terima kasih").ticket_id).upset is None


def test_department_says_how_much_it_takes(desk: Desk) -> None:
    service = desk.departments["service"]
    with desk.database.write() as tx:
        with pytest.raises(Invalid) as refused:
            change_department(
                tx, SYSTEM, service, {"upset": {"threshold": 99, "priority": "x", "y": 1, "words": ["?"]}}
            )
        assert {one.pointer for one in refused.value.errors} == {
            "/upset/threshold",
            "/upset/priority",
            "/upset/y",
            "/upset/words",
        }
        change_department(tx, SYSTEM, service, {"upset": {"threshold": 2, "priority": "", "words": ["lelet"]}})
    row = desk.row(desk.open(body="Lelet sekali").ticket_id)
    assert (row.upset, row.priority) == ("words", 3)
    with desk.database.write() as tx:
        change_department(tx, SYSTEM, service, {"upset": {"threshold": 0}})
    assert desk.row(desk.open(body=ANGRY).ticket_id).upset is None


def test_calm_first_message_asks_nothing(sqlite_desk: Desk) -> None:
    desk = sqlite_desk

    def statements() -> int:
        n: list[str] = []

        def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            n.append(text)

        event.listen(desk.database._writer, "before_cursor_execute", note)
        desk.open()
        event.remove(desk.database._writer, "before_cursor_execute", note)
        return len(n)

    statements()
    looked = statements()
    with desk.database.write() as tx:
        change_department(tx, SYSTEM, desk.departments["service"], {"upset": {"threshold": 0}})
    statements()
    assert statements() == looked


def test_reply_speaks_the_customers_language() -> None:
    assert calming_reply("Sari", "en", "Service").startswith("Dear Sari,")
