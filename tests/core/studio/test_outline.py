"""The outline: one small act on the text each, and everything else stands as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.sop.checking import check
from core.sop.document import Fork, Switch
from core.sop.editing import EditError, Editor
from core.sop.naming import Names
from core.sop.reading import draft, load
from core.studio import conditions
from core.studio.conditions import expression_of, rows_of
from core.studio.document_inputs import document_inputs, field_inputs
from core.studio.inputs import Input, WrongAnswer
from core.studio.new_steps import KINDS
from core.studio.outline import edit
from core.studio.outline_view import Outline, outline_of
from core.studio.surroundings import Surroundings

DOCUMENTS = sorted((Path(__file__).parent.parent / "sop" / "documents").glob("*.yaml"))
NAMES = Names(
    teams={"billing": 3, "finance": 2},
    templates=frozenset({"received", "update", "refund_sent", "alert"}),
    agents=frozenset({"sari"}),
)
BEGUN = "sop: refund\ntitle: Refund\ncalendar: id-jakarta\ndo:\n  - finish:\n      resolve: {require: [resolution]}\n"


def act(text: str, act_: str, **answers: Any) -> str:
    given = {name.replace("__", "."): [value] if isinstance(value, str) else value for name, value in answers.items()}
    return edit(text, {"act": [act_], **given}, NAMES).text


def outline(text: str) -> Outline:
    sop = draft(text).sop
    assert sop is not None
    return outline_of(sop, NAMES, check(text, NAMES).errors, Editor(text).names())


def sent(one: Input) -> dict[str, list[str]]:
    """What a browser sends for an input that nobody touched."""
    match one.kind:
        case "time":
            return {one.name: [one.shown[0]], f"{one.name}.unit": [one.shown[1]]}
        case "condition" if one.expression:
            return {f"{one.name}.raw": [one.expression]}
        case "condition":
            return {
                f"{one.name}.{part}": [getattr(test, part) for test in one.tests] for part in ("what", "op", "value")
            }
        case "check" | "checks":
            return {one.name: list(one.shown), f"{one.name}.sent": ["1"]}
    return {one.name: list(one.shown)}


TWO = """sop: a
fields:
  way: {type: choice, label: {en: Way, id: Cara}, options: {by_mail: By mail, by_phone: {en: By phone, id: Telepon}}}
