"""In which language and time zone is this page? The person's own, else what the browser asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from core import texts

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

DEFAULT_ZONE = "Asia/Jakarta"


def speak(app: Flask) -> None:
    """Set the language before each request, and teach the templates to speak it."""
    app.before_request(_before)
    app.teardown_request(_after)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(texts._, texts.ngettext, newstyle=False)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(_=texts._, ngettext=texts.ngettext, language=texts.language)


def _before() -> ResponseReturnValue | None:
    """Speak what the browser asks for (`?lang=` wins, so that a signed-out person can choose)."""
    g.language_before = texts.language()
    chosen = request.args.get("lang")
    code = chosen if chosen in texts.LANGUAGES else texts.best_language(request.headers.get("Accept-Language"))
    texts.set_language(code)
    g.zone = DEFAULT_ZONE
    return None


def _after(_error: BaseException | None) -> None:
    """Leave the thread as it was: the next request on it, or a test, speaks for itself."""
    texts.set_language(g.pop("language_before", "en"))


def speak_with(language: str, zone: str) -> None:
    """Speak with a person who is now known."""
    if request.args.get("lang") not in texts.LANGUAGES:
        texts.set_language(language)
    g.zone = zone
