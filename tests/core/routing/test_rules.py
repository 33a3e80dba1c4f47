"""Rules over facts: which one matches, what was not true of the others, and which can never be reached."""

from __future__ import annotations

from typing import Any

import pytest

from core.routing.choosing import Candidate, Wish, choose
from core.routing.rules import Rule, RuleError, compiled, match, packed, part_at, unpacked
from core.routing.traps import traps
from core.routing.ways import PersonWay
from core.sop.expressions import Scope, judge

NOW = 1_795_485_600_000
FACTS: dict[str, dict[str, Any]] = {
    "ticket": {
        "channel": "email",
        "subject": "refund for my kulkas xt372",
        "topic": None,
        "product": "XT372",
        "language": "id",
        "priority": "medium",
        "department": "service",
        "mailbox": "service@lentera.example",
        "tags": ["warranty", "stranger"],
        "hour": 9,
        "weekday": 2,
    },
    "customer": {"class": "vip", "organisation": "Lentera", "language": "id", "email": "sari@example.com"},
}


def rule(number: int, condition: str, active: bool = True, **gives: Any) -> Rule:
    return Rule(number, 1, f"Rule {number}", condition, gives or {"team": 1}, None, active, compiled(condition))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("", True),
        ('ticket.channel == "email"', True),
        ('ticket.channel == "chat"', False),
        ('ticket.channel != "chat"', True),
        ('ticket.topic != "refund"', False),  # nothing is known of the topic
        ('ticket.subject.contains("REFUND")', True),
        ('ticket.tags.contains("warranty")', True),
        ('"warranty" in ticket.tags', True),
        ('ticket.product in ["XT371", "XT372"]', True),
        ("ticket.hour >= 8 && ticket.hour < 17 && ticket.weekday <= 5", True),
        ('ticket.hour >= 10 || customer.class == "vip"', True),
        ('customer.class == "vip" && !has(ticket.topic)', True),
        ('customer.organisation == "Lentera" && ticket.language == "en"', False),
        ('ticket.mailbox == "Service@Lentera.example"', True),
        ('ticket.subject.matches("xt[0-9]+")', True),
        ('!(ticket.channel == "email")', False),
    ],
)
def test_conditions_are_judged(condition: str, *, holds: bool) -> None:
    assert (match([rule(1, condition)], FACTS).rule is not None) is holds
    if condition and "contains" not in condition and "mailbox" not in condition:  # those are asked in small letters
        assert judge(condition, Scope(FACTS["ticket"], FACTS["customer"])).holds is holds


def test_first_match_wins_and_says_why() -> None:
    rules = [
        rule(1, 'ticket.channel == "chat"'),
        rule(2, 'ticket.channel == "email" && ticket.language == "en"'),
        rule(3, 'customer.class == "vip" && ticket.product == "XT372"'),
        rule(4, ""),
    ]
    found = match(rules, FACTS)
    assert found.rule == rules[2]
    assert [part_at(mark) for mark in found.failed] == [0, 1]
    assert rules[1].parts[1].source == 'ticket.language == "en"'
    assert found.seen == {"customer.class": "vip", "ticket.product": "XT372"}


def test_marks_are_packed() -> None:
    marks = "a" * 57 + "b" + "aaa" + "-" * 12 + "c"
    assert packed(marks) == "57ab3a12-c"
    assert unpacked(packed(marks)) == marks
    assert unpacked("") == ""


