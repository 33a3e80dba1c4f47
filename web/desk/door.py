"""Coming in and going out: sign-in, sign-out, a forgotten password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address

from core import people, person_mail
from core.errors import Invalid
from core.moments import now_ms
from core.texts import _
from web.desk import desk
from web.security import limiter
from web.signin import begin_session, current_reader, end_session, open_to_all
from web.wiring import database, settings

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


def _tried_address() -> str:
    return request.form.get("email", "").strip().lower() or get_remote_address()


@desk.get("/signin")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """The door."""
    if current_reader() is not None:
        return redirect(_inside())
    return render_template("desk/sign_in.html", email="", wrong=False)


@desk.post("/signin")
@open_to_all
@limiter.limit("60/minute")
@limiter.limit("10/minute", key_func=_tried_address)
def do_sign_in() -> ResponseReturnValue:
    """Let the person in, or say that address or password is wrong (not which)."""
    email = request.form.get("email", "")
    with database().read() as tx:
        person_id = people.sign_in(tx, email, request.form.get("password", ""))
        reader = people.load_reader(tx, person_id) if person_id is not None else None
    if reader is None:
        return render_template("desk/sign_in.html", email=email, wrong=True), 422
    begin_session(reader)
    return redirect(_inside(), 303)


@desk.post("/signout")
@open_to_all
def sign_out() -> ResponseReturnValue:
    """Leave on this browser."""
    end_session()
    return redirect(url_for("desk.sign_in"), 303)


@desk.get("/password")
@open_to_all
def forgotten() -> ResponseReturnValue:
    """The form of a forgotten password."""
    return render_template("desk/forgotten.html", asked="")


@desk.post("/password")
@open_to_all
@limiter.limit("20/hour")
@limiter.limit("5/hour", key_func=_tried_address)
def ask_for_password() -> ResponseReturnValue:
    """Want the mail. The answer is the same whether the address is anybody's or not; the worker sends it."""
    email = request.form.get("email", "").strip()
    with database().write() as tx:
        person_mail.plan_password_mail(tx, email, now_ms())
    return render_template("desk/forgotten.html", asked=email)


@desk.get("/password/<token>")
@open_to_all
def new_password(token: str) -> ResponseReturnValue:
    """The page behind the link of a forgotten password."""
    people.read_reset_token(settings(), token)
    return render_template("desk/new_password.html", wrong="")


@desk.post("/password/<token>")
@open_to_all
@limiter.limit("20/minute")
def set_new_password(token: str) -> ResponseReturnValue:
    """Set it, end every session of the person, and lead to the door."""
    try:
        with database().write() as tx:
            people.reset_password(tx, settings(), token, request.form.get("password", ""))
    except Invalid as error:
        return render_template("desk/new_password.html", wrong=str(error)), 422
    flash(_("Your new password is set. Every other session has ended."))
    return redirect(url_for("desk.sign_in"), 303)


def _inside() -> str:
    """Where the person wanted to go, if that is a page of ours."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours else url_for("desk.queue")
