"""From draft to published and on to retired: who may, what must hold, and what becomes of the version before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from core import configuration
from core.errors import Conflict, Forbidden, Refused
from core.plugins.registry import examples
from core.schema import Run, SopVersion
from core.schema import Sop as SopTable
from core.sop.reading import digest
from core.studio.drafts import DEPRECATED, DRAFT, PUBLISHED, RETIRED, REVIEW, Draft, read_draft, require_author
from core.studio.known_names import check_here, finder
from core.studio.trying import ENOUGH, Tried, try_cases
from core.texts import _, ngettext
from core.timeline import append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.sop.checking import Checked

SECOND_PERSON = "sop_second_person"  # the setting: may an author publish alone?
_s, _v = SopTable.__table__.c, SopVersion.__table__.c


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands between a draft and its publication."""

    checked: Checked
    tried: Tried
    blocking: tuple[str, ...]
    needs_reason: bool


def second_person_needed(tx: Connection) -> bool:
    """Must somebody else than the author publish?"""
    return bool(configuration.setting(tx, SECOND_PERSON, False))


def readiness(tx: Connection, draft: Draft) -> Readiness:
    """Check the draft and run its cases."""
    checked = check_here(tx, draft.text, draft.department_id)
    blocking = []
    if checked.errors:
        n = len(checked.errors)
        blocking.append(ngettext("%(n)s error is to be put right", "%(n)s errors are to be put right", n))
    if checked.sop is not None:
        blocking += _wrong_home(draft, checked.sop.name, checked.sop.department)
    find, sop = finder(tx, draft.department_id), checked.sop
    tried = try_cases(sop, draft.cases, find, examples(tx)) if sop else Tried()
    if tried.problems:
        blocking.append(_("the test cases cannot be read"))
    if tried.failing:
        n = len(tried.failing)
        blocking.append(ngettext("%(n)s test case fails", "%(n)s test cases fail", n))
    return Readiness(checked, tried, tuple(blocking), needs_reason=not blocking and tried.coverage < ENOUGH)


def _wrong_home(draft: Draft, name: str, department: str | None) -> list[str]:
    """The name and the department of an SOP stay what they were when it was begun."""
    found = []
    if name != draft.name:
        found.append(
            _(
                "the text says “sop: %(found)s”, and this is “%(name)s”: copy it to rename it",
                found=name,
                name=draft.name,
            )
        )
    if department is not None and department != draft.department:
        found.append(_("the text says “department: %(found)s”, and this SOP belongs to another one", found=department))
    return found


def ask_for_review(tx: Connection, actor: Actor, sop_id: int, revision: int, *, note: str = "", now: int) -> Draft:
    """Ask a second person to look at the draft."""
    department_id = require_author(tx, actor, sop_id)
    draft = read_draft(tx, actor, sop_id)
    _move(tx, draft, revision, DRAFT, state=REVIEW, asked_by_id=actor.id, note=note.strip() or draft.note)
    append_to(tx, "sop", sop_id, "sop.review_asked", actor, {"version": draft.id}, at=now, department_id=department_id)
    return read_draft(tx, actor, sop_id)


def send_back(tx: Connection, actor: Actor, sop_id: int, revision: int, *, now: int) -> Draft:
    """Give a draft back to its author."""
    department_id = require_author(tx, actor, sop_id)
    draft = read_draft(tx, actor, sop_id)
    _move(tx, draft, revision, REVIEW, state=DRAFT, asked_by_id=None)
    append_to(tx, "sop", sop_id, "sop.sent_back", actor, {"version": draft.id}, at=now, department_id=department_id)
    return read_draft(tx, actor, sop_id)


def why_not_publish(tx: Connection, actor: Actor, draft: Draft) -> str:
    """Why this person may not publish this draft; "" when they may."""
    if second_person_needed(tx) and actor.id in {draft.changed_by_id, draft.asked_by_id}:
        return _("A second person must publish: ask a colleague for a review.")
    return ""


