"""The checker: everything at once, in the right place, and never a crash."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.sop.checking import Checked, check
from core.sop.naming import Names, NamesError, read_names
from core.sop.reading import load
from core.sop.words import DOCUMENT_KEYS, KINDS, STEP_KEYS

HERE = Path(__file__).parent
DOCUMENTS = {
    path.stem: path.read_text() for path in sorted((HERE / "documents").glob("*.yaml")) if ".cases" not in path.name
}
NAMES = read_names((HERE / "names.yaml").read_text())


def codes(checked: Checked) -> list[str]:
    return [problem.code for problem in checked.errors]


def warned(text: str) -> list[str]:
    checked = check(text)
    assert checked.errors == ()
    return [problem.code for problem in checked.warnings]


def lines(checked: Checked, file: str) -> list[str]:
    return [f"{file}:{problem.line}:{problem.column}: {problem.message}" for problem in checked.errors]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_believable_documents_are_fine(name: str) -> None:
    checked = check(DOCUMENTS[name], NAMES)
    assert checked.errors == ()
    assert [problem.code for problem in checked.warnings] == (["never-resolved"] if name == "password-reset" else [])


def test_messages_of_the_contract_are_said() -> None:
    text = DOCUMENTS["refund"].replace("remind: [", "remidn: [").replace("> 5000000", '> "5000000"')
    text = text.replace("PT8H}, then: ask_finance", "PT8H}, then: pay")
    steps = "take, received, who, verify, size, ask_finance, work, tell, happy, finish, learn"
    assert lines(check(text), "refund.yaml") == [
        "refund.yaml:26:7: step 'verify': unknown key 'remidn'. Did you mean 'remind'?",
        "refund.yaml:34:32: step 'size': fields.amount is money and is compared with text (\"5000000\"). Write 5000000.",
        f"refund.yaml:39:48: step 'ask_finance': 'pay' names no step that can be reached from here. Steps: {steps}.",
    ]


def test_all_errors_come_at_once() -> None:
    text = "sop: A B\nmode: lax\nfields: {a: {type: monney}}\ndo:\n- b: {task: x, due: 2h, then: nowhere}\n- b: {call: x, if: fields.c > 1}\n"
    assert codes(check(text)) == [
        "sop-name",
        "one-of",
        "one-of",
        "duration",
        "then-unreachable",
        "double-step",
        "unknown-field",
    ]


def test_errors_stop_at_a_hundred() -> None:
    text = "sop: a\ndo:\n" + "".join(f"- s{number}: {{tsk: x}}\n" for number in range(300))
    assert len(check(text).errors) == 100


def test_broken_steps_cause_no_further_errors() -> None:
    text = "sop: a\nfields: {n: {type: numbr}}\ndo:\n- b: {tsk: x}\n- c: {if: steps.b.visits > 1 && fields.n == 'x', then: b}\n"
    assert codes(check(text)) == ["one-of", "unknown-key"]


def test_unknown_lists_are_not_checked() -> None:
    text = "sop: a\ndepartment: x\ndo:\n- b: {notify: {to: team:nobody, template: none}}\n- c: {call: any.thing}\n"
    assert codes(check(text)) == []
    assert codes(check(text, Names(teams={"billing": None}))) == ["unknown-team"]
    assert sorted(codes(check(text, NAMES))) == [
        "unknown-action",
        "unknown-department",
        "unknown-team",
        "unknown-template",
    ]


def test_spots_are_found_in_quotes_and_folds() -> None:
    text = "sop: a\nstart:\n  if: >-\n    ticket.topic == 'x' &&\n    ticket.chanel == 'y'\ndo: [Work]\n"
    (problem,) = check(text).errors
    assert (problem.line, problem.column, problem.suggests) == (5, 12, "channel")
    text = "sop: a\ndo:\n- b: {task: \"A \\\"quoted\\\" ${ticket.sub}\"}\n- c: {task: 'Don''t ${ticket.sub}'}\n"
    assert [(problem.line, problem.column) for problem in check(text).errors] == [(3, 36), (4, 30)]


def test_jumps_stay_inside_borders() -> None:
    text = """
