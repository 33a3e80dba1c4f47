"""Sign-in, sign-out, and who gets in."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_string, policy
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from core import people, person_mail, texts
from core.moments import now_ms
from core.schema import CaughtMail, Person, PersonMail
from web.security import CONTENT_POLICY

from .conftest import IDS, PASSWORD, post, token

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database
    from core.settings import Settings


def test_stranger_is_led_to_door(client: FlaskClient) -> None:
    answer = client.get("/?view=mine")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/signin?next=")
    assert "view%3Dmine" in answer.headers["Location"]


def test_right_password_opens_wanted_page(client: FlaskClient) -> None:
    answer = post(client, "/signin?next=/work", {"email": "Dewi@Example.com ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work")
    assert client.get("/").status_code == 200


def test_wrong_password_keeps_address(client: FlaskClient) -> None:
    answer = post(client, "/signin", {"email": "dewi@example.com", "password": "guess"})
    assert answer.status_code == 422
    assert "dewi@example.com" in answer.text
    assert "guess" not in answer.text
    assert "There is a problem" in answer.text


def test_unknown_address_sounds_the_same(client: FlaskClient) -> None:
    wrong = post(client, "/signin", {"email": "dewi@example.com", "password": "guess"}).text
    unknown = post(client, "/signin", {"email": "nobody@example.com", "password": "guess"}).text
    assert wrong.count("E-mail or password is wrong") == unknown.count("E-mail or password is wrong") == 1


def test_foreign_next_is_ignored(client: FlaskClient) -> None:
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = post(client, f"/signin?next={bad}", {"email": "dewi@example.com", "password": PASSWORD})
        assert answer.headers["Location"] == "/"
        post(client, "/signout")


def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    form = {"csrf_token": token(client), "email": "bagus@example.com", "password": "guess"}
    answers = [client.post("/signin", data=form).status_code for _ in range(12)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_form_without_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/signin", data={"email": "dewi@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert "This form is too old" in answer.text


def test_signing_out_ends_session(signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("dewi")
    post(client, "/signout")
    assert client.get("/").status_code == 303


def test_raised_epoch_ends_sessions(firm: Database, signed_in: Callable[[str], FlaskClient]) -> None:
    client = signed_in("dewi")
    with firm.write() as tx:
        tx.execute(update(Person).where(Person.id == IDS["dewi"]).values(session_epoch=2))
    assert client.get("/").status_code == 303


def test_reset_link_works_once(firm: Database, settings: Settings, client: FlaskClient) -> None:
    with firm.read() as tx:
        found = people.reset_token(tx, settings, "dewi@example.com")
    assert found
    path = f"/password/{found[1]}"
    assert "at least 10" in post(client, path, {"password": "short"}).text
    assert post(client, path, {"password": "a new long sentence"}).status_code == 303
    assert post(client, path, {"password": "another long sentence"}).status_code == 404
    assert post(client, "/signin", {"email": "dewi@example.com", "password": "a new long sentence"}).status_code == 303


def test_pages_carry_strict_headers(client: FlaskClient) -> None:
    answer = client.get("/signin")
    assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Request-Id"]
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_session_lasts_hours(client: FlaskClient) -> None:
    answer = post(client, "/signin", {"email": "dewi@example.com", "password": PASSWORD})
    assert "Expires=" in answer.headers["Set-Cookie"]


def test_browser_language_is_spoken(client: FlaskClient) -> None:
    assert 'lang="id"' in client.get("/signin", headers={"Accept-Language": "id-ID,id;q=0.9"}).text
    assert 'lang="en"' in client.get("/signin", headers={"Accept-Language": "de,en;q=0.5"}).text


def test_language_ends_with_the_request(client: FlaskClient) -> None:
    client.get("/signin?lang=id")
    assert texts.language() == "en"


def test_missing_page_says_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "This page does not exist" in answer.text
    assert client.get("/api/v1/no-such-thing").mimetype == "application/problem+json"


def ask(client: FlaskClient, email: str) -> str:
    answer = post(client, "/password", {"email": email})
    assert answer.status_code == 200, answer.text
    return re.sub(r'name="csrf[-_]token" [^>]+>', "", answer.text.replace(email, "EMAIL"))


def caught(firm: Database) -> list[str]:
    with firm.read() as tx:
        return list(tx.execute(select(CaughtMail.raw).order_by(CaughtMail.id)).scalars())


def test_forgotten_password_is_mailed_once(client: FlaskClient, firm: Database, settings: Settings) -> None:
    ask(client, "Dewi@example.com")
    assert caught(firm) == []  # the click only wants it
    ask(client, "dewi@example.com")
    assert person_mail.send_due(firm, settings) == 1
    assert person_mail.send_due(firm, settings) == 0
    (mail,) = caught(firm)
    text = message_from_string(mail, policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    path = text.split(settings.public_url)[1].split()[0]
    assert post(client, path, {"password": "a new long sentence"}).status_code == 303
    assert post(client, "/signin", {"email": "dewi@example.com", "password": "a new long sentence"}).status_code == 303


def test_unknown_address_gets_same_answer(client: FlaskClient, firm: Database, settings: Settings) -> None:
    assert ask(client, "dewi@example.com") == ask(client, "nobody@example.com")
    person_mail.send_due(firm, settings)
    assert len(caught(firm)) == 1


def test_asking_for_password_is_limited(client: FlaskClient) -> None:
    form = {"csrf_token": token(client), "email": "bagus@example.com"}
    codes = [client.post("/password", data=form).status_code for _ in range(7)]
    assert codes[:5] == [200] * 5
    assert codes[-1] == 429


def test_interrupted_mail_is_not_sent_again(
    firm: Database, settings: Settings, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Nobody knows whether it left; whoever looks after the installation sees that."""
    now = now_ms()
    with firm.write() as tx:
        person_mail.plan_password_mail(tx, "dewi@example.com", now)
        tx.execute(update(PersonMail).values(state="attempting", next_at=now))
    person_mail.send_due(firm, settings)
    with firm.read() as tx:
        assert tx.execute(select(PersonMail.state, PersonMail.next_at)).one() == ("unknown", None)
    assert caught(firm) == []
    page = signed_in("mira").get("/admin/status").text
    assert "Mails to colleagues about their accounts" in page
    assert "Dewi Anggraini" in page
    assert "every outcome is known" not in page


def test_server_that_is_away_is_asked_later(firm: Database, settings: Settings) -> None:
    away = replace(settings, mail_url="smtp://127.0.0.1:9")
    with firm.write() as tx:
        person_mail.plan_password_mail(tx, "dewi@example.com", now_ms())
    person_mail.send_due(firm, away)
    assert person_mail.send_due(firm, settings) == 0  # not before a minute is over
    assert person_mail.send_due(firm, settings, now=now_ms() + person_mail.RETRY_MS + 1000) == 1
    assert len(caught(firm)) == 1
