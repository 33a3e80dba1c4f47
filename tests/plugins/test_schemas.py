"""Settings as a marshmallow schema: a form on the plugins page, validated by the schema itself in the plugin's own process."""

import re
from pathlib import Path

import pytest
from marshmallow import Schema, fields, post_load, validate

from core.errors import Invalid
from core.plugins.checks import run_wanted_checks
from core.plugins.errors import PermanentFailure, Unsound
from core.plugins.schemas import load_settings, settings_from
from core.plugins.settings import save_settings
from tests.plugins.desk import connect

[DECLARED] = re.findall(
    r"```python\n(from marshmallow.+?)```",
    (Path(__file__).parents[2] / "docs/plugins/README.md").read_text(),
    re.DOTALL,
)
PLUGIN = f"""
import estafet
{DECLARED}
@estafet.hookimpl
def register_settings():
    return Settings
@estafet.hookimpl
def register_actions():
    return [estafet.Action("board.show", lambda call: dict(call.settings))]
"""


@pytest.fixture
def board(host):
    host.add("board", PLUGIN)
    host.publish_only("board")
    return host


def checked(host):
    run_wanted_checks(host.database, host.settings, host.pool)
    state = host.state("board")
    return state.check_ok, state.check_words


def test_schema_is_published_as_a_form(board):
    site, region, token = board.plugin("board").declared
    assert (site["kind"], site["required"], site["title"]) == ("url", True, "Address of the board")
    assert (region["kind"], region["options"], region["default"]) == ("choice", ["asia", "europe"], "asia")
    assert (token["secret"], token["help"]) == (True, "Made under Profile → Tokens.")
    with pytest.raises(Invalid) as wrong, board.database.write() as tx:
        save_settings(tx, board.settings, board.manager, "board", {"site": "here", "region": "moon"})
    assert {one.pointer for one in wrong.value.errors} == {"/site", "/region", "/token"}


def test_own_validators_speak_when_saved_and_when_called(board):
    connect(board, "board", {"site": "https://board.example", "region": "europe", "token": "secret"})
    assert checked(board) == (False, "setting 'token': A token begins with tok_.")
    ticket = board.open("board.show")
    board.call(ticket)
    assert board.effect(ticket).state == "failed"
    assert "A token begins with tok_." in board.effect(ticket).detail
    connect(board, "board", {"site": "https://board.example", "region": "", "token": "tok_1"})
    assert checked(board) == (True, "the settings fit")
    ticket = board.open("board.show")
    board.call(ticket)
    assert board.step(ticket).result == {"site": "https://board.example", "region": "asia", "token": "tok_1"}


def test_fields_become_settings_and_come_back_loaded():
    class Settings(Schema):
        n = fields.Integer(data_key="count", load_default=3, validate=validate.Range(max=9))
        on = fields.Boolean(load_default=True)
        note = fields.String()
        made = fields.String(dump_only=True)

    schema = Settings()
    assert [(one.name, one.kind, one.default) for one in settings_from(schema)] == [
        ("count", "number", 3),
        ("on", "boolean", True),
        ("note", "text", None),
    ]
    assert load_settings(schema, {"count": 7, "on": False, "note": "", "old": 1}) == {"n": 7, "on": False, "note": None}
    with pytest.raises(PermanentFailure, match=r"setting 'count': Must be less than or equal to 9"):
        load_settings(schema, {"count": 10})


def test_what_no_form_can_hold_is_refused():
    with pytest.raises(Unsound, match=r"'tags': a List cannot be typed into a form"):
        settings_from(Schema.from_dict({"tags": fields.List(fields.String())})())
    with pytest.raises(Unsound, match=r"'at': its load_default must be"):
        settings_from(Schema.from_dict({"at": fields.String(load_default=list)})())

    class Made(Schema):
        @post_load
        def make(self, data, **_more):
            return [data]

    with pytest.raises(PermanentFailure, match="must load into a mapping"):
        load_settings(Made(), {})