sop: a
do:
- phase:
    do:
      - one: {task: One, then: two}
      - two: {if: ticket.reopened > 0, then: last}
      - three: {if: ticket.reopened > 1, then: exit}
- work:
    fork:
      branches:
        left: [{l: {task: L}}, {again: {if: ticket.reopened > 0, then: l}}]
        right: [{r: {task: R, then: l}}, {s: {task: S, then: last}}]
- last: {resolve: {}}
"""
    assert [(p.line, p.code) for p in check(text).errors] == [(13, "then-border"), (13, "then-border")]


def test_circles_must_wait_on_every_way() -> None:
    text = "sop: a\ndo:\n- ask: {task: Ask}\n- again: {if: ticket.reopened > 0, then: ask}\n- end_it: {resolve: {}}\n"
    assert codes(check(text)) == []
    text = (
        "sop: a\ndo:\n- look: {call: a.b}\n- which:\n    switch:\n    - if: ticket.reopened > 0\n      do: [Wait for them]\n"
        "    - else: []\n    then: look\n"
    )
    assert codes(check(text)) == ["endless"]
    text = "sop: a\ndo:\n- look: {call: a.b, on_error: look}\n- done: {resolve: {}}\n"
    assert codes(check(text)) == ["endless"]


def test_forks_wait_when_their_join_does() -> None:
    def circle(join: str) -> list[str]:
        branches = "{slow: [Work], fast: [{n: {notify: {to: lead, template: t}}}]}"
        return codes(
            check(
                f"sop: a\ndo:\n- both: {{fork: {{join: {join}, branches: {branches}}}, then: both}}\n- e: {{resolve: {{}}}}\n"
            )
        )

    assert circle("all") == circle("2") == []
    assert circle("any") == circle("1") == ["endless"]


def test_strict_switches_cover_every_option() -> None:
    head = "sop: a\nmode: strict\nfields: {k: {type: choice, options: [x, y, z]}}\ndo:\n- ask: {task: Ask, require: [fields.k]}\n- s:\n    switch:\n"
    tail = "- e: {resolve: {}}\n"
    assert codes(check(head + "    - {if: fields.k == 'x', then: e}\n" + tail)) == ["strict-else"]
    covered = "    - {if: fields.k == 'x', then: e}\n    - {if: \"fields.k in ['y', 'z']\", then: e}\n"
    assert codes(check(head + covered + tail)) == []


def test_fields_filled_on_every_way_are_silent() -> None:
    head = "sop: a\nfields: {n: {type: int}, k: {type: boolean}}\ndo:\n- ask: {task: Ask, require: [fields.k]}\n"
    tail = "- use: {if: fields.n > 1, then: end}\n- e: {resolve: {}}\n"
    both = "- s:\n    switch:\n    - if: fields.k\n      do: [{x: {task: X, require: [fields.n]}}]\n"
    assert warned(head + both + "    - else: [{y: {task: Y, require: [fields.n]}}]\n" + tail) == []
    assert warned(head + both + tail) == ["maybe-missing"]
    assert warned(head + tail) == ["maybe-missing"]
    assert warned(head + both + tail.replace("fields.n > 1", "has(fields.n) && fields.n > 1")) == []
    assert warned(head + both + tail.replace("then: end}", "then: end} # ok: maybe-missing")) == []
    fork = "- f: {fork: {join: JOIN, branches: {l: [{x: {task: X, require: [fields.n]}}], r: [Rest]}}}\n"
    assert warned(head + fork.replace("JOIN", "all") + tail) == []
    assert warned(head + fork.replace("JOIN", "any") + tail) == ["maybe-missing"]


def test_answers_silence_only_their_warning() -> None:
    assert warned("sop: a\n# ok: never-resolved\ndo: [Work]") == []
    assert warned("sop: a\ndo: [Work] # ok: unreachable, never-resolved") == []
    assert warned("sop: a\ndo: [Work] # ok: unreachable") == ["never-resolved"]


def test_limits_may_stand_around_a_step() -> None:
    wait = "wait: {event: customer.replied}"
    assert warned(f"sop: a\ndo:\n- w: {{{wait}}}\n- e: {{resolve: {{}}}}") == ["no-limit"]
    assert warned(f"sop: a\ndo:\n- p: {{do: [{{w: {{{wait}}}}}], due: P1D}}\n- e: {{resolve: {{}}}}") == []
    assert warned(f"sop: a\ntimeout: {{after: P9D, then: end}}\ndo:\n- w: {{{wait}}}\n- e: {{resolve: {{}}}}") == []
    assert warned("sop: a\ndo:\n- w: {wait: {until: ticket.created_at}}\n- e: {resolve: {}}") == []


def test_quorums_count_known_teams() -> None:
    text = "sop: a\ndo:\n- b: {approval: {by: 'team:finance', question: Pay?, quorum: 3}, due: P1D, on: {reject: {then: end}}}\n- e: {resolve: {}}"
    assert codes(check(text)) == []
    assert codes(check(text, read_names("teams: {finance: [sari, joko]}"))) == ["quorum"]
    assert codes(check(text, read_names("teams: {finance: 3}"))) == []


def test_sub_procedures_are_looked_into() -> None:
    others = {
        "back": load("sop: back\ndo:\n- x: {run: {sop: a}}"),
        "form": load("sop: form\nfields: {amount: {type: money}, name: {type: string}}\ndo: [Work]"),
    }
    assert codes(check("sop: a\ndo:\n- x: {run: {sop: back}}", find=others.get)) == ["sop-cycle"]
    text = "sop: a\ndo:\n- x: {run: {sop: form, with: {amount: 5, nmae: x, name: 7}}}"
    assert codes(check(text, find=others.get)) == ["argument-unknown", "argument-type"]


@pytest.mark.parametrize(
    "secret",
    [
        "Log in with password: hunter2x9 today",
        "Bearer abcdef1234567890abcdef",
        "ghp_0123456789abcdefghijABCDEFGHIJ",
        "https://bot:s3cret99@jira.example.com",
        "-----BEGIN RSA PRIVATE KEY-----",
        "AKIAIOSFODNN7EXAMPLE",
    ],
)
def test_secrets_are_found_anywhere(secret: str) -> None:
    assert codes(check(f"sop: a\ndo:\n- b: {{task: '{secret}'}}")) == ["secret"]


@pytest.mark.parametrize(
    "innocent",
    ["Set a new password", "Password: at least 12 characters", "token: ${vars.token}", "Ask for the API key"],
)
def test_talking_about_secrets_is_fine(innocent: str) -> None:
    assert codes(check(f"sop: a\ndo:\n- s: {{set: {{vars.token: 5}}}}\n- b: {{task: '{innocent}'}}")) == []


HOSTILE = {
    "alias bomb": (
        "a: &a [x,x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(20)),
        "alias",
    ),
    "ten to the fifth steps": ("sop: a\ndo:\n" + "- x\n" * 100_000, "too-large"),
    "as many steps as fit": ("sop: a\ndo:\n" + "- x\n" * 65_000, "list-long"),
    "a thousand levels": ("sop: a\ndo:\n" + "".join(f"{' ' * n}- \n" for n in range(700)), "too-deep-yaml"),
    "a hundred thousand brackets": ("[" * 100_000, "yaml-unclosed"),
    "a hundred thousand braces": ("{a: " * 60_000, "too-deep-yaml"),
    "one long line": ("sop: " + "x " * 130_000, "missing-key"),
    "many keys": ("sop: a\n" + "".join(f"k{n}: v\n" for n in range(12_000)), "list-long"),
    "brackets in an expression": (f"sop: a\nstart: {{if: '{'(' * 400}'}}\ndo: [x]", "expr-deep"),
    "negations": (f"sop: a\nstart: {{if: '{'!' * 490}true'}}\ndo: [x]", "expr-deep"),
    "nested macros": (
        "sop: a\nstart: {if: 'ticket.tags.all(a, ticket.tags.all(b, ticket.tags.all(c, true)))'}\ndo: [x]",
        "expr-nested-macro",
    ),
    "five hundred lost jumps": (
        "sop: a\ndo:\n" + "".join(f"- step_{n}: {{then: stepp_{n}x}}\n" for n in range(500)),
        "then-unreachable",
    ),
    "a thousand lost names": (
        "sop: a\ndo:\n"
        + "".join(f"- step_{n}: {{if: fields.a > steps.stepp_{n}.visits, then: end}}\n" for n in range(500)),
        "unknown-field",
    ),
    "binary": ("\x00\x01\x02", "yaml-character"),
    "nothing": ("", "empty-document"),
    "surrogates": ("sop: \ud800", "yaml-character"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_quickly(name: str) -> None:
    text, code = HOSTILE[name]
    start = time.process_time()
    checked = check(text)
    assert time.process_time() - start < 1
    assert checked.sop is None
    assert code is None or codes(checked)[0] == code
    assert len(checked.errors) <= 100


@pytest.mark.parametrize("number", ["5.000.000", "5,000,000", "5_000_000", "5.000"])
def test_numbers_have_no_separators(number: str) -> None:
    head = "sop: a\nfields: {n: {type: money}}\ndo:\n- b: {task: B, require: [fields.n]}\n"
    (problem,) = check(f"{head}- c:\n    if: fields.n > {number}\n    then: end\n").errors
    assert (problem.code, problem.suggests) == ("number-separators", number.translate({44: None, 46: None, 95: None}))
    assert (problem.line, problem.column, problem.end_column) == (6, 20, 20 + len(number))
    (problem,) = check(f"sop: a\nfields:\n  n: {{type: money, min: '{number}'}}\ndo: [Work]\n").errors
    assert problem.code == "number-separators"


def test_small_fractions_are_numbers() -> None:
    assert (
        codes(
            check(
                "sop: a\nfields:\n  n: {type: number, min: 0.125, max: 12.5}\ndo:\n- b: {task: B, require: [fields.n]}\n"
            )
        )
        == []
    )
    assert codes(check("sop: a\nstart: {if: ticket.reopened * 0.250 > 1.5}\ndo: [Work]\n")) == []


def test_names_must_be_lists() -> None:
    for bad in ("[a, b]", "teams: 5", "tems: [a]", "teams: [", "teams: [{a: b}]"):
        with pytest.raises(NamesError):
            read_names(bad)
    assert read_names("") == read_names("drawers: [a]") == Names()
    assert read_names("actions: [{name: a.b, irreversible: true}]") == read_names(
        "actions: {a.b: {irreversible: true}}"
    )


TOKENS = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "  ",
    "#",
    "'",
    '"',
    "${",
    "!",
    "&a",
    "*a",
    "if",
    "then",
    "fields.",
    "==",
    "\t",
    "…",
    "null",
    "5",
]
WORDS = (*DOCUMENT_KEYS, *STEP_KEYS, *KINDS, "branches", "else", "business", "type", "after", "a", "b")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_documents_never_crash_it(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(sorted(DOCUMENTS.values())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        put = data.draw(st.one_of(st.sampled_from(TOKENS), st.text(max_size=8)))
        text = text[:at] + put + text[at + cut :]
    checked = check(text, NAMES)
    assert (checked.sop is None) == bool(checked.errors)
    rows = text.replace("\r", "\n").split("\n")
    assert all(
        1 <= problem.line <= len(rows) + 1 and problem.column >= 1 for problem in (*checked.errors, *checked.warnings)
    )


def _inside(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=12), _inside, max_leaves=30))
def test_any_shape_is_answered(value: object) -> None:
    check(json.dumps(value))
    check(json.dumps({"sop": "a", "do": value}))
    check(json.dumps({"sop": "a", "do": [{"a": value}], "fields": value, "on": value, "start": value}))
