"""What a plugin writes for people is read in their own language: titles, settings, buttons, and what its boxes say."""

from __future__ import annotations

import pytest
from marshmallow import Schema, fields, validate

import estafet
import plugins.crm
import plugins.jira
import plugins.trello
from core.plugins.errors import Unsound
from core.plugins.labels import said
from core.plugins.registration import register
from core.plugins.schemas import settings_from
from core.plugins.wire import declared_setting, panel_content
from core.texts import LANGUAGES, speaking
from estafet.testing import desk

__all__ = ["desk"]  # the fixture
BOTH = {"en": "Card", "id": "Kartu"}


class Boxes:
    """A plugin that says everything in both languages."""

    @estafet.hookimpl
    def register_panels(self):
        return [estafet.Panel("cards", BOTH)]

    @estafet.hookimpl
    def ticket_panel(self, ticket):
        money = {"en": "Money", "id": "Uang"}
        lines = (
            estafet.Fact(BOTH, {"en": "none", "id": "tidak ada"}),
            estafet.Fact("Rp", "5", group=money),
            estafet.Fact("USD", "2", group="Abroad"),
            estafet.Fact("EUR", "1", group=money),
        )
        return estafet.PanelContent(lines, note={"en": "Only English is here"})


def test_box_speaks_the_readers_language(desk):
    desk.add("boxes", Boxes())
    ticket = desk.open("sop: one\ntitle: One\ndo:\n  - work: {task: Work}\n")
    box = desk.panel("boxes", "cards", ticket)
    assert (box.title, box.content["facts"][0]["label"], box.content["facts"][0]["value"]) == ("Card", "Card", "none")
    with speaking("id"):
        box = desk.panel("boxes", "cards", ticket)
    assert (box.title, box.content["facts"][0]["label"], box.content["note"]) == (
        "Kartu",
        "Kartu",
        "Only English is here",
    )
    assert [(name, [one["label"] for one in lines]) for name, lines in box.groups.items()] == [
        ("", ["Kartu"]),
        ("Uang", ["Rp", "EUR"]),
        ("Abroad", ["USD"]),
    ]


def test_choice_has_labels(desk):
    plain = estafet.Setting("how", kind="choice", options=("a", "b"))
    labelled = estafet.Setting("how", BOTH, kind="choice", options={"a": BOTH, "b": "B"})
    assert (declared_setting(plain)["options"], declared_setting(plain)["labels"]) == (["a", "b"], {})
    assert (declared_setting(labelled)["options"], declared_setting(labelled)["labels"]) == (
        ["a", "b"],
        {"a": BOTH, "b": "B"},
    )
    one_of = validate.OneOf(["a", "b"], labels=[BOTH])
    (read,) = settings_from(Schema.from_dict({"how": fields.String(validate=one_of, metadata={"title": BOTH})})())
    assert (read.title, read.options) == (BOTH, {"a": BOTH, "b": "b"})


@pytest.mark.parametrize("label", [{}, {"fr": "Carte"}, {"en": 5}, 5, ["Card"]])
def test_what_is_no_label_is_refused(label):
    class Wrong:
        @estafet.hookimpl
        def register_actions(self):
            return [estafet.Action("wrong.do", lambda call: None, title=label)]

    class WrongArgument:
        @estafet.hookimpl
        def register_actions(self):
            told = {"type": "object", "properties": {"a": {"type": "string", "description": label}}}
            return [estafet.Action("wrong.do", lambda call: None, arguments=told)]

    class WrongSetting:
        @estafet.hookimpl
        def register_settings(self):
            return [estafet.Setting("a", help=label)]

    class WrongPanel(Boxes):
        @estafet.hookimpl
        def register_panels(self):
            return [estafet.Panel("cards", label)]

    for plugin in (Wrong(), WrongArgument(), WrongSetting(), WrongPanel()):
        with pytest.raises(Unsound, match=r"must .*be .*text"):
            register("wrong", plugin)
    with pytest.raises(TypeError, match="the note of a panel must be"):
        panel_content(estafet.PanelContent(note=label))


@pytest.mark.parametrize("module", [plugins.jira, plugins.trello, plugins.crm])
def test_shipped_plugins_speak_both(module):
    """Every form that people fill in has its labels in both languages, where they are more than a name or an example."""
    arguments = [
        one
        for action in module.register_actions()
        if action.on_ticket
        for one in action.arguments["properties"].values()
    ]
    labels = [one.get("title") for one in arguments]
    labels += [action.title for action in module.register_actions()] + [one.title for one in module.register_settings()]
    plain = ["Issue", "hubspot, rest: token"]
    assert [one for one in labels if one not in plain and set(one or ()) != set(LANGUAGES)] == []


def test_missing_language_is_english():
    with speaking("id"):
        assert [said(one) for one in (BOTH, {"en": "Only"}, "Plain", None)] == ["Kartu", "Only", "Plain", ""]
    assert said({"id": "Hanya"}) == "Hanya"
