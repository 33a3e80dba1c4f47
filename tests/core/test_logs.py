"""Log lines are JSON for programs, with what was bound to them."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
import structlog

from core.logs import set_up_logs


@pytest.fixture
def lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    before, level, configuration = root.handlers[:], root.level, structlog.get_config()
    set_up_logs("test")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)
    structlog.configure(**configuration)


def test_line_names_its_process(lines):
    structlog.get_logger("x").info("hello", ticket=4711)
    [line] = lines()
    assert (line["process"], line["event"], line["ticket"], line["level"]) == ("test", "hello", 4711, "info")


def test_bound_values_are_on_every_line(lines):
    with structlog.contextvars.bound_contextvars(request="r-1"):
        structlog.get_logger("x").info("one")
        logging.getLogger("library").warning("two")
    assert [line.get("request") for line in lines()] == ["r-1", "r-1"]


def test_error_carries_its_trace(lines):
    try:
        int("no number")
    except ValueError:
        structlog.get_logger("x").exception("failed")
    assert "ValueError: invalid literal" in lines()[0]["exception"]
