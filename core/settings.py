"""Where does this Estafet live and whom does it talk to? Read once from the environment (docs/running.md lists every variable)."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path
from typing import TYPE_CHECKING

from core.mail.sending import MailUrlError, parse_mail_url
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Mapping


class SettingsError(Exception):
    """A setting is wrong; the text says which, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`database_url` is a SQLAlchemy URL; `smtp_port` 0 means no intake; `mail_url` None means the built-in catcher.

    `plugin_files`: plugins may be files in the home's folder `plugins`.
    """

    home: Path
    database_url: str
    bind: str
    http_port: int
    smtp_port: int
    mail_url: str | None
    public_url: str
    demo: bool
    secret: bytes
    temporal_address: str | None
    temporal_namespace: str
    temporal_api_key: str | None
    temporal_tls: bool
    plugin_files: bool = True

    def key(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose ("session", "message-id", …), derived from the secret."""
        return hmac(self.secret, purpose.encode(), sha256).digest()

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def mail_domain(self) -> str:
        """The right-hand side of our Message-IDs."""
        host = self.public_url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
        return host if "." in host and not host.replace(".", "").isdigit() else "estafet.localhost"


def read_settings(environ: Mapping[str, str] | None = None, *, create_home: bool = True) -> Settings:
    """The settings in `environ` (os.environ if absent). Makes the home folder and its secret when they are missing."""
    env = os.environ if environ is None else environ
    home = Path(env.get("ESTAFET_HOME") or "var").resolve()
    if create_home:
        _make_home(home)
    bind = env.get("ESTAFET_BIND") or "127.0.0.1"
    http_port = _port(env, "ESTAFET_HTTP_PORT", 8000)
    return Settings(
        home=home,
        database_url=_database_url(env.get("ESTAFET_DATABASE_URL"), home),
        bind=bind,
        http_port=http_port,
        smtp_port=_port(env, "ESTAFET_SMTP_PORT", 2525),
        mail_url=_mail_url(env.get("ESTAFET_MAIL_URL")),
        public_url=(env.get("ESTAFET_PUBLIC_URL") or f"http://{bind}:{http_port}").rstrip("/"),
        demo=(env.get("ESTAFET_DEMO") or "1") != "0",
        secret=_secret(env.get("ESTAFET_SECRET_KEY"), home),
        temporal_address=env.get("TEMPORAL_ADDRESS") or None,
        temporal_namespace=env.get("TEMPORAL_NAMESPACE") or "default",
        temporal_api_key=env.get("TEMPORAL_API_KEY") or None,
        temporal_tls=(env.get("TEMPORAL_TLS") or "").lower() in {"1", "true", "yes"},
        plugin_files=(env.get("ESTAFET_PLUGIN_FILES") or "1") != "0",
    )


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "run").mkdir(exist_ok=True)
        probe = home / "run" / f"probe-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            _(
                "ESTAFET_HOME: the folder %(home)s cannot be written (%(error)s). Choose another one or change its permissions.",
                home=home,
                error=error.strerror,
            )
        ) from error


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    given = env.get(name) or str(default)
    if not given.isdecimal() or int(given) > 65535:
        raise SettingsError(
            _("%(name)s: %(given)r is not a port. Write a number from 0 to 65535.", name=name, given=given)
        )
    return int(given)


def _mail_url(given: str | None) -> str | None:
    """Said at the start, and not first when a mail leaves."""
    if not given:
        return None
    try:
        parse_mail_url(given)
    except MailUrlError as error:
        raise SettingsError(f"ESTAFET_MAIL_URL: {error}") from error
    return given


def _database_url(given: str | None, home: Path) -> str:
    if not given:
        return f"sqlite:///{home / 'estafet.db'}"
    from sqlalchemy.engine import make_url  # loaded only for a URL that must be read: `estafet up` needs no more
    from sqlalchemy.exc import ArgumentError

    try:
        backend = make_url(given).get_backend_name()
    except ArgumentError as error:
        raise SettingsError(
            _(
                "ESTAFET_DATABASE_URL: this is not a database URL. Write for example postgresql+psycopg://user:password@host/estafet."
            )
        ) from error
    if backend not in {"sqlite", "postgresql"}:
        raise SettingsError(
            _(
                "ESTAFET_DATABASE_URL: %(backend)s is not supported. Use SQLite or PostgreSQL (postgresql+psycopg://…).",
                backend=backend,
            )
        )
    return given.replace("postgresql://", "postgresql+psycopg://", 1)


def _secret(given: str | None, home: Path) -> bytes:
    """The given secret, or the one in home: made once with mode 0600, whichever process comes first."""
    if given:
        return given.encode()
    path = home / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    except OSError:
        return secrets.token_hex(32).encode()  # a home that is only looked at (`create_home=False`)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_bytes()
