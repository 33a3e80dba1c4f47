"""Drafts of procedures: one for each SOP, saved again and again; two authors never overwrite one another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.permissions import require, sees_all_departments
from core.procedures import find_published
from core.schema import Department, Person, SopVersion
from core.schema import Sop as SopTable
from core.sop.editing import Editor
from core.sop.nodes import LARGEST
from core.sop.reading import digest
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from core.actors import Actor

DRAFT, REVIEW, PUBLISHED, DEPRECATED, RETIRED = "draft", "in_review", "published", "deprecated", "retired"
LIBRARY = Path(__file__).parent.parent / "sop" / "library"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_s, _v, _p, _d = SopTable.__table__.c, SopVersion.__table__.c, Person.__table__.c, Department.__table__.c


@dataclass(frozen=True, slots=True)
class Draft:
    """The text that is being written. `revision` rises with every save; whoever saves says which one they changed."""

    id: int
    sop_id: int
    name: str
    department_id: int | None
    department: str | None
    state: str
    text: str
    cases: str
    revision: int
    base_id: int | None
    changed_at: int | None
    changed_by_id: int | None
    changed_by: str | None
    asked_by_id: int | None
    note: str


@dataclass(frozen=True, slots=True)
class NewSop:
    """A procedure to be begun: empty, or from `text` (the library's, or another SOP's)."""

    name: str
    title: str
    department_id: int | None
    text: str = ""
    cases: str = ""


_OPEN: Select[Any] = (
    select(
        _v.id,
        _v.sop_id,
        _s.name,
        _s.department_id,
        _d.name.label("department"),
        _v.state,
        _v.text,
        _v.cases,
        _v.revision,
        _v.base_id,
        _v.changed_at,
        _v.changed_by_id,
        _p.name.label("changed_by"),
        _v.asked_by_id,
        _v.note,
    )
    .join(SopTable.__table__, _s.id == _v.sop_id)
    .outerjoin(Department.__table__, _d.id == _s.department_id)
    .outerjoin(Person.__table__, _p.id == _v.changed_by_id)
    .where(_v.sop_id == bindparam("sop"), _v.state.in_([DRAFT, REVIEW]))
)


def require_author(tx: Connection, actor: Actor, sop_id: int, act: str = "write_sops") -> int | None:
    """Raise unless the actor may write (or publish) this SOP; answers its department."""
    require(actor, act)
    row = tx.execute(select(_s.id, _s.department_id).where(_s.id == sop_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such SOP."))
    _require_department(actor, row.department_id)
    return None if row.department_id is None else int(row.department_id)


def may_write(actor: Actor, department_id: int | None) -> bool:
    """May the actor write in this library: their own department's, the common one; managers in every one?"""
    return sees_all_departments(actor) or department_id in {None, actor.department_id}


def _require_department(actor: Actor, department_id: int | None) -> None:
    if not may_write(actor, department_id):
        raise Forbidden(_("This SOP belongs to another department. Copy it into your department and change the copy."))


def create_sop(tx: Connection, actor: Actor, new: NewSop, *, now: int) -> Draft:
    """Begin a procedure with a draft."""
    require(actor, "write_sops")
    _require_department(actor, new.department_id)
    errors = []
    if not _NAME.fullmatch(new.name) or len(new.name) > 64:
        errors.append(
            FieldError(
                "/name",
                _(
                    "“%(name)s” is no name. Write small letters, figures and hyphens, such as refund-large.",
                    name=new.name,
                ),
            )
        )
    if not new.title.strip():
        errors.append(
            FieldError("/title", _("A title is missing. Write what the procedure is about, such as: Large refund."))
        )
    if _taken(tx, new.name, new.department_id):
        errors.append(
            FieldError(
                "/name", _("There is an SOP “%(name)s” in this department already. Choose another name.", name=new.name)
            )
        )
    if errors:
        raise Invalid(*errors)
    sop_id = tx.execute(
        insert(SopTable).values(name=new.name, department_id=new.department_id).returning(_s.id)
    ).scalar_one()
    department = tx.execute(select(_d.name).where(_d.id == new.department_id)).scalar_one_or_none()
    text = _begun(new, department)
    cases = re.sub(r"(?m)^sop:.*$", f"sop: {new.name}", new.cases, count=1)
    _insert(tx, actor, sop_id, text, cases, None, now)
    append_to(tx, "sop", sop_id, "sop.drafted", actor, {}, at=now, department_id=new.department_id)
    return read_draft(tx, actor, sop_id)


def _taken(tx: Connection, name: str, department_id: int | None) -> bool:
    same = _s.department_id.is_(None) if department_id is None else _s.department_id == department_id
    return tx.execute(select(_s.id).where(_s.name == name, same)).first() is not None


def _begun(new: NewSop, department: str | None) -> str:
    """The first text: a copy under its own name, or one step to begin with."""
    if not new.text:
        lines = [
            f"sop: {new.name}",
            *(
                [f"department: {department}", "mode: guided"]
                if department
                else ["mode: guided", "calendar: id-jakarta"]
            ),
            "do:",
        ]
        start = "\n".join(lines) + "\n"
        first = "  - finish:\n      resolve: {require: [resolution]}\n"
        editor = Editor(start + first)
        editor.set(("title",), new.title.strip())
        return _in_order(editor.text())
    editor = Editor(new.text)
    editor.set(("sop",), new.name)
    editor.set(("title",), new.title.strip())
    if department:
        editor.set(("department",), department)
    elif "department" in editor.root:
        editor.unset(("department",))
    if "start" in editor.root:  # two SOPs that begin by the same rule would quarrel
        editor.unset(("start",))
    return editor.text()


