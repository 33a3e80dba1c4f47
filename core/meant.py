"""Who is meant by lead, manager, holder, watchers, team, team:NAME, agent:NICK? Looked up in the firm as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.directory import Directory


def _no_watchers() -> tuple[int, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a ticket with its holder, or a team's backlog. Watchers are asked for only when they are meant."""

    department_id: int | None
    team_id: int | None
    holder_id: int | None = None
    watchers: Callable[[], tuple[int, ...]] = _no_watchers


def meant(firm: Directory, to: str, place: Place) -> list[int]:
    """The ids of people who are here; a holder nobody is means the lead."""
    kind, _colon, name = to.partition(":")
    department = firm.departments.get(place.department_id or 0)
    lead = firm.lead_of(place.team_id, department.id) if department else _any_manager(firm)
    found: list[int | None] = []
    match kind:
        case "lead":
            found = [lead]
        case "manager":
            found = [department.manager_id if department else _any_manager(firm)]
        case "holder":
            found = [place.holder_id or lead]
        case "watchers":
            found = list(place.watchers())
        case "team":
            team = firm.team(name) if name else firm.teams.get(place.team_id or 0)
            found = list(team.members) if team else []
        case "agent":
            found = [firm.nicks.get(name)]
    return [one for one in found if one is not None and one in firm.people and firm.people[one].active]


def _any_manager(firm: Directory) -> int | None:
    return next((one.id for one in firm.people.values() if one.role == "manager" and one.active), None)


def nobody(firm: Directory, to: str) -> str:
    """Why these words mean nobody; empty when they mean somebody. Who left, which team is gone: said when it is written down."""
    kind, _colon, name = to.partition(":")
    match kind:
        case "lead" | "manager" | "holder" | "watchers" | "team" if not name:
            return ""
        case "team" if firm.team(name):
            return ""
        case "team":
            return _(
                "There is no team “%(name)s”. There are: %(known)s.",
                name=name,
                known=", ".join(sorted(firm.team_names)),
            )
        case "agent" if name in firm.nicks:
            person = firm.people[firm.nicks[name]]
            return (
                ""
                if person.active
                else _("%(name)s does not work here any more. Name somebody else.", name=person.name)
            )
        case "agent":
            return _("Nobody is called “%(name)s”. Write the short name of a colleague, such as agent:dewi.", name=name)
        case _:
            return _("“%(to)s” is nobody. Write lead, manager, holder, watchers, team:NAME or agent:NAME.", to=to)
