"""The doors of plugins, `/hooks/PLUGIN/NAME`: what comes is checked, kept and answered at once; the plugin host does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, jsonify, request

from core.moments import now_ms
from core.plugins.doors import LARGEST_BODY, Knock, is_door, open_door
from web.security import csrf
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
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
    with database().write() as tx:
        fate = open_door(tx, settings(), _knock(plugin, name), now_ms())
    if fate == "unknown":
        abort(404)
    if fate in _REFUSED:
        status, words = _REFUSED[fate]
        return jsonify({"status": "refused", "reason": words}), status
    return jsonify({"status": fate})


def _knock(plugin: str, name: str) -> Knock:
    """What came. More than is taken is not even read: one byte more tells that it is too much."""
    headers = {header.lower(): value for header, value in request.headers.items()}
    if (request.content_length or 0) > LARGEST_BODY:
        return Knock(plugin, name, headers, b" " * (LARGEST_BODY + 1))
    return Knock(plugin, name, headers, request.stream.read(LARGEST_BODY + 1))
