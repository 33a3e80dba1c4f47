"""Every message outside the checker is in the catalogue, with what causes it; each is caused from there."""

from __future__ import annotations

import ast
import shlex
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from core import configuration, sop_drafts, sop_pages
from core.actors import SYSTEM
from core.calendar_reading import built_in
from core.errors import CommandError
from core.procedure import deeds
from core.procedure.answers import check_answers
from core.procedure.case_reading import CaseError, Deed, read_cases
from core.procedure.cases import run_cases
from core.procedure.moving import plan_move
from core.procedure.seeing import Hours
from core.procedure.simulated_world import Given
from core.procedure.simulation import Simulation
from core.schema import SopVersion
from core.sop.document import Sop
from core.sop.editing import EditError, Editor
from core.sop.expressions import ExpressionError, Scope, fill, judge
from core.sop.money import Money
from core.sop.naming import Names
from core.sop.reading import load
from core.studio import folders, publishing
from core.studio.drafts import NewSop, create_sop, open_draft, read_draft, save_draft
from core.studio.inputs import WrongAnswer
from core.studio.moving import move_ticket
from core.studio.outline import edit
from core.studio.publishing import publish_draft
from core.studio.recording import record
from core.tickets.opening import CustomerRef, NewTicket, open_ticket
from core.tickets.rows import change, lock
from tests.message_catalogue import ROOT, Block, all_texts, blocks, document, fits, refusals, rows, sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from core.actors import Actor
    from tests.core.conftest import Desk  # type: ignore[import-not-found]

# ---- test cases ----------------------------------------------------------------------------------------------------------


def said_of_cases(text: str) -> list[str]:
    try:
        read_cases(text.replace("→", "\t"))
    except CaseError as error:
        return [str(problem) for problem in error.problems]
    return []


UNREADABLE = "Test cases that cannot be read"


@pytest.mark.parametrize("block", blocks(UNREADABLE), ids=lambda block: block.said[0][1][:40])
def test_unreadable_cases_say_so(block: Block) -> None:
    assert said_of_cases(block.text) == [f"{where}: {sentence}" for where, sentence in block.said]


def said_of_given(given: str) -> str:
    try:
        read_cases(f"sop: a\ncases: [{{case: one, given: {given}}}]")
    except CaseError as error:
        return error.problems[0].message
    return ""


IN_GIVEN = "Times and calendars of a case"


@pytest.mark.parametrize(("given", "said"), rows(IN_GIVEN))
def test_wrong_times_are_explained(given: str, said: str) -> None:
    assert said_of_given(given) == said


def said_of_case(block: Block) -> list[tuple[str, str]]:
    """What a case says that does not hold."""
    sop = load(block.around)
    case = f"sop: {sop.name}\ncases:\n  - case: one\n{indent(block.text, '    ')}"
    (verdict,) = run_cases(sop, read_cases(case)).verdicts
    return [
        (failure.key, " ".join([failure.message, *" ".join(failure.lines).split()])) for failure in verdict.failures
    ]


FAILING = "Test cases that do not hold"


@pytest.mark.parametrize("block", blocks(FAILING), ids=lambda block: block.said[0][1][:40])
def test_failing_cases_say_why(block: Block) -> None:
    assert said_of_case(block) == list(block.said)


# ---- values --------------------------------------------------------------------------------------------------------------

SCOPE: Mapping[str, Any] = {
    "ticket": {
        "subject": "Refund",
        "tags": ["vip"],
        "reopened": 2,
        "many": list(range(600)),
        "long": "x" * 60_000,
        "created_at": datetime(2026, 11, 23, 9, tzinfo=UTC),
    },
    "fields": {"amount": Money.of(100, "IDR"), "price": Money.of(5, "USD"), "huge": Money.of("9e15", "IDR")},
    "now": datetime(2026, 11, 24, 3, tzinfo=UTC),
}


