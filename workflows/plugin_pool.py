"""Child processes in which plugins run: each plugin has its own, and a call past its hard limit loses its own process and nobody else's."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import structlog
from pebble import ProcessExpired, ProcessPool

from core.plugins import child
from core.plugins.asking import LOST, TEMPORARY, Answer, Busy, read_answer
from core.plugins.child import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = structlog.get_logger()

# The children are forked from a small server of multiprocessing's, which has loaded what all of them need and no plugin: each begins at
# once and shares that memory. It is a program of its own, so nothing of the host's memory is in it.
_CHILDREN = get_context("forkserver")
_CHILDREN.set_forkserver_preload(["core.plugins.child", "estafet", "estafet.http"])


@dataclass(frozen=True, slots=True)
class Bounds:
    """`hard`: seconds until a process is replaced; `workers` of each plugin; `memory` in bytes; `start`: seconds a new process may need."""

    soft: Limits = field(default_factory=Limits)
    hard: float = 16.0
    workers: int = 2
    memory: int = 1 << 30
    start: float = 15.0


class PluginPool:
    """The processes of all plugins; made when first needed. It is a `core.plugins.asking.Caller`."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self._pools: dict[str, ProcessPool] = {}
        self._slots: dict[str, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()
        # The server dies with the thread that started it, and its children with it: this one lives as long as the pool.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="plugin-starter")

    @contextmanager
    def slot(self, name: str) -> Iterator[None]:
        """A place in the plugin's processes; Busy when none becomes free within half a second."""
        with self._lock:
            places = self._slots.setdefault(name, threading.BoundedSemaphore(self.bounds.workers))
        if not places.acquire(timeout=0.5):
            raise Busy
        try:
            yield
        finally:
            places.release()

    def ask(self, source: Mapping[str, Any], question: Mapping[str, Any]) -> Answer:
        """Ask a plugin; the answer comes within the hard limit, whatever it does."""
        bounds, began = self.bounds, time.monotonic()
        asked = {
            **question,
            "source": source,
            "limits": asdict(bounds.soft),
            "before": time.time() + bounds.start,  # a call that could not begin by then never does
        }
        try:
            future = self._starter.submit(self._schedule, str(source["name"]), json.dumps(asked)).result()
        except RuntimeError as error:
            return Answer(TEMPORARY, None, f"the plugin host is stopping ({type(error).__name__})", ms=_ms(began))
        try:
            text = future.result(bounds.start + bounds.hard)
        except TimeoutError:
            future.cancel()
            return self._lost(began, f"it did not end within {bounds.hard:g} s, and its process was replaced")
        except ProcessExpired as expired:
            return self._lost(began, f"its process ended (exit code {expired.exitcode}) and was replaced")
        except BrokenProcessPool:  # it died before it could even say which question it had taken
            return self._lost(began, "its process ended at once and was replaced")
        except (CancelledError, RuntimeError) as error:
            return Answer(TEMPORARY, None, f"the plugin host is stopping ({type(error).__name__})", ms=_ms(began))
        except Exception as error:  # what the answer was cannot be told: as bad as a lost process
            log.exception("plugin: no answer", plugin=source["name"])
            return self._lost(began, f"its process gave no answer ({type(error).__name__})")
        return read_answer(text, _ms(began))

    def forget(self, name: str) -> None:
        """End the plugin's processes; the next question starts new ones."""
        with self._lock:
            pool = self._pools.pop(name, None)
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def close(self) -> None:
        """End everything at once."""
        for name in list(self._pools):
            self.forget(name)
        self._starter.shutdown()

    def _schedule(self, name: str, question: str) -> Any:
        return self._pool(name).schedule(child.answer, args=[question], timeout=self.bounds.hard)

    def _pool(self, name: str) -> ProcessPool:
        with self._lock:
            pool = self._pools.get(name)
            if pool is None or not pool.active:
                pool = self._pools[name] = ProcessPool(
                    max_workers=self.bounds.workers,
                    context=_CHILDREN,
                    initializer=child.begin,
                    initargs=[self.bounds.memory, dict(os.environ)],
                )
            return pool

    def _lost(self, began: float, words: str) -> Answer:
        return Answer(LOST, None, words, ms=_ms(began))


def _ms(began: float) -> int:
    return int((time.monotonic() - began) * 1000)
