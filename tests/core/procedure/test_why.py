"""*Why* holds ids, codes and numbers, never what people wrote."""

from __future__ import annotations

DOCUMENT = """
sop: test
fields:
  name: {type: string, label: Name}
  secret: {type: int, personal: true}
  level: {type: choice, options: [low, high]}
do:
  - a: {task: A, if: 'ticket.subject.contains("help")'}
  - b: {task: B, if: 'fields.name == "Budi" || fields.level == "low"', then: end}
  - c: {task: C, if: 'fields.secret > 3'}
"""


def test_subject_is_not_kept(play):
    ticket = play(DOCUMENT, ticket={"subject": "Tolong, nomor saya 0812"}, fields={"level": "high"})
    assert ticket.visit("a").why["seen"] == {"ticket.subject": "…"}


def test_codes_and_missing_names_are_kept(play):
    why = play(DOCUMENT, ticket={"subject": "x"}, fields={"level": "high"}).visit("b").why
    assert why["seen"] == {"fields.name": None, "fields.level": "high"}
    assert why["missing"] == ["fields.name"]


def test_personal_values_are_not_kept(play):
    why = play(DOCUMENT, ticket={"subject": "x"}, fields={"level": "high", "secret": 5, "name": "Sari"}).visit("c").why
    assert why["seen"] == {"fields.secret": "…"}


def test_text_of_the_condition_itself_is_kept(play):
    why = play(DOCUMENT, ticket={"subject": "x"}, fields={"name": "Budi"}).visit("b").why
    assert why["seen"]["fields.name"] == "Budi"


def test_passing_condition_is_explained_too(play):
    assert play("- a: {task: A, if: 'ticket.priority == \"medium\"'}").visit("a").why["holds"] is True
