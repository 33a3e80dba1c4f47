"""The procedures that come with the product are right, and every one of their test cases holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.demo.reading import read_firm
from core.notices import render, template_names
from core.procedure.case_reading import read_cases
from core.procedure.cases import run_cases
from core.procedures import LIBRARY
from core.sop.checking import check
from core.sop.document import Text
from core.sop.naming import Names, names_from
from core.sop.reading import load

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = sorted(path for path in LIBRARY.glob("*.yaml") if not path.name.endswith(".cases.yaml"))
ENOUGH = 80  # percent: below that, publishing asks for a reason


@pytest.fixture(scope="module")
def names() -> Names:
    """What exists around the documents: the firm of the demo, the templates that come with the product."""
    firm = read_firm()
    return names_from(
        {
            "departments": [department["name"] for department in firm["departments"]],
            "calendars": ["always", "id-jakarta", *firm["calendars"]],
            "teams": [team for department in firm["departments"] for team in department["teams"]],
            "roles": ["manager", "lead", "agent", "light"],
            "agents": [person["nick"] for person in firm["people"]],
            "skills": [],
            "classes": ["standard", "gold", "vip"],
            "templates": sorted(template_names()),
            "actions": ["jira.create_issue", "crm.lookup"],
            "events": [],
        }
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document_checks_clean(path: Path, names: Names) -> None:
    checked = check(path.read_text("utf-8"), names, str(path))
    assert not checked.errors
    assert not checked.warnings


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_cases_of_document_hold(path: Path) -> None:
    sop = load(path.read_text("utf-8"))
    outcome = run_cases(sop, read_cases(path.with_suffix(".cases.yaml").read_text("utf-8")))
    assert {verdict.case.name: verdict.failures for verdict in outcome.verdicts if verdict.failures} == {}
    assert outcome.coverage.percent >= ENOUGH


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_titles_speak_both_languages(path: Path) -> None:
    sop = load(path.read_text("utf-8"))
    texts = [sop.title, *(field.label for field in sop.fields.values())]
    for step in sop.steps():
        said = [getattr(step.what, name, None) for name in ("text", "question", "resolution")]
        texts += [text for text in (*said, step.customer_label) if isinstance(text, Text)]
    assert all({"en", "id"} <= dict(text.by).keys() for text in texts)


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("name", sorted(template_names()))
def test_template_renders_without_extras(name: str, language: str) -> None:
    facts = {
        "customer": {"name": "Sari", "email": "sari@example.com"},
        "ticket": {"subject": "Kulkas bocor", "status": "open"},
        "department": {"title": "Layanan", "signature": "Layanan"},
        **dict.fromkeys(
            ("estimate", "link", "resolution", "recipient", "step", "desk_link", "answer_link", "reset_link"), "x"
        ),
        **dict.fromkeys(("note", "due", "text", "facts"), ""),
    }
    bare = render(name, language, facts)
    assert bare.subject
    assert "{" not in bare.text
    assert render(name, language, {**facts, "amount": "Rp 1.000", "date": "2 Mei 2026", "note": "besok"}).text