def said_of_condition(source: str) -> str:
    try:
        judge(source, Scope(**SCOPE, calendar=Hours(built_in("id-jakarta"))))
    except ExpressionError as error:
        return str(error)
    return ""


CONDITIONS, TEXTS = "Conditions that give no value", "Texts that cannot be filled"


@pytest.mark.parametrize(("source", "said"), rows(CONDITIONS))
def test_conditions_without_value_are_explained(source: str, said: str) -> None:
    assert said_of_condition(source) == said


def said_of_text(text: str) -> str:
    try:
        fill(text, Scope(**SCOPE))
    except ExpressionError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("text", "said"), rows(TEXTS))
def test_texts_that_cannot_be_filled_are_explained(text: str, said: str) -> None:
    assert said_of_text(text) == said


TYPED = "What is typed into a step"


def said_of_typed(sop: Sop, cause: str) -> str:
    """`NAME: VALUE` typed into the form of the document's first step."""
    name, _colon, value = cause.partition(": ")
    given = {name: ast.literal_eval(value) if value[:1] in "[" else value} if value else {}
    _values, errors = check_answers(sop, sop.do[0], given, {"paid": "x"} if name else {})
    return errors[0].message if errors else ""


@pytest.mark.parametrize(("cause", "said"), rows(TYPED))
def test_wrong_answers_are_explained(cause: str, said: str) -> None:
    assert said_of_typed(load(document(TYPED)), cause) == said


# ---- the outline ---------------------------------------------------------------------------------------------------------

OUTLINE, EDITS = "Forms of the outline", "Changes of a text by a program"


def said_of_form(text: str, form: str) -> str:
    """`act=add kind=task words="Call them"`, sent as the outline's form sends it."""
    answers: dict[str, list[str]] = defaultdict(list)
    for part in shlex.split(form):
        name, _equals, value = part.partition("=")
        answers[name].append(value.replace("\\n", "\n"))
    try:
        edit(text, answers, Names())
    except (EditError, WrongAnswer) as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("form", "said"), rows(OUTLINE))
def test_outline_says_what_is_wrong(form: str, said: str) -> None:
    assert said_of_form(document(OUTLINE), form) == said


def said_of_edit(text: str, call: str) -> str:
    """`remove_step('only')` of the editor that keeps comments and order."""
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    args = [ast.literal_eval(arg) for arg in tree.args]
    kwargs = {str(one.arg): ast.literal_eval(one.value) for one in tree.keywords}
    try:
        if tree.func.id == "Editor":
            Editor(*args)
        else:
            editor = Editor(text)
            getattr(editor, tree.func.id)(*args, **kwargs)
            editor.text()
    except EditError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("call", "said"), rows(EDITS))
def test_editor_says_what_is_wrong(call: str, said: str) -> None:
    assert said_of_edit(document(EDITS), call) == said


# ---- moving --------------------------------------------------------------------------------------------------------------

MOVING = "Moving running tickets"
MONDAY = 1_795_485_600_000


def said_of_move(block: Block) -> list[str]:
    """Why a ticket that stands at `check` does not simply go on."""
    old = load(block.around)
    sim = Simulation(old, Given(MONDAY, ticket={"subject": "Care"}))
    sim.begin()
    for name in ("begin", "first", "a"):
        deeds.do(sim, Deed("complete", name, MONDAY, 1))
    return list(plan_move(old, load(block.text), sim.ledger, sim, MONDAY).reasons)


@pytest.mark.parametrize("block", blocks(MOVING), ids=lambda block: block.said[0][1][:40])
def test_moving_says_why_not(block: Block) -> None:
    assert said_of_move(block) == [said for _where, said in block.said]


# ---- drafts and versions -------------------------------------------------------------------------------------------------

ACTS_TITLE = "Drafts, versions and programs"
SHORT = "sop: refund\ntitle: Refund\ndepartment: service\ndo:\n- finish: {resolve: {require: [resolution]}}\n"
FAILS = "- {case: %s, until: PT1H, expect: {never: [finish]}}\n"
CASES = "sop: refund\ncases:\n"


