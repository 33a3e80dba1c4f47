"""Inside a child process: the plugin is imported once, and each of its calls has a soft limit."""

from __future__ import annotations

import importlib.util
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

from core.plugins.errors import TimeLimit
from core.plugins.registration import Loaded, register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Limits:
    """Soft limits in seconds: of a call, and of one fact."""

    call: float = 10.0
    fact: float = 5.0


_loaded: dict[str, Loaded] = {}


def load(source: Mapping[str, Any]) -> Loaded:
    """The plugin of a source, imported once in each process."""
    name = source["name"]
    if name not in _loaded:
        plugin = import_file(name, source["where"]) if source["kind"] == "file" else _entry(source)
        _loaded[name] = register(name, plugin)
    return _loaded[name]


def keep(name: str, loaded: Loaded) -> None:
    """Use a plugin that was registered elsewhere: by a test, in its own process."""
    _loaded[name] = loaded


def forget_all() -> None:
    """The next question loads every plugin again."""
    _loaded.clear()


def _entry(source: Mapping[str, Any]) -> Any:
    return EntryPoint(source["name"], source["where"], "estafet.plugins").load()


def import_file(name: str, path: str) -> Any:
    """The module in a file, whatever its folder."""
    spec = importlib.util.spec_from_file_location(f"estafet_plugin_{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # so that its dataclasses find their module
    spec.loader.exec_module(module)
    return module


def limits_of(asked: Mapping[str, Any]) -> Limits:
    """The limits that the host gave with its question."""
    return Limits(**asked.get("limits", {}))


def ring(_number: int, _frame: Any) -> None:
    """The soft limit is over."""
    raise TimeLimit


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """TimeLimit is raised in what runs inside after so many seconds."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except TimeLimit:
        raise TimeLimit(f"it took longer than {seconds:g} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
