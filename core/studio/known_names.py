"""Which names may a procedure use here? Departments, calendars, teams, people, templates, other procedures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from core.directory import directory
from core.plugins.registry import known_actions
from core.procedures import find_published, published
from core.routing.asking import is_of_plugin, known_strategies
from core.schema import Customer, Organisation
from core.sop.checking import Checked, check
from core.sop.document import Assign, Call
from core.sop.naming import Action, Names
from core.templates.wordings import templates

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from core.sop.document import Sop

ROLES = ("manager", "lead", "agent", "light")
CLASSES = ("standard", "vip")
NOT_FOR_STEPS = frozenset(
    {"password", "step_opened", "step_failed", "approval", "question"}
)  # notices the product itself sends


def known_names(tx: Connection) -> Names:
    """The names of this organisation. Lists that nobody keeps here (skills, a plugin's events; actions while no plugin is there) are not checked."""
    firm = directory(tx)
    kept = [tx.execute(select(table.__table__.c.klass).distinct().limit(50)).scalars() for table in (Customer, Organisation)]  # fmt: skip
    return Names(
        departments=frozenset(firm.department_names),
        calendars=frozenset(firm.calendars),
        teams={team.name: len(team.members) for team in firm.teams.values()},
        roles=frozenset(ROLES),
        agents=frozenset(person.nick for person in firm.people.values() if person.active),
        classes=frozenset(CLASSES).union(*kept),
        actions=_actions(tx),
        strategies=_strategies(tx),
        templates=templates(tx).names() - NOT_FOR_STEPS,
        sops=frozenset(
            f"{firm.departments[p.department_id].name}/{p.name}" if p.department_id else p.name for p in published(tx)
        ),
    )


def _actions(tx: Connection) -> dict[str, Action] | None:
    """What plugins offer; and what procedures in use call already, so that one can be edited while its plugin is not installed."""
    offered = known_actions(tx)
    if offered is None:
        return None
    steps = (step.what for p in published(tx) for step in p.sop.steps())
    return {what.action: Action() for what in steps if isinstance(what, Call)} | offered


def _strategies(tx: Connection) -> frozenset[str]:
    """Ways of choosing that plugins know; and those in use already, so that a procedure can be edited while its plugin is off."""
    steps = (step.what for p in published(tx) for step in p.sop.steps())
    used = {what.by for what in steps if isinstance(what, Assign) and is_of_plugin(what.by)}
    return frozenset(used.union(known_strategies(tx)))


def finder(tx: Connection, department_id: int | None = None) -> Callable[[str], Sop | None]:
    """Looks up published procedures by name, as `run` steps name them."""

    def find(name: str) -> Sop | None:
        department, _slash, _name = name.rpartition("/")
        found = find_published(tx, name, directory(tx).department_names.get(department, department_id))
        return found.sop if found else None

    return find


def check_here(tx: Connection, text: str, department_id: int | None = None) -> Checked:
    """Everything that is wrong with a document, in this organisation."""
    return check(text, known_names(tx), find=finder(tx, department_id))
