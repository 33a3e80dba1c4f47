"""Expressions: the documented examples, the logic of missing values, filled texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sop.document import Field, Text
from core.sop.expressions import ExpressionError, Scope, evaluate, fill, judge
from core.sop.grammar import FUNCTIONS, MACROS, METHODS
from core.sop.money import Money
from core.sop.values import moment, plain, typed

PAGE = (Path(__file__).parents[3] / "docs" / "sop_expressions.md").read_text()
GIVEN = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
JAKARTA = ZoneInfo("Asia/Jakarta")
TABLES = re.findall(r"\| expression \| gives \|\n\| --- \| --- \|\n((?:\|.*\n)+)", PAGE)
ROWS = [
    (source.replace(r"\|", "|"), expected)
    for table in TABLES
    for source, expected in re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", table, re.MULTILINE)
]
FAILURES = re.findall(r"^\| `([^`]+)` \| ([a-z ]+) \|$", PAGE.split("## When it cannot")[1], re.MULTILINE)


class OfficeHours:
    """Monday to Friday, 08:00–17:00 in Jakarta."""

    zone = JAKARTA

    def is_open(self, moment: datetime, /) -> bool:
        local = moment.astimezone(JAKARTA)
        return local.isoweekday() <= 5 and 8 <= local.hour < 17

    def between(self, start: datetime, end: datetime, /) -> int:
        minutes = int((end - start).total_seconds() // 60)
        return 60 * sum(self.is_open(start + timedelta(minutes=n)) for n in range(minutes))


def scope() -> Scope:
    ticket = GIVEN["ticket"] | {"created_at": moment(GIVEN["ticket"]["created_at"])}
    fields = GIVEN["fields"] | {"paid_on": date.fromisoformat(GIVEN["fields"]["paid_on"])}
    now = moment(GIVEN["now"])
    assert isinstance(now, datetime)
    return Scope(ticket, GIVEN["customer"], fields, GIVEN["vars"], GIVEN["steps"], None, now, OfficeHours())


@pytest.mark.parametrize(("source", "expected"), ROWS, ids=[source for source, _ in ROWS])
def test_documented_expressions_give(source: str, expected: str) -> None:
    assert plain(evaluate(source, scope())) == json.loads(expected)


@pytest.mark.parametrize(("source", "why"), FAILURES, ids=[source for source, _ in FAILURES])
def test_documented_failures_say_why(source: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        evaluate(source, scope())


def test_every_function_is_documented() -> None:
    assert ROWS
    for name in (*FUNCTIONS, *METHODS, *MACROS):
        assert any(f"{name}(" in source for source, _ in ROWS), name


@pytest.mark.parametrize(
    "condition", ["fields.x > 1", "!(fields.x > 1)", "!!(fields.x == 1)", "fields.x in [1]", "!(1 in vars.none)"]
)
def test_unknown_is_false_either_way(condition: str) -> None:
    verdict = judge(condition, scope())
    assert not verdict.holds
    assert verdict.missing in (("fields.x",), ("vars.none",))


def test_why_shows_what_was_read() -> None:
    verdict = judge('fields.amount > 5000000 && ticket.topic == "refund"', scope())
    assert verdict.holds
    assert verdict.seen == {"fields.amount": {"minor": 600000000, "currency": "IDR"}, "ticket.topic": "refund"}
    assert json.dumps(verdict.seen)


def test_asking_is_not_missing() -> None:
    assert judge("!has(fields.x)", scope()).missing == ()
    assert judge("fields.x > 1 && !has(fields.x)", scope()).missing == ("fields.x",)


def test_long_texts_are_cut_for_why() -> None:
    here = replace(scope(), ticket={"subject": "x" * 5000})
    assert len(judge('ticket.subject.contains("x")', here).seen["ticket.subject"]) == 120
    assert plain("x" * 5000) == "x" * 5000


def test_one_hole_keeps_its_type() -> None:
    assert fill("${fields.amount}", scope()) == Money(600000000, "IDR")
    assert fill("${ticket.tags}", scope()) == ["vip", "outage"]
    assert fill("${fields.none}", scope()) is None
    assert fill({"a": ["${vars.count}", "${vars.count}!"], "b": 5}, scope()) == {"a": [7, "7!"], "b": 5}


def test_texts_are_filled_in() -> None:
    text = 'Pay ${fields.amount} to ${customer.name} (${fields.none})${"}"}'
    assert fill(text, scope()) == "Pay 6000000.00 IDR to Ayu ()}"
    assert fill(text, scope(), show=lambda value: f"<{value}>") == "Pay <6000000.00 IDR> to <Ayu> ()<}>"


@pytest.mark.parametrize("source", ["ticket.topic ==", "1 +", "foo.bar", "ticket.topic = 1", "${x}", "a" * 501])
def test_bad_expressions_are_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(source, scope())
    with pytest.raises(ExpressionError):
        judge(source, scope())


def test_conditions_must_be_true_or_false() -> None:
    with pytest.raises(ExpressionError, match="true or false"):
        judge("ticket.topic", scope())


def test_two_currencies_are_an_error() -> None:
    here = replace(scope(), fields={"a": Money(1, "IDR"), "b": Money(1, "USD")})
    for source in ("fields.a > fields.b", "fields.a == fields.b", "fields.a + fields.b"):
        with pytest.raises(ExpressionError, match="two currencies"):
            evaluate(source, here)


def test_results_of_plugins_may_have_any_shape() -> None:
    odd = {"minor": "x", "currency": None}
    here = replace(scope(), steps={"a": {"result": {"money": odd, "rates": [0.1, None], "deep": [{"x": None}]}}})
    assert evaluate("steps.a.result.money", here) == odd
    assert evaluate("steps.a.result.rates[0] == 0.1", here) is True
    assert evaluate("steps.a.result.rates == [0.1]", here) is False
    assert judge("0.5 in steps.a.result.rates", here).holds is False
    assert judge("steps.a.result.deep.exists(d, d.x == 1)", here).holds is False
    assert judge("steps.a.result.none.deeper == 1", here).missing == ("steps.a.result.none.deeper",)


def test_bounds_hold_at_run_time() -> None:
    here = replace(scope(), vars={"many": list(range(1001))})
    with pytest.raises(ExpressionError, match="more than 1000"):
        evaluate("vars.many.exists(x, x == 5)", here)
    hostile = replace(scope(), ticket={"subject": "a" * 100_000})
    assert judge('ticket.subject.matches("(a+)+$")', hostile).holds
    assert not judge('ticket.subject.matches("(a+)+b")', hostile).holds


def test_moments_work_without_a_calendar() -> None:
    here = Scope(now=datetime(2026, 11, 22, 23, 0, tzinfo=UTC))
    assert evaluate("weekday(now)", here) == 7
    with pytest.raises(ExpressionError, match="calendar"):
        evaluate("open(now)", here)


def test_months_end_on_the_last_day() -> None:
    here = Scope(now=datetime(2026, 1, 31, 9, 0, tzinfo=UTC), calendar=OfficeHours())
    assert evaluate('now + duration("P1M")', here) == datetime(2026, 2, 28, 9, 0, tzinfo=UTC)


def test_days_keep_the_clock_time() -> None:
    class Berlin(OfficeHours):
        zone = ZoneInfo("Europe/Berlin")

    here = Scope(now=datetime(2026, 10, 24, 10, 0, tzinfo=UTC), calendar=Berlin())
    assert evaluate('now + duration("P1D")', here) == datetime(2026, 10, 25, 11, 0, tzinfo=UTC)
    assert evaluate('now + duration("PT24H")', here) == datetime(2026, 10, 25, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("money", "250000.50", Money(25000050, "IDR")),
        ("money", 3, Money(300, "IDR")),
        ("money", "much", None),
        ("date", "2026-11-22", date(2026, 11, 22)),
        ("date", "", None),
        ("datetime", "2026-11-22T10:00", None),
        ("int", "7", 7),
        ("boolean", "yes", None),
        ("string", "x", "x"),
    ],
)
def test_stored_values_become_typed(type_: str, raw: Any, value: Any) -> None:
    assert typed(Field("x", type_, Text((("", "X"),))), raw) == value


NAMED = "ticket.topic ticket.tags ticket.created_at fields.amount fields.x fields.paid_on vars.count steps.look.result customer now"
WRITTEN = '1 0 2.5 9223372036854775807 "a" "P1D" true null [] ["a",1] duration("P1D") date("2026-11-22")'
ATOMS = st.sampled_from((NAMED + " " + WRITTEN).split())


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "in", "&&", "||"])
    functions = st.sampled_from(["size", "weekday", "hour", "open", "date", "duration"])
    return (
        st.builds("({} {} {})".format, inner, operators, inner)
        | st.builds("{}({})".format, functions, inner)
        | st.builds("({} ? {} : {})".format, inner, inner, inner)
        | st.builds("{}{}".format, st.sampled_from(["!", "-"]), inner)
        | st.builds("{}[{}]".format, inner, inner)
        | st.builds("{}.{}({})".format, inner, st.sampled_from(["contains", "matches", "startsWith"]), inner)
    )


@given(st.recursive(ATOMS, _larger, max_leaves=8).filter(lambda source: len(source) <= 500))
def test_expressions_give_values_or_say_why(source: str) -> None:
    for ask in (evaluate, judge):
        try:
            answer: Any = ask(source, scope())
        except ExpressionError:
            continue  # it says why; anything else is a fault of ours
        else:
            json.dumps(answer.seen if ask is judge else plain(answer))
