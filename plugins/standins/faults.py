"""What can go wrong at the other side: faults that are injected into a stand-in, over HTTP or by a test, and used up one by one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Answered = tuple[str, list[tuple[str, str]], bytes]

_SECRET_HEADERS = ("content-length", "transfer-encoding", "connection")


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that is not the right one, for requests whose `METHOD /path` begins with `match`.

    `kind`: status, html, cut (the connection ends in the middle of the answer), half (half of the JSON), trickle (a byte now and then for
    `seconds`), slow (the right answer after `seconds`). `after`: what was asked for is done all the same, only the answer is lost.
    """

    kind: str
    match: str = ""
    status: int = 500
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    times: int = 1
    after: bool = False


class Faulty:
    """A WSGI application in front of another one, which answers wrongly while faults are left."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.asked: list[str] = []  # every request, as `METHOD /path`
        self._faults: list[list[Any]] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """From now on, `fault.times` times."""
        with self._lock:
            self._faults.append([fault, fault.times])

    def clear(self) -> None:
        """Everything is well again."""
        with self._lock:
            self._faults.clear()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        fault = self._take(line)
        if fault is None:
            return self.app(environ, start)  # type: ignore[no-any-return]
        answer = self._right(environ) if fault.after or fault.kind in {"slow", "half", "cut", "trickle"} else None
        return _wrong(fault, answer, start)

    def _take(self, line: str) -> Fault | None:
        with self._lock:
            self.asked.append(line)
            for entry in self._faults:
                if line.startswith(entry[0].match):
                    entry[1] -= 1
                    if entry[1] <= 0:
                        self._faults.remove(entry)
                    return entry[0]  # type: ignore[no-any-return]
        return None

    def _right(self, environ: dict[str, Any]) -> Answered:
        told: list[Any] = []
        parts = self.app(environ, lambda status, headers, _error=None: told.extend((status, headers)))
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return told[0], [pair for pair in told[1] if pair[0].lower() not in _SECRET_HEADERS], body


def _wrong(fault: Fault, right: Answered | None, start: Callable[..., Any]) -> Iterable[bytes]:
    status, headers, body = right or ("200 OK", [("Content-Type", "application/json")], b"{}")
    match fault.kind:
        case "slow":
            time.sleep(fault.seconds)
            start(status, headers)
            return [body]
        case "half":
            start(status, headers)
            return [body[: len(body) // 2]]
        case "cut":
            start(status, [*headers, ("Content-Length", str(len(body) + 100))])
            return [body]
        case "trickle":
            start(status, [*headers, ("Content-Length", str(len(body) + 10_000))])
            return _drops(fault.seconds)
        case "html":
            start(f"{fault.status} Something", [("Content-Type", "text/html"), *fault.headers.items()])
            return [b"<!doctype html><title>Please log in</title><h1>Please log in</h1>"]
    start(f"{fault.status} Fault", [("Content-Type", "application/json"), *fault.headers.items()])
    return [fault.body.encode()]


def _drops(seconds: float) -> Iterator[bytes]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield b" "
        time.sleep(0.05)
