"""What machines that watch are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, text

from core.moments import now_ms
from core.schema import Process

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from core.database import Database


def test_alive_needs_nothing(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_ready_says_how_it_stands(client: FlaskClient, firm: Database) -> None:
    found = client.get("/readyz").get_json()
    assert (found["status"], found["relay"]["running"], found["temporal"]["reachable"]) == ("ready", False, False)
    assert found["schema"]["database"] == found["schema"]["program"]
    facts = {"temporal": {"reachable": True, "since": now_ms()}}
    with firm.write() as tx:
        tx.execute(insert(Process).values(name="relay", pid=1, seen_at=now_ms(), facts=facts))
    found = client.get("/readyz").get_json()
    assert found["relay"] == {"running": True, "seen_at": found["relay"]["seen_at"], "waiting": 0, "lag_ms": 0}
    assert found["temporal"]["reachable"] is True


def test_old_schema_is_not_ready(client: FlaskClient, firm: Database) -> None:
    with firm.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "estafet db upgrade" in answer.get_json()["reason"]


def test_figures_count_requests(client: FlaskClient) -> None:
    client.get("/healthz")
    client.get("/nowhere")
    page = client.get("/metrics")
    assert page.mimetype == "text/plain"
    assert 'estafet_requests_total{endpoint="health.alive",status="200"} 1.0' in page.text
    assert 'estafet_requests_total{endpoint="unknown",status="404"} 1.0' in page.text
    for name in (
        "estafet_relay_waiting",
        "estafet_relay_lag_seconds",
        "estafet_tickets_open",
        "estafet_effects_pending",
        "estafet_mails_recent",
    ):
        assert f"# TYPE {name} gauge" in page.text
