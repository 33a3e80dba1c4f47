"""Was this webhook sent by the other side? Its signature is checked from what the plugin published, without running it."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OLDEST_MS = 300_000  # a signed moment may be so far away: clocks differ, and mails to a queue take time
_HASHES = {"hmac-sha256": sha256, "hmac-sha1": sha1}


def refusal(
    webhook: Mapping[str, Any], secret: str, headers: Mapping[str, str], body: bytes, url: str, now: int
) -> str | None:
    """Why it is not taken, as a code: missing, wrong, old; None when it is signed as it should be. Names of headers are in small letters."""
    given = headers.get(webhook["header"].lower(), "")
    if not given:
        return "missing"
    if not given.startswith(webhook["prefix"]):
        return "wrong"
    given = given.removeprefix(webhook["prefix"]).strip()
    if webhook["algorithm"] == "token":
        return None if _same(given, secret) else "wrong"
    signed = body + (url.encode() if webhook["with_url"] else b"")
    if name := webhook["timestamp_header"]:
        moment = headers.get(name.lower(), "")
        if not moment.isdecimal() or len(moment) > 13:
            return "missing"
        signed = moment.encode() + b"." + signed
        if abs(int(moment) * 1000 - now) > OLDEST_MS:
            return "old"
    return None if _same(_cased(webhook, given), _digest(webhook, secret, signed)) else "wrong"


def _digest(webhook: Mapping[str, Any], secret: str, signed: bytes) -> str:
    digest = hmac.new(secret.encode(), signed, _HASHES[webhook["algorithm"]]).digest()
    return b64encode(digest).decode() if webhook["encoding"] == "base64" else digest.hex()


def _cased(webhook: Mapping[str, Any], given: str) -> str:
    return given if webhook["encoding"] == "base64" else given.lower()


def signature(webhook: Mapping[str, Any], secret: str, body: bytes, url: str, now: int) -> dict[str, str]:
    """The headers that the other side sends with this body: for tests and stand-ins."""
    if webhook["algorithm"] == "token":
        return {webhook["header"]: webhook["prefix"] + secret}
    signed, headers = body + (url.encode() if webhook["with_url"] else b""), dict[str, str]()
    if name := webhook["timestamp_header"]:
        headers[name] = str(now // 1000)
        signed = headers[name].encode() + b"." + signed
    return {**headers, webhook["header"]: webhook["prefix"] + _digest(webhook, secret, signed)}


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def delivery_key(webhook: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str:
    """What is the same in every repetition of one delivery."""
    name = webhook["delivery_header"]
    given = headers.get(name.lower(), "") if name else ""
    return f"id:{given}"[:200] if given else f"body:{sha256(body).hexdigest()}"
