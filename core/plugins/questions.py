"""What can a plugin be asked? Each question of the host, as it is answered inside the plugin's process."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.plugins import wire
from core.plugins.failing import failure
from core.plugins.loading import limits_of, load, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.plugins.registration import Loaded
    from core.plugins.values import Call

BATCH_SECONDS = 10.0  # a batch of facts ends after this, so that its hard limit is never for many small ones


def _describe(asked: Mapping[str, Any]) -> Any:
    with within(limits_of(asked).call):
        loaded = load(asked["source"])
    offers = loaded.offers
    return {
        "actions": [wire.declared(action) for action in loaded.actions.values()],
        "declared": [wire.declared_setting(setting) for setting in loaded.settings],
        "hooks": sorted(loaded.hooks),
        "offers": {
            "webhooks": [asdict(one) for one in offers.webhooks],
            "channels": [asdict(one) for one in offers.channels],
            "panels": [asdict(one) for one in offers.panels],
            "templates": [asdict(one) for one in offers.templates],
            "strategies": list(offers.strategies),
            "commands": [{"name": one.name, "help": one.help} for one in offers.commands],
            "schema": loaded.schema is not None,
        },
    }


def _call(asked: Mapping[str, Any]) -> Any:
    loaded = load(asked["source"])
    with within(limits_of(asked).call):
        return wire.result(loaded.actions[asked["call"]["action"]].run(_given(loaded, asked)))


def _find(asked: Mapping[str, Any]) -> Any:
    loaded = load(asked["source"])
    action = loaded.actions[asked["call"]["action"]]
    assert action.find
    with within(limits_of(asked).call):
        found = action.find(_given(loaded, asked))
    return None if found is None else wire.result(found)


def _given(loaded: Loaded, asked: Mapping[str, Any]) -> Call:
    """The call, with the settings as the plugin wants them."""
    return wire.call({**asked["call"], "settings": loaded.read_settings(asked["call"]["settings"])})


def _hook(asked: Mapping[str, Any], name: str, **values: Any) -> Any:
    """The one answer of a decision's hook. A plugin is registered alone, so there is at most one."""
    loaded = load(asked["source"])
    with within(limits_of(asked).call):
        answers = loaded.hook(name)(**values, settings=loaded.read_settings(asked["settings"]))
    return answers[0] if answers else None


def _check(asked: Mapping[str, Any]) -> Any:
    """The settings fit (else the schema says what does not), and the other side answers, if the plugin can ask it."""
    loaded = load(asked["source"])
    if "check_connection" in loaded.hooks:
        return str(_hook(asked, "check_connection") or "")
    loaded.read_settings(asked["settings"])
    return "the settings fit"


def _keep(asked: Mapping[str, Any]) -> Any:
    return str(_hook(asked, "keep_webhooks", callbacks=asked["callbacks"]) or "")


def _receive(asked: Mapping[str, Any]) -> Any:
    return wire.news(_hook(asked, "receive_webhook", delivery=wire.delivery(asked["delivery"])))


def _look(asked: Mapping[str, Any]) -> Any:
    return wire.news(_hook(asked, "look_at", refs=tuple(asked["refs"])))


def _send(asked: Mapping[str, Any]) -> Any:
    return wire.result(_hook(asked, "send_message", message=wire.outgoing(asked["message"])))


def _panel(asked: Mapping[str, Any]) -> Any:
    hook = asked["hook"]
    if hook == "customer_panel":
        values = {"panel": asked["panel"], "customer": wire.customer(asked["customer"])}
        return wire.panel_content(_hook(asked, hook, **values))
    if hook == "ticket_panel":
        return wire.panel_content(_hook(asked, hook, panel=asked["panel"], ticket=wire.ticket(asked["ticket"])))
    return wire.suggestions(_hook(asked, hook, ticket=wire.ticket(asked["ticket"])))


def _choose(asked: Mapping[str, Any]) -> Any:
    candidates = tuple(wire.candidate(one) for one in asked["candidates"])
    values = {"strategy": asked["strategy"], "ticket": wire.ticket(asked["ticket"]), "candidates": candidates}
    chosen = _hook(asked, "choose_agent", **values)
    if chosen is not None and (not isinstance(chosen, int) or isinstance(chosen, bool)):
        raise TypeError(f"choose_agent answers with the id of a candidate or None, not {chosen!r:.60}")
    return chosen


def _command(asked: Mapping[str, Any]) -> Any:
    loaded = load(asked["source"])
    command = next(one for one in loaded.offers.commands if one.name == asked["command"])
    with within(limits_of(asked).call):
        return str(command.run(tuple(asked["words"]), loaded.read_settings(asked["settings"])) or "")


def _facts(asked: Mapping[str, Any]) -> Any:
    """Events in order, as far as the plugin takes them, what it wants because of them, and the failure of the first it does not take."""
    loaded, began, wanted = load(asked["source"]), time.monotonic(), list[Any]()
    for fact in asked["facts"]:
        if time.monotonic() - began > BATCH_SECONDS:
            break
        try:
            with within(limits_of(asked).fact):
                settings = loaded.read_settings(asked["settings"])
                answers = loaded.hook(fact["hook"])(**wire.fact(fact), settings=settings)
            wanted.append(wire.wishes(answers))
        except BaseException as error:  # noqa: BLE001 (SystemExit and worse are a plugin's answers here)
            return {"delivered": len(wanted), "wishes": wanted, "failure": json.loads(failure(error))}
    return {"delivered": len(wanted), "wishes": wanted, "failure": None}


QUESTIONS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "describe": _describe,
    "call": _call,
    "find": _find,
    "check": _check,
    "keep": _keep,
    "receive": _receive,
    "look": _look,
    "send": _send,
    "panel": _panel,
    "choose": _choose,
    "command": _command,
    "facts": _facts,
}
