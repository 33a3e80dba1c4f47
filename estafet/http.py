"""For plugins: one request to another system, and what every possible end of it means: an answer, or one of the three failures.

Whether something was surely not done is known here and nowhere else, so it is decided here: `changes` says that the request wants to change
something, and then an answer that was lost is an OutcomeUnknown and never a TemporaryFailure. It has limits in time and size, and follows
no redirect: an address that was typed in stays the address that is asked.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

import estafet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NoSuch", "Other"]

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 3.05, 6.0, 8.0  # together less than the 10 seconds of a call
LARGEST = 8_000_000  # bytes of an answer
LONGEST_WAIT = 3600.0
_MEANINGS = {
    401: "{name} does not accept the login. Check the account and the token on the plugins page.",
    403: "{name} does not allow this to the account of the plugin{words}. Give it the permission there, or use another account.",
    404: "{name} does not know it, or does not show it to the account of the plugin{words}.",
    409: "{name} says that somebody else is changing it just now{words}.",
    413: "{name} takes no text of this length{words}. Make it shorter.",
}


class Other:
    """Another system: its `name` for people, its address, the headers of its login, and how to read what its errors say.

    `ask` answers with JSON, None when it is empty. `seconds` is how long an answer may take altogether.
    """

    def __init__(
        self,
        name: str,
        site: str,
        headers: Mapping[str, str] | None = None,
        said: Callable[[Any], str] | None = None,
        *,
        seconds: float = WHOLE_SECONDS,
    ) -> None:
        self.name, self.site, self.seconds = name, site.rstrip("/"), seconds
        self._said = said or _message_of
        self._session = requests.Session()
        self._session.trust_env = False  # no password file of this machine, no proxy by accident
        self._session.headers.update({"Accept": "application/json", "User-Agent": "Estafet", **(headers or {})})

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        changes: bool | None = None,
    ) -> Any:
        """The JSON of the answer, None when it is empty."""
        changing = method != "GET" if changes is None else changes
        try:
            with self._session.request(
                method, self.site + path, params=query, json=body, timeout=(CONNECT_SECONDS, min(READ_SECONDS, self.seconds)),
                allow_redirects=False, stream=True,
            ) as answer:  # fmt: skip
                text = self._read(answer, time.monotonic() + self.seconds)
        except requests.exceptions.SSLError as error:
            raise estafet.PermanentFailure(f"The certificate of {self.site} is not trusted: {error}") from error
        except (requests.RequestException, HTTPError, _TooSlow) as error:
            if _surely_not_sent(error):
                raise estafet.TemporaryFailure(f"{self.name} cannot be reached at {self.site}", wait=30) from error
            raise self._lost(changing, f"did not answer completely ({type(error).__name__})") from error
        if not answer.ok or answer.is_redirect:
            raise self._failure(answer, text, changing)
        return self._json(answer, text, changing)

    def _read(self, answer: requests.Response, end: float) -> bytes:
        """Piece by piece: a server that sends a byte now and then does not hold the plugin for long."""
        parts, size = list[bytes](), 0
        while part := answer.raw.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if time.monotonic() > end:
                raise _TooSlow
            if size > LARGEST:
                raise estafet.PermanentFailure(f"{self.name} answered with more than {LARGEST:,} bytes.")
        return b"".join(parts)

    def _json(self, answer: requests.Response, text: bytes, changing: bool) -> Any:
        if not text.strip():
            return None
        if "html" in answer.headers.get("Content-Type", "").lower():
            words = "answered with a web page instead of data: is its address on the plugins page right?"
            if changing:
                raise self._lost(changing, words)
            raise estafet.PermanentFailure(f"{self.name} {words}")
        try:
            return json.loads(text)
        except ValueError as error:
            raise self._lost(changing, "gave an answer that ends in the middle") from error

    def _failure(self, answer: requests.Response, text: bytes, changing: bool) -> Exception:
        status = answer.status_code
        if answer.is_redirect or 300 <= status < 400:
            to = answer.headers.get("Location", "nowhere")
            return estafet.PermanentFailure(
                f"{self.name} at {self.site} sends on to {to[:200]}, which is not followed. Enter the right address on the plugins page."
            )
        words = self._words(text)
        if status == 429 or (status == 503 and "Retry-After" in answer.headers):
            wait = _wait(answer.headers.get("Retry-After"))
            return estafet.TemporaryFailure(f"{self.name} asks to wait {wait:g} seconds", wait=wait)
        if status >= 500:
            return self._lost(changing, f"has a failure of its own ({status}){words}")
        meaning = _MEANINGS.get(status, "{name} refuses this ({status}){words}.").format(
            name=self.name, words=words, status=status
        )
        if status == 409:
            return estafet.TemporaryFailure(meaning, wait=5)
        return (NoSuch if status == 404 else estafet.PermanentFailure)(meaning)

    def _words(self, text: bytes) -> str:
        try:
            said = self._said(json.loads(text))
        except (ValueError, AttributeError, TypeError, KeyError):
            said = "" if b"<" in text[:200] else text.decode("utf-8", "replace")
        return f": {said.strip()[:500].rstrip('.')}" if said.strip() else ""

    def _lost(self, changing: bool, words: str) -> Exception:
        if changing:
            return estafet.OutcomeUnknown(f"{self.name} {words}")
        return estafet.TemporaryFailure(f"{self.name} {words}", wait=10)


def _message_of(body: Any) -> str:
    """What errors of most interfaces say."""
    return str(next((body[name] for name in ("message", "error_description", "detail", "error") if body.get(name)), ""))


class NoSuch(estafet.PermanentFailure):
    """The other system does not know what was asked for, or does not show it to this account."""


class _TooSlow(Exception):
    """The answer did not end in time."""


def _surely_not_sent(error: BaseException) -> bool:
    """No connection was made, so nothing can have been done."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    reason = error.args[0] if error.args else None
    return isinstance(getattr(reason, "reason", reason), NewConnectionError)


def _wait(header: str | None) -> float:
    """Seconds of a Retry-After: a number, or a moment."""
    try:
        seconds = float(header or 30)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(str(header)) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            seconds = 30
    return min(max(seconds, 1.0), LONGEST_WAIT)
