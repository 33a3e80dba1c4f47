"""What `estafet plugins new` writes: a plugin with a setting, an action and a fact hook in thirty lines, and its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = '''"""The plugin NAME: says hello to customers, and notes resolved tickets in its log."""

import estafet


@estafet.hookimpl
def register_settings():
    return [estafet.Setting("greeting", title="Greeting", default="Hello")]


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
from types import SimpleNamespace

import estafet
import pytest

spec = importlib.util.spec_from_file_location("NAME", Path(__file__).with_name("NAME.py"))
NAME = importlib.util.module_from_spec(spec)
spec.loader.exec_module(NAME)


def call(**arguments):
    return SimpleNamespace(arguments=arguments, settings={"greeting": "Hello"})


def test_greeting_uses_the_name():
    assert NAME.greet(call(name="Sari")) == {"words": "Hello, Sari!"}


def test_empty_name_fails_for_good():
    with pytest.raises(estafet.PermanentFailure):
        NAME.greet(call(name=" "))


def test_resolved_ticket_is_noted(capsys):
    NAME.ticket_resolved(SimpleNamespace(id=7), SimpleNamespace(id=4711))
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
