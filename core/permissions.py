"""Who may do what? One table, enforced by every command and every read; pages only ask it what to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Forbidden
from core.texts import _

if TYPE_CHECKING:
    from core.actors import Actor

MANAGER, LEAD, AGENT, LIGHT = "manager", "lead", "agent", "light"
_STAFF = frozenset({MANAGER, LEAD, AGENT, LIGHT})
_AGENTS = frozenset({MANAGER, LEAD, AGENT})
_LEADS = frozenset({MANAGER, LEAD})
_MANAGERS = frozenset({MANAGER})

MAY: dict[str, frozenset[str]] = {
    "read_tickets": _STAFF,
    "comment": _STAFF,
    "complete_own_step": _STAFF,
    "complete_any_step": _AGENTS,
    "skip_step": _AGENTS,
    "open_ticket": _AGENTS,
    "reply": _AGENTS,
    "take": _AGENTS,
    "assign": _AGENTS,
    "hand_over": _AGENTS,
    "change_ticket": _AGENTS,
    "resolve": _AGENTS,
    "reopen": _AGENTS,
    "merge": _AGENTS,
    "close": _AGENTS,
    "read_customers": _AGENTS,
    "change_customers": _AGENTS,
    "read_articles": _STAFF,
    "write_articles": _AGENTS,
    "publish_articles": _LEADS,
    "read_effects": _AGENTS,
    "settle_effects": _AGENTS,
    "read_sops": _STAFF,
    "write_sops": _LEADS,
    "publish_sops": _LEADS,
    "write_templates": _LEADS,
    "read_people": _STAFF,
    "change_own_availability": _STAFF,
    "change_people": _LEADS,
    "change_organisation": _MANAGERS,
    "change_routing": _LEADS,
    "change_department": _LEADS,
    "read_policies": _STAFF,
    "change_policies": _LEADS,
    "watch": _STAFF,
    "add_watchers": _AGENTS,
    "silence_alerts": _AGENTS,
    "change_alerts": _LEADS,
    "read_caught_mail": _LEADS,
    "read_status": _LEADS,
    "change_plugins": _MANAGERS,
    "manage_own_tokens": _AGENTS,
}


# What news from outside may do on a ticket: a card was renamed, an issue is done, somebody commented there.
_PLUGINS = frozenset({"comment", "change_ticket", "complete_any_step"})


def may(actor: Actor, act: str) -> bool:
    """May the actor do this? The procedure and the system may do everything; a customer nothing that stands in the table."""
    if actor.kind in {"flow", "system"}:
        return True
    if actor.kind == "plugin":
        return act in _PLUGINS
    return actor.is_person and actor.role in MAY[act]


def require(actor: Actor, act: str) -> None:
    """Raise Forbidden unless the actor may do this."""
    if not may(actor, act):
        raise Forbidden(_("Your role does not allow this. Ask your team lead to do it or to change your role."))


def require_department(actor: Actor, act: str, *departments: int | None) -> None:
    """The same for something that belongs to departments: leads act in their own one, managers everywhere."""
    require(actor, act)
    if actor.is_person and actor.role != MANAGER and any(one != actor.department_id for one in departments):
        raise Forbidden(_("This belongs to another department. Its lead or a manager can change it."))


def require_colleague(actor: Actor, department_id: int | None, role: str) -> None:
    """May the actor change somebody of this department and role? Leads: agents and light agents of their own department; managers: everybody."""
    require_department(actor, "change_people", department_id)
    if actor.is_person and actor.role != MANAGER and role not in {AGENT, LIGHT}:
        raise Forbidden(
            _("You can change agents and light agents. A manager can change leads and managers, and make new ones.")
        )


def sees_all_departments(actor: Actor) -> bool:
    """Managers (and the system) see every department; everybody else their own."""
    return not actor.is_person or actor.role == MANAGER or actor.department_id is None
