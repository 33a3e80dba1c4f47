"""What runs inside a child process of the plugin host: it loads one plugin, calls it, and answers in JSON whatever happens.

Texts go in and out, never objects: the host must not need a plugin's code to read an answer.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, TypeVar

from core.plugins.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure, TimeLimit
from core.plugins.registration import Loaded, Unsound, register
from core.plugins.values import ActionResult, Call, Customer, Event, Message, Step, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_ANSWER = 262_144  # characters of JSON
BATCH_SECONDS = 10.0  # a batch of facts ends after this, so that its hard limit is never for many small ones
_PR_SET_PDEATHSIG = 1
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Limits:
    """Soft limits in seconds: of a call, and of one fact."""

    call: float = 10.0
    fact: float = 5.0


def begin(memory: int) -> None:
    """Make this process harmless: its memory is limited, it dies with its host, and what it prints goes to the host's log."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(2, 1)
    signal.signal(signal.SIGALRM, _ring)


def answer(request: str) -> str:
    """Do what is asked: `{"do": describe | call | find | check | facts, "source": …}`. Never raises."""
    try:
        asked = json.loads(request)
        if time.time() > asked["before"]:
            return _said("temporary", "the call waited too long for its turn", wait=1.0)
        return _limited_size(_DO[asked["do"]](asked))
    except BaseException as error:  # noqa: BLE001 (SystemExit and worse are a plugin's answers here)
        return _failure(error)


# ---- what can be asked -----------------------------------------------------------------------------------------------------


def _describe(asked: Mapping[str, Any]) -> Any:
    with _soft(_limits(asked).call):
        loaded = _load(asked["source"])
    return {
        "actions": [_declared(action) for action in loaded.actions.values()],
        "declared": [{**asdict(setting), "options": list(setting.options)} for setting in loaded.settings],
        "hooks": sorted(loaded.hooks),
    }


def _call(asked: Mapping[str, Any]) -> Any:
    action = _load(asked["source"]).actions[asked["call"]["action"]]
    with _soft(_limits(asked).call):
        return _result(action.run(_call_of(asked["call"])))


def _find(asked: Mapping[str, Any]) -> Any:
    action = _load(asked["source"]).actions[asked["call"]["action"]]
    assert action.find
    with _soft(_limits(asked).call):
        found = action.find(_call_of(asked["call"]))
    return None if found is None else _result(found)


def _check(asked: Mapping[str, Any]) -> Any:
    with _soft(_limits(asked).call):
        said = _load(asked["source"]).hook("check_connection")(settings=asked["settings"])
    return str(said[0]) if said else ""


def _facts(asked: Mapping[str, Any]) -> Any:
    """Events in order, as far as the plugin takes them; the failure of the first it does not."""
    loaded, began, delivered = _load(asked["source"]), time.monotonic(), 0
    for fact in asked["facts"]:
        if time.monotonic() - began > BATCH_SECONDS:
            break
        try:
            with _soft(_limits(asked).fact):
                loaded.hook(fact["hook"])(**_fact_values(fact), settings=asked["settings"])
        except BaseException as error:  # noqa: BLE001 (as above)
            return {"delivered": delivered, "failure": json.loads(_failure(error))}
        delivered += 1
    return {"delivered": delivered, "failure": None}


_DO = {"describe": _describe, "call": _call, "find": _find, "check": _check, "facts": _facts}


# ---- one plugin ------------------------------------------------------------------------------------------------------------

_loaded: dict[str, Loaded] = {}


def _load(source: Mapping[str, Any]) -> Loaded:
    """The plugin of a source, imported once in each process."""
    name = source["name"]
    if name not in _loaded:
        _loaded[name] = register(
            name, _import_file(name, source["where"]) if source["kind"] == "file" else _entry(source)
        )
    return _loaded[name]


def _entry(source: Mapping[str, Any]) -> Any:
    return EntryPoint(source["name"], source["where"], "estafet.plugins").load()


def _import_file(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"estafet_plugin_{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # so that its dataclasses find their module
    spec.loader.exec_module(module)
    return module


def _declared(action: Any) -> dict[str, Any]:
    return {
        "name": action.name,
        "title": action.title,
        "arguments": action.arguments,
        "result": action.result,
        "finds": action.find is not None,
        "lag": float(action.lag),
        "repeatable": bool(action.repeatable),
        "irreversible": bool(action.irreversible),
        "example": None if action.example is None else dict(action.example),
    }


# ---- values in and out -----------------------------------------------------------------------------------------------------


def _call_of(raw: Mapping[str, Any]) -> Call:
    given = {**raw, "ticket": _ticket(raw["ticket"]), "step": Step(**raw["step"])}
    return Call(**given)


def _ticket(raw: Mapping[str, Any]) -> Ticket:
    given = _moments(Ticket, raw, "created_at")
    return Ticket(**{**given, "tags": tuple(raw["tags"]), "customer": Customer(**raw["customer"])})


def _moments(_kind: type[Value], raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**raw, name: datetime.fromisoformat(raw[name])}


def _fact_values(fact: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"event": Event(**_moments(Event, fact["event"], "at"))}
    if fact.get("ticket"):
        values["ticket"] = _ticket(fact["ticket"])
    if "message" in fact:
        values["message"] = Message(**_moments(Message, fact["message"], "at")) if fact["message"] else None
    if fact.get("step"):
        values["step"] = Step(**fact["step"])
    return values


def _result(given: Any) -> dict[str, Any]:
    """What an action answered, as the step's result."""
    match given:
        case None:
            return {}
        case ActionResult():
            extra = {"ref": given.ref, "url": given.url}
            return {**given.values, **{name: value for name, value in extra.items() if value is not None}}
        case Mapping():
            return dict(given)
    raise TypeError(f"an action answers with an ActionResult, a mapping or None, not {type(given).__name__}")


def _limits(asked: Mapping[str, Any]) -> Limits:
    return Limits(**asked.get("limits", {}))


# ---- limits and failures ---------------------------------------------------------------------------------------------------


def _ring(_number: int, _frame: Any) -> None:
    raise TimeLimit


@contextmanager
def _soft(seconds: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except TimeLimit:
        raise TimeLimit(f"it took longer than {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _limited_size(value: Any) -> str:
    text = json.dumps({"ok": value}, allow_nan=False)
    if len(text) > LARGEST_ANSWER:
        return _said("broken", f"its answer has {len(text):,} characters; at most {LARGEST_ANSWER:,} are taken")
    return text


def _failure(error: BaseException) -> str:
    match error:
        case TemporaryFailure():
            wait = error.wait if isinstance(error.wait, int | float) else None
            return _said("temporary", _words(error, named=False), wait=wait)
        case PermanentFailure() | Unsound():
            return _said("permanent", _words(error, named=False))
        case OutcomeUnknown():
            return _said("unknown", _words(error, named=False))
        case TimeLimit():
            return _said("limit", _words(error, named=False))
    return _said("broken", _words(error, named=True))


def _words(error: BaseException, *, named: bool) -> str:
    """The error's text, even when asking for it raises."""
    try:
        text = str(error)[:1000]
    except BaseException:  # noqa: BLE001 (a hostile __str__)
        text = ""
    name = type(error).__name__
    return f"{name}: {text}" if text and named else text or name


def _said(how: str, detail: str, wait: float | None = None) -> str:
    return json.dumps({"failed": how, "detail": detail, "wait": wait})
