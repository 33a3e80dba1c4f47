"""Hand a mail to an SMTP server, and know afterwards what happened.

A mail that surely was not taken may be tried again; one of which nobody knows must never be: so `deliver` says which.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Timer
from typing import Literal
from urllib.parse import unquote, urlsplit

from core.texts import _

Security = Literal["plain", "tls", "starttls"]
_SECURITY: dict[str, Security] = {"smtp": "plain", "smtps": "tls", "smtp+starttls": "starttls"}
_PORTS: dict[Security, int] = {"plain": 25, "tls": 465, "starttls": 587}
_ADDRESS = re.compile(r"[^\s<>\x00-\x20\x7f]{1,250}@[^\s<>@\x00-\x20\x7f]{1,250}")


class MailUrlError(ValueError):
    """A mail server's address that cannot be used; the text says what to change."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    security: Security = "plain"
    user: str = ""
    password: str = field(default="", repr=False)


class NotSent(Exception):
    """The server surely did not take the mail.

    `temporary`: a later attempt may succeed. `stage`: connect, greeting, starttls, login, sender, recipient, data or
    content. `refused` lists the recipients that were refused, with the server's words.
    """

    def __init__(
        self, stage: str, words: str, *, temporary: bool, code: int = 0, refused: tuple[tuple[str, int, str], ...] = ()
    ) -> None:
        super().__init__(f"{stage}: {f'{code} ' if code else ''}{words}")
        self.stage = stage
        self.words = words
        self.temporary = temporary
        self.code = code
        self.refused = refused


class OutcomeUnknown(Exception):
    """All of the mail went out and no answer came back: it may have been taken. Never send it again blindly."""


