"""The guide for plugin authors is true: its commands work, its procedure runs, every hook is described with its signature."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import estafet
from core import hookspecs
from core.actors import customer
from core.plugins.keeping import keep_webhooks
from core.plugins.registration import register
from core.plugins.registry import plugin
from core.sop.reading import load
from core.tickets.rating import rate
from core.tickets.rows import read
from core.tickets.surveys import surveys_of
from core.tickets.withdrawing import withdraw
from estafet.commands.plugins import plugins as command
from estafet.new_plugin import PLUGIN
from estafet.testing import desk, make_customer, make_event, make_ticket

__all__ = ["desk"]  # the fixture

DOCS = Path(__file__).parents[2] / "docs" / "plugins"
EXAMPLE = Path(__file__).parents[2] / "examples" / "every_hook.py"
EVERY_SOP = """
sop: every
title: Every
do:
  - ask:
      call: every_hook.create
      with: {title: Card}
      until: result.status == "Done"
  - work:
      task: Do the work
"""
GUIDE = (DOCS / "README.md").read_text()
WHERE = " ".join((inspect.getdoc(hookspecs) or "").split("\n\n")[1].split())
ARGUMENTS = {  # those that are no values of `estafet`
    "settings": "what was typed in on the plugins page by name, secrets included, as the schema of `register_settings` loaded it",
    "callbacks": "the address of each webhook by its name",
    "refs": "what the other side calls the things, as links name them",
    "panel": "the name that `register_panels` gave the box",
    "strategy": "the word of `register_routing_strategies`, without the plugin's name",
}


def hooks() -> list:
    return [found for found in vars(hookspecs).values() if hasattr(found, "estafet_spec")]


def moments_of_hooks() -> list[tuple[str, str, list]]:
    """(moment, what holds for all its hooks, the hooks) in the order of the specs."""
    found = []
    banners = re.split(r"# ---- (.+?) -+\n", Path(hookspecs.__file__).read_text())
    for title, section in zip(banners[1::2], banners[2::2], strict=True):
        intro = re.match(r"((?:# .*\n)+)", section)
        words = " ".join(line.removeprefix("# ") for line in intro[1].splitlines()) if intro else ""
        mine = [hook for hook in hooks() if f"def {hook.__name__}(" in section]
        found.append((title[0].upper() + title[1:], words, mine))
    return found


def signature_of(hook) -> str:
    return f"{hook.__name__}{inspect.signature(hook)}".replace("'", "")


def pages() -> dict[str, str]:
    """What docs/plugins/hooks.md and the page of each hook must say, by path."""
    every = sys.modules.setdefault("every_hook", load_example())
    index = ["# Hooks", inspect.getdoc(hookspecs) or ""]
    found = {}
    for title, words, mine in moments_of_hooks():
        index += [f"## {title}", words, "\n".join(line_of(hook) for hook in mine)]
        for hook in mine:
            example = inspect.getsource(getattr(every, hook.__name__)).strip()
            parts = [
                f"# `{hook.__name__}`",
                f"```python\n{signature_of(hook)}\n```",
                inspect.getdoc(hook) or "",
                f"**{title}.** {words}",
                f"**Where it runs.** {WHERE}",
                arguments_of(hook),
                f"## Example\n\n```python\n{example}\n```",
                "From [examples/every_hook.py](../../../examples/every_hook.py), which the tests run.",
                "[All hooks](../hooks.md)",
            ]
            found[f"hooks/{hook.__name__}.md"] = "\n\n".join(parts) + "\n"
    return {"hooks.md": "\n\n".join(index) + "\n", **found}


def arguments_of(hook) -> str:
    """What each argument and the answer are: one line each, from the values' own words."""
    signature = inspect.signature(hook)
    lines = [f"* `{name}`: {said_of(one.annotation, name)}" for name, one in signature.parameters.items()]
    answer = f"* the answer: {said_of(signature.return_annotation)}"
    return "## Arguments and answer\n\n" + "\n".join([*lines, answer])


def said_of(annotation: str, name: str = "") -> str:
    """A type with what it holds; a plain one by what the argument of this name is."""
    told = f"`{annotation}`" + (f", {ARGUMENTS[name]}" if name in ARGUMENTS else "")
    values = [word for word in re.findall(r"\w+", annotation) if word in estafet.__all__]
    assert values or name in ARGUMENTS or not name, name  # every argument is described
    for word in values:
        value = getattr(estafet, word)
        first = re.split(r"(?<=\.)\s", inspect.getdoc(value))[0]
        told += f". `estafet.{word}` ({', '.join(one.name for one in fields(value))}): {first}"
    return told if told.endswith(".") else told + "."


def line_of(hook) -> str:
    return f"* [`{signature_of(hook)}`](hooks/{hook.__name__}.md): {(inspect.getdoc(hook) or '').splitlines()[0]}"


