"""One click: a solved ticket becomes a draft in the studio, as a new procedure or as a change to the one that it followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from core.actors import FLOW
from core.directory import directory
from core.errors import Forbidden, Refused
from core.learning.history import story_of
from core.learning.mining import procedure_from
from core.learning.proposing import proposal
from core.moments import now_ms
from core.permissions import may, require
from core.procedures import STANDARD
from core.schema import Run, Sop, SopVersion, Ticket
from core.sop.reading import draft as read_text
from core.sop.shapes import suggested_name
from core.studio.comparing import differences
from core.studio.drafts import REVIEW, NewSop, create_sop, find_draft, open_draft, require_author, save_draft
from core.studio.known_names import check_here
from core.texts import _, speaking
from core.tickets.access import know
from core.tickets.rows import flush
from core.timeline import append, happened

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.calendars import Calendar
    from core.learning.happened import Story
    from core.sop.checking import Checked
    from core.studio.comparing import Difference
    from core.studio.drafts import Draft

_t, _r, _v, _s = Ticket.__table__.c, Run.__table__.c, SopVersion.__table__.c, Sop.__table__.c
_SOURCE = (
    select(_t.status, _t.resolved_at, _t.department_id, _t.language, _s.id.label("sop_id"), _s.name)
    .outerjoin(Run.__table__, _r.id == _t.run_id)
    .outerjoin(SopVersion.__table__, _v.id == _r.version_id)
    .outerjoin(Sop.__table__, _s.id == _v.sop_id)
    .where(_t.id == bindparam("ticket"))
)
_BASE = select(_v.number, _v.text).where(_v.id == bindparam("version"))


@dataclass(frozen=True, slots=True)
class Learnt:
    """The draft that was made. `base` is the number of the version that it would change; None: it is a new procedure."""

    sop_id: int
    draft_id: int
    base: int | None
    changes: tuple[Difference, ...] = ()


def draft_sop_from_ticket(tx: Connection, actor: Actor, ticket_id: int, *, now: int | None = None) -> Learnt:
    """Draft a procedure from the way a ticket was solved. A second click gives the same draft.

    The ticket followed a procedure: the draft is that one's, with what the ticket needed besides. It followed none (or the standard one,
    which everything without a procedure follows): a new procedure of its department. Refused: it is not solved, or needed nothing besides.
    """
    require(actor, "write_sops")
    know(tx, actor, ticket_id)
    now = now or now_ms()
    flush(tx)
    source = tx.execute(_SOURCE, {"ticket": ticket_id}).one()
    if source.resolved_at is None:
        raise Refused(_("This ticket is not solved yet. Its way is known when it is."))
    if (known := _made_before(tx, ticket_id)) is not None:
        return known
    firm = directory(tx)
    story = story_of(tx, ticket_id)
    department = firm.department(story.department)
    assert department is not None
    hours = firm.calendar_of(department.id)
    day = working_day(hours, now)
    with speaking(department.language):
        if source.sop_id is None or source.name == STANDARD:
            made = _new(tx, actor, story, hours, day, department.id, now)
        else:
            made = _changed(tx, actor, story, hours, day, source.sop_id, now)
    append(tx, ticket_id, "sop.drafted", actor, {"sop": made.sop_id, "draft": made.draft_id}, at=now)
    return made


def suggest_sop(tx: Connection, actor: Actor, ticket_id: int, *, now: int) -> int | None:
    """What a `document` step drafts when it is accepted: the SOP's id; None when there is nothing to learn or no draft can be made now.

    Whoever may not write procedures leaves it to the procedure itself: a lead finds the draft in the studio.
    """
    author = actor if may(actor, "write_sops") else FLOW
    flush(tx)  # what this transaction has collected so far must not be taken back with a draft that fails
    try:
        with tx.begin_nested():
            return draft_sop_from_ticket(tx, author, ticket_id, now=now).sop_id
    except (Refused, Forbidden):
        return None


def _made_before(tx: Connection, ticket_id: int) -> Learnt | None:
    """The draft of an earlier click, while it is a draft."""
    for event in reversed(happened(tx, ticket_id, "sop.drafted", 0)):
        draft = find_draft(tx, int(event.data["sop"]))
        if draft is not None and draft.id == event.data["draft"]:
            return _learnt(tx, draft)
    return None


def _learnt(tx: Connection, draft: Draft) -> Learnt:
    base = tx.execute(_BASE, {"version": draft.base_id or 0}).one_or_none()
    old, new = read_text(base.text).sop if base else None, read_text(draft.text).sop
    changes = tuple(differences(old, new)) if old and new else ()
    return Learnt(draft.sop_id, draft.id, base.number if base else None, changes)


def working_day(hours: Calendar, now: int) -> int:
    """How long a working day is: the longest one of a week."""
    ordinal = now // 86_400_000 + 719_163  # 1970-01-01 as a date's ordinal
    days = [sum(end - start for start, end in hours.day(ordinal + n)) // 1000 for n in range(7)]
    return min(max([*days, 3_600]), 86_400)


def _new(tx: Connection, actor: Actor, story: Story, hours: Calendar, day: int, department_id: int, now: int) -> Learnt:
    title = story.subject or _("Ticket %(id)s", id=story.ticket_id)
    wish = suggested_name(story.topic or title).replace("_", "-").strip("-")[:50] or f"ticket-{story.ticket_id}"
    name = _free(tx, wish, department_id)
    text = procedure_from(story, hours, name, title, working_day=day, check_it=_checker(tx, department_id))
    begun = create_sop(tx, actor, NewSop(name, title, department_id), now=now)
    return _learnt(tx, save_draft(tx, actor, begun.sop_id, begun.revision, text=text, now=now))


def _free(tx: Connection, wish: str, department_id: int) -> str:
    taken = set(tx.execute(select(_s.name).where(_s.department_id == department_id)).scalars())
    number, name = 2, wish
    while name in taken:
        name, number = f"{wish}-{number}", number + 1
    return name


def _changed(tx: Connection, actor: Actor, story: Story, hours: Calendar, day: int, sop_id: int, now: int) -> Learnt:
    department_id = require_author(tx, actor, sop_id)
    draft = open_draft(tx, actor, sop_id, now=now)
    if draft.state == REVIEW:
        raise Refused(_("The draft of this procedure is being reviewed. Propose your change when that is over."))
    text = proposal(draft.text, story, hours, working_day=day, check_it=_checker(tx, department_id))
    if text == draft.text:
        raise Refused(_("The ticket went as its procedure says: there is nothing to learn from it for that."))
    return _learnt(tx, save_draft(tx, actor, sop_id, draft.revision, text=text, now=now))


def _checker(tx: Connection, department_id: int | None) -> Callable[[str], Checked]:
    """Checks a text with the names of this organisation."""
    return lambda text: check_here(tx, text, department_id)
