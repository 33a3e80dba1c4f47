"""Customers of the fault suite: each knocks at its door until somebody has said yes, as mail servers, browsers and programs do."""

from __future__ import annotations

import re
import smtplib
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

CUSTOMERS = "@customers.example"
PATIENCE = 90.0  # seconds until a customer gives up; then nothing was promised
MAIL, API, FORM = "mail", "api", "form"


@dataclass
class Wish:
    """What one customer says: `token` stands in the text and nowhere else. `acknowledged` when somebody said yes."""

    token: str
    door: str
    email: str
    acknowledged: bool = False
    attempts: int = 0
    follows: Wish | None = None
    answers: str | None = None  # the Message-ID that a follow-up answers
    form_token: str | None = None  # of the page that the customer has open


@dataclass
class Doors:
    """Where to knock."""

    url: str
    smtp_port: int
    token: str
    department: str
    address: str
    dice: random.Random
    lost: list[str] = field(default_factory=list)

    def say(self, wish: Wish) -> None:
        """Knock until it is acknowledged, or give up after PATIENCE."""
        knock: Callable[[Wish], bool] = {MAIL: self._mail, API: self._api, FORM: self._form}[wish.door]
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            wish.attempts += 1
            try:
                if knock(wish):
                    wish.acknowledged = True
                    return
            except (OSError, smtplib.SMTPException, requests.RequestException) as error:
                self.lost.append(type(error).__name__)
            time.sleep(0.2 + self.dice.random() * 0.6)

    def _mail(self, wish: Wish) -> bool:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = wish.email, self.address, f"Request {wish.token}"
        mail["Message-ID"] = f"<{wish.token}{CUSTOMERS}>"
        mail["Date"] = "Tue, 24 Nov 2026 09:00:00 +0700"
        if wish.answers:
            mail["In-Reply-To"] = mail["References"] = wish.answers
        mail.set_content(f"It does not work: {wish.token}\n")
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as client:
            client.send_message(mail)
        return True

    def _api(self, wish: Wish) -> bool:
        answer = requests.post(
            f"{self.url}/api/v1/tickets",
            json={
                "subject": f"Request {wish.token}",
                "body": f"It does not work: {wish.token}",
                "customer": {"email": wish.email},
                "department": self.department,
            },
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": wish.token},
            timeout=20,
        )
        return _accepted(answer)

    def _form(self, wish: Wish) -> bool:
        """The customer opens the page once, and sends it again and again as it lies before them."""
        with requests.Session() as browser:
            browser.mount("http://", _At(f"127.1.{self.dice.randrange(250)}.{self.dice.randrange(1, 250)}"))
            if wish.form_token is None:
                page = browser.get(f"{self.url}/help", timeout=20)
                found = _TOKEN.search(page.text) if page.ok else None
                wish.form_token = found and found.group(1)
                return False
            values = {
                "form_token": wish.form_token,
                "department": self.department,
                "email": wish.email,
                "name": "Customer",
                "subject": f"Request {wish.token}",
                "message": f"It does not work: {wish.token}",
            }
            return _accepted(browser.post(f"{self.url}/help", data=values, timeout=20, allow_redirects=False))


_TOKEN = re.compile(r'name="form_token"[^>]*value="([^"]+)"')


class _At(HTTPAdapter):
    """Speaks from an address of its own: the form takes only some requests a minute from each."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._address, 0))


def _accepted(answer: requests.Response) -> bool:
    """2xx is a promise; 4xx would be a mistake of ours and must be seen; 429 and 5xx mean: again."""
    if answer.status_code in {200, 201, 303}:
        return True
    if answer.status_code == 429 or answer.status_code >= 500:
        return False
    raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
