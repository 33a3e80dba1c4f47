"""Every way in which Jira can fail ends as one of three failures, in words that a person understands."""

from __future__ import annotations

import socket
import time

import pytest

import estafet
from plugins.jira import check_connection, creating, linking

PERMANENT, TEMPORARY = estafet.PermanentFailure, estafet.TemporaryFailure
CREATE, READ = "POST /rest/api/3/issue", "GET /rest/api/3/issue"


@pytest.mark.parametrize(
    ("fault", "failure", "words"),
    [
        ({"status": 400, "body": '{"errors": {"summary": "is required"}}'}, PERMANENT, "refuses this (400): summary: is required"),
        ({"status": 401}, PERMANENT, "does not accept the login"),
        ({"status": 403, "body": '{"errorMessages": ["No permission."]}'}, PERMANENT, "does not allow this"),
        ({"status": 404}, PERMANENT, "does not know it"),
        ({"status": 409}, TEMPORARY, "somebody else is changing it"),
        ({"status": 413}, PERMANENT, "no text of this length"),
        ({"status": 429, "headers": {"Retry-After": "17"}}, TEMPORARY, "wait 17 seconds"),
        ({"status": 503, "headers": {"Retry-After": "5"}}, TEMPORARY, "wait 5 seconds"),
        ({"status": 500}, estafet.OutcomeUnknown, "a failure of its own (500)"),
        ({"status": 302, "headers": {"Location": "http://10.0.0.1/"}}, PERMANENT, "sends on to http://10.0.0.1/, which is not followed"),
    ],
)  # fmt: skip
def test_refusal_is_said_in_words(standin, make_call, fault, failure, words):
    standin.fault("status", CREATE, **fault)
    with pytest.raises((estafet.TemporaryFailure, estafet.PermanentFailure, estafet.OutcomeUnknown)) as raised:
        creating.create(make_call("create"))
    assert isinstance(raised.value, failure)
    assert words in str(raised.value)
    assert standin.issues == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html", "status": 200, "after": True},
        {"kind": "half"},
        {"kind": "cut"},
        {"kind": "status", "status": 502, "after": True},
    ],
)
def test_lost_answer_is_unknown_when_changing_and_temporary_when_reading(standin, make_call, fault):
    standin.fault(match=CREATE, **fault)
    with pytest.raises(estafet.OutcomeUnknown):
        creating.create(make_call("create"))
    assert len(standin.issues) == 1
    standin.fault(match=READ, **{**fault, "after": False})
    reading = estafet.PermanentFailure if fault["kind"] == "html" else estafet.TemporaryFailure
    with pytest.raises(reading):
        linking.link(make_call("link", issue="KAN-1"))


def test_trickling_answer_ends_in_time(standin, make_call, monkeypatch):
    monkeypatch.setattr("estafet.http.Other.__init__.__kwdefaults__", {"seconds": 0.5})
    standin.fault("trickle", CREATE, seconds=30)
    began = time.monotonic()
    with pytest.raises(estafet.OutcomeUnknown):
        creating.create(make_call("create"))
    assert time.monotonic() - began < 15


def test_unreachable_jira_is_tried_again(make_call):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(estafet.TemporaryFailure, match="cannot be reached"):
            creating.create(make_call("create", settings={"site": f"http://127.0.0.1:{port}"}))


def test_huge_answer_is_refused(standin, make_call, monkeypatch):
    monkeypatch.setattr("estafet.http.LARGEST", 10)
    with pytest.raises(estafet.PermanentFailure, match="more than 10 bytes"):
        check_connection(standin.settings())


def test_connection_test_says_who_and_where(standin):
    assert check_connection(standin.settings()) == (
        "Jira answers, and knows the account as Estafet. The usual project is Product development."
    )
    for wrong, words in (
        ({"token": "old"}, "does not accept the login"),
        ({"email": ""}, "needs the e-mail address"),
        ({"project": "NOPE"}, "No project could be found"),
    ):
        with pytest.raises(estafet.PermanentFailure, match=words):
            check_connection(standin.settings(**wrong))