do: [Work]
"""


def test_lines_of_two_languages_stay_side_by_side() -> None:
    options = next(one for one in field_inputs(load(TWO).fields["way"]) if one.name == "options")
    assert options.shown == ("By mail\nBy phone", "\nTelepon")
    untouched = act(TWO, "change_field", field="way", options=["By mail\r\nBy phone", "\r\nTelepon"])
    assert untouched == TWO
    text = act(TWO, "change_field", field="way", options=["By mail\r\nBy phone\r\nBy chat", "\r\nTelepon\r\n"])
    assert [dict(one.label.by) for one in load(text).fields["way"].options] == [
        {"": "By mail"}, {"en": "By phone", "id": "Telepon"}, {"": "By chat"},
    ]  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_untouched_forms_change_nothing(path: Path) -> None:
    text = path.read_text("utf-8")
    view = outline(text)
    assert view.unread == []
    for item in view.items():
        given = {name: value for one in item.inputs for name, value in sent(one).items()}
        assert edit(text, {"act": ["change"], "step": [item.name], **given}, NAMES).text == text, item.name
        for inner in item.lists:
            given = {name: value for one in inner.inputs for name, value in sent(one).items()}
            assert edit(text, {"act": ["change_branch"], "list": [inner.id], **given}, NAMES).text == text
    sop = load(text)
    given = {name: value for one in document_inputs(Surroundings(sop, NAMES)) for name, value in sent(one).items()}
    assert edit(text, {"act": ["document"], **given}, NAMES).text == text
    for field in sop.fields.values():
        given = {name: value for one in field_inputs(field) for name, value in sent(one).items()}
        assert edit(text, {"act": ["change_field"], "field": [field.name], **given}, NAMES).text == text


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"call", "run"}))
def test_every_new_step_is_right(kind: str) -> None:
    text = act(BEGUN, "add", kind=kind, words="Look into it", place="first:")
    errors = [error.message for error in check(text, NAMES).errors]
    assert errors == []
    assert "look_into_it" in Editor(text).names()


def test_eight_steps_without_yaml() -> None:
    text = act(BEGUN, "add_field", words="Amount paid", type="money")
    text = act(text, "add", kind="task", words="Check the invoice", place="first:")
    text = act(text, "add", kind="switch", words="Is it large", place="after:check_the_invoice")
    text = act(
        text,
        "change_branch",
        list="is_it_large/case/0",
        if__what=["fields.amount_paid"],
        if__op=[">"],
        if__value=["5.000.000"],
    )
    text = act(text, "add", kind="approval", words="Pay this refund?", place="first:is_it_large/case/0")
    text = act(text, "change", step="pay_this_refund", who="team:finance", on__reject="check_the_invoice")
    text = act(text, "add", kind="fork", words="Work", place="after:is_it_large")
    text = act(text, "add", kind="notify", words="Tell the customer", place="after:work")
    text = act(text, "change", step="tell_the_customer", template="refund_sent")
    text = act(
        text,
        "change",
        step="check_the_invoice",
        due="2",
        due__unit="business PTH",
        require=["fields.amount_paid"],
        require__sent="1",
    )
    sop = load(text)
    assert check(text, NAMES).errors == ()
    assert text.index("fields:") < text.index("do:")
    assert [step.name for step in sop.do] == ["check_the_invoice", "is_it_large", "work", "tell_the_customer", "finish"]
    switch, fork = sop.do[1].what, sop.do[2].what
    assert isinstance(switch, Switch)
    assert isinstance(fork, Fork)
    assert switch.cases[0].if_ == "fields.amount_paid > 5000000"
    assert len(fork.branches) == 2


def test_steps_move_up_and_down() -> None:
    text = "sop: x\ndo: [One, Two, Three]\n"
    assert Editor(act(text, "up", step="three")).names() == ["one", "three", "two"]
    assert Editor(act(text, "down", step="one")).names() == ["two", "one", "three"]
    assert Editor(act(text, "up", step="one")).names() == ["one", "two", "three"]


def test_steps_move_into_branches_and_out() -> None:
    text = act("sop: x\ndo: [One, Two, Three]\n", "add", kind="fork", words="Both", place="after:three")
    text = act(text, "move", step="two", place="first:both/branch/one")
    fork = load(text).do[-1].what
    assert isinstance(fork, Fork)
    assert fork.branches[0][1][0].name == "two"
    text = act(text, "move", step="two", place="after:both")
    assert [step.name for step in load(text).do] == ["one", "three", "both", "two"]


def test_no_step_moves_into_itself() -> None:
    text = act("sop: x\ndo: [One]\n", "add", kind="do", words="Part", place="first:")
    places = [
        place for place, _words in outline(text).places(next(i for i in outline(text).items() if i.name == "part"))
    ]
    assert places == ["first:", "after:one"]
    with pytest.raises(EditError, match="itself"):
        act(text, "move", step="part", place="first:part/do/")


def test_renaming_follows_every_use() -> None:
    text = "sop: x\ndo:\n  - ask: {task: Ask, choices: [good, bad]}\n  - done: {if: 'steps.ask.outcome == \"good\"', task: Do, then: ask}\n"
    after = act(text, "rename", step="ask", words="Ask again")
    assert "steps.ask_again.outcome" in after
    assert "then: ask_again" in after
    with pytest.raises(WrongAnswer):
        act(text, "rename", step="ask", words="!!!")


def test_choices_keep_their_codes() -> None:
    text = "sop: x\ndo:\n  - ask: {task: Ask, choices: {ok: Fine, no: Not fine}, on: {'no': {then: end}}}\n"
    after = act(text, "change", step="ask", choices="Fine\nLater")
    step = load(after).do[0]
    assert [choice.code for choice in step.what.choices] == ["ok", "later"]  # type: ignore[union-attr]
    assert step.on == {}


def test_time_limits_have_a_way_on() -> None:
    after = act(BEGUN, "change", step="finish", timeout="3", timeout__unit="PD")
    timeout = load(after).do[0].timeout
    assert timeout is not None
    assert timeout.then == "continue"
    assert load(act(after, "change", step="finish", timeout="", timeout__unit="PD")).do[0].timeout is None


def test_wrong_numbers_are_named() -> None:
    with pytest.raises(WrongAnswer, match=r"Due within.*“two”"):
        act(BEGUN, "change", step="finish", due="two", due__unit="PTH")


def test_escalations_come_and_go() -> None:
    after = act(BEGUN, "add_branch", step="finish", after="3", after__unit="business PTH", who="lead")
    assert check(after, NAMES).errors == ()
    assert len(load(after).do[0].escalate) == 1
    assert load(act(after, "remove_branch", list="finish/escalate/0")).do[0].escalate == ()


def test_branches_lead_elsewhere() -> None:
    text = act(
        act(BEGUN, "add", kind="task", words="Work", place="first:"), "add", kind="switch", words="Size", place="first:"
    )
    text = act(text, "change_branch", list="size/case/0", then="finish")
    text = act(text, "change_branch", list="size/case/1", then="end")
    assert check(text, NAMES).errors == ()
    text = act(text, "add_branch", step="size")
    switch = load(text).do[0].what
    assert isinstance(switch, Switch)
    assert [(case.if_ is None, case.then) for case in switch.cases] == [(False, "finish"), (False, None), (True, None)]


def test_document_keys_change() -> None:
    rule = {
        "what": ["ticket.topic", "ticket.channel", ""],
        "op": ["==", "in", "=="],
        "value": ["refund", "email, chat", ""],
    }
    text = act(BEGUN, "document", **{f"start__{part}": given for part, given in rule.items()})
    start = load(text).start
    assert start is not None
    assert start.if_ == 'ticket.topic == "refund" && ticket.channel in ["email", "chat"]'
    text = act(text, "document", on__customer__withdrew="end", due="5", due__unit="business PD")
    assert load(text).on[0].then == "end"
    text = act(text, "document", start__what=[""], start__op=["=="], start__value=[""], on__customer__withdrew="")
    assert load(text).start is None
    assert load(text).on == ()


def test_problems_stand_at_their_step() -> None:
    view = outline("sop: x\ntitel: X\ndo:\n  - one: {task: A}\n  - two: {task: B, remidn: []}\n")
    assert [item.name for item in view.items() if item.problems] == ["two"]
    assert len(view.problems) == 1


@pytest.mark.parametrize(
    "expression",
    [
        "fields.amount > 5000000",
        'ticket.topic == "refund" && ticket.channel in ["email", "chat"]',
        "has(fields.invoice) && !has(fields.amount)",
        "customer.verified == true",
    ],
)
def test_rows_say_the_expression(expression: str) -> None:
    sop = load("sop: x\nfields: {amount: {type: money}, invoice: {type: string}}\ndo: [A]\n")
    rows = rows_of(expression)
    assert rows is not None
    assert expression_of(rows, sop) == expression


@pytest.mark.parametrize(
    "expression", ["a > 1 || b > 2", "size(fields.x) > 2", 'fields.a == "x && y"', "fields.a > fields.b"]
)
def test_more_than_rows_stays_an_expression(expression: str) -> None:
    assert rows_of(expression) is None


def test_quotes_cannot_break_out() -> None:
    sop = load("sop: x\ndo: [A]\n")
    assert (
        expression_of([conditions.Test("ticket.topic", "==", 'a" || true || "')], sop)
        == "ticket.topic == \"a' || true || '\""
    )


def test_comments_before_steps_stay() -> None:
    text = act(
        "# head\nsop: x\ndo: # these\n  # first\n  - a: {task: A}\n# tail\n", "add_field", words="Amount", type="money"
    )
    for comment in ("# head", "# these", "# first", "# tail"):
        assert comment in text
    assert load(text).fields["amount"].type == "money"


def test_bare_texts_escalate() -> None:
    after = act("sop: x\ndo: [Call back]\n", "add_branch", step="call_back", after="2", after__unit="PTH", who="lead")
    assert len(load(after).do[0].escalate) == 1


def test_nobody_restores_another_document() -> None:
    text = act(BEGUN, "add", kind="task", words="Check", place="first:")
    gone = act(text, "remove", step="check")
    assert edit(gone, {"act": ["restore"], "text": [text]}, NAMES).text == text
    with pytest.raises(EditError):
        edit(gone, {"act": ["restore"], "text": ["sop: other\ndo: [A]\n"]}, NAMES)
