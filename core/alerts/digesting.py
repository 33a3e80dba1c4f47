"""What a digest says: the alerts that were kept for this mail and have not been read meanwhile, the oldest first, each with its link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from core.alerts.words import headline, kind_name
from core.directory import directory
from core.schema import Alert, AlertNotice, Customer, Ticket
from core.step_words import StepWords
from core.templates.wordings import templates
from core.texts import ngettext, speaking

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.notices import Words
    from core.settings import Settings

NOTICE = "alert_digest"
MOST_TOLD = 50
_a, _n, _t, _c = Alert.__table__.c, AlertNotice.__table__.c, Ticket.__table__.c, Customer.__table__.c
_TOLD = (
    select(_a.id, _a.kind, _a.facts, _a.ticket_id, _a.team_id, _a.department_id, _t.subject, _c.name)
    .select_from(Alert.__table__)
    .outerjoin(Ticket.__table__, _t.id == _a.ticket_id)
    .outerjoin(Customer.__table__, _c.id == _t.customer_id)
)
_OF_MAIL = (
    _TOLD.join(AlertNotice.__table__, _n.alert_id == _a.id)
    .where(_n.mail == bindparam("mail"), _n.person_id == bindparam("person"), _n.read_at.is_(None))
    .order_by(_a.id)
)
_ONE = _TOLD.where(_a.id == bindparam("alert"))


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a digest is for."""

    id: int
    name: str
    language: str
    department_id: int | None


def say_alert(tx: Connection, alert_id: int, language: str) -> StepWords:
    """The words of a mail about one alert."""
    row = tx.execute(_ONE, {"alert": alert_id}).one()
    with speaking(language):
        return StepWords(kind_name(row.kind), headline(row.kind, row.facts) + ".")


def digest_words(tx: Connection, settings: Settings, key: str, reader: Reader) -> Words | None:
    """The digest that is due; None when everything in it has been read."""
    rows = tx.execute(_OF_MAIL, {"mail": key, "person": reader.id}).all()
    if not rows:
        return None
    with speaking(reader.language):
        lines = [_line(tx, settings, row) for row in rows[:MOST_TOLD]]
        if len(rows) > MOST_TOLD:
            lines.append(ngettext("and %(n)s more alert", "and %(n)s more alerts", len(rows) - MOST_TOLD))
    values = {
        "recipient": reader.name,
        "text": "\n\n".join(lines),
        "step": str(len(rows)),
        "desk_link": f"{settings.public_url}/alerts",
    }
    words, _number = templates(tx).render(NOTICE, reader.language, reader.department_id or 0, values)
    return words


def _line(tx: Connection, settings: Settings, row: Any) -> str:
    said = f"{kind_name(row.kind)}: {headline(row.kind, row.facts)}."
    if row.ticket_id is None:
        return f"{said}\n{place_name(tx, row.team_id, row.department_id)}\n{settings.public_url}/?view=unheld".replace(
            "\n\n", "\n"
        )
    return f"{said}\n“{row.subject}” ({row.name})\n{settings.public_url}/tickets/{row.ticket_id}"


def place_name(tx: Connection, team_id: int | None, department_id: int | None) -> str:
    """The team or department of a backlog; empty for the whole firm."""
    firm = directory(tx)
    if team_id in firm.teams:
        return firm.teams[team_id].title
    return firm.departments[department_id].title if department_id in firm.departments else ""
