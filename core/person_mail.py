"""A mail to a person that belongs to no ticket (a forgotten password, a digest of alerts): planned, sent by the worker when it is due, never twice.

As with effects, `attempting` is committed before anything leaves. An attempt whose end nobody knows becomes `unknown` and is not repeated:
whoever waits for such a mail asks for another one.
"""

from __future__ import annotations

from dataclasses import asdict
from hmac import digest
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core import notices, people
from core.alerts.digesting import NOTICE as DIGEST
from core.alerts.digesting import Reader, digest_words
from core.database import is_sqlite
from core.effects import ALIVE_MS, ATTEMPTING, DONE, FAILED, PERFORM_SECONDS, PLANNED, UNKNOWN
from core.mail.addresses import Address
from core.mail.outgoing import OutgoingMail, compose
from core.mail.sending import NotSent, OutcomeUnknown, deliver, parse_mail_url
from core.mailing import desk_of
from core.moments import now_ms
from core.notices import Words
from core.schema import CaughtMail, Department, Person, PersonMail
from core.texts import _, speaking

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from core.database import Database
    from core.settings import Settings

PASSWORD = "password"  # noqa: S105 (the name of a notice)
TRIAL = "trial"
ONE_IN_MS = 10 * 60_000  # asked again within ten minutes, one mail is enough
RETRY_MS = 60_000
PATIENCE_MS = {DIGEST: 24 * 3_600_000}  # a digest waits a day for the mail server; a link would be stale by then
_SMTP_SECONDS = PERFORM_SECONDS - 10

_m, _p, _d, _k = PersonMail.__table__.c, Person.__table__.c, Department.__table__.c, CaughtMail.__table__.c
_BY_EMAIL = select(_p.id, _p.session_epoch).where(func.lower(_p.email) == bindparam("email"), _p.active)
_PLAN_SQLITE = sqlite.insert(PersonMail.__table__).on_conflict_do_nothing(index_elements=["key"])
_PLAN_POSTGRES = postgresql.insert(PersonMail.__table__).on_conflict_do_nothing(index_elements=["key"])
_DUE = (
    select(_m.key)
    .where(_m.next_at.is_not(None), _m.next_at <= bindparam("now"))
    .order_by(_m.next_at)
    .limit(bindparam("limit"))
)
_NEXT = select(func.min(_m.next_at)).where(_m.next_at.is_not(None))
_READ = (
    select(_m.key, _m.notice, _m.epoch, _m.state, _m.planned_at, _p.session_epoch, _p.active)
    .add_columns(_p.email, _p.name, _p.language, _d.title, _d.address, _m.words, _m.person_id, _p.department_id)
    .join(Person.__table__, _p.id == _m.person_id)
    .outerjoin(Department.__table__, _d.id == _p.department_id)
    .where(_m.key == bindparam("key"))
)


def plan_password_mail(tx: Connection, email: str, now: int) -> None:
    """Want the mail with which the person at this address chooses a new password; nothing for an address nobody has."""
    row = tx.execute(_BY_EMAIL, {"email": email.strip().lower()}).one_or_none()
    if row is None:
        return
    _plan(tx, f"{PASSWORD}/{row.id}/{row.session_epoch}/{now // ONE_IN_MS}", PASSWORD, row.id, row.session_epoch, now)


def plan_trial(tx: Connection, person_id: int, words: Words, now: int) -> None:
    """Want a mail with these words to a person: a template that they are trying."""
    epoch = tx.execute(select(_p.session_epoch).where(_p.id == person_id)).scalar_one()
    _plan(tx, f"{TRIAL}/{person_id}/{now}", TRIAL, person_id, epoch, now, asdict(words))


_JOIN = {"index_elements": ["key"], "set_": {"state": PLANNED}, "where": _m.state == PLANNED}


def plan_digest(tx: Connection, person_id: int, due: int) -> str:
    """Want the mail with the person's alerts that leaves at the moment `due`; returns its key, under which they are kept.

    The row is locked until they are written, so a mail that is just being made holds all of them; one that has begun takes no more.
    """
    dialect = sqlite if is_sqlite(tx) else postgresql
    while True:
        values = _values(f"{DIGEST}/{person_id}/{due}", DIGEST, person_id, 0, due, None)
        joined = dialect.insert(PersonMail.__table__).values(values).on_conflict_do_update(**_JOIN).returning(_m.key)
        key = tx.execute(joined).scalar_one_or_none()
        if key is not None:
            return str(key)
        due += 1000


def _plan(
    tx: Connection, key: str, notice: str, person_id: int, epoch: int, now: int, words: dict[str, object] | None = None
) -> None:
    values = _values(key, notice, person_id, epoch, now, words)
    tx.execute(_PLAN_SQLITE if is_sqlite(tx) else _PLAN_POSTGRES, values)


def _values(
    key: str, notice: str, person_id: int, epoch: int, at: int, words: dict[str, object] | None
) -> dict[str, object]:
    return {
        "key": key,
        "person_id": person_id,
        "notice": notice,
        "epoch": epoch,
        "state": PLANNED,
        "planned_at": at,
        "next_at": at,
        "words": words,
    }


