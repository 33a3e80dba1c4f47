"""`estafet.http`: every end of a request to another system means one thing, whatever that system does."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import estafet
from estafet.http import NoSuch, Other

# The socket of an answer that broke off is closed by the collector, together with the error that names it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Strange(BaseHTTPRequestHandler):
    """A system that answers as its path says."""

    def do_GET(self):
        getattr(self, self.path.strip("/").split("?")[0])()

    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

    def say(self, status, text=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text)

    def good(self):
        self.say(200, b'{"a": 1}')

    def empty(self):
        self.say(204)

    def page(self):
        self.say(200, b"<html>Sign in</html>", Content_Type="text/html")

    def half(self):
        self.say(200, b'{"a": ', Content_Length="6")

    def cut(self):
        self.say(200, b'{"a": 1', Content_Length="700")

    def trickle(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        try:
            for _ in range(600):  # thirty seconds
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            return

    def elsewhere(self):
        self.say(302, Location="http://169.254.169.254/latest/meta-data")

    def huge(self):
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b"x" * 100_000)
        except OSError:
            return

    def busy(self):
        self.say(429, Retry_After="17")

    def broken(self):
        self.say(500, b'{"message": "out of paper"}')

    def refused(self):
        self.say(400, b'{"message": "the colour is wrong"}')

    def stranger(self):
        self.say(401)

    def nothing(self):
        self.say(404)

    def log_message(self, *_words):
        pass


@pytest.fixture(scope="module")
def other():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Strange)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Other("Paperwork", f"http://127.0.0.1:{server.server_port}", seconds=1.0)
    server.shutdown()
    server.server_close()


def test_answers_are_json(other):
    assert other.ask("GET", "/good") == {"a": 1}
    assert other.ask("GET", "/empty") is None


@pytest.mark.parametrize(
    ("path", "reading", "changing", "words"),
    [
        ("page", estafet.PermanentFailure, estafet.OutcomeUnknown, "a web page instead of data"),
        ("half", estafet.TemporaryFailure, estafet.OutcomeUnknown, "ends in the middle"),
        ("cut", estafet.TemporaryFailure, estafet.OutcomeUnknown, ""),
        ("trickle", estafet.TemporaryFailure, estafet.OutcomeUnknown, "did not answer completely"),
        ("elsewhere", estafet.PermanentFailure, estafet.PermanentFailure, "not followed"),
        ("huge", estafet.PermanentFailure, estafet.PermanentFailure, "more than 8,000,000 bytes"),
        ("busy", estafet.TemporaryFailure, estafet.TemporaryFailure, "17 seconds"),
        ("broken", estafet.TemporaryFailure, estafet.OutcomeUnknown, "out of paper"),
        ("refused", estafet.PermanentFailure, estafet.PermanentFailure, "the colour is wrong"),
        ("stranger", estafet.PermanentFailure, estafet.PermanentFailure, "does not accept the login"),
        ("nothing", NoSuch, NoSuch, "does not know it"),
    ],
)
def test_every_end_means_one_thing(other, path, reading, changing, words):
    for method, kind in (("GET", reading), ("POST", changing)):
        with pytest.raises(kind) as failure:
            other.ask(method, f"/{path}")
        assert words in str(failure.value)
        assert "Paperwork" in str(failure.value)


def test_refused_connection_did_surely_nothing():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    with pytest.raises(estafet.TemporaryFailure):
        Other("Nobody", f"http://127.0.0.1:{port}").ask("POST", "/")


def test_wait_is_what_the_other_side_says(other):
    with pytest.raises(estafet.TemporaryFailure) as failure:
        other.ask("GET", "/busy")
    assert failure.value.wait == 17
