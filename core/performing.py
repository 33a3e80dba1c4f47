"""One effect leaves the house: planned → attempting (committed) → out → done, failed or unknown, and the procedure goes on.

A mail is `attempting` from its last word on, which is when the other side may take it; one for the catcher needs no such moment.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update
from sqlalchemy.exc import OperationalError

from core import effects
from core.advance import Standing, nudged, standing
from core.children import TELL_PARENT
from core.effects import ALIVE_MS, ATTEMPTING, DONE, FAILED, PERFORM_SECONDS, PLANNED, UNKNOWN
from core.mail.sending import NotSent, OutcomeUnknown, deliver, parse_mail_url
from core.mail.turns import Turns
from core.mailing import Letter, NoRecipient, NotNeeded, letter_of
from core.moments import now_ms
from core.prepared import Prepared
from core.schema import CaughtMail, Message
from core.texts import _
from core.tickets.children import tell_parent
from core.tickets.rows import lock
from core.tickets.settling import settle

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.database import Database
    from core.effects import EffectRow
    from core.settings import Settings

SMTP_SECONDS = PERFORM_SECONDS - 10  # an attempt is over well before anybody may take it for dead
LAST_WORD_BY = 2 / 3  # of that time: the server needs the rest to answer
_TURNS = Turns()  # of this process, because it is a process that is killed
_m, _k = Message.__table__.c, CaughtMail.__table__.c
_CATCH = Prepared(insert(CaughtMail.__table__), ["at", "sender", "recipients", "subject", "raw", "ticket_id", "key"])


class TryLater(Exception):
    """Surely nothing was sent; a later attempt may succeed. `wait_s` is how long the other side wants us to wait, if it said so."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def perform(database: Database, settings: Settings, key: str, *, now: int | None = None) -> Standing:
    """Attempt the effect `key` once; a finished one is left alone. Returns how its ticket stands then."""
    moment = now or now_ms()
    with database.read() as tx:
        row = effects.read(tx, key)
    if row is None:
        raise LookupError(key)
    if row.kind == TELL_PARENT:
        with database.write() as tx:  # nothing leaves the house: whoever repeats it finds it done
            return _told(tx, tell_parent(tx, settings, row, moment))
    if row.state == ATTEMPTING:
        return _take_up(database, settings, row, moment)
    return _attempt(database, settings, row) if row.state == PLANNED else _standing(database, row)


def try_mail(database: Database, settings: Settings, key: str) -> Standing | None:
    """Attempt a planned mail right after the commit that wants it, before Temporal has heard of it. None: it is not planned any more.

    What surely did not leave is planned again and becomes Temporal's. If this process dies on the way, the mail is still planned, or stays
    `attempting` and is taken up like any other. Temporal is not told here: whoever calls this does it.
    """
    if settings.mail_url is None:
        with database.write() as tx:
            return _catch_at_once(tx, settings, key)
    with database.read() as tx:
        row = effects.read(tx, key)
    return _attempt(database, settings, row, told=False) if row is not None and row.state == PLANNED else None


def _standing(database: Database, row: EffectRow) -> Standing:
    with database.read() as tx:
        return standing(tx, [row.ticket_id])[row.ticket_id]


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


def _attempt(database: Database, settings: Settings, row: EffectRow, *, told: bool = True) -> Standing:
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
        words = _("It was over before the mail left; nobody was written to.")
        return _end(database, settings, row.key, DONE, words, told=told)
    if letter is None:
        return _end(database, settings, row.key, FAILED, _("There is no address to write to."), told=told)
    if settings.mail_url is None:
        return _catch(database, settings, row, letter, told=told)
    return _Sending(database, settings, row, letter, told).send()


class _Overtaken(Exception):
    """Another attempt was faster; this one ends before its last word."""


