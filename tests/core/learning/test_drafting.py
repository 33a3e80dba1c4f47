"""A solved ticket becomes a procedure: valid as it is, owners as teams, times from what it took, each step pointing at its event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.errors import Forbidden, Refused
from core.learning.drafting import draft_sop_from_ticket
from core.sop.reading import load
from core.studio.drafts import read_draft
from core.studio.known_names import check_here
from core.tickets.conversation import Draft, IncomingMessage, add_comment, receive_reply, send_reply
from core.tickets.holding import assign
from core.tickets.resolving import resolve
from core.tickets.steps import complete_step, skip_step
from tests.core.conftest import HOUR, MORNING, Desk

if TYPE_CHECKING:
    from core.learning.drafting import Learnt

PERSONAL = re.compile(r"sari|wulandari|dewi|rina|20884|0812", re.IGNORECASE)
SOP = """\
# How we mend fridges.
sop: mend
title: Mend a fridge
department: service
start:
  if: ticket.topic == "fridge"
do:
  - received:
      notify: {to: customer, template: received}
  - take:
      assign: {team: repair, by: least_busy}
  # the heart of it
  - look:
      task: Look at the fridge   # carefully
      then: finish
  - spare:
      task: Order a part
  - photo:
      task: Take a photo
  - finish:
      resolve: {require: [resolution]}
      then: end
