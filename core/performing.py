"""One effect leaves the house: planned → attempting (committed) → out → done, failed or unknown, and the procedure goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from core import effects
from core.advance import Standing, nudged, standing
from core.children import TELL_PARENT
from core.effects import ALIVE_MS, ATTEMPTING, DONE, FAILED, PERFORM_SECONDS, PLANNED, UNKNOWN
from core.mail.sending import NotSent, OutcomeUnknown, deliver, parse_mail_url
from core.mailing import Letter, NoRecipient, NotNeeded, letter_of
from core.moments import now_ms
from core.schema import CaughtMail, Message
from core.texts import _
from core.tickets.children import tell_parent
from core.tickets.settling import settle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.database import Database
    from core.effects import EffectRow
    from core.settings import Settings

SMTP_SECONDS = PERFORM_SECONDS - 10  # an attempt is over well before anybody may take it for dead
_m, _k = Message.__table__.c, CaughtMail.__table__.c


class TryLater(Exception):
    """Surely nothing was sent; a later attempt may succeed. `wait_s` is how long the other side wants us to wait, if it said so."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def perform(database: Database, settings: Settings, key: str, *, now: int | None = None) -> Standing:
    """Attempt the effect `key` once; a finished one is left alone. Returns how its ticket stands then."""
    moment = now or now_ms()
    with database.write(quietly=True) as tx:
        before = effects.begin(tx, key, moment)
    if before is not None and before.kind == TELL_PARENT:
        with database.write() as tx:  # nothing leaves the house: whoever repeats it finds it done
            return _told(tx, tell_parent(tx, settings, before, moment))
    if before is None:
        raise LookupError(key)
    if before.state == ATTEMPTING:
        return _take_up(database, settings, before, moment)
    if before.state != PLANNED:
        with database.read() as tx:
            return standing(tx, [before.ticket_id])[before.ticket_id]
    return _attempt(database, settings, before)


def _take_up(database: Database, settings: Settings, row: EffectRow, now: int) -> Standing:
    """An attempt was begun and its end is not known. Nobody repeats it: it is looked up, or it becomes unknown."""
    left = (row.attempted_at or 0) + ALIVE_MS - now
    if left > 0:
        raise TryLater("the attempt that was begun may still be under way", left / 1000 + 0.1)
    if row.kind == "send_mail" and settings.mail_url is None:
        with database.read() as tx:
            caught = tx.execute(select(_k.id).where(_k.key == row.key)).first()
        if caught:
            return _end(database, settings, row.key, DONE, None)
        with database.write(quietly=True) as tx:
            effects.give_back(tx, row.key, "the attempt did not reach the catcher", now, 0)
        return perform(database, settings, row.key, now=now)
    words = _("The attempt was interrupted; nobody can know whether it was sent.")
    try:
        letter = _letter(database, settings, row)
    except NotNeeded:
        letter = None
    return _end(database, settings, row.key, UNKNOWN, words, letter)


def _letter(database: Database, settings: Settings, row: EffectRow) -> Letter | None:
    """The mail as it was attempted: with its Message-ID a person can ask the mail server's log for it."""
    if row.kind != "send_mail":
        return None
    try:
        with database.read() as tx:
            return letter_of(tx, settings, row)
    except NoRecipient:
        return None


def _attempt(database: Database, settings: Settings, row: EffectRow) -> Standing:
    if row.kind != "send_mail":
        return _end(
            database,
            settings,
            row.key,
            FAILED,
            _("No plugin offers the action “%(name)s”.", name=row.payload.get("action", row.kind)),
        )
    try:
        letter = _letter(database, settings, row)
    except NotNeeded:
        return _end(database, settings, row.key, DONE, _("It was over before the mail left; nobody was written to."))
    if letter is None:
        return _end(database, settings, row.key, FAILED, _("There is no address to write to."))
    if settings.mail_url is None:
        return _catch(database, settings, row.key, letter)
    return _send(database, settings, row, letter)


def _send(database: Database, settings: Settings, row: EffectRow, letter: Letter) -> Standing:
    assert settings.mail_url is not None
    try:
        deliver(parse_mail_url(settings.mail_url), letter.sender, letter.recipients, letter.raw, timeout=SMTP_SECONDS)
    except OutcomeUnknown as unknown:
        return _end(
            database,
            settings,
            row.key,
            UNKNOWN,
            str(unknown) or _("The mail server did not answer in the end."),
            letter,
        )
    except NotSent as refusal:
        if not refusal.temporary:
            return _end(database, settings, row.key, FAILED, str(refusal), letter)
        _back(database, row, str(refusal))
        raise TryLater(str(refusal)) from refusal
    return _end(database, settings, row.key, DONE, None, letter)


def _back(database: Database, row: EffectRow, words: str) -> None:
    with database.write() as tx:
        effects.give_back(tx, row.key, words, now_ms(), 30 * 60_000)
        if "message" in row.payload:
            tx.execute(
                update(Message.__table__).where(_m.id == row.payload["message"]).values(delivery_detail=words[:500])
            )


def _catch(database: Database, settings: Settings, key: str, letter: Letter) -> Standing:
    """Without an outgoing server the mail goes to the catcher, in the very transaction that notes it as sent."""
    now = now_ms()
    with database.write() as tx:
        tx.execute(
            insert(CaughtMail.__table__).values(
                at=now,
                sender=letter.sender,
                recipients=list(letter.recipients),
                subject=letter.subject,
                raw=letter.raw.decode("latin-1"),
                ticket_id=letter.ticket_id,
                key=key,
            )
        )
        return _told(tx, settle(tx, settings, key, DONE, now, message_id=letter.message_id))


def _end(
    database: Database, settings: Settings, key: str, state: str, detail: str | None, letter: Letter | None = None
) -> Standing:
    with database.write() as tx:
        message_id = letter.message_id if letter else None
        return _told(tx, settle(tx, settings, key, state, now_ms(), detail=detail, message_id=message_id))


def _told(tx: Connection, after: Standing) -> Standing:
    """The activity's answer tells the workflow how the ticket stands, so that no nudge need tell it again."""
    nudged(tx, [(after.ticket_id, after.seq)])
    return after


def give_up(database: Database, settings: Settings, key: str, why: str) -> Standing:
    """After the last attempt that surely sent nothing: it has failed, and a person sees it."""
    return _end(database, settings, key, FAILED, why)
