"""Is it alive, is it ready, how is it doing? Three addresses for machines that watch; none of them says anything about anybody."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core import advance, upgrading
from core.moments import now_ms, rfc3339
from core.plugins.figures import figures
from core.schema import Effect, MailReceived, OpenCount, Process
from web.wiring import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from core.database import Database

health = Blueprint("health", __name__)
_SILENT_MS = 30_000  # a relay that has said nothing for so long is gone
_p, _n, _e, _m = Process.__table__.c, OpenCount.__table__.c, Effect.__table__.c, MailReceived.__table__.c
_RELAY = select(_p.seen_at, _p.facts).where(_p.name == "relay")
_OPEN = select(_n.status, func.sum(_n.n)).group_by(_n.status)
_EFFECTS = select(_e.state, func.count()).where(_e.state != "done").group_by(_e.state)
_NEWEST_MAILS = 10_000  # a count over all of them would grow with the years
_MAILS = (
    select(_m.fate, func.count())
    .where(_m.id > select(func.coalesce(func.max(_m.id), 0)).scalar_subquery() - _NEWEST_MAILS)
    .group_by(_m.fate)
)
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """This process answers."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """Ready: the database answers and has the program's schema. Temporal may be away: pages work, procedures catch up; the answer says so."""
    try:
        with database().read() as tx:
            found = _standing(tx)
    except SQLAlchemyError as error:
        reason = f"the database does not answer: {type(error).__name__}"
        return jsonify({"status": "unready", "reason": reason}), 503
    right = found["schema"]["database"] == found["schema"]["program"]
    if not right:
        return jsonify(
            {"status": "unready", "reason": "the schema is not the program's: run estafet db upgrade", **found}
        ), 503
    return jsonify({"status": "ready", **found})


def _standing(tx: Connection) -> dict[str, Any]:
    row = tx.execute(_RELAY).one_or_none()
    facts: dict[str, Any] = dict(row.facts) if row is not None else {}
    waiting, since = advance.lag(tx)
    now = now_ms()
    temporal = facts.get("temporal") or {}
    running = row is not None and now - row.seen_at <= _SILENT_MS
    return {
        "relay": {
            "running": running,
            "seen_at": rfc3339(row.seen_at) if row is not None else None,
            "waiting": waiting,
            "lag_ms": max(0, now - since) if waiting and since is not None else 0,
        },
        "temporal": {
            "reachable": bool(temporal.get("reachable")) and running,
            "since": rfc3339(temporal["since"]) if isinstance(temporal.get("since"), int) else None,
        },
        "schema": {"database": upgrading.current_version(tx), "program": upgrading.newest()},
    }


# ---- metrics --------------------------------------------------------------------------------------------------------------


class Figures:
    """What this process counts itself, and what is read from the database when somebody asks."""

    def __init__(self, store: Database) -> None:
        self.registry = CollectorRegistry()
        self._store = store
        self.requests = Counter(
            "estafet_requests", "Requests by endpoint and status.", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "estafet_request_seconds", "How long answers took.", ["endpoint"], buckets=_BUCKETS, registry=self.registry
        )
        self.registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: so that registering does not ask the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of the database, in ten statements over small tables and indexes."""
        with self._store.read() as tx:
            waiting, since = advance.lag(tx)
            of_plugins = figures(tx)
            groups = {name: {row[0]: row[1] for row in tx.execute(query)} for name, query in _GROUPS.items()}
        yield GaugeMetricFamily("estafet_relay_waiting", "Tickets that want Temporal.", value=waiting)
        behind = max(0, now_ms() - since) / 1000 if waiting and since is not None else 0
        yield GaugeMetricFamily("estafet_relay_lag_seconds", "Since when the oldest of them waits.", value=behind)
        for name, (text, label) in _TOLD.items():
            family = GaugeMetricFamily(name, text, labels=[label])
            for value, n in sorted(groups[name].items()):
                family.add_metric([str(value)], float(n or 0))
            yield family
        for name, (text, of) in _PLUGINS.items():
            family = GaugeMetricFamily(name, text, labels=["plugin"])
            for one in of_plugins:
                family.add_metric([one.name], float(getattr(one, of)))
            yield family


_PLUGINS = {
    "estafet_plugin_works": ("1: the plugin can be called.", "works"),
    "estafet_plugin_calls": ("Calls of the plugin so far.", "calls"),
    "estafet_plugin_errors": ("Calls of the plugin that failed.", "errors"),
    "estafet_plugin_seconds_p50": ("Half of the plugin's newest calls took at most so long.", "p50"),
    "estafet_plugin_seconds_p95": ("95 of 100 of the plugin's newest calls took at most so long.", "p95"),
    "estafet_plugin_parked_events": ("Events that the plugin could not take and that wait for a person.", "parked"),
    "estafet_plugin_waiting_deliveries": ("Deliveries that came and that the plugin has not taken.", "waiting"),
    "estafet_plugin_deliveries": ("Deliveries that were taken at the plugin's webhooks.", "taken"),
    "estafet_plugin_refused_deliveries": ("Deliveries whose signature or size was wrong.", "refused"),
}
_GROUPS: dict[str, Any] = {
    "estafet_tickets_open": _OPEN,
    "estafet_effects_pending": _EFFECTS,
    "estafet_mails_recent": _MAILS,
}
_TOLD = {
    "estafet_tickets_open": ("Tickets that are not resolved or closed, by status.", "status"),
    "estafet_effects_pending": ("Effects that are not done, by state.", "state"),
    "estafet_mails_recent": ("The newest 10,000 mails, by what became of them.", "fate"),
}


def watch(app: Flask) -> None:
    """Count every request of the application, and answer those who watch it."""
    figures = Figures(app.extensions["estafet"].database)
    app.extensions["estafet-figures"] = figures
    app.before_request(_begin)
    app.after_request(_count)
    app.register_blueprint(health)


def _begin() -> None:
    g.counted_from = time.perf_counter()


def _count(response: Response) -> Response:
    figures = cast("Figures", current_app.extensions["estafet-figures"])
    endpoint = request.endpoint or "unknown"
    figures.requests.labels(endpoint, response.status_code).inc()
    if not response.is_streamed:
        figures.seconds.labels(endpoint).observe(time.perf_counter() - g.get("counted_from", time.perf_counter()))
    return response


@health.get("/metrics")
def metrics() -> Response:
    """Everything that is counted, for Prometheus."""
    figures = cast("Figures", current_app.extensions["estafet-figures"])
    return Response(generate_latest(figures.registry), content_type=CONTENT_TYPE_LATEST)