@dataclass(slots=True)
class _Sending:
    """One mail on its way to the mail server. `attempting` is committed just before its last word, because until then it cannot be taken:
    a process that is killed while it connects, or says what it brings, leaves nothing unknown.
    """

    database: Database
    settings: Settings
    row: EffectRow
    letter: Letter
    told: bool = True
    began: float = field(default_factory=time.monotonic)
    turn: ExitStack = field(default_factory=ExitStack)
    marked: bool = False

    def send(self) -> Standing:
        assert self.settings.mail_url is not None
        letter = self.letter
        with self.turn:
            try:
                deliver(
                    parse_mail_url(self.settings.mail_url),
                    letter.sender,
                    letter.recipients,
                    letter.raw,
                    timeout=SMTP_SECONDS,
                    before_last_word=self._mark,
                )
            except _Overtaken:
                return _standing(self.database, self.row)
            except OutcomeUnknown as unknown:
                return self._end(UNKNOWN, str(unknown) or _("The mail server did not answer in the end."))
            except NotSent as refusal:
                if not refusal.temporary:
                    return self._end(FAILED, str(refusal))
                self._back(str(refusal))
                raise TryLater(str(refusal)) from refusal
            return self._end(DONE, None)

    def _mark(self) -> None:
        """Wait for the turn, then note that from here on nobody can know."""
        left = self.began + LAST_WORD_BY * SMTP_SECONDS - time.monotonic()
        if not self.turn.enter_context(_TURNS.turn(max(0.0, left))):
            raise NotSent("content", "other mails were waiting for their answers", temporary=True)
        with self.database.write(quietly=True) as tx:
            before = effects.begin(tx, self.row.key, now_ms())
        if before is None or before.state != PLANNED:
            raise _Overtaken
        self.marked = True

    def _end(self, state: str, detail: str | None) -> Standing:
        """What is known is not forgotten because the database is busy just now."""
        while True:
            try:
                return _end(self.database, self.settings, self.row.key, state, detail, self.letter, told=self.told)
            except OperationalError:
                if time.monotonic() > self.began + PERFORM_SECONDS:
                    raise
                time.sleep(0.2)

    def _back(self, words: str) -> None:
        note = effects.give_back if self.marked else effects.put_off
        with self.database.write() as tx:
            note(tx, self.row.key, words, now_ms(), 30 * 60_000)
            if "message" in self.row.payload:
                message = update(Message.__table__).where(_m.id == self.row.payload["message"])
                tx.execute(message.values(delivery_detail=words[:500]))


def _catch(database: Database, settings: Settings, row: EffectRow, letter: Letter, *, told: bool) -> Standing:
    """Without an outgoing server the mail goes to the catcher, in the very transaction that notes it as sent."""
    now = now_ms()
    with database.write() as tx:
        lock(tx, row.ticket_id)  # tickets are locked before their effects
        begun = effects.begin(tx, row.key, now)
        if begun is None or begun.state != PLANNED:
            return standing(tx, [row.ticket_id])[row.ticket_id]
        after = _catch_within(tx, settings, row.key, letter, now)
        return _told(tx, after) if told else after


def _catch_at_once(tx: Connection, settings: Settings, key: str) -> Standing | None:
    """Nothing leaves the house: the mail is begun, caught and noted in one transaction."""
    row = effects.read(tx, key)
    if row is None or row.state != PLANNED:
        return None
    try:
        letter = letter_of(tx, settings, row)
    except (NoRecipient, NotNeeded):
        return None
    lock(tx, row.ticket_id)  # tickets are locked before their effects
    now = now_ms()
    begun = effects.begin(tx, key, now)
    if begun is None or begun.state != PLANNED:
        return None
    return _catch_within(tx, settings, key, letter, now)


def _catch_within(tx: Connection, settings: Settings, key: str, letter: Letter, now: int) -> Standing:
    _CATCH.run(
        tx,
        {
            "at": now,
            "sender": letter.sender,
            "recipients": list(letter.recipients),
            "subject": letter.subject,
            "raw": letter.raw.decode("latin-1"),
            "ticket_id": letter.ticket_id,
            "key": key,
        },
    )
    return settle(tx, settings, key, DONE, now, message_id=letter.message_id)


def _end(
    database: Database,
    settings: Settings,
    key: str,
    state: str,
    detail: str | None,
    letter: Letter | None = None,
    *,
    told: bool = True,
) -> Standing:
    with database.write() as tx:
        message_id = letter.message_id if letter else None
        after = settle(tx, settings, key, state, now_ms(), detail=detail, message_id=message_id)
        return _told(tx, after) if told else after


def _told(tx: Connection, after: Standing) -> Standing:
    """The activity's answer tells the workflow how the ticket stands, so that no nudge need tell it again."""
    nudged(tx, [(after.ticket_id, after.seq)])
    return after


def give_up(database: Database, settings: Settings, key: str, why: str) -> Standing:
    """After the last attempt that surely sent nothing: it has failed, and a person sees it."""
    return _end(database, settings, key, FAILED, why)
