"""Every kind of event has a sentence, in both languages, whatever its data lacks; nobody's text becomes markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from core.directory import Directory, Person, Team
from core.texts import speaking
from core.timeline import Happening
from web.desk.story import _SENTENCES, tell
from web.desk.telling import Teller
from web.desk.why import explain

DEWI = Person(3, "dewi@example.com", "Dewi <b>", "dewi", "agent", 1, "en", "UTC", True)
FIRM = Directory(1, {}, {1: Team(1, 1, "t", "Service team", None, (3,))}, {3: DEWI}, {})
TELLER = Teller(FIRM, "Sari & Co", None)


def event(kind: str, actor: str = "person", **data: object) -> Happening:
    return Happening(1, "ticket", 1, 1, 1, kind, actor, 3, None, 1, data)


@pytest.fixture(autouse=True)
def _in_a_request() -> Iterator[None]:
    """Moments are said in the reader's zone, which a request knows."""
    with Flask(__name__).app_context():
        yield


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("kind", [*_SENTENCES, "plugin.something"])
def test_every_kind_has_a_sentence(kind: str, language: str) -> None:
    with speaking(language):
        for actor in ("person", "customer", "flow", "system", "plugin"):
            text = tell(
                TELLER, event(kind, actor, step="work", to={"kind": "person", "id": 3}, properties=["subject"])
            ).text
            assert text
            assert "%(" not in text
            assert "<b>" not in text


def test_names_are_escaped() -> None:
    assert "Dewi &lt;b&gt;" in tell(TELLER, event("ticket.resolved")).text


def test_ends_are_said_in_words() -> None:
    assert tell(TELLER, event("sop.ended", outcome="completed")).text == "The procedure is complete"
    assert "refused" in tell(TELLER, event("sop.ended", outcome="refused")).text
    mail = replace(event("effect.done"), data={"kind": "send_mail"})
    assert tell(TELLER, mail).text == "The mail was handed over"


def test_reader_is_addressed() -> None:
    mine = Teller(FIRM, "Sari", None, me=3)
    sentence = tell(mine, event("ticket.assigned", to={"kind": "person", "id": 3}, why={"by": "taken"}))
    assert sentence.text == '<span class="strong">You</span> took the baton'
    assert sentence.why == ("They took it themselves",)


def test_changed_property_tells_both_values() -> None:
    text = tell(TELLER, event("ticket.changed", properties=["priority"], priority=["low", "urgent"])).text
    assert "from Low to" in text
    assert "Urgent" in text


def test_choice_of_holder_is_explained() -> None:
    why = {
        "by": "least_busy",
        "team": 1,
        "open": 2,
        "others": {"3": {"open": 4}},
        "passed_over": {"3": {"availability": "away"}},
    }
    lines = explain(TELLER, why)
    assert lines[0] == "Who holds the fewest tickets gets it"
    assert "Team: Service team" in lines
    assert "Passed over: Dewi <b>, away" in lines


def test_condition_is_explained() -> None:
    why = {
        "cases": [{"if": "fields.amount > 5", "holds": False, "seen": {"fields.amount": 3}, "missing": ["fields.x"]}]
    }
    lines = explain(TELLER, why)
    assert lines == ("“Amount is more than 5” does not hold: amount is 3", "Not filled in: x")