def publish_draft(
    tx: Connection, actor: Actor, sop_id: int, revision: int, *, note: str = "", reason: str = "", now: int
) -> int:
    """Publish the draft as the SOP's next version; answers its number. From now on its text never changes."""
    department_id = require_author(tx, actor, sop_id, "publish_sops")
    draft = read_draft(tx, actor, sop_id)
    if why := why_not_publish(tx, actor, draft):
        raise Forbidden(why)
    ready = readiness(tx, draft)
    if ready.blocking:
        raise Refused(_("This draft cannot be published yet: %(why)s.", why="; ".join(ready.blocking)))
    if ready.needs_reason and not reason.strip():
        raise Refused(
            _(
                "The test cases walk %(percent)s %% of this procedure, and %(enough)s %% are expected. Say why it may be published so, or add cases.",
                percent=ready.tried.coverage,
                enough=ENOUGH,
            )
        )
    old = tx.execute(select(_s.published_version_id).where(_s.id == sop_id).with_for_update()).scalar_one()
    number = (tx.execute(select(func.max(_v.number)).where(_v.sop_id == sop_id)).scalar() or 0) + 1
    _move(
        tx,
        draft,
        revision,
        DRAFT,
        REVIEW,
        state=PUBLISHED,
        number=number,
        hash=digest(draft.text),
        published_at=now,
        published_by_id=actor.id if actor.is_person else None,
        coverage=ready.tried.coverage,
        note=" · ".join(part for part in (note.strip() or draft.note, reason.strip()) if part),
    )
    if old:
        tx.execute(update(SopVersion).where(_v.id == old, _v.state == PUBLISHED).values(state=DEPRECATED))
    tx.execute(update(SopTable).where(_s.id == sop_id).values(published_version_id=draft.id))
    facts = {"version": draft.id, "number": number, "coverage": ready.tried.coverage, "reason": bool(reason.strip())}
    append_to(tx, "sop", sop_id, "sop.published", actor, facts, at=now, department_id=department_id)
    configuration.bump(tx)
    return number


def _move(tx: Connection, draft: Draft, revision: int, *states: str, **values: Any) -> None:
    """Change the draft's state if it is still the one that this person looked at."""
    done = tx.execute(
        update(SopVersion).where(_v.id == draft.id, _v.revision == revision, _v.state.in_(states)).values(**values)
    )
    if done.rowcount != 1:
        raise Conflict(
            _("%(who)s changed this draft in the meantime. Look at it again.", who=draft.changed_by or _("Somebody"))
        )


def deprecate(tx: Connection, actor: Actor, sop_id: int, *, now: int) -> None:
    """No ticket starts this SOP from now on; those that follow it go on."""
    department_id = require_author(tx, actor, sop_id, "publish_sops")
    version_id = tx.execute(select(_s.published_version_id).where(_s.id == sop_id)).scalar_one()
    if version_id is None:
        raise Refused(_("No version of this SOP is published."))
    tx.execute(update(SopVersion).where(_v.id == version_id).values(state=DEPRECATED))
    tx.execute(update(SopTable).where(_s.id == sop_id).values(published_version_id=None))
    append_to(tx, "sop", sop_id, "sop.deprecated", actor, {"version": version_id}, at=now, department_id=department_id)
    configuration.bump(tx)


def retire(tx: Connection, actor: Actor, sop_id: int, number: int, *, now: int) -> None:
    """Put a deprecated version away for good; refused while a ticket follows it."""
    department_id = require_author(tx, actor, sop_id, "publish_sops")
    version_id = tx.execute(select(_v.id).where(_v.sop_id == sop_id, _v.number == number)).scalar_one_or_none()
    running = select(func.count()).where(Run.__table__.c.version_id == version_id, Run.__table__.c.state == "running")
    if n := tx.execute(running).scalar_one():
        raise Refused(
            ngettext(
                "%(n)s ticket still follows this version. Move it to a newer one, or wait until it has ended.",
                "%(n)s tickets still follow this version. Move them to a newer one, or wait until they have ended.",
                n,
            )
        )
    done = tx.execute(update(SopVersion).where(_v.id == version_id, _v.state == DEPRECATED).values(state=RETIRED))
    if done.rowcount != 1:
        raise Refused(_("Only a deprecated version can be retired."))
    append_to(tx, "sop", sop_id, "sop.retired", actor, {"version": version_id}, at=now, department_id=department_id)
