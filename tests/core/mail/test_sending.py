"""After handing over a mail we know: taken, surely not taken, or unknown."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.mail.sending import MailServer, NotSent, OutcomeUnknown, deliver

RAW = b"From: help@desk.example\r\nSubject: x\r\n\r\nline\r\n.dot\r\n..two\r\n"


class Box:
    """What an ordinary server received."""

    def __init__(self, refused: dict[str, str] | None = None) -> None:
        self.refused = refused or {}
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


class FreePort(Controller):
    """On whatever port is free: the library's own first connection needs its number."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def aiosmtp(box: Box, **options: Any) -> Iterator[MailServer]:
    controller = FreePort(box, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield MailServer("127.0.0.1", controller.port)
    finally:
        controller.stop()


@contextmanager
def scripted(talk: Callable[[socket.socket, Any], None]) -> Iterator[MailServer]:
    """A server that says exactly what `talk` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError), listener:
            connection, _peer = listener.accept()
            with connection, connection.makefile("rb") as lines:
                talk(connection, lines)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield MailServer("127.0.0.1", listener.getsockname()[1])
    finally:
        thread.join(5)
        assert not thread.is_alive()


def script(**answers: bytes | None) -> Callable[[socket.socket, Any], None]:
    """Answers by command; None closes the connection, b"" stays silent until the other side goes."""
    usual: dict[str, bytes | None] = {
        "greeting": b"220 hello", "ehlo": b"250 hello", "helo": b"250 hello", "mail": b"250 ok", "rcpt": b"250 ok",
        "data": b"354 go", "dot": b"250 taken", "quit": b"221 bye", "rset": b"250 ok",
    }  # fmt: skip
    usual |= answers

    def say(connection: socket.socket, lines: Any, word: str) -> bool:
        answer = usual.get(word, b"502 unknown")
        if answer is None:
            return False
        if answer == b"":
            lines.read()
            return False
        connection.sendall(answer + b"\r\n")
        return True

    def talk(connection: socket.socket, lines: Any) -> None:
        if not say(connection, lines, "greeting"):
            return
        while line := lines.readline():
            word = line[:4].decode().strip().lower()
            if not say(connection, lines, word):
                return
            if word == "data" and usual["data"] == b"354 go":
                while (content := lines.readline()) not in (b".\r\n", b""):
                    pass
                if not content or not say(connection, lines, "dot"):
                    return

    return talk


def attempt(
    server: MailServer, recipients: tuple[str, ...] = ("siti@example.com",), raw: bytes = RAW, timeout: float = 5
) -> None:
    deliver(server, "help@desk.example", recipients, raw, timeout)


def test_mail_arrives_whole() -> None:
    box = Box()
    with aiosmtp(box) as server:
        attempt(server, ("siti@example.com", "budi@example.com"))
    assert box.taken == [("help@desk.example", ["siti@example.com", "budi@example.com"], RAW)]


def test_line_ends_become_smtp_ones() -> None:
    box = Box()
    with aiosmtp(box) as server:
        attempt(server, raw=b"a\nb\r\n.c\rd\n.\n")
    assert box.taken[0][2] == b"a\r\nb\r\n.c\r\nd\r\n.\r\n"


def test_large_mail_arrives_whole() -> None:
    box = Box()
    raw = b"Subject: x\r\n\r\n" + b"0123456789abcdef\r\n" * 200_000
    with aiosmtp(box) as server:
        attempt(server, raw=raw)
    assert box.taken[0][2] == raw


def test_bounce_sender_may_be_empty() -> None:
    box = Box()
    with aiosmtp(box) as server:
        deliver(server, "", ["siti@example.com"], RAW, 5)
    assert box.taken[0][0] in ("", "<>")


def test_foreign_domain_is_translated() -> None:
    box = Box()
    with aiosmtp(box) as server:
        attempt(server, ("siti@bücher.example",))
    assert box.taken[0][1] == ["siti@xn--bcher-kva.example"]


def test_foreign_letters_need_a_capable_server() -> None:
    box = Box()
    with aiosmtp(box, enable_SMTPUTF8=True) as server:
        attempt(server, ("sïti@example.com",))
    assert box.taken[0][1] == ["sïti@example.com"]
    with aiosmtp(box, enable_SMTPUTF8=False) as server, pytest.raises(NotSent, match="SMTPUTF8") as caught:
        attempt(server, ("sïti@example.com",))
    assert not caught.value.temporary


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        attempt(MailServer("127.0.0.1", port))
    assert (caught.value.stage, caught.value.temporary) == ("connect", True)


def test_unknown_host_is_temporary() -> None:
    with pytest.raises(NotSent) as caught:
        attempt(MailServer("no-such-host.invalid", 25))
    assert (caught.value.stage, caught.value.temporary) == ("connect", True)


STAGES = {"greeting": "greeting", "mail": "sender", "rcpt": "recipient", "data": "data", "dot": "content"}


@pytest.mark.parametrize("command", STAGES)
@pytest.mark.parametrize(("code", "temporary"), [(421, True), (451, True), (554, False)])
def test_refusal_is_surely_not_sent(command: str, code: int, temporary: bool) -> None:
    with scripted(script(**{command: b"%d 4.5.6 we say no" % code})) as server, pytest.raises(NotSent) as caught:
        attempt(server)
    assert caught.value.stage == STAGES[command]
    assert caught.value.temporary is temporary
    assert caught.value.code == code
    assert "we say no" in caught.value.words


@pytest.mark.parametrize("command", ["greeting", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", [None, b"", b"garbage here"])
def test_break_before_content_is_not_sent(command: str, answer: bytes | None) -> None:
    answers: dict[str, bytes | None] = {command: answer}
    if command == "ehlo":
        answers["helo"] = answer
    with scripted(script(**answers)) as server, pytest.raises(NotSent) as caught:
        attempt(server, timeout=0.4)
    assert caught.value.temporary


@pytest.mark.parametrize(
    "answer", [None, b"", b"garbage here", b"354 go on", b"x" * 9_000, b"250-more to come", b"2", b"250ok"]
)
def test_break_after_content_is_unknown(answer: bytes | None) -> None:
    with scripted(script(dot=answer)) as server, pytest.raises(OutcomeUnknown):
        attempt(server, timeout=0.4)


def test_break_inside_content_is_not_sent() -> None:
    def talk(connection: socket.socket, lines: Any) -> None:
        connection.sendall(b"220 hello\r\n")
        for answer in (b"250 hello", b"250 ok", b"250 ok", b"354 go"):
            lines.readline()
            connection.sendall(answer + b"\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")

    with scripted(talk) as server, pytest.raises(NotSent) as caught:
        attempt(server, raw=b"x" * 70 + b"\r\n" * 20_000_000)
    assert (caught.value.stage, caught.value.temporary) == ("content", True)


def test_trickling_answer_ends_in_time() -> None:
    def talk(connection: socket.socket, lines: Any) -> None:
        connection.sendall(b"220 hello\r\n")
        for answer in (b"250 hello", b"250 ok", b"250 ok", b"354 go"):
            lines.readline()
            connection.sendall(answer + b"\r\n")
        while lines.readline() != b".\r\n":
            pass
        with suppress(OSError):
            while True:
                connection.sendall(b"2")
                time.sleep(0.05)

    started = time.monotonic()
    with scripted(talk) as server, pytest.raises(OutcomeUnknown):
        attempt(server, timeout=0.5)
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("answer", [None, b"", b"500 what"])
def test_rude_goodbye_changes_nothing(answer: bytes | None) -> None:
    with scripted(script(quit=answer)) as server:
        attempt(server, timeout=0.4)


def test_refused_recipients_are_named() -> None:
    box = Box(refused={"no@example.com": "550 5.1.1 nobody", "late@example.com": "450 4.2.0 try later"})
    with aiosmtp(box) as server:
        with pytest.raises(NotSent) as caught:
            attempt(server, ("ok@example.com", "no@example.com"))
        assert caught.value.refused == (("no@example.com", 550, "5.1.1 nobody"),)
        assert not caught.value.temporary
        with pytest.raises(NotSent) as caught:
            attempt(server, ("no@example.com", "late@example.com"))
        assert caught.value.temporary
        assert [r for r, _code, _words in caught.value.refused] == ["no@example.com", "late@example.com"]
    assert box.taken == []


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "a@b.example>\r\nDATA", "a b@c.example", "a@b.example\n", "<a@b.example>", "a@\udcff"]
)
def test_impossible_recipients_are_refused(recipient: str) -> None:
    box = Box()
    with aiosmtp(box) as server, pytest.raises(NotSent) as caught:
        attempt(server, ("ok@example.com", recipient))
    assert not caught.value.temporary
    assert box.taken == []


def test_somebody_must_receive_it() -> None:
    with aiosmtp(Box()) as server, pytest.raises(NotSent, match="no recipient"):
        attempt(server, ())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS settings that know one another."""
    import datetime as dt

    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


def log_in(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = getattr(data, "login", b"") == b"budi" and getattr(data, "password", b"") == b"geheim"
    return AuthResult(success=good, handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_login_works(security: Any, certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    box = Box()
    options: dict[str, Any] = (
        {"tls_context": certificate[0], "require_starttls": True} if security == "starttls" else {}
    )
    if security == "tls":
        options = {"ssl_context": certificate[0], "auth_require_tls": False}
    with aiosmtp(box, authenticator=log_in, auth_required=True, **options) as plain:
        server = MailServer(plain.host, plain.port, security, "budi", "geheim")
        deliver(server, "help@desk.example", ["siti@example.com"], RAW, 5, tls=certificate[1])
        assert len(box.taken) == 1
        with pytest.raises(NotSent) as caught:
            deliver(
                MailServer(plain.host, plain.port, security, "budi", "wrong"),
                "a@b.example",
                ["c@d.example"],
                RAW,
                5,
                certificate[1],
            )
        assert (caught.value.stage, caught.value.temporary, caught.value.code) == ("login", False, 535)
        with pytest.raises(NotSent) as caught:
            deliver(server, "help@desk.example", ["siti@example.com"], RAW, 5)
        assert not caught.value.temporary
    assert len(box.taken) == 1


def test_missing_encryption_is_not_ignored() -> None:
    with aiosmtp(Box()) as plain, pytest.raises(NotSent) as caught:
        attempt(MailServer(plain.host, plain.port, "starttls"))
    assert (caught.value.stage, caught.value.temporary) == ("starttls", False)


def refuse_to_go_on() -> None:
    raise InterruptedError


def test_nothing_is_taken_before_the_last_word() -> None:
    box = Box()
    with aiosmtp(box) as server, pytest.raises(InterruptedError):
        deliver(server, "a@b.example", ["c@d.example"], RAW, before_last_word=refuse_to_go_on)
    assert box.taken == []


def test_time_that_is_over_is_no_doubt() -> None:
    """Somebody thinks too long before the last word: it is not said any more, and nothing is unknown."""
    box = Box()
    with aiosmtp(box) as server, pytest.raises(NotSent) as refusal:
        deliver(server, "a@b.example", ["c@d.example"], RAW, 0.5, before_last_word=lambda: time.sleep(1.0))
    assert refusal.value.temporary
    assert box.taken == []
