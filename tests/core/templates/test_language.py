"""A template is data: what may stand in it, what is refused and where, and that the hostile ones cost nothing."""

from __future__ import annotations

import pytest

from core import notices
from core.templates.language import LONGEST, compiled, placeholders, problems
from core.texts import LANGUAGES

KNOWN = ("customer.name", "note", "ticket.subject")
HOSTILE = [
    "{{ ''.__class__.__mro__ }}",
    "{{ customer.__init__ }}",
    "{{ [].append(1) }}",
    "{{ customer.name() }}",
    "{% for a in customer %}{% for b in customer %}x{% endfor %}{% endfor %}",
    "{{ 'a' * 1000000000 }}",
    "{{ range(10) }}",
    "{{ customer['name'] }}",
    "{% include 'x' %}",
    "{% set a = 1 %}",
    "{{ note|map('upper') }}",
    "{{ note|default(*note) }}",
    "{{" + "(" * 5000,
    "{% if note %}" * 1000 + "{% endif %}" * 1000,
    "{{ note" + "|upper" * 3000 + " }}",
    "{{ customer" + ".name" * 3000 + " }}",
    "{{ note" * 2000,
    "{# " * 4000,
    "x" * 100_000,
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:24])
def test_more_than_words_is_refused(source: str) -> None:
    assert problems(source, lambda path: ".".join(path) in KNOWN, KNOWN)


def test_wrong_name_has_line_and_advice() -> None:
    source = "Dear {{ customer.name }},\n\n{% if note %}{{ not }}{% endif %}\n{{ ticket.subjekt }}"
    found = problems("Hi {{ customer.nam }}", lambda path: ".".join(path) in KNOWN, KNOWN)
    assert [(one.line, str(one)) for one in found] == [
        (1, "There is no placeholder “customer.nam”. Did you mean “customer.name”?")
    ]
    (broken,) = problems(source, lambda path: ".".join(path) in KNOWN, KNOWN)
    assert broken.line == 3
    (unclosed,) = problems("a\nb {{ note", lambda _path: True)
    assert "{{ customer.name }}" in str(unclosed)


def test_names_lead_through_mappings_only() -> None:
    values = {"customer": {"name": "Sari"}, "note": None, "thing": object()}
    assert (
        compiled("{{ customer.name|upper }}{{ customer.keys }}{{ note }}{{ thing.real }}{{ a.b.c }}").render(values)
        == "SARI"
    )
    assert (
        compiled("<b>{{ customer.name }}</b>", html=True).render({"customer": {"name": "<i>&"}})
        == "<b>&lt;i&gt;&amp;</b>"
    )


def test_every_text_that_comes_along_is_allowed() -> None:
    for name in notices.template_names():
        for code in LANGUAGES:
            words = notices.wording(name, code)
            assert all(len(part) < LONGEST for part in (words.subject, words.text))
            assert problems(words.subject + "\n" + words.text, lambda _path: True) == []
    assert [one.path for one in placeholders("{{ a.b }} {% if c and not d.e %}{{ f|default('') }}{% endif %}")] == [
        ("a", "b"),
        ("c",),
        ("d", "e"),
        ("f",),
    ]
