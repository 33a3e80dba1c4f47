"""What the procedure may ask about a ticket, answered inside the transaction (see `core.procedure.values.World`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import timeline
from core.moments import to_datetime
from core.procedure.values import Asking, Assigned, Happening, Party
from core.procedures import find_published, read_by_hash
from core.requesters import requester
from core.routing.asking import packed
from core.routing.assigning import assign_now
from core.tickets.rows import PRIORITY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from core.calendars import Calendar
    from core.directory import Directory, Team
    from core.procedures import RunRow
    from core.requesters import Requester
    from core.sop.document import Assign, Sop, Who
    from core.sop.expressions import Scope
    from core.tickets.rows import TicketRow


@dataclass(slots=True)
class DatabaseWorld:
    """The world of one ticket in one transaction."""

    tx: Connection
    firm: Directory
    row: TicketRow
    run: RunRow
    now: int

    @property
    def ticket(self) -> Mapping[str, Any]:
        row, firm = self.row, self.firm
        return {
            "id": row.id,
            "subject": row.subject,
            "topic": row.topic,
            "channel": row.channel,
            "priority": PRIORITY_NAMES[row.priority],
            "status": row.status,
            "tags": list(row.tags),
            "product": row.product,
            "language": row.language,
            "department": firm.departments[row.department_id].name,
            "team": firm.teams[row.team_id].name,
            "assignee": None if row.holder_id is None else str(row.holder_id),
            "created_at": to_datetime(row.created_at),
            "first_replied_at": None if row.first_response_at is None else to_datetime(row.first_response_at),
            "last_customer_reply_at": None if row.last_customer_at is None else to_datetime(row.last_customer_at),
            "reopened": row.reopened,
            "resolution": row.resolution,
        }

    @property
    def person_who_asked(self) -> Requester:
        """The customer."""
        return requester(self.tx, self.row.customer_id)

    @property
    def customer(self) -> Mapping[str, Any]:
        them = self.person_who_asked
        return {
            "id": them.id,
            "name": them.name,
            "email": them.email,
            "class": them.klass,
            "language": them.language,
            "organisation": them.organisation,
            "verified": them.verified,
        }

    def fields(self, frame: str) -> Mapping[str, Any]:
        return self.run.fields.get(frame, {})

    def vars(self, frame: str) -> Mapping[str, Any]:
        return self.run.vars.get(frame, {})

    def resolve(self, who: Who, scope: Scope) -> tuple[Party, ...]:
        holder = scope.ticket.get("assignee")
        found = [party for one in who for party in self._one(str(one), holder)]
        if not found:
            lead = self.firm.lead_of(self.row.team_id, self.row.department_id)
            found = [_person(lead)] if lead else [Party("team", str(self.row.team_id))]
        return tuple(dict.fromkeys(found))

    def _one(self, who: str, holder: Any) -> list[Party]:
        firm, row = self.firm, self.row
        kind, _, name = who.partition(":")
        match kind:
            case "customer" | "requester":
                return [Party("customer", str(row.customer_id))]
            case "assignee":
                return [_person(int(holder))] if holder else [Party("team", str(row.team_id))]
            case "lead":
                lead = firm.lead_of(row.team_id, row.department_id)
                return [_person(lead)] if lead else []
            case "manager":
                manager = firm.departments[row.department_id].manager_id
                return [_person(manager)] if manager else []
            case "team":
                team = firm.team(name)
                return [Party("team", str(team.id))] if team else []
            case "role":
                return [_person(p.id) for p in firm.people.values() if p.role == name and p.active]
            case "agent":
                return [
                    _person(p.id) for p in firm.people.values() if p.active and name in {p.nick, p.email, str(p.id)}
                ]
            case "department":
                department = firm.department(name)
                return [Party("department", str(department.id))] if department else []
            case "mailto":
                return [Party("mail", name)]
            case _:
                return self._by_name(who)

    def _by_name(self, who: str) -> list[Party]:
        """A value that an expression gave: a person's id, nick or address, a team's name, or a mail address."""
        for person in self.firm.people.values():
            if person.active and who in {str(person.id), person.nick, person.email}:
                return [_person(person.id)]
        team = self.firm.team(who)
        if team:
            return [Party("team", str(team.id))]
        return [Party("mail", who)] if "@" in who else []

    def members(self, party: Party) -> tuple[str, ...] | None:
        firm = self.firm
        match party.kind:
            case "person":
                return (party.id,)
            case "team":
                return tuple(str(member) for member in firm.teams[int(party.id)].members if firm.people[member].active)
            case "department":
                return tuple(str(p.id) for p in firm.people.values() if p.department_id == int(party.id) and p.active)
            case "customer":
                return (f"customer:{party.id}",)
            case _:
                return ()

    def assign(self, spec: Assign, scope: Scope) -> Assigned | Asking | None:  # noqa: ARG002 -- its expressions are filled already
        if spec.agent:
            chosen = self._one(f"agent:{str(spec.agent).removeprefix('agent:')}", None)
            if chosen:
                return Assigned(chosen[0].id, {"by": "direct"})
        team = self.team_for(spec)
        if team is None:
            return None
        choice = assign_now(self.tx, self.firm, self.row, team, spec, self.now)
        if choice.asks is not None:
            return Asking(choice.asks, {"action": choice.asks, "team": team.id, "spec": packed(spec)})
        return None if choice.person is None else Assigned(str(choice.person), choice.why)

    def team_for(self, spec: Assign) -> Team | None:
        """The team of the step, else the department's team of the step's tier, else the ticket's."""
        if spec.team:
            return self.firm.team(str(spec.team).removeprefix("team:"))
        mine = self.firm.teams[self.row.team_id]
        line = [one for one in self.firm.open_teams if one.department_id == mine.department_id and one.way.tier]
        wanted = [one for one in line if str(one.way.tier) == str(spec.tier)]
        return mine if not wanted or mine in wanted else wanted[0]

    def happened(self, kind: str, since: int) -> tuple[Happening, ...]:
        return tuple(Happening(e.seq, e.at, e.data) for e in timeline.happened(self.tx, self.row.id, kind, since))

    def sop(self, name: str, hash_: str | None) -> Sop | None:
        begun = read_by_hash(self.tx, hash_) if hash_ else None
        if begun:
            return begun
        found = find_published(self.tx, name, self.row.department_id)
        if found is None:
            raise LookupError(name)
        return found.sop

    def calendar(self, name: str | None) -> Calendar:
        if name and name in self.firm.calendars:
            return self.firm.calendars[name]
        return self.firm.calendar_of(self.row.department_id)


def _person(person_id: int) -> Party:
    return Party("person", str(person_id))