def _in_order(text: str) -> str:
    """The title behind the name, where a reader looks for it."""
    lines = text.splitlines()
    title = next(line for line in lines if line.startswith("title:"))
    lines.remove(title)
    return "\n".join([lines[0], title, *lines[1:]]) + "\n"


def _insert(tx: Connection, actor: Actor, sop_id: int, text: str, cases: str, base_id: int | None, now: int) -> None:
    person = actor.id if actor.is_person else None
    tx.execute(
        insert(SopVersion).values(
            sop_id=sop_id,
            state=DRAFT,
            text=text,
            hash=digest(text),
            cases=cases,
            author_id=person,
            created_at=now,
            revision=1,
            base_id=base_id,
            changed_at=now,
            changed_by_id=person,
            note="",
        )
    )


def find_draft(tx: Connection, sop_id: int) -> Draft | None:
    """The draft (or the text in review) of an SOP, if somebody has begun one."""
    row = tx.execute(_OPEN, {"sop": sop_id}).one_or_none()
    return Draft(*row) if row else None


def read_draft(tx: Connection, actor: Actor, sop_id: int) -> Draft:
    """The draft of an SOP."""
    require(actor, "read_sops")
    found = find_draft(tx, sop_id)
    if found is None:
        raise NotFound(_("This SOP has no draft. Begin one from its published version."))
    return found


def open_draft(tx: Connection, actor: Actor, sop_id: int, *, now: int) -> Draft:
    """The draft of an SOP; a new one from its newest version when there is none."""
    department_id = require_author(tx, actor, sop_id)
    found = find_draft(tx, sop_id)
    if found is not None:
        return found
    newest = tx.execute(
        select(_v.id, _v.text, _v.cases)
        .where(_v.sop_id == sop_id, _v.number.is_not(None))
        .order_by(_v.number.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        raise NotFound(_("This SOP has no version to begin from."))
    try:
        with tx.begin_nested():
            _insert(tx, actor, sop_id, newest.text, newest.cases, newest.id, now)
    except IntegrityError:  # a colleague began one in the same moment: theirs is the draft
        return read_draft(tx, actor, sop_id)
    append_to(tx, "sop", sop_id, "sop.drafted", actor, {"base": newest.id}, at=now, department_id=department_id)
    return read_draft(tx, actor, sop_id)


def save_draft(
    tx: Connection,
    actor: Actor,
    sop_id: int,
    revision: int,
    *,
    text: str | None = None,
    cases: str | None = None,
    now: int,
) -> Draft:
    """Save a draft whose `revision` the author has changed. Conflict when a colleague saved in between; nothing of theirs is lost."""
    require_author(tx, actor, sop_id)
    draft = read_draft(tx, actor, sop_id)
    for what, given in (("text", text), ("cases", cases)):
        if given is not None and len(given.encode(errors="replace")) > LARGEST:
            raise Invalid(
                FieldError(f"/{what}", _("This is longer than %(most)s kB. Split the procedure.", most=LARGEST // 1024))
            )
    if revision == draft.revision and text in (None, draft.text) and cases in (None, draft.cases):
        return draft
    new_text = draft.text if text is None else text
    done = tx.execute(
        update(SopVersion)
        .where(_v.id == draft.id, _v.revision == revision, _v.state.in_([DRAFT, REVIEW]))
        .values(
            text=new_text,
            hash=digest(new_text),
            cases=draft.cases if cases is None else cases,
            revision=revision + 1,
            state=DRAFT,  # a text that is changed has to be reviewed again
            changed_at=now,
            changed_by_id=actor.id if actor.is_person else None,
        )
    )
    if done.rowcount != 1:
        raise Conflict(
            _(
                "%(who)s saved this draft in the meantime. Nothing of yours was saved over it; look at the new text and make your change again.",
                who=draft.changed_by or _("Somebody"),
            )
        )
    return read_draft(tx, actor, sop_id)


def discard_draft(tx: Connection, actor: Actor, sop_id: int, *, now: int) -> bool:
    """Throw the draft away. True: the SOP never had a version and is gone with it."""
    department_id = require_author(tx, actor, sop_id)
    draft = read_draft(tx, actor, sop_id)
    tx.execute(delete(SopVersion).where(_v.id == draft.id))
    append_to(tx, "sop", sop_id, "sop.draft_discarded", actor, {}, at=now, department_id=department_id)
    if tx.execute(select(_v.id).where(_v.sop_id == sop_id).limit(1)).first() is None:
        tx.execute(delete(SopTable).where(_s.id == sop_id))
        return True
    return False


def library_texts() -> dict[str, str]:
    """The procedures that come with the product, by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(LIBRARY.glob("*.yaml")) if ".cases" not in path.name}


def library_cases(name: str) -> str:
    """The test cases of a procedure of the library."""
    path = LIBRARY / f"{name}.cases.yaml"
    return path.read_text("utf-8") if path.exists() else ""


def text_of_published(tx: Connection, name: str, department_id: int | None) -> str:
    """The text of a published SOP, to be copied."""
    found = find_published(tx, name, department_id)
    return "" if found is None else str(tx.execute(select(_v.text).where(_v.id == found.version_id)).scalar_one())
