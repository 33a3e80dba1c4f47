"""The doors of plugins, `/hooks/PLUGIN/NAME`: what comes is checked, kept and answered at once; the plugin host does the rest."""

from __future__ import annotations

import threading
import time
from math import ceil
from typing import TYPE_CHECKING

from flask import Blueprint, abort, jsonify, request
from flask_limiter.util import get_remote_address
from limits import parse

from core.moments import now_ms
from core.plugins.doors import GUESSES, LARGEST_BODY, Knock, count_limited, is_door, open_door, wrongly_signed
from web.security import csrf, limiter
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
_GUESSES = parse("30 per minute")  # wrong signatures of one address at one door
csrf.exempt(hooks)  # the signature is the proof; there is no cookie

# Read by the programs of the other side and by whoever looks into their log, so not translated.
_REFUSED = {
    "unset": (503, "the secret of this webhook is not set yet: type it in on the plugins page"),
    "missing": (401, "the signature is missing"),
    "wrong": (401, "the signature does not fit the body and the secret"),
    "old": (401, "the signed moment is more than five minutes away"),
    "large": (413, f"at most {LARGEST_BODY} bytes are taken"),
    "unreadable": (400, "the body is not UTF-8"),
}


@hooks.route("/<plugin>/<name>", methods=["GET", "HEAD"])
def look(plugin: str, name: str) -> ResponseReturnValue:
    """Some providers ask whether the door is there before they use it."""
    with database().read() as tx:
        if not is_door(tx, plugin, name):
            abort(404)
    return jsonify({"status": "ok"})


@hooks.post("/<plugin>/<name>")
def knock(plugin: str, name: str) -> ResponseReturnValue:
    """Take a delivery: 200 once it is kept, also when it was kept before."""
    came, key = _knock(plugin, name), ("webhook", plugin, name, get_remote_address())
    if not limiter.limiter.test(_GUESSES, *key) and (wait := _turned_away(came, key)):
        words = {"status": "refused", "reason": "too many wrong signatures came from this address"}
        return jsonify(words), 429, {"Retry-After": str(wait)}
    with database().write() as tx:
        fate = open_door(tx, settings(), came, now_ms())
    if fate in GUESSES:
        limiter.limiter.hit(_GUESSES, *key)
    if fate == "unknown":
        abort(404)
    if fate in _REFUSED:
        status, reason = _REFUSED[fate]
        return jsonify({"status": "refused", "reason": reason}), status
    return jsonify({"status": fate})


def _turned_away(came: Knock, key: tuple[str, ...]) -> int:
    """Seconds after which this address may try again; 0 when what came is rightly signed: the other side itself is never kept out."""
    with database().read() as tx:
        if not wrongly_signed(tx, settings(), came, now_ms()):
            return 0
    if n := _turned.count(came.plugin, came.webhook):
        with database().write(quietly=True) as tx:
            count_limited(tx, came, n, now_ms())
    return max(1, ceil(limiter.limiter.get_window_stats(_GUESSES, *key).reset_time - time.time()))


class _Turned:
    """How many were turned away and are not yet written down: at most one write a second for each door, however many come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str], int] = {}
        self._written: dict[tuple[str, str], float] = {}

    def count(self, plugin: str, name: str) -> int:
        """One more; how many to write down now."""
        door, now = (plugin, name), time.monotonic()
        with self._lock:
            self._waiting[door] = self._waiting.get(door, 0) + 1
            if now - self._written.get(door, -1.0) < 1.0:
                return 0
            self._written[door] = now
            return self._waiting.pop(door)


_turned = _Turned()


def _knock(plugin: str, name: str) -> Knock:
    """What came. More than is taken is not even read: one byte more tells that it is too much."""
    headers = {header.lower(): value for header, value in request.headers.items()}
    if (request.content_length or 0) > LARGEST_BODY:
        return Knock(plugin, name, headers, b" " * (LARGEST_BODY + 1))
    return Knock(plugin, name, headers, request.stream.read(LARGEST_BODY + 1))
