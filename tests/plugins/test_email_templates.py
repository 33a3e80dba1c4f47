"""The templates that come as a plugin: both languages, nothing but words and placeholders, and the studio and the mails know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.templates.language import problems
from core.templates.wordings import Template, Templates, of_plugin
from plugins.email_templates import LANGUAGES, PLACEHOLDERS, TITLES, register_templates

if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS = (
    "customer.name",
    "ticket.subject",
    "department.signature",
    "link",
    "note",
    "promise",
    "recipient",
    "step",
    "due",
    "desk_link",
)
VALUES: Mapping[str, object] = {
    "customer": {"name": "Sari"},
    "ticket": {"subject": "Kulkas bocor"},
    "department": {"signature": "Layanan"},
    "recipient": "Lina",
    "link": "https://desk/r/1",
    "desk_link": "https://desk/tickets/1",
    "courier": "JNE",
    "reason": "the part is on its way",
}


@pytest.mark.parametrize("name", sorted(TITLES))
def test_every_language_is_sound(name: str) -> None:
    (template,) = [one for one in register_templates() if one.name == name]
    known = {*ALWAYS, *PLACEHOLDERS.get(name, {})}
    for language in LANGUAGES:
        for source in (template.subject[language], template.text[language]):
            assert problems(source, lambda path: ".".join(path) in known, tuple(known)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_reads_well_without_extras(language: str) -> None:
    published = [
        {"name": one.name, "title": one.title, "subject": one.subject, "text": one.text, "html": one.html}
        | {"placeholders": one.placeholders, "audience": one.audience}
        for one in register_templates()
    ]
    behind: dict[str, Template] = {str(one["name"]): of_plugin("email_templates", one) for one in published}
    known = Templates(1, behind, {})
    for name in behind:
        words, number = known.render(name, language, 1, VALUES)
        assert number == 0
        assert "Kulkas bocor" in words.subject
        assert "\n\n\n" not in words.text
        assert "{" not in words.text
    assert "JNE" in known.render("shipping_detail", language, 1, VALUES)[0].text
    assert known.names("colleague") == {"escalation"}
