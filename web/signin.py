"""Who reads this page? The session names a person and the epoch of their sessions; everything else is looked up at each request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_login import login_user as _login_user
from flask_login import logout_user as _logout_user

from core import people
from core.moments import now_ms
from core.permissions import may
from core.presence import come_back
from core.texts import _
from web.languages import speak_with
from web.wiring import database, wiring

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Flask
    from flask.typing import ResponseReturnValue

    from core.actors import Actor
    from core.people import Reader

_manager = LoginManager()
View = TypeVar("View", bound="Callable[..., Any]")


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps: the person, named in the session by id and epoch."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def get_id(self) -> str:
        return f"{self.reader.id}.{self.reader.epoch}"


def sign_in_with(app: Flask) -> None:
    """Let the application know its people."""
    app.login_manager = _manager  # type: ignore[attr-defined]  # its init_app would look after a cookie that outlasts the session: there is none
    app.jinja_env.globals.update(may=_may)
    app.context_processor(lambda: {"me": current_reader()})


@_manager.user_loader  # type: ignore[untyped-decorator]
def _load(session_id: str) -> SignedIn | None:
    person, _, epoch = session_id.partition(".")
    if not person.isdecimal():
        return None
    with database().read() as tx:
        found = people.load_reader(tx, int(person))
    if found is None or str(found.epoch) != epoch:
        return None
    speak_with(found.language, found.tz)
    return SignedIn(found)


@_manager.unauthorized_handler  # type: ignore[untyped-decorator]
def _to_the_door() -> ResponseReturnValue:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("desk.sign_in", next=wanted), 303)


def need_person(blueprint: Blueprint) -> None:
    """Every page of this blueprint needs somebody who has signed in, except views marked `open_to_all`."""

    @blueprint.before_request
    def check() -> ResponseReturnValue | None:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, "open_to_all", False):
            return None
        if current_user.is_authenticated:
            _is_here()
            return None
        return cast("ResponseReturnValue", _manager.unauthorized())


def _is_here() -> None:
    """Somebody clicks: they are there. Whoever was offline by itself is online again, before their page is made."""
    me = reader()
    wiring().hub.attendance.saw(me.id)
    if (me.availability, me.availability_by) == ("offline", "itself"):
        with database().write() as tx:
            come_back(tx, wiring().settings, me.actor, now_ms())
        current_user.reader = replace(me, availability="online", availability_by=None)
        if request.method == "GET" and request.endpoint != "desk.live":
            flash(_("You are online again. Your browser had been gone, so you were offline by itself."))


def open_to_all(view: View) -> View:
    """Mark a view that needs nobody to be signed in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def begin_session(reader: Reader) -> None:
    """Sign this person in on this browser."""
    session.permanent = True  # for as many hours as the application says, not until the browser is closed
    _login_user(SignedIn(reader))
    speak_with(reader.language, reader.tz)


def end_session() -> None:
    """Sign out on this browser."""
    _logout_user()


def current_reader() -> Reader | None:
    """Who is signed in, or None."""
    if not current_user or not current_user.is_authenticated:
        return None
    return cast("Reader", current_user.reader)


def reader() -> Reader:
    """Who is signed in, on a page that needs somebody."""
    found = current_reader()
    assert found is not None, "the blueprint lets nobody in without signing in"
    return found


def actor() -> Actor:
    """Who is signed in, as commands know them."""
    if "actor" not in g:
        g.actor = reader().actor
    return cast("Actor", g.actor)


def _may(act: str) -> bool:
    found = current_reader()
    return found is not None and may(found.actor, act)
