"""Webhooks of a stand-in: sent in order from a thread of their own, signed as the vendor signs, and repeated while nobody takes them."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAUSES = (0.5, 2.0, 5.0)  # seconds before each repetition


class Sending:
    """The post office of a stand-in. `told` hears of every delivery: its address, and the status or the words of a failure."""

    def __init__(self, told: Callable[[str, str], None]) -> None:
        self._told = told
        self._queue: queue.Queue[tuple[str, bytes, Mapping[str, str]] | None] = queue.Queue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="standin-webhooks", daemon=True)
        self._thread.start()

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Soon; the caller does not wait."""
        self._queue.put((url, body, headers))

    def close(self) -> None:
        """Nothing more is sent."""
        self._ended.set()
        self._queue.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while (one := self._queue.get()) is not None:
            for pause in (*PAUSES, None):
                if self._delivered(*one) or pause is None or self._ended.wait(pause):
                    break

    def _delivered(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            answer = requests.post(url, data=body, headers=headers, timeout=5, allow_redirects=False)
        except requests.RequestException as error:
            self._told(url, type(error).__name__)
            return False
        self._told(url, str(answer.status_code))
        return answer.ok or answer.status_code in {401, 403, 410}  # a vendor does not repeat what is refused
