"""Is a plugin sound? Its hooks are registered with pluggy and everything it declares is checked; an error says what to change."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pluggy

from core import hookspecs
from core.plugins.errors import Unsound
from core.plugins.labels import label_problem
from core.plugins.offers import NOTHING, Offers, flat, read_offers
from core.plugins.schemas import as_schema, load_settings, settings_from
from core.plugins.shapes import misfit, schema_problem
from core.plugins.values import Action, Setting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from marshmallow import Schema

KINDS = ("text", "number", "boolean", "url", "choice")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin that passed every check."""

    manager: pluggy.PluginManager
    hooks: frozenset[str]
    settings: tuple[Setting, ...]
    actions: Mapping[str, Action]
    offers: Offers = NOTHING
    schema: Schema | None = None

    def hook(self, name: str) -> Any:
        """The caller of one hook."""
        return getattr(self.manager.hook, name)

    def read_settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was typed in, as the plugin wants it: loaded by its schema, when it has one."""
        return given if self.schema is None else load_settings(self.schema, given)


def register(name: str, plugin: Any) -> Loaded:
    """Register and check a plugin (a module or an object)."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name)
    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        raise Unsound("it has no hook: mark a function with @estafet.hookimpl, and name it as in docs/plugins/hooks.md")
    for caller in callers:
        for found in caller.get_hookimpls():
            _check_hook(caller.name, found)
    manager.check_pending()
    hooks = frozenset(caller.name for caller in callers)
    answers = manager.hook.register_settings()
    schema = as_schema(answers[0]) if answers else None
    declared = settings_from(schema) if schema else flat(answers, "register_settings", Setting)
    settings = _settings(declared)
    actions = _actions(name, flat(manager.hook.register_actions(), "register_actions", Action))
    return Loaded(manager, hooks, settings, actions, read_offers(manager.hook, hooks, settings), schema)


def _check_hook(name: str, found: pluggy.HookImpl) -> None:
    if found.wrapper or found.hookwrapper:
        raise Unsound(
            f"hook '{name}' is a wrapper; a plugin is called alone, so there is nothing to wrap: write a plain one"
        )
    if inspect.iscoroutinefunction(found.function) or inspect.isasyncgenfunction(found.function):
        raise Unsound(f"hook '{name}' is a coroutine; write a plain function (def, not async def)")


def _settings(declared: Sequence[Setting]) -> tuple[Setting, ...]:
    for setting in declared:
        if not setting.name.isidentifier() or len(setting.name) > 60:
            raise Unsound(f"setting '{setting.name}': a name has letters, digits and _, at most 60")
        if setting.kind not in KINDS:
            raise Unsound(f"setting '{setting.name}': there is no kind '{setting.kind}'. Kinds: {', '.join(KINDS)}")
        if setting.kind == "choice" and not setting.options:
            raise Unsound(f"setting '{setting.name}': a choice needs options")
        shown = setting.options.values() if isinstance(setting.options, Mapping) else ()
        for label in (setting.title, setting.help, *shown):
            if problem := label_problem(label):
                raise Unsound(f"setting '{setting.name}': its title, help and options must each be {problem}")
    if len({setting.name for setting in declared}) != len(declared):
        raise Unsound("two settings have the same name")
    return tuple(declared)


def _actions(plugin: str, declared: Sequence[Action]) -> dict[str, Action]:
    for action in declared:
        prefix, _, word = action.name.partition(".")
        if prefix != plugin or not word.isidentifier() or len(action.name) > 60:
            raise Unsound(f"action '{action.name}': its name must be '{plugin}.WORD', such as '{plugin}.lookup'")
        for function in (action.run, action.find):
            if inspect.iscoroutinefunction(function):
                raise Unsound(f"action '{action.name}' is a coroutine; write a plain function (def, not async def)")
        if problem := label_problem(action.title):
            raise Unsound(f"action '{action.name}': its title must be {problem}")
        for what, schema in (("arguments", action.arguments), ("result", action.result)):
            if schema is not None and (problem := schema_problem(schema, what)):
                raise Unsound(f"action '{action.name}': {problem}")
        if problem := _example_problem(action):
            raise Unsound(f"action '{action.name}': its example does not fit: {problem}")
    if len({action.name for action in declared}) != len(declared):
        raise Unsound("two actions have the same name")
    return {action.name: action for action in declared}


def _example_problem(action: Action) -> str | None:
    """Why the example is no result of the action; None when it is one, or when there is none."""
    if action.example is None:
        return None
    try:
        json.dumps(action.example, allow_nan=False)
    except (TypeError, ValueError):
        return "it must be a mapping of plain values (texts, numbers, true, false, lists, mappings)"
    return misfit(action.example, {"type": "object", **(action.result or {})})
