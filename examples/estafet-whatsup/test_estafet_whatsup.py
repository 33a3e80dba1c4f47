"""Tests of the plugin, as its author runs them: on a desk in one process, against a messenger that answers over HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import estafet_whatsup
import pytest

import estafet
from estafet.testing import desk, make_ticket  # `desk` is a fixture

__all__ = ["desk"]
SENT = {}


class Messenger(BaseHTTPRequestHandler):
    """It keeps what was sent; the same key twice is one message."""

    def do_GET(self):
        self.answer({"name": "Estafet Service"})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        SENT[body["idempotency_key"]] = body
        self.answer({"id": f"m{len(SENT)}"})

    def answer(self, value):
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words):
        pass


@pytest.fixture
def site():
    SENT.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Messenger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def written(*texts):
    messages = [{"id": text, "from": "+62811", "text": text, "at": "1795600000"} for text in texts]
    return {"changes": [{"contacts": [{"id": "+62811", "name": "Sari"}], "messages": messages}]}


def test_messages_open_a_ticket_and_join_it(desk, site):
    desk.add("whatsup", estafet_whatsup, site=site, number="62", token="t", secret="s")
    assert desk.post("whatsup", "messages", written("My fridge leaks")) == "taken"
    assert desk.post("whatsup", "messages", written("My fridge leaks", "It still does")) == "taken"
    [ticket] = desk.tickets
    assert (ticket.subject, ticket.channel) == ("My fridge leaks", "whatsup")
    assert [one.text for one in ticket.messages if one.direction == "in"] == ["My fridge leaks", "It still does"]
    ticket.go()
    assert [body["to"] for body in SENT.values()] == ["+62811"]  # what the procedure tells them goes the same way
    ticket.answer("We come today.")
    [sent] = [body for body in SENT.values() if body["text"] == "We come today."]
    assert sent["to"] == "+62811"


def test_wrong_signature_opens_nothing(desk, site):
    desk.add("whatsup", estafet_whatsup, site=site, number="62", token="t", secret="s")
    assert desk.post("whatsup", "messages", written("Hi"), **{"X-Hub-Signature-256": "sha256=00"}) == "wrong"
    assert desk.tickets == []


def test_messenger_that_is_away_is_tried_later():
    settings = {"site": "http://127.0.0.1:9", "number": "62", "token": "t"}
    message = estafet.Outgoing("k", "whatsup", "+62811", "+62811", "Hi", make_ticket())
    with pytest.raises(estafet.TemporaryFailure):
        estafet_whatsup.send_message(message, settings)
