"""Mail comes in: an SMTP server that answers 250 only after the mail is committed."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import structlog
from aiosmtpd.smtp import SMTP
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.database import Database
from core.directory import directory
from core.intake import Fate, receive_mail, understand
from core.mail.incoming import as_it_came
from estafet.processes import spare_the_collector

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope, Session

    from core.mail.incoming import IncomingMail
    from core.settings import Settings

LARGEST = 35 * 1024 * 1024  # a mail of 25 MB of files is a third larger on the way
MOST_RECIPIENTS = 100
LONGEST_LINE = LARGEST  # the standard allows 998 characters; real programs write a whole page, or a mail with bare line feeds, as one line
_THREADS = 8
_AWAY = (InterfaceError, PoolTimeout, OSError)  # locked, disk full, connection lost: it passes
_GREETING = "Estafet"
_TOO_COMPLEX = (
    "54"  # PostgreSQL's class of errors that name a limit, which its driver counts among the operational ones
)
_log = structlog.get_logger("smtp")


class Intake:
    """aiosmtpd's handler: takes whole mails and hands each to a thread that commits it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="mail")

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return f"452 4.5.3 Too many recipients: at most {MOST_RECIPIENTS} for one mail"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        loop = asyncio.get_running_loop()
        try:
            fate = await loop.run_in_executor(
                self.threads, self.take, raw, envelope.mail_from or "", list(envelope.rcpt_tos)
            )
        except (SQLAlchemyError, OSError) as error:
            _log.warning("mail not taken", error=str(getattr(error, "orig", error))[:300])
            return "451 4.3.0 The mail could not be stored just now; please send it again later"
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with us, the sender must keep the mail
            _log.exception("mail not taken", error=str(error)[:300])
            return "451 4.3.0 Something went wrong here; please send it again later"
        return f"250 2.0.0 OK {fate.fate}"

    def take(self, raw: bytes, sender: str, recipients: list[str]) -> Fate:
        """Read the mail, then commit it; only then may it be acknowledged."""
        mail = understand(self.settings, raw, sender)
        try:
            fate = self._keep(raw, mail, sender, recipients)
        except Exception as error:
            if _will_pass(error):  # the sender keeps it and comes again
                raise
            # What cannot be taken today cannot be taken tomorrow: shown as it came rather than refused for ever.
            _log.warning("mail kept whole", error=type(error).__name__, detail=str(error)[:300])
            fate = self._commit(raw, as_it_came(mail), "", recipients)
        _log.info("mail taken", fate=fate.fate, ticket=fate.ticket_id, message=fate.message_id, bytes=len(raw))
        return fate

    def _keep(self, raw: bytes, mail: IncomingMail, sender: str, recipients: list[str]) -> Fate:
        try:
            return self._commit(raw, mail, sender, recipients)
        except IntegrityError:  # delivered twice at the same moment: the second time the first one is found
            return self._commit(raw, mail, sender, recipients)

    def _commit(self, raw: bytes, mail: IncomingMail, sender: str, recipients: list[str]) -> Fate:
        with self.database.write() as tx:
            if not directory(tx).open_departments:
                raise OSError("there is no department yet")
            return receive_mail(tx, self.settings, raw, mail, envelope_sender=sender, recipients=recipients)


def _will_pass(error: Exception) -> bool:
    """Is it we who cannot take mail just now, whatever stands in it?"""
    if isinstance(error, OperationalError):
        return not str(getattr(error.orig, "sqlstate", None) or "").startswith(_TOO_COMPLEX)
    return isinstance(error, _AWAY)


class Conversation(SMTP):
    """One sender's connection."""

    line_length_limit = LONGEST_LINE


def make_server(settings: Settings, intake: Intake) -> Any:
    """A protocol factory for asyncio: one SMTP conversation each."""

    def conversation() -> Conversation:
        return Conversation(
            intake,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            ident=_GREETING,
            hostname=settings.mail_domain,
            decode_data=False,
        )

    return conversation


async def _serve(settings: Settings) -> None:
    database = Database(settings)
    intake = Intake(settings, database)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make_server(settings, intake), settings.bind, settings.smtp_port)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    spare_the_collector()
    _log.info("listening", port=settings.smtp_port)
    await stop.wait()
    server.close()
    await asyncio.to_thread(intake.threads.shutdown, wait=True)
    database.close()


def serve(settings: Settings) -> None:
    """Take mail until SIGTERM; mails that are being committed are finished first."""
    asyncio.run(_serve(settings))