class Lead:
    """Catherine leads the department `service` and writes there; Mira manages all."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.catherine, self.mira = desk, desk.people["catherine"], desk.people["mira"]
        self.service, self.billing = desk.departments["service"], desk.departments["billing"]

    def begin(self, tx: Connection, name: str = "refund", title: str = "Refund", home: int | None = 0) -> int:
        return create_sop(tx, self.catherine, NewSop(name, title, home or self.service), now=MONDAY).sop_id

    def publish(self, tx: Connection, text: str = SHORT, cases: str = "", reason: str = "Tried by hand") -> int:
        sop_id = self.begin(tx)
        save_draft(tx, self.catherine, sop_id, 1, text=text, cases=cases, now=MONDAY)
        publish_draft(tx, self.catherine, sop_id, 2, reason=reason, now=MONDAY)
        return sop_id

    def save(self, tx: Connection, text: str, who: Actor) -> None:
        sop_id = self.begin(tx)
        save_draft(tx, self.catherine, sop_id, 1, text=SHORT, now=MONDAY)
        save_draft(tx, who, sop_id, 1, text=text, now=MONDAY)

    def publish_stale(self, tx: Connection) -> None:
        sop_id = self.begin(tx)
        save_draft(tx, self.catherine, sop_id, 1, text=SHORT, now=MONDAY)
        publish_draft(tx, self.mira, sop_id, 1, reason="x", now=MONDAY)

    def publish_programs(self, tx: Connection) -> None:
        sop_id = self.begin(tx)
        tx.execute(update(SopVersion).where(SopVersion.sop_id == sop_id).values(changed_by_id=None))
        save_draft(tx, self.catherine, sop_id, 7, text=SHORT, now=MONDAY)

    def publish_alone(self, tx: Connection) -> None:
        configuration.put_setting(tx, publishing.SECOND_PERSON, True)
        self.publish(tx)

    def open_draft_of_nothing(self, tx: Connection) -> None:
        sop_id = self.publish(tx)
        tx.execute(SopVersion.__table__.delete().where(SopVersion.sop_id == sop_id))
        open_draft(tx, self.catherine, sop_id, now=MONDAY)

    def retire(self, tx: Connection, followers: int) -> None:
        sop_id = self.publish(tx, SHORT.replace("do:", 'start: {if: ticket.channel == "form", priority: 90}\ndo:'))
        for n in range(followers):
            open_ticket(tx, self.desk.settings, SYSTEM, form(n))
        if followers:
            publishing.deprecate(tx, self.catherine, sop_id, now=MONDAY)
        publishing.retire(tx, self.catherine, sop_id, 1, now=MONDAY)

    def in_review(self, tx: Connection) -> None:
        sop_id = self.publish(tx)
        draft = open_draft(tx, self.catherine, sop_id, now=MONDAY)
        publishing.ask_for_review(tx, self.catherine, sop_id, draft.revision, now=MONDAY)
        sop_drafts.keep_document(tx, self.catherine, SHORT + "# more\n", now=MONDAY)

    def number(self, tx: Connection, number: int) -> None:
        sop_id = self.publish(tx)
        publishing.deprecate(tx, self.catherine, sop_id, now=MONDAY)
        sop_drafts.publish_number(tx, self.catherine, sop_id, number, now=MONDAY)

    def move(self, tx: Connection, *, to: str = "published", run: str = "none") -> None:
        sop_id = self.begin(tx) if to == "draft" else self.publish(tx)
        ticket_id = open_ticket(tx, self.desk.settings, SYSTEM, form(1)).ticket_id
        if run == "none":
            change(tx, lock(tx, ticket_id), run_id=None)
        move_ticket(tx, self.desk.settings, self.catherine, sop_id, ticket_id, now=MONDAY)

    def folder(self, tx: Connection, cases: str, text: str = SHORT) -> str:
        self.publish(tx)
        return folders.publish_folder(tx, self.mira, [folders.File(Path("refund.yaml"), text, cases)], now=1, dry=True)[
            0
        ].details[0]

    def record(self, tx: Connection, *, run: bool) -> None:
        ticket_id = open_ticket(tx, self.desk.settings, SYSTEM, form(1)).ticket_id
        if run:
            tx.exec_driver_sql(
                f"UPDATE step SET name = 'nowhere', path = 'nowhere' WHERE ticket_id = {ticket_id} AND name = 'take'"
            )
        else:
            change(tx, lock(tx, ticket_id), run_id=None)
        record(tx, ticket_id, "one", "", MONDAY)


def form(number: int) -> NewTicket:
    return NewTicket(
        f"Help {number}", "Please.", CustomerRef("ana@example.com", "Ana"), channel="form", department="service"
    )


TWO_ERRORS = "sop: refund\ndo: [{a: {tsk: x}}, {b: {tsk: x}}]\n"
ACTS: dict[str, Callable[[Lead, Connection], Any]] = {
    "begin `Refund Large`": lambda lead, tx: lead.begin(tx, "Refund Large"),
    "begin one without a title": lambda lead, tx: lead.begin(tx, title=" "),
    "begin a second `refund`": lambda lead, tx: [lead.begin(tx), lead.begin(tx)],
    "write in another department": lambda lead, tx: lead.begin(tx, home=lead.billing),
    "look for SOP 999": lambda lead, tx: open_draft(tx, lead.catherine, 999, now=MONDAY),
    "save what Catherine saved meanwhile": lambda lead, tx: lead.save(tx, SHORT + "# mine\n", lead.mira),
    "save a text of 300 kB": lambda lead, tx: lead.save(tx, "#" * 300_000, lead.catherine),
    "read a draft that nobody began": lambda lead, tx: read_draft(tx, lead.catherine, lead.publish(tx)),
    "begin a draft of what has no version": lambda lead, tx: lead.open_draft_of_nothing(tx),
    "publish with one error": lambda lead, tx: lead.publish(tx, "sop: refund\ndo: [{a: {tsk: x}}]\n"),
    "publish with two errors": lambda lead, tx: lead.publish(tx, TWO_ERRORS),
    "publish with one failing case": lambda lead, tx: lead.publish(tx, cases=CASES + FAILS % "one"),
    "publish with two failing cases": lambda lead, tx: lead.publish(tx, cases=CASES + FAILS % "one" + FAILS % "two"),
    "publish with cases that cannot be read": lambda lead, tx: lead.publish(tx, cases="cases: 7"),
    "publish under another name": lambda lead, tx: lead.publish(tx, SHORT.replace("sop: refund", "sop: payback")),
    "publish in another department": lambda lead, tx: lead.publish(tx, SHORT.replace(": service", ": billing")),
    "publish what hardly any case walks": lambda lead, tx: lead.publish(tx, reason=""),
    "publish alone where a second person must": lambda lead, tx: lead.publish_alone(tx),
    "publish what was changed meanwhile": lambda lead, tx: lead.publish_stale(tx),
    "save what a program saved meanwhile": lambda lead, tx: lead.publish_programs(tx),
    "deprecate what is not published": lambda lead, tx: publishing.deprecate(tx, lead.catherine, lead.begin(tx), now=1),
    "retire what is published": lambda lead, tx: lead.retire(tx, 0),
    "retire what one ticket follows": lambda lead, tx: lead.retire(tx, 1),
    "retire what two tickets follow": lambda lead, tx: lead.retire(tx, 2),
    "read version 9": lambda lead, tx: sop_pages.version_text(tx, lead.catherine, lead.publish(tx), 9),
    "look for `nothing` by its name": lambda lead, tx: sop_drafts.find_sop(tx, lead.catherine, "nothing"),
    "send a text while its draft is reviewed": lambda lead, tx: lead.in_review(tx),
    "publish number 9": lambda lead, tx: lead.number(tx, 9),
    "publish number 1 again": lambda lead, tx: lead.number(tx, 1),
    "move to what is not published": lambda lead, tx: lead.move(tx, to="draft"),
    "move a ticket that follows nothing": lambda lead, tx: lead.move(tx),
    "move a ticket that has ended": lambda lead, tx: lead.move(tx, run="another"),
    "publish a folder with a failing case": lambda lead, tx: lead.folder(tx, CASES + FAILS % "one"),
    "publish a folder with other spacing": lambda lead, tx: lead.folder(tx, "", SHORT + "# more\n"),
    "record a ticket that follows nothing": lambda lead, tx: lead.record(tx, run=False),
    "record a ticket that went another way": lambda lead, tx: lead.record(tx, run=True),
}  # fmt: skip


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def said_of_act(desk: Desk, act: str) -> str:
    """What somebody is told who does this; nothing of it stays."""
    said = ""
    with suppress(_Undone), desk.database.write() as tx:
        try:
            said = str(ACTS[act](Lead(desk), tx))
        except CommandError as error:
            said = str(error)
        raise _Undone
    return said


def test_studio_says_what_is_wrong(sqlite_desk: Desk) -> None:
    wanted = dict(rows(ACTS_TITLE))
    assert wanted.keys() == ACTS.keys()
    assert {act: said_of_act(sqlite_desk, act) for act in ACTS} == wanted


# ---- is everything here? -------------------------------------------------------------------------------------------------

WHOLE = (  # every text of these is a message or a part of one
    "core/procedure/case_reading.py",
    "core/procedure/cases.py",
    "core/procedure/deeds.py",
    "core/procedure/expectations.py",
    "core/procedure/moving.py",
    "core/studio/drafts.py",
    "core/studio/folders.py",
    "core/studio/moving.py",
    "core/studio/publishing.py",
)
FOLDERS = ("core/sop", "core/procedure", "core/studio", "web/studio")
BESIDE = ("core/sop_drafts.py", "core/sop_pages.py", "core/calendar_reading.py", *(f"estafet/commands/{name}.py" for name in (
    "sop_check", "sop_files", "sop_record", "sop_simulate", "sop_test",
)))  # fmt: skip
NOT_HERE = {  # the checker's own sentences, and what only those hear who work tickets
    "core/sop/messages.py",
    "core/sop/messages_meaning.py",
    "core/procedure/checklist.py",
    "core/procedure/happenings.py",
    "core/procedure/strictness.py",
    "web/studio/wording.py",
}


TO_AGENTS = {  # said by steps to those who work them, never in a case: a case votes and decides in the language's own words
    "A vote is approve or reject, not “%(choice)s”.",
    "Choose retry, by_hand, skip or end, not “%(choice)s”.",
    "Step “%(step)s” cannot be skipped: its SOP is strict.",
    "Step “%(step)s” does not ask you.",
}
BEHIND = {  # a guard behind another one, which speaks first: said when that one is gone
    "The document cannot be changed here: it is no YAML.",
    "The document would be too long. Take something out first.",
    "The text cannot be read. Put it right on the other side.",
    "%(amount)s is not an amount of money",
    "the amount is not a number",
    "“%(amount)s” is not an amount of money; expected a number such as 250000",
    "money cannot be multiplied with money",
}


def sayable() -> list[tuple[str, str]]:
    """Everything that the code can say to a writer, with its module."""
    modules = {str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("*.py")} | {*BESIDE}
    found = []
    for module in sorted(modules - NOT_HERE):
        said = all_texts(ROOT / module) if module in WHOLE else refusals(ROOT / module)
        found += [(module, text) for text in sorted(said - TO_AGENTS - BEHIND)]
    return found


def test_every_message_is_in_the_catalogue() -> None:
    page = sentences()
    missing = [(module, text) for module, text in sayable() if not any(fits(text, said) for said in page)]
    assert missing == []