"""


class Play:
    """A ticket and the hours since it came."""

    def __init__(self, desk: Desk, subject: str = "Kulkas Sari bocor", **values: str) -> None:
        self.desk = desk
        self.id = desk.open(subject, body="Tolong, INV-20884.", department="service", **values).ticket_id

    def at(self, hours: float) -> int:
        return MORNING + int(hours * HOUR)

    def reply(self, hours: float, text: str, then: str = "stay") -> None:
        with self.desk.database.write() as tx:
            send_reply(
                tx, self.desk.settings, self.desk.people["dewi"], self.id, Draft(text), then=then, now=self.at(hours)
            )

    def comment(self, hours: float, nick: str, text: str) -> None:
        with self.desk.database.write() as tx:
            add_comment(tx, self.desk.people[nick], self.id, Draft(text), now=self.at(hours))

    def customer(self, hours: float, text: str = "INV-20884") -> None:
        from core.actors import customer

        with self.desk.database.write() as tx:
            new = IncomingMessage(subject="", text=text)
            receive_reply(tx, self.desk.settings, customer(1), self.id, new, now=self.at(hours))

    def give(self, hours: float, team: str, nick: str = "dewi") -> None:
        with self.desk.database.write() as tx:
            team_id = self.desk.teams[team]
            assign(tx, self.desk.settings, self.desk.people[nick], self.id, team_id=team_id, now=self.at(hours))

    def solve(self, hours: float) -> None:
        with self.desk.database.write() as tx:
            resolve(tx, self.desk.settings, self.desk.people["dewi"], self.id, "Selang diganti.", now=self.at(hours))

    def learn(self, nick: str = "catherine") -> Learnt:
        with self.desk.database.write() as tx:
            return draft_sop_from_ticket(tx, self.desk.people[nick], self.id, now=self.at(30))

    def text(self, learnt: Learnt) -> str:
        with self.desk.database.read() as tx:
            found = read_draft(tx, self.desk.people["catherine"], learnt.sop_id)
            assert not check_here(tx, found.text, found.department_id).errors
        assert not PERSONAL.search(found.text)
        for line in re.findall(r"# event .*", found.text):
            assert re.fullmatch(r"# event \d+: [a-z]+\.[a-z]+", line)
        return found.text


def full(desk: Desk) -> Play:
    play = Play(desk, topic="fridge")
    play.reply(0.4, "Selamat pagi Ibu Sari, boleh nomor fakturnya? Telepon 0812-3456-789", then="wait")
    play.customer(2)
    play.comment(2.1, "dewi", "@rina apakah faktur INV-20884 sudah dibayar? Tolong dicek.")
    play.comment(3, "rina", "Sudah.")
    play.give(3.1, "invoices")
    play.comment(4, "rina", "Catat biaya selang pada faktur. Salam Rina")
    play.give(5, "repair")
    play.reply(5.5, "Selang sudah diganti. Dewi")
    play.solve(6)
    return play


def test_path_becomes_procedure(desk: Desk) -> None:
    play = full(desk)
    learnt = play.learn()
    text = play.text(learnt)
    sop = load(text)
    kinds = [(step.name, step.kind) for step in sop.do]
    assert kinds == [
        ("received", "notify"),
        ("take", "assign"),
        ("answer_customer", "task"),
        ("wait_for_customer", "wait"),
        ("ask_invoices", "collaborate"),
        ("work_of_invoices", "task"),
        ("answer_customer_2", "task"),
        ("finish", "resolve"),
        *[(name, kind) for name, kind in kinds if name == "resolved"],
        ("learn", "document"),
    ]
    steps = {step.name: step for step in sop.do}
    assert steps["ask_invoices"].what.ask == ("team:invoices",)
    assert "sudah dibayar?" in steps["ask_invoices"].what.question.say("en")
    assert steps["ask_invoices"].due.after.source == "PT1H"
    assert steps["answer_customer"].due.after.source == "PT30M"
    assert steps["work_of_invoices"].due.after.source == "PT2H"
    assert steps["wait_for_customer"].what.for_.source == "P2D"
    assert sop.start.if_ == 'ticket.topic == "fridge"'
    assert text.count("# event ") == len(sop.do)
    assert learnt.base is None


def test_second_click_gives_same_draft(sqlite_desk: Desk) -> None:
    play = full(sqlite_desk)
    assert play.learn().draft_id == play.learn().draft_id
    assert sqlite_desk.kinds(play.id).count("sop.drafted") == 1


def test_ticket_nobody_wrote_on(sqlite_desk: Desk) -> None:
    play = Play(sqlite_desk)
    play.solve(3)
    assert [step.kind for step in load(play.text(play.learn())).do][:3] == ["notify", "assign", "task"]


def test_ticket_given_away_for_good(sqlite_desk: Desk) -> None:
    play = Play(sqlite_desk)
    play.give(1, "invoices")
    play.solve(2)
    assert "give_to_invoices" in [step.name for step in load(play.text(play.learn("mira"))).do]


@pytest.mark.parametrize(
    "words",
    ["Use ${ticket.x} now", "password: hunter2secret99 sk-live-4242424242424242", "- a: b\n\n# no", ' "quoted": {x'],
)
def test_any_words_stay_valid(sqlite_desk: Desk, words: str) -> None:
    play = Play(sqlite_desk)
    play.reply(1, words)
    play.comment(1.5, "dewi", f"@invoices {words}?")
    play.solve(2)
    assert play.text(play.learn())


def test_unsolved_ticket_is_refused(sqlite_desk: Desk) -> None:
    with pytest.raises(Refused, match="not solved"):
        Play(sqlite_desk).learn()


def test_only_leads_draft(sqlite_desk: Desk) -> None:
    play = full(sqlite_desk)
    with pytest.raises(Forbidden):
        play.learn("dewi")


# ---- a change to the procedure that it followed ------------------------------------------------------------------------


def followed(desk: Desk) -> Play:
    desk.publish(SOP)
    return Play(desk, topic="fridge")


def do(play: Play, hours: float, **fields: str) -> None:
    with play.desk.database.write() as tx:
        step = play.desk.open_step(play.id).id
        complete_step(
            tx, play.desk.settings, play.desk.people["dewi"], play.id, step, fields=fields, now=play.at(hours)
        )


def test_what_was_needed_besides_is_proposed(desk: Desk) -> None:
    play = followed(desk)
    play.comment(1, "dewi", "@invoices is it paid?")
    play.comment(2, "rina", "yes")
    do(play, 3)
    do(play, 4, resolution="Done")
    learnt = play.learn()
    text = play.text(learnt)
    sop = load(text)
    assert [step.name for step in sop.do] == ["received", "take", "ask_invoices", "look", "spare", "photo", "finish"]
    assert learnt.base == 1
    assert {(change.step, change.kind) for change in learnt.changes} == {("ask_invoices", "added"), ("look", "changed")}
    for kept in ("# How we mend fridges.", "  # the heart of it", "      task: Look at the fridge   # carefully"):
        assert kept in text.split("\n"), text
    assert re.search(r"# event \d+: comment\.added\n  - ask_invoices:", text)
    assert sop.do[3].due.after.source == "PT4H"


def test_skipped_step_may_be_skipped(sqlite_desk: Desk) -> None:
    play = followed(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        step = sqlite_desk.open_step(play.id).id
        skip_step(tx, sqlite_desk.settings, sqlite_desk.people["dewi"], play.id, step, reason="no", now=play.at(1))
    do(play, 2, resolution="Done")
    assert load(play.text(play.learn())).do[2].skippable.reason


def test_customers_answer_becomes_question_and_wait(sqlite_desk: Desk) -> None:
    play = followed(sqlite_desk)
    play.reply(1, "Which model is it?", then="wait")
    play.customer(20)
    do(play, 21)
    do(play, 22, resolution="Done")
    names = [step.name for step in load(play.text(play.learn())).do]
    assert names[2:5] == ["answer_customer", "wait_for_customer", "look"]


def test_nothing_to_learn_is_said(sqlite_desk: Desk) -> None:
    sqlite_desk.publish(
        SOP.replace("task: Look at the fridge   # carefully", "task: Look\n      due: {business: PT4H}")
    )
    play = Play(sqlite_desk, topic="fridge")
    do(play, 1)
    do(play, 2, resolution="Done")
    with pytest.raises(Refused, match="nothing to learn"):
        play.learn()


def test_step_reached_by_jumps_only(sqlite_desk: Desk) -> None:
    text = SOP.replace("then: finish\n", "then: photo\n").replace(
        "task: Take a photo\n", "task: Take a photo\n      then: end\n", 1
    )
    sqlite_desk.publish(text.replace("task: Order a part", "task: Order a part\n      then: end"))
    play = Play(sqlite_desk, topic="fridge")
    do(play, 1)
    play.comment(2, "dewi", "@invoices is it paid?")
    do(play, 3)
    with sqlite_desk.database.write() as tx:
        resolve(tx, sqlite_desk.settings, sqlite_desk.people["dewi"], play.id, "x", now=play.at(4))
    sop = load(play.text(play.learn()))
    steps = {step.name: step for step in sop.do}
    assert steps["photo"].then == "ask_invoices"
    assert steps["ask_invoices"].then == "end"