@pytest.mark.parametrize(
    ("condition", "word"),
    [("ticket.channel ==", ":"), ("ticket.colour == 1", "ticket.colour"), ("fields.amount > 3", "fields.amount")],
)
def test_wrong_conditions_are_refused(condition: str, word: str) -> None:
    with pytest.raises(RuleError) as caught:
        compiled(condition)
    assert word in str(caught.value)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["", 'ticket.channel == "chat"'], [(2, "shadowed", 1)]),
        (['ticket.channel in ["chat", "email"]', 'ticket.channel == "chat"'], [(2, "shadowed", 1)]),
        (['ticket.channel == "chat"', 'ticket.channel in ["chat", "email"]'], []),
        (['ticket.hour >= 8', 'ticket.hour >= 9 && ticket.hour <= 12'], [(2, "shadowed", 1)]),
        (['ticket.hour >= 8 && ticket.hour <= 17', 'ticket.hour >= 9'], []),
        (['ticket.subject.contains("a")', 'ticket.subject.contains("a") && ticket.language == "id"'], [(2, "shadowed", 1)]),
        (['ticket.subject.contains("a")', 'ticket.subject.contains("b")'], []),
        (['ticket.channel == "chat" && ticket.channel == "email"'], [(1, "never", None)]),
        (["ticket.hour > 23"], [(1, "never", None)]),
        (['ticket.channel == "fax"'], [(1, "unknown", None)]),
        (['ticket.channel == "chat" || ticket.hour > 3', 'ticket.channel == "chat"'], []),
    ],
)  # fmt: skip
def test_unreachable_rules_are_found(conditions: list[str], expected: list[Any]) -> None:
    rules = [rule(i, condition) for i, condition in enumerate(conditions, 1)]
    found = traps(rules, {"ticket.channel": ("chat", "email", "form")})
    assert [(one.rule, one.code, one.by) for one in found] == expected
    off = [rule(i, condition, active=False) for i, condition in enumerate(conditions, 1)]
    assert traps(off, {"ticket.channel": ("chat", "email", "form")}) == []


def candidate(person: int, **values: Any) -> Candidate:
    return Candidate(person, values.pop("availability", "online"), values.pop("open_n", 0), **values)


def test_reasons_against_are_said() -> None:
    people = [
        candidate(1, availability="offline", since=NOW - 1000),
        candidate(2, open_n=12, team_limit=12),
        candidate(3, way=PersonWay(by_priority={1: 2}), held={1: 2}, open_n=3),
        candidate(4, way=PersonWay(absent_from=NOW - 5, absent_until=NOW + 5)),
        candidate(5, on_shift=False),
        candidate(6, levels={"billing": 1}),
        candidate(7, levels={"billing": 4}, open_n=3),
        candidate(8, levels={"billing": 2}, open_n=5),
        candidate(9, way=PersonWay(max_open=4), open_n=4, levels={"billing": 5}),
    ]
    people = [
        one if one.levels else Candidate(**{n: getattr(one, n) for n in one.__slots__} | {"levels": {"billing": 3}})
        for one in people
    ]
    choice = choose(people, Wish("skill", priority=1, skill="billing", level=2), NOW)
    assert choice.person == 8  # the lowest sufficient level: experts are kept free
    assert choice.why["passed_over"] == {
        "1": {"availability": "offline", "since": NOW - 1000},
        "2": {"open": 12, "limit": 12},
        "3": {"open": 2, "limit": 2, "priority": 1},
        "4": {"absent": NOW + 5},
        "5": {"shift": False},
        "6": {"level": 1, "wanted": 2},
        "9": {"open": 4, "limit": 4},
    }
    assert choice.why["others"] == {"7": {"open": 3, "level": 4}}


def test_offline_people_can_be_included() -> None:
    people = [candidate(1, availability="offline", on_shift=False), candidate(2, open_n=1)]
    assert choose(people, Wish(), NOW).person == 2
    assert choose(people, Wish(include_offline=True), NOW).person == 1


def test_weights_and_turns_decide() -> None:
    people = [candidate(1, open_n=1, load=4.0, last_pick=5), candidate(2, open_n=3, load=1.5, last_pick=9)]
    assert choose(people, Wish(), NOW).person == 2
    assert choose(people, Wish("round_robin"), NOW).person == 1
    assert choose(people, Wish("round_robin", only=(2,)), NOW).person == 2
    assert choose(people, Wish("round_robin", first=(2,)), NOW).why["by"] == "first"
