"""The command line answers in words and in JSON, with its three exit codes."""

from __future__ import annotations

import json
import socket

import pytest
from click.testing import CliRunner

from core.settings import SettingsError, read_settings
from estafet.command import cli

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ESTAFET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ESTAFET_HTTP_PORT", "0")
    monkeypatch.setenv("ESTAFET_SMTP_PORT", "0")


def call(*words: str, code: int = 0, **options) -> str:
    result = CliRunner().invoke(cli, list(words), **options)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result.output


def _paths(group, path=()):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        if hasattr(command, "list_commands"):
            yield from _paths(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(
    ("path", "command"), list(_paths(cli)), ids=lambda value: " ".join(value) if type(value) is tuple else ""
)
def test_every_command_shows_example(path, command):
    said = call(*path, "--help")
    assert "Example" in said
    assert "estafet " + path[0] in said.split("Example")[1]


def test_version_is_said():
    assert json.loads(call("version", "--json"))["estafet"]


def test_database_status_follows_upgrade():
    assert json.loads(call("db", "status", "--json", code=1))["current"] is False
    call("db", "upgrade")
    assert json.loads(call("db", "status", "--json"))["current"] is True


def test_first_manager_is_added():
    call("db", "upgrade")
    said = json.loads(call("people", "add", "rina@example.com", "--name", "Rina", "--role", "manager", "--json"))
    assert said["id"]
    assert len(said["password"]) > 10


def test_wrong_person_is_refused():
    call("db", "upgrade")
    assert "at least" in call(
        "people",
        "add",
        "rina@example.com",
        "--name",
        "Rina",
        "--role",
        "manager",
        "--password-stdin",
        code=1,
        input="x\n",
    )
    assert "department" in call("people", "add", "rina@example.com", "--name", "Rina", code=1)


def test_wrong_mail_server_is_named_at_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("ESTAFET_MAIL_URL", "ftp://mail.example.com")
    monkeypatch.setenv("ESTAFET_HOME", str(tmp_path))
    with pytest.raises(SettingsError, match=r"ESTAFET_MAIL_URL: .*must begin with smtp://"):
        read_settings()


def test_wrong_setting_exits_two(monkeypatch):
    monkeypatch.setenv("ESTAFET_HTTP_PORT", "many")
    said = call("db", "status", code=2)
    assert "ESTAFET_HTTP_PORT" in said


def test_doctor_finds_all_fine():
    call("db", "upgrade")
    assert all(finding["fine"] for finding in json.loads(call("doctor", "--json")))


def test_doctor_finds_dead_temporal(monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    found = {finding["name"]: finding for finding in json.loads(call("doctor", "--json", code=1))}
    assert not found["temporal"]["fine"]


@pytest.mark.parametrize("name", ["web", "worker", "smtp"])
def test_lone_process_needs_upgraded_database(name):
    assert "estafet db upgrade" in call(name, code=2)


@pytest.mark.parametrize(("name", "variable"), [("web", "ESTAFET_HTTP_PORT"), ("smtp", "ESTAFET_SMTP_PORT")])
def test_lone_process_names_taken_port(name, variable, monkeypatch):
    call("db", "upgrade")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv(variable, str(other.getsockname()[1]))
        assert variable in call(name, code=2)
