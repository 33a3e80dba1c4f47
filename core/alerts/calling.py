"""An alert is called out once for each cause: its row, one event on the timeline, a notice for everybody it means, and their mails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from core import effects, person_mail, timeline
from core.actors import FLOW
from core.alerts.delivering import mail_due
from core.alerts.hearing import ending
from core.alerts.rules import PAGE, REOPENED
from core.clocks.escalating import watchers
from core.database import is_sqlite
from core.directory import directory
from core.meant import Place, meant
from core.prepared import Prepared
from core.schema import Alert, AlertNotice
from core.tickets.rows import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from core.alerts.rules import Cause, Rule
    from core.directory import Directory
    from core.tickets.rows import TicketRow

RAISED_EVENT, NOTICE = "alert.raised", "ticket_alert"
MOST_NAMED = 12  # people an event names; of the others it tells how many
_a = Alert.__table__.c
_KEYS = Prepared(select(_a.key).where(_a.ticket_id == bindparam("ticket")))
_COLUMNS = ["key", "kind", "rule_id", "rule_version", "ticket_id", "team_id", "department_id", "at", "facts"]


@dataclass(frozen=True, slots=True)
class Called:
    """What is called out: `key` makes it happen once. Without a ticket it is about a backlog."""

    key: str
    kind: str
    seen: dict[str, Any]
    department_id: int | None
    team_id: int | None
    ticket_id: int | None = None
    rule_id: int | None = None
    rule_version: int | None = None


def call_new(tx: Connection, row: TicketRow, causes: Sequence[tuple[Rule, Cause]], now: int) -> bool:
    """Call out what has not been called yet; True when that left mails to be sent."""
    if not causes:
        return False
    known = {key for (key,) in _KEYS.all(tx, {"ticket": row.id})}
    planned = False
    for rule, cause in causes:
        key = f"{rule.id}/{row.id}/{cause.key}"
        if key not in known:
            planned = _call(tx, row, rule, cause, key, now) or planned
    return planned


def _call(tx: Connection, row: TicketRow, rule: Rule, cause: Cause, key: str, now: int) -> bool:
    called = Called(key, rule.kind, cause.seen, row.department_id, row.team_id, row.id, rule.id, rule.version)
    alert_id = record(tx, called, now)
    if alert_id is None:
        return False
    people = _people(tx, row, rule)
    data = {"alert": alert_id, "rule": rule.id, "version": rule.version, "kind": rule.kind, "seen": cause.seen}
    timeline.append(tx, row.id, RAISED_EVENT, FLOW, {**data, **named(people)}, at=now)
    return tell(tx, called, alert_id, dict.fromkeys(people, rule.how), now)


def named(people: Sequence[int]) -> dict[str, Any]:
    """The people as an event tells them: the first dozen, and how many more."""
    more = {"more": len(people) - MOST_NAMED} if len(people) > MOST_NAMED else {}
    return {"people": list(people[:MOST_NAMED]), **more}


def _people(tx: Connection, row: TicketRow, rule: Rule) -> list[int]:
    """Whom the rule means, each once; not who has just done it themselves, nor who may not read the ticket."""
    firm = directory(tx)
    place = Place(row.department_id, row.team_id, row.holder_id, lambda: watchers(tx, row.id))
    acting = held(tx, row.id).acting if rule.kind == REOPENED else None
    found = dict.fromkeys(person for to in rule.to for person in meant(firm, to, place) if person != acting)
    return [person for person in found if may_read(firm, person, row.department_id, row.holder_id)]


def may_read(firm: Directory, person_id: int, department_id: int | None, holder_id: int | None = None) -> bool:
    """May this colleague read what belongs to the department?"""
    person = firm.people[person_id]
    here = person.role == "manager" or person.department_id in {None, department_id}
    return here or person_id == holder_id


def record(tx: Connection, called: Called, now: int) -> int | None:
    """The id of the new alert; None when it has been called out before."""
    dialect = sqlite if is_sqlite(tx) else postgresql
    values = {
        "key": called.key,
        "kind": called.kind,
        "rule_id": called.rule_id,
        "rule_version": called.rule_version,
        "ticket_id": called.ticket_id,
        "team_id": called.team_id,
        "department_id": called.department_id,
        "at": now,
        "facts": called.seen,
    }
    new = dialect.insert(Alert.__table__).values(values).on_conflict_do_nothing(index_elements=["key"])
    return tx.execute(new.returning(_a.id)).scalar_one_or_none()


def tell(tx: Connection, called: Called, alert_id: int, hows: dict[int, str], now: int) -> bool:
    """Put the alert into everybody's list, each in their way; True when an effect of the ticket was planned."""
    mails = _mails(tx, called, alert_id, hows, now)
    rows = [
        {"person_id": person, "alert_id": alert_id, "read_at": None, "mail": mails.get(person)}
        for person in sorted(hows)
    ]
    if rows:
        tx.execute(insert(AlertNotice.__table__), rows)
    ending(tx).told.update(dict.fromkeys(hows, now))
    return any(key.startswith(f"{called.ticket_id}/") for key in mails.values())


def _mails(tx: Connection, called: Called, alert_id: int, hows: dict[int, str], now: int) -> dict[int, str]:
    """The key of everybody's mail: at once an effect of the ticket, else the digest that is due next."""
    wanted = {person: how for person, how in hows.items() if how != PAGE}
    found = {}
    for person, due in sorted(mail_due(tx, wanted, now).items()):
        if due is None and called.ticket_id is not None:
            found[person] = _send(tx, called, alert_id, person, now)
        else:
            found[person] = person_mail.plan_digest(tx, person, due or now)
    return found


def _send(tx: Connection, called: Called, alert_id: int, person: int, now: int) -> str:
    assert called.ticket_id is not None
    key = effects.fitted(f"{called.ticket_id}/alert/{called.key}:{person}")
    payload = {"notice": NOTICE, "people": [person], "alert": alert_id}
    effects.plan(tx, called.ticket_id, key, "send_mail", called.kind, payload, at=now)
    return key


def tell_windows(tx: Connection, told: Iterable[tuple[int, int]], kind: str = "alert.told") -> None:
    """Let the open windows of these (person, moment) count again. Last of all: everybody writes these rows."""
    firm = directory(tx)
    for person, at in sorted(told):
        department = firm.people[person].department_id if person in firm.people else None
        timeline.append_to(tx, "person", person, kind, FLOW, {}, at=at, department_id=department)
