"""What runs inside a child process of the plugin host: it loads one plugin, calls it, and answers in JSON whatever happens.

Texts go in and out, never objects: the host must not need a plugin's code to read an answer.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

from core.plugins.failing import failure, said
from core.plugins.loading import Limits, ring
from core.plugins.questions import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Limits", "answer", "begin"]

LARGEST_ANSWER = 262_144  # characters of JSON
_PR_SET_PDEATHSIG = 1


def begin(memory: int, environ: Mapping[str, str]) -> None:
    """Make this process harmless: its memory is limited, it dies with its host, and what it prints goes to the host's log.

    `environ` is the host's environment now: this process comes from a server that may be older.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(2, 1)
    os.environ.clear()
    os.environ.update(environ)
    signal.signal(signal.SIGALRM, ring)


def answer(request: str) -> str:
    """Do what is asked: `{"do": …, "source": …}` with a word of `core.plugins.questions`. Never raises."""
    try:
        asked = json.loads(request)
        if time.time() > asked["before"]:
            return said("temporary", "the call waited too long for its turn", wait=1.0)
        return _limited_size(QUESTIONS[asked["do"]](asked))
    except BaseException as error:  # noqa: BLE001 (SystemExit and worse are a plugin's answers here)
        return failure(error)


def _limited_size(value: Any) -> str:
    text = json.dumps({"ok": value}, allow_nan=False)
    if len(text) > LARGEST_ANSWER:
        return said("broken", f"its answer has {len(text):,} characters; at most {LARGEST_ANSWER:,} are taken")
    return text
