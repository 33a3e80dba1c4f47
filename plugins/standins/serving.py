"""A stand-in at work: its application behind the injected faults, served on a loopback port by threads."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from plugins.standins.faults import Fault, Faulty


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """A stand-in writes no log of requests."""


class Serving:
    """A server that is ready when it was made; `close` ends it."""

    def __init__(self, app: Flask, port: int = 0) -> None:
        self.faulty = Faulty(app.wsgi_app)
        app.wsgi_app = self.faulty  # type: ignore[method-assign, assignment]
        self._server: BaseWSGIServer = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="standin", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def add_fault_door(app: Flask) -> None:
    """`POST /standin/faults` with the fields of a Fault injects one; `DELETE` takes all away. (Not there at any vendor.)"""

    @app.route("/standin/faults", methods=["POST", "DELETE"])
    def faults() -> Any:
        faulty = app.wsgi_app
        assert isinstance(faulty, Faulty)
        if request.method == "DELETE":
            faulty.clear()
        else:
            try:
                faulty.add(Fault(**request.get_json()))
            except TypeError as error:
                return jsonify(error=str(error)), 400
        return "", 204
