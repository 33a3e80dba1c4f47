"""The API describes itself, and does what it says: random calls never break it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import load_all_checks
from schemathesis.core.errors import SchemathesisError

from .conftest import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from .conftest import Program

load_all_checks()
WORDS = (
    ("post", "/tickets"), ("get", "/tickets"), ("get", "/tickets/{ticket_id}"), ("patch", "/tickets/{ticket_id}"),
    ("get", "/tickets/{ticket_id}/messages"), ("post", "/tickets/{ticket_id}/messages"),
    ("get", "/tickets/{ticket_id}/timeline"), ("get", "/tickets/{ticket_id}/steps"),
    *(("post", "/tickets/{ticket_id}/steps/{step_id}/" + act) for act in ("complete", "skip", "approve", "reject", "answer")),
    *(("post", "/tickets/{ticket_id}/" + act) for act in ("assign", "resolve", "reopen", "merge", "handover")),
    ("get", "/effects"), ("get", "/sops"), ("post", "/sops"), ("post", "/sops/check"),
    ("post", "/sops/{name}/versions/{number}/publish"),
    *((method, "/" + what) for what in ("people", "teams", "departments", "customers", "calendars") for method in ("get", "post")),
    ("get", "/policies"), ("get", "/tokens"), ("post", "/tokens"), ("get", "/attachments/{file_id}"),
)  # fmt: skip


def described(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize(("method", "path"), WORDS)
def test_every_promised_call_is_described(client: FlaskClient, method: str, path: str) -> None:
    operation = described(client)["paths"]["/api/v1" + path][method]
    assert operation["summary"]
    if method == "post":
        assert any(p["name"] == "Idempotency-Key" for p in operation["parameters"])


def test_page_needs_no_foreign_script(client: FlaskClient) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    with client.get("/static/vendor/swagger-ui/LICENSE") as licence:
        assert licence.status_code == 200


def test_random_calls_never_break_it(as_: Callable[[str], Program]) -> None:
    """Schemathesis makes calls from the description, valid and not; no answer is a 5xx, and refusals are problems."""
    mira = as_("mira")
    ask(mira)
    schema = schemathesis.openapi.from_dict(json.loads(mira.get("/openapi.json").text))
    head = {"Authorization": f"Bearer {mira.token}"}

    def probe(operation: Any) -> None:
        strategy = operation.as_strategy()

        @given(case=strategy)
        @settings(
            max_examples=4,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def run(case: Any) -> None:
            sent = case.as_transport_kwargs(base_url="http://localhost")
            answer = mira.app.test_client().open(
                case.formatted_path,
                method=sent["method"],
                query_string=dict(case.query or {}),
                headers={
                    **{k: v for k, v in (case.headers or {}).items() if str(v).isascii() and str(v).isprintable()},
                    **head,
                },
                **({"json": sent["json"]} if "json" in sent else {"data": sent.get("data") or b""}),
            )
            assert answer.status_code < 500, f"{case.method} {case.formatted_path}: {answer.text}"
            if answer.status_code >= 400:
                assert answer.mimetype == "application/problem+json"
                assert answer.get_json()["detail"]

        run()

    n = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if "/people" in operation.path and operation.method == "patch":
            continue  # it would send its own caller away
        try:
            probe(operation)
        except SchemathesisError as error:
            pytest.fail(f"{operation.label}: {error}")
        n += 1
    assert n > 40


def test_docs_name_every_call(client: FlaskClient) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
    calls = [
        f"| `{method.upper()} {path.removeprefix('/api/v1')}` | {operation['summary']} |"
        for path, item in described(client)["paths"].items()
        for method, operation in item.items()
        if method in {"get", "post", "patch"}
    ]
    assert [call for call in calls if call not in docs] == []