def load_example():
    spec = importlib.util.spec_from_file_location("every_hook", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_hook_has_its_page():
    wanted = pages()
    if os.environ.get("ESTAFET_WRITE_DOCS"):
        (DOCS / "hooks").mkdir(exist_ok=True)
        for name, text in wanted.items():
            (DOCS / name).write_text(text)
    assert {name: (DOCS / name).read_text() for name in wanted} == wanted
    assert {f"hooks/{page.name}" for page in (DOCS / "hooks").iterdir()} == set(wanted) - {"hooks.md"}
    assert set(hookspecs.FACTS.values()) <= {hook.__name__ for hook in hooks()}


def test_every_example_runs(desk, capsys):
    every = load_example()
    desk.add("every_hook", every, secret="shared")
    with desk.database.read() as tx:
        assert set(plugin(tx, "every_hook").hooks) == {hook.__name__ for hook in hooks()}
    ticket = desk.open(EVERY_SOP)
    assert desk.post("every_hook", "news", {"card": "CARD-1", "list": "Doing"}) == "taken"
    assert desk.post("every_hook", "news", {"id": "1", "loft": "7", "name": "Sari", "text": "Coo."}) == "taken"
    ticket.comment("Make a card.")
    desk.tell("every_hook")
    assert [one.title for one in ticket.go().effects if one.plugin][-1] == "every_hook.create"
    desk.look("every_hook")
    assert ticket.step("ask").outcome == "done"
    assert desk.panel("every_hook", "cards", ticket).content["facts"][0]["value"] == "Done"
    for panel in ("suggest_articles", "suggest_replies", "suggest_sops"):
        assert desk.panel("every_hook", panel, ticket).content["suggestions"]
    keep_webhooks(desk.database, desk.settings, desk.caller, "every_hook")
    loaded = register("every_hook", every)
    answers = {
        "check_connection": {"settings": {"site": "here"}},
        "customer_panel": {"panel": "owner", "customer": make_customer()},
        "choose_agent": {"strategy": "by_name", "ticket": make_ticket(), "candidates": [estafet.Candidate(3, "Ana", 0, 5, "online")]},
        "send_message": {"message": estafet.Outgoing("k", "pigeon", "7", "7", "Coo.", make_ticket())},
    }  # fmt: skip
    for name, values in answers.items():
        assert loaded.hook(name)(**{"settings": {}, **values})
    for kind, name in hookspecs.FACTS.items():
        data = {"plugin": "every_hook", "ref": "CARD-1", "op": "changed", "to": {"kind": "team", "id": 1}}
        data |= {"type": "csat", "score": 4, "max": 5}
        step = estafet.Step("ask", "ask", "task", "completed")
        given = {"event": make_event(kind, **data), "ticket": make_ticket(), "message": None, "step": step}
        wanted = inspect.signature(getattr(hookspecs, name)).parameters
        loaded.hook(name)(**{one: value for one, value in {**given, "settings": {}}.items() if one in wanted})
    assert loaded.offers.commands[0].run(["hi"], {"site": "here"}) == "here: hi"


def test_rating_and_withdrawal_reach_the_example(desk, capsys):
    desk.add("every_hook", load_example(), secret="shared")
    ticket = desk.open("sop: asks\ndo:\n  - how: {survey: {type: csat}}\n  - work: {task: Work}\n")
    with desk.database.write() as tx:
        row = read(tx, ticket.id)
        [asked] = surveys_of(tx, ticket.id)
        rate(tx, desk.settings, customer(row.customer_id, "Sari"), asked.step_id, 2, "Slow.")
        withdraw(tx, desk.settings, customer(row.customer_id, "Sari"), ticket.id)
    desk.tell("every_hook")
    said = capsys.readouterr().out
    assert f"ticket {ticket.id} was rated 2 of 5 (csat)" in said
    assert f"ticket {ticket.id} is no longer needed" in said


def test_public_face_is_short():
    assert estafet.__all__ == sorted(estafet.__all__)
    assert len(estafet.__all__) <= 40
    assert all(inspect.getdoc(getattr(estafet, name)) for name in estafet.__all__ if name != "hookimpl")
    for name in re.findall(r"estafet\.([A-Z]\w+)", GUIDE):
        assert name in estafet.__all__


def test_new_plugin_is_small():
    assert len([line for line in PLUGIN.splitlines() if line.strip()]) <= 30


@pytest.fixture
def run(tmp_path):
    """A command of the guide, in a home of its own."""
    home = tmp_path / "home"
    environ = {**os.environ, "ESTAFET_HOME": str(home), "ESTAFET_DEMO": "0", "LANG": "en_US.UTF-8"}

    def command_line(line: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", *line.replace("$ESTAFET_HOME", str(home)).split()]
        return subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=100)

    return command_line


def test_guide_leads_to_a_working_plugin(run):
    lines = [line.removeprefix("$ ") for line in GUIDE.splitlines() if line.startswith("$ ")]
    assert [line.split()[0] for line in lines] == ["estafet", "pytest", "estafet"]
    for line in lines:
        done = run(line)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "hello" in done.stdout
    assert "1 action" in done.stdout
    again = run("estafet plugins new hello")
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_broken_plugin_is_named_by_check(run, tmp_path):
    run("estafet plugins new hello")
    (tmp_path / "home" / "plugins" / "bad.py").write_text("import estafet\nimport nowhere")
    done = run("estafet plugins check")
    assert done.returncode == 1
    assert "bad" in done.stdout
    assert "nowhere" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_name_that_is_none_is_refused(run):
    done = run("estafet plugins new Bad-Name")
    assert done.returncode == 2
    assert "Bad-Name" in done.stderr


def test_procedure_of_the_guide_runs(host):
    [document] = re.findall(r"```yaml\n(.+?)```", GUIDE, re.DOTALL)
    assert load(document).name == "greet"
    host.add("hello", PLUGIN.replace("NAME", "hello"))
    host.publish()
    ticket = host.open("hello.greet", '{name: "${customer.name}"}')
    host.call(ticket)
    assert host.step(ticket).result == {"words": "Hello, Sari!"}


def test_every_command_has_an_example():
    assert all("Example:" in (one.help or "") for one in (command, *command.commands.values()))