def parse_mail_url(url: str) -> MailServer:
    """Read `smtp+starttls://user:password@host:587`; also `smtp://` (no encryption) and `smtps://` (TLS at once)."""
    scheme = url.partition("://")[0].lower()
    if "://" not in url or scheme not in _SECURITY:
        raise MailUrlError(
            _(
                "The mail server's address begins with “%(scheme)s”. It must begin with smtp://, smtps:// or "
                "smtp+starttls://, for example smtp+starttls://user:password@mail.example.com:587.",
                scheme=scheme[:30],
            )
        )
    try:
        parts = urlsplit("//" + url.partition("://")[2], allow_fragments=False)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise MailUrlError(
            _("The mail server's address cannot be read (%(why)s). Expected host:port after ://.", why=_reason(error))
        ) from None
    if port == 0:
        raise MailUrlError(
            _("Port 0 cannot be connected to. Expected a port from 1 to 65535, or none for the usual one.")
        )
    if not host:
        raise MailUrlError(
            _("The mail server's address names no host. Expected for example smtp://mail.example.com:25.")
        )
    if parts.path not in ("", "/") or parts.query:
        # What stands there is not repeated: it may be the rest of a password.
        raise MailUrlError(
            _(
                "The mail server's address has something after host and port. Remove it; in a password write / ? # @ : as "
                "%%2F %%3F %%23 %%40 %%3A.",
                host=host,
            )
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not user:
        raise MailUrlError(_("The mail server's address has a password but no user name. Expected user:password@host."))
    security = _SECURITY[scheme]
    return MailServer(host, port or _PORTS[security], security, user, password)


def _reason(error: ValueError) -> str:
    """The reason without what was typed: that may hold a password."""
    return _("the port is no number up to 65535") if "ort" in str(error) else _("brackets or characters are wrong")


def deliver(
    server: MailServer,
    sender: str,
    recipients: Sequence[str],
    raw: bytes,
    timeout: float = 60.0,
    tls: ssl.SSLContext | None = None,
    before_last_word: Callable[[], None] | None = None,
) -> None:
    """Hand the mail over, or raise `NotSent` or `OutcomeUnknown`.

    `before_last_word` is called when all but the final dot has gone out: until then the server cannot have taken the mail.
    What it raises ends the attempt.

    All recipients or none: when one is refused nothing is sent, and `NotSent.refused` names it, so that the caller may
    leave it out. `timeout` (seconds) is for the whole conversation. An empty `sender` asks for no bounces.
    """
    data = _with_dots(raw)
    with _connected(server, timeout, tls) as (client, time_is_over):
        _announce(client, sender, recipients, len(raw))
        with _before_content("content"):
            client.send(data)
        if before_last_word is not None:
            before_last_word()
        if time_is_over.is_set():
            raise NotSent("content", "the time was over before the last line", temporary=True)
        _finish_content(client)
        with suppress(OSError, smtplib.SMTPException, ValueError, AttributeError):
            if client.sock is not None:
                client.sock.settimeout(min(timeout, 5.0))  # the mail is taken; a slow goodbye changes nothing
            client.quit()


def _with_dots(raw: bytes) -> bytes:
    """The content as it goes over the wire: CRLF line ends, leading dots doubled, without the final dot."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..")
    text = b"." + text if text.startswith(b".") else text
    return text if text.endswith(b"\r\n") else text + b"\r\n"


@contextmanager
def _connected(server: MailServer, timeout: float, tls: ssl.SSLContext | None) -> Iterator[tuple[smtplib.SMTP, Event]]:
    """A greeted, encrypted, logged-in connection that is torn down when the time is over, even if bytes still trickle.

    The event tells that it was.
    """
    if tls is None and server.security != "plain":
        tls = ssl.create_default_context()  # smtplib's own choice would check no certificate
    client = (
        smtplib.SMTP_SSL(timeout=timeout, context=tls) if server.security == "tls" else smtplib.SMTP(timeout=timeout)
    )
    time_is_over = Event()
    watch = Timer(timeout, _cut, [client, time_is_over])
    watch.daemon = True
    watch.start()
    try:
        _connect(client, server, tls)
        yield client, time_is_over
    finally:
        watch.cancel()
        with suppress(OSError):
            client.close()


def _cut(client: smtplib.SMTP, time_is_over: Event) -> None:
    """Wake whoever waits on the connection; the plain socket's own method, because TLS is in use by the other thread."""
    time_is_over.set()
    sock = getattr(client, "sock", None)
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


@contextmanager
def _before_content(stage: str) -> Iterator[None]:
    """Whatever breaks here, the server has not seen the end of the content and cannot have taken the mail."""
    try:
        yield
    except NotSent:
        raise
    except ssl.SSLCertVerificationError as error:
        raise NotSent(stage, str(error.verify_message), temporary=False) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(stage, error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(stage, str(error), temporary=False) from error
    except (OSError, smtplib.SMTPException, ValueError, AttributeError) as error:
        # AttributeError: the watch closed the connection between two steps of smtplib.
        raise NotSent(stage, str(error) or type(error).__name__, temporary=True) from error


def _refused(stage: str, code: int, words: bytes | str, refused: tuple[tuple[str, int, str], ...] = ()) -> NotSent:
    return NotSent(stage, _words(words), temporary=not 500 <= code < 600, code=max(code, 0), refused=refused)


def _words(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:1000]


def _connect(client: smtplib.SMTP, server: MailServer, tls: ssl.SSLContext | None) -> None:
    with _before_content("connect"):
        client._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001 smtplib checks certificates against it
        code, words = client.connect(server.host, server.port)
    if code != 220:
        raise _refused("greeting", code, words)
    with _before_content("greeting"):
        client.ehlo_or_helo_if_needed()
    if server.security == "starttls":
        with _before_content("starttls"):
            code, words = client.starttls(context=tls)
            if code != 220:
                raise _refused("starttls", code, words)
            client.ehlo_or_helo_if_needed()
    if server.user:
        with _before_content("login"):
            client.login(server.user, server.password)


def _announce(client: smtplib.SMTP, sender: str, recipients: Sequence[str], size: int) -> None:
    """MAIL FROM, RCPT TO and DATA up to the server's “go ahead”."""
    if not recipients:
        raise NotSent("recipient", "no recipient given", temporary=False)
    back = _wire_address(sender) if sender else ""
    receivers = [_wire_address(a) for a in recipients]
    options = [f"size={size}"] if client.has_extn("size") else []
    if not all(a.isascii() for a in (back, *receivers)):
        if not client.has_extn("smtputf8"):
            raise NotSent("sender", "the server takes only addresses in plain letters (no SMTPUTF8)", temporary=False)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
        client.command_encoding = "utf-8"
    with _before_content("sender"):
        code, words = client.mail(back, options)
        if code != 250:
            raise _refused("sender", code, words)
    _announce_recipients(client, receivers)
    with _before_content("data"):
        client.putcmd("data")
        code, words = client.getreply()
        if code != 354:
            raise _refused("data", code, words)


def _announce_recipients(client: smtplib.SMTP, receivers: Sequence[str]) -> None:
    refused: list[tuple[str, int, str]] = []
    for receiver in receivers:
        with _before_content("recipient"):
            code, words = client.rcpt(receiver)
        if code not in (250, 251):
            refused.append((receiver, code, _words(words)))
        if code == 421:
            break
    if refused:
        # One that may succeed later makes the whole attempt worth repeating.
        code = next((c for _r, c, _w in refused if not 500 <= c < 600), refused[0][1])
        raise _refused("recipient", code, "; ".join(f"{r}: {w}" for r, _c, w in refused), tuple(refused))


def _wire_address(address: str) -> str:
    """The address with its domain in plain letters; whatever could end the command early is refused."""
    if not _ADDRESS.fullmatch(address):
        raise NotSent("recipient", f"{address!r} is no mail address", temporary=False)
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise NotSent("recipient", f"{address!r} is no mail address", temporary=False) from None


def _finish_content(client: smtplib.SMTP) -> None:
    """The final dot, by itself: until it is handed over, a broken connection surely means “not taken”."""
    try:
        client.send(b".\r\n")
        answer = _whole_answer(client)
    except (OSError, smtplib.SMTPException, ValueError, AttributeError) as error:
        raise OutcomeUnknown(str(error) or type(error).__name__) from error
    if answer is None:
        raise OutcomeUnknown("the connection broke or spoke no SMTP before the answer was complete")
    code, words = answer
    if 400 <= code < 600:
        raise _refused("content", code, words)
    if not 200 <= code < 300:
        raise OutcomeUnknown(f"the server answered {code} {_words(words)}")


def _whole_answer(client: smtplib.SMTP) -> tuple[int, bytes] | None:
    """The server's last word; None when it is cut off. smtplib would take half a line (`2`, `22…`) for an answer."""
    lines: list[bytes] = []
    while client.file is not None and len(lines) < 100:
        line = client.file.readline(2_000)
        if not re.match(rb"\d{3}[ \r\n-]", line) or not line.endswith(b"\n"):
            return None
        lines.append(line[4:].strip())
        if line[3:4] != b"-":
            return int(line[:3]), b" ".join(lines)
    return None