def send_due(database: Database, settings: Settings, *, now: int | None = None, limit: int = 20) -> int:
    """Send what is due; how many there were. Several processes at once are harmless: each mail is begun once."""
    moment = now or now_ms()
    with database.read() as tx:
        keys = list(tx.execute(_DUE, {"now": moment, "limit": limit}).scalars())
    for key in keys:
        send(database, settings, key, moment)
    return len(keys)


def send(database: Database, settings: Settings, key: str, now: int) -> None:
    """One attempt: planned → attempting (committed) → out → done, failed or unknown."""
    with database.write(quietly=True) as tx:
        row = tx.execute(_READ, {"key": key}).one_or_none()
        if row is None or not _begin(tx, key, now):
            return
    try:
        state, detail = _attempt(database, settings, row, now)
    except NotSent as refusal:
        if refusal.temporary and now - row.planned_at < _patience(row.notice):
            _note(database, key, PLANNED, str(refusal), next_at=now + RETRY_MS)
            return
        state, detail = FAILED, str(refusal)
    except OutcomeUnknown as unknown:
        state, detail = UNKNOWN, str(unknown)
    if state:
        _note(database, key, state, detail)


def _begin(tx: Connection, key: str, now: int) -> bool:
    """Is the attempt ours? One that was begun and not ended in its time is over: nobody can know how."""
    mine = update(PersonMail.__table__).where(_m.key == key, _m.state == PLANNED, _m.next_at <= now)
    if tx.execute(mine.values(state=ATTEMPTING, next_at=now + ALIVE_MS)).rowcount == 1:
        return True
    dead = update(PersonMail.__table__).where(_m.key == key, _m.state == ATTEMPTING, _m.next_at <= now)
    tx.execute(dead.values(state=UNKNOWN, next_at=None, ended_at=now))
    return False


def _attempt(database: Database, settings: Settings, row: Row[tuple[object, ...]], now: int) -> tuple[str, str | None]:
    """("" when it was caught: the catcher's transaction notes the end itself)."""
    if _needed(row, now):
        with database.read() as tx:
            mail = _compose(tx, settings, row, now)
    else:
        mail = None
    if mail is None:
        return DONE, _("It was not needed any more; nothing was sent.")
    raw, recipients = compose(mail), (row.email,)
    if settings.mail_url is not None:
        deliver(parse_mail_url(settings.mail_url), mail.sender.email, recipients, raw, timeout=_SMTP_SECONDS)
        return DONE, None
    with database.write() as tx:
        caught = {"at": now, "sender": mail.sender.email, "recipients": list(recipients), "subject": mail.subject}
        tx.execute(insert(CaughtMail.__table__).values(**caught, raw=raw.decode("latin-1"), key=row.key))
        _end(tx, row.key, DONE, None, None)
    return "", None


def _patience(notice: str) -> int:
    return PATIENCE_MS.get(notice, people.RESET_SECONDS * 1000)


def _needed(row: Row[tuple[object, ...]], now: int) -> bool:
    """Does it still make sense? A digest does for everybody who works here, however late the house wakes up."""
    fresh = row.epoch == row.session_epoch and now - row.planned_at <= _patience(row.notice)
    return bool(row.active and (row.notice == DIGEST or fresh))


def _compose(tx: Connection, settings: Settings, row: Row[tuple[object, ...]], now: int) -> OutgoingMail | None:
    with speaking(row.language):
        words = _words(tx, settings, row)
        if words is None:
            return None
        return OutgoingMail(
            key=row.key,
            message_id=f"<{digest(settings.key('staff-mail'), row.key.encode(), 'sha256').hex()[:32]}@{settings.mail_domain}>",
            date_ms=now,
            sender=Address(row.title or "Estafet", row.address or f"desk@{settings.mail_domain}"),
            to=(Address(row.name, row.email),),
            subject=words.subject,
            text=words.text,
            html=words.html,
            automatic="auto-generated",
            desk=desk_of(settings),
            language=row.language,
        )


def _words(tx: Connection, settings: Settings, row: Row[tuple[object, ...]]) -> Words | None:
    if row.words:
        return Words(**row.words)
    if row.notice == DIGEST:
        return digest_words(tx, settings, row.key, Reader(row.person_id, row.name, row.language, row.department_id))
    made = people.reset_token(tx, settings, row.email)
    assert made is not None  # the person is active: the caller has looked
    link = f"{settings.public_url}/password/{made[1]}"
    return notices.render(row.notice, row.language, {"recipient": row.name, "reset_link": link})


def _note(database: Database, key: str, state: str, detail: str | None, *, next_at: int | None = None) -> None:
    with database.write(quietly=True) as tx:
        _end(tx, key, state, detail, next_at)


def _end(tx: Connection, key: str, state: str, detail: str | None, next_at: int | None) -> None:
    values = {"state": state, "next_at": next_at, "detail": detail[:2000] if detail else None}
    ended = {} if next_at else {"ended_at": now_ms()}
    tx.execute(update(PersonMail.__table__).where(_m.key == key, _m.state == ATTEMPTING).values(**values, **ended))


def next_due(database: Database) -> int | None:
    """The moment (ms) of the next mail; None while nothing waits."""
    with database.read() as tx:
        found: int | None = tx.execute(_NEXT).scalar()
    return found
