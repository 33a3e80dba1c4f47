"""The web application: pages for agents, team leads and admins, put together in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import g

from core.plugins.labels import said
from core.spoken import span
from web import times, words
from web.admin import admin
from web.api import serve_api
from web.application import Application
from web.desk import desk
from web.drawing import small_legs
from web.failures import handle_failures
from web.health import watch
from web.hooks import hooks
from web.ids import IdConverter
from web.languages import speak
from web.learning import learning
from web.live import Hub
from web.log import log_requests
from web.portal import portal
from web.sanitise import paragraphs
from web.security import protect
from web.signin import sign_in_with
from web.statics import serve_statics
from web.studio import studio
from web.wiring import Wiring, wiring

if TYPE_CHECKING:
    from flask import Flask

    from core.database import Database
    from core.settings import Settings

LARGEST_REQUEST = 26_000_000
SESSION_HOURS = 12


def create_app(settings: Settings, database: Database) -> Flask:
    """The application for these settings and this database."""
    app = Application(__name__, static_folder=None)
    app.url_map.converters["int"] = IdConverter
    app.config.update(
        SECRET_KEY=settings.key("session"),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2_000_000,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SESSION_HOURS),
        SESSION_COOKIE_NAME="estafet",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=SESSION_HOURS * 3600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["estafet"] = Wiring(settings, database, Hub(settings, database))
    log_requests(app)
    speak(app)
    serve_statics(app)
    protect(app)
    sign_in_with(app)
    handle_failures(app)
    _furnish(app)
    for blueprint in (desk, studio, learning, admin, portal, hooks):
        app.register_blueprint(blueprint)
    serve_api(app)
    watch(app)
    return app


def _furnish(app: Flask) -> None:
    """Give the templates their words, times and numbers."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        words=words, times=times, paragraphs=paragraphs, script_words=words.script_words, small_legs=small_legs
    )
    app.jinja_env.filters.update(
        ago=times.ago, said_at=times.said_at, due=times.due, span=span, size=times.size, number=times.number, said=said
    )
    app.before_request(_mark)
    app.context_processor(
        lambda: {"lag_since": wiring().lag.since(wiring().database), "live_mark": g.get("live_mark", "")}
    )


def _mark() -> None:
    """Remember, before anything is read, how far the live stream has told."""
    g.live_mark = wiring().hub.mark()
