"""What people are good at: skills of the firm, and everybody's level in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from core import configuration
from core.directory import directory
from core.errors import FieldError, Invalid, NotFound
from core.moments import now_ms
from core.permissions import require
from core.schema import PersonSkill, Skill
from core.texts import _
from core.timeline import append_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.actors import Actor

LEVELS = (1, 2, 3, 4, 5)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_s, _ps = Skill.__table__.c, PersonSkill.__table__.c


def add_skill(tx: Connection, actor: Actor, name: str, title: str = "", *, now: int | None = None) -> int:
    """A new skill. Its name is what rules and procedures call it."""
    require(actor, "change_organisation")
    title = " ".join(title.split()) or name.replace("-", " ").capitalize()
    errors = []
    if not _NAME.fullmatch(name):
        wrong = _("“%(name)s” is no name: begin with a letter, go on with a–z, 0–9, - and _.", name=name)
        errors.append(FieldError("/name", wrong))
    elif name in directory(tx).skills:
        errors.append(FieldError("/name", _("There is a skill “%(name)s” already.", name=name)))
    if len(title) > 200:
        errors.append(FieldError("/title", _("This must be a text of 1 to %(most)s characters.", most=200)))
    if errors:
        raise Invalid(*errors)
    skill_id = int(tx.execute(insert(Skill.__table__).values(name=name, title=title).returning(_s.id)).scalar_one())
    _told(tx, actor, "skill.added", skill_id, now)
    return skill_id


def rename_skill(tx: Connection, actor: Actor, name: str, title: str, *, now: int | None = None) -> None:
    """Another title; the name stays, because rules call it so."""
    require(actor, "change_organisation")
    skill = directory(tx).skills.get(name)
    if skill is None:
        raise NotFound(_("There is no such skill."))
    title = " ".join(title.split())
    if not 0 < len(title) <= 200:
        raise Invalid(FieldError("/title", _("This must be a text of 1 to %(most)s characters.", most=200)))
    if title != skill.title:
        tx.execute(update(Skill.__table__).where(_s.id == skill.id).values(title=title))
        _told(tx, actor, "skill.changed", skill.id, now)


def remove_skill(tx: Connection, actor: Actor, name: str, *, now: int | None = None) -> None:
    """Nobody has it any more, and no rule can wish for it from now on."""
    require(actor, "change_organisation")
    skill = directory(tx).skills.get(name)
    if skill is None:
        raise NotFound(_("There is no such skill."))
    tx.execute(delete(PersonSkill.__table__).where(_ps.skill_id == skill.id))
    tx.execute(delete(Skill.__table__).where(_s.id == skill.id))
    _told(tx, actor, "skill.removed", skill.id, now)


def _told(tx: Connection, actor: Actor, kind: str, skill_id: int, now: int | None) -> None:
    append_to(tx, "organisation", 0, kind, actor, {"skill": skill_id}, at=now or now_ms())
    configuration.bump(tx)


def checked_levels(tx: Connection, given: Mapping[str, Any], errors: list[FieldError]) -> dict[int, int]:
    """Levels by the skill's id; an empty level means they do not have it."""
    known = directory(tx).skills
    levels: dict[int, int] = {}
    for name, level in given.items():
        if name not in known:
            errors.append(FieldError("/skills", _("There is no skill “%(name)s”.", name=name)))
        elif level in LEVELS and not isinstance(level, bool):
            levels[known[name].id] = level
        elif level is not None:
            errors.append(FieldError(f"/skills/{name}", _("A level is a number from 1 to 5.")))
    return levels


def put_levels(tx: Connection, person_id: int, levels: Mapping[int, int]) -> None:
    """These are the person's skills from now on. The caller tells the processes."""
    known = {
        row.skill_id: row.level for row in tx.execute(select(_ps.skill_id, _ps.level).where(_ps.person_id == person_id))
    }
    if known == dict(levels):
        return
    tx.execute(delete(PersonSkill.__table__).where(_ps.person_id == person_id))
    rows = [{"person_id": person_id, "skill_id": skill, "level": level} for skill, level in sorted(levels.items())]
    if rows:
        tx.execute(insert(PersonSkill.__table__), rows)
