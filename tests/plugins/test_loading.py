"""Each plugin is loaded by itself: a broken one is one line, which says what to change, and everything else starts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.plugins.discovery import find_sources

GOOD = """
import estafet

@estafet.hookimpl
def register_actions():
    return [estafet.Action("{name}.go", lambda call: None)]
"""
HEAD = "import estafet\n\n@estafet.hookimpl\n"
BROKEN = {
    "import nowhere_to_be_found": "ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    "def (": "SyntaxError",
    "raise SystemExit(3)": "SystemExit: 3",
    "import os; os._exit(3)": "was replaced",
    "x = 1": "it has no hook",
    HEAD + "def ticket_opend(event): pass": "unknown hook 'ticket_opend'",
    HEAD + "def ticket_opened(evnt): pass": "evnt",
    HEAD + "async def ticket_opened(event): pass": "is a coroutine",
    "import estafet\n\n@estafet.hookimpl(wrapper=True)\ndef ticket_opened(event):\n    return (yield)": "is a wrapper",
    HEAD + "def register_actions(): return 1": "must answer with a list of estafet.Action",
    HEAD + "def register_actions(): return [estafet.Action('other.go', print)]": "must be 'broken.WORD'",
    HEAD
    + "def register_actions(): return [estafet.Action('broken.go', print, arguments={'typ': 1})]": "'typ' is not known",
    HEAD + "def register_actions(): return [estafet.Action('broken.go', print, result={'type': 'object',"
    " 'properties': {'n': {'type': 'integer'}}}, example={'n': 'x'})]": "its example does not fit: 'n' must be integer",
    HEAD + "def register_actions(): return [estafet.Action('broken.go', print, example={'n': {1}})]": "plain values",
    HEAD + "def register_settings(): return [estafet.Setting('a', kind='colour')]": "there is no kind 'colour'",
}


@pytest.mark.parametrize("text", BROKEN)
def test_broken_plugin_is_one_line(host, text):
    host.add("broken", text)
    host.add("good", GOOD.format(name="good"))
    host.publish()
    error = host.plugin("broken").error
    assert BROKEN[text] in error
    assert "\n" not in error
    assert host.plugin("good").works


def test_same_action_name_names_both(host):
    from core.plugins.publishing import Found, without_doubles

    action = {"name": "one.go"}
    found = without_doubles([Found("one", "", {}, (action,)), Found("two", "", {}, (action,)), Found("three", "", {})])
    assert [one.error and "plugins one and two" in one.error for one in found] == [True, True, None]


def test_two_sources_of_one_name(host):
    host.add("crm", GOOD.format(name="crm"))
    host.publish()
    assert "2 plugins of this name" in host.plugin("crm").error


def test_files_can_be_forbidden(host):
    host.add("good", GOOD.format(name="good"))
    names = [source.name for source in find_sources(replace(host.settings, plugin_files=False))]
    assert "good" not in names
    assert "crm" in names


def test_repaired_plugin_works_again(host):
    host.add("good", GOOD.format(name="good"))
    host.publish()
    ticket = host.open("good.go")
    host.add("good", "import nowhere_to_be_found")
    host.publish()
    assert host.due(ticket) == []
    assert not host.plugin("good").works
    host.add("good", GOOD.format(name="good"))
    host.publish()
    assert host.due(ticket) == [host.key(ticket)]


def test_removed_plugin_keeps_its_row(host):
    host.add("good", GOOD.format(name="good"))
    host.publish()
    (host.settings.home / "plugins" / "good.py").unlink()
    host.publish()
    assert not host.plugin("good").present
