"""What `estafet plugins new` writes: a plugin with a setting, an action and a fact hook in thirty lines, and its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = '''"""The plugin NAME: says hello to customers, and notes resolved tickets in its log."""

import estafet
from marshmallow import Schema, fields


class Settings(Schema):
    greeting = fields.String(load_default="Hello", metadata={"title": "Greeting"})


@estafet.hookimpl
def register_settings():
    return Settings


@estafet.hookimpl
def register_actions():
    arguments = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    result = {"type": "object", "properties": {"words": {"type": "string"}}}
    return [estafet.Action("NAME.greet", greet, arguments=arguments, result=result, repeatable=True)]


def greet(call):
    if not call.arguments["name"].strip():
        raise estafet.PermanentFailure("Whom shall I greet? The name is empty.")
    return {"words": f"{call.settings['greeting']}, {call.arguments['name']}!"}


@estafet.hookimpl
def ticket_resolved(event, ticket):
    print(f"event {event.id}: ticket {ticket.id} is resolved")
'''

TESTS = '''"""Tests of the plugin NAME. Run them with: pytest FILE"""

import importlib.util
from pathlib import Path

import estafet
import pytest
from estafet.testing import desk, make_call, make_event, make_ticket  # `desk` is a fixture

spec = importlib.util.spec_from_file_location("NAME", Path(__file__).with_name("NAME.py"))
NAME = importlib.util.module_from_spec(spec)
spec.loader.exec_module(NAME)
SOP = """
sop: greet
title: Greet
do:
  - hello:
      call: NAME.greet
      with: {name: "${customer.name}"}
"""


def test_procedure_greets_the_customer(desk):
    desk.add("NAME", NAME, greeting="Halo")
    assert desk.open(SOP).step("hello").result == {"words": "Halo, Sari!"}


def test_empty_name_fails_for_good():
    with pytest.raises(estafet.PermanentFailure):
        NAME.greet(make_call("NAME.greet", {"name": " "}, settings={"greeting": "Hello"}))


def test_resolved_ticket_is_noted(capsys):
    NAME.ticket_resolved(make_event("ticket.resolved"), make_ticket(id=4711))
    assert "4711" in capsys.readouterr().out
'''


def write_plugin(folder: Path, name: str) -> list[Path]:
    """Write the plugin and its tests; FileExistsError when one of them is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / f"{name}.py": PLUGIN, folder / f"test_{name}.py": TESTS}
    for path in texts:
        if path.exists():
            raise FileExistsError(17, "exists", str(path))
    for path, text in texts.items():
        path.write_text(text.replace("NAME", name).replace("FILE", path.name), "utf-8")
    return list(texts)
