"""Which tickets of the past would a draft have taken? Its start rule is asked about each as it arrived, beside the rules of the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, or_, select

from core.permissions import sees_all_departments
from core.procedures import STANDARD, published
from core.schema import Customer, Organisation, Run, Sop, SopVersion, Ticket
from core.sop.expressions import ExpressionError, Scope, judge
from core.studio.past_reading import events_of
from core.studio.replay.arriving import ARRIVAL_KINDS, as_it_arrived
from core.tickets.access import know
from core.tickets.rows import PRIORITY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from core.actors import Actor
    from core.directory import Directory
    from core.sop.document import Sop as Document
    from core.sop.expressions import Verdict
    from core.studio.replay.arriving import Arrived

TAKEN, FOLLOWED = "taken", "followed"
LOOKED_AT, AT_ONCE = 5_000, 250
ENDED = ("resolved", "closed")
_t, _c, _o, _r, _v, _s = (
    Ticket.__table__.c,
    Customer.__table__.c,
    Organisation.__table__.c,
    Run.__table__.c,
    SopVersion.__table__.c,
    Sop.__table__.c,
)
_TICKETS = (
    select(
        _t.id, _t.subject, _t.topic, _t.channel, _t.priority, _t.status, _t.tags, _t.product, _t.language, _t.department_id, _t.team_id,
        _t.created_at, _t.last_seq, _t.merged_into, _c.id.label("customer_id"), _c.name, _c.email, _c.klass, _c.verified,
        _c.language.label("speaks"), _o.klass.label("their_class"), _o.name.label("organisation"),
    )
    .join(Customer.__table__, _c.id == _t.customer_id)
    .outerjoin(Organisation.__table__, _o.id == _c.organisation_id)
    .where(
        or_(bindparam("mine") == 0, _t.department_id == bindparam("mine")),
        or_(bindparam("open") == 1, _t.status.in_(ENDED)),
    )
    .order_by(_t.id.desc())
)  # fmt: skip
_NEWEST = _TICKETS.where(_t.id < bindparam("before")).limit(bindparam("most"))
_NAMED = _TICKETS.where(_t.id.in_(bindparam("ids", expanding=True)))
_REALLY = (
    select(_r.ticket_id, _v.sop_id, _s.name, _r.id)
    .join(SopVersion.__table__, _v.id == _r.version_id)
    .join(Sop.__table__, _s.id == _v.sop_id)
    .where(_r.ticket_id.in_(bindparam("tickets", expanding=True)))
    .order_by(_r.id.desc())  # so that the first run of a ticket is kept
)
_FOLLOWERS = (
    select(_r.ticket_id)
    .join(SopVersion.__table__, _v.id == _r.version_id)
    .join(Ticket.__table__, _t.id == _r.ticket_id)
    .where(
        _v.sop_id == bindparam("sop"),
        or_(bindparam("mine") == 0, _t.department_id == bindparam("mine")),
        or_(bindparam("open") == 1, _t.status.in_(ENDED)),
    )
    .group_by(_r.ticket_id)
    .order_by(_r.ticket_id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket to be replayed: as it arrived, which SOP it began with ("": none), and how it stands now."""

    id: int
    subject: str
    language: str
    status: str
    department_id: int
    events: int
    merged: bool
    arrived: Arrived
    really: str


@dataclass(slots=True)
class Chosen:
    """The tickets, newest first, and what the search has seen: how many were looked at, by the SOP that they really began with ("": none).

    `unsure`: of these nobody can know whether the draft would take them. `beaten`: its rule holds, and another SOP comes first.
    """

    tickets: list[Candidate] = field(default_factory=list)
    looked_at: int = 0
    unsure: int = 0
    beaten: int = 0
    really: Counter[str] = field(default_factory=Counter)

    def taken_from(self) -> list[tuple[str, int, int]]:
        """(SOP, looked at, chosen) for each SOP that tickets really began with, the most chosen first."""
        mine = Counter(one.really for one in self.tickets)
        return sorted(
            ((name, n, mine[name]) for name, n in self.really.items()), key=lambda row: (-row[2], -row[1], row[0])
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be replayed: a draft of the SOP `sop_id` of a department (None: of all), on which tickets."""

    draft: Document
    sop_id: int
    department_id: int | None
    last: int
    which: str = TAKEN
    also_open: bool = False


def choose(tx: Connection, actor: Actor, firm: Directory, wanted: Wanted) -> Chosen:
    """The newest tickets that the draft's rule would have taken, or that followed its SOP; of those whom the actor may know of."""
    values = {"mine": 0 if sees_all_departments(actor) else actor.department_id or -1, "open": int(wanted.also_open)}
    if wanted.which == FOLLOWED:
        ids = list(tx.execute(_FOLLOWERS, values | {"sop": wanted.sop_id, "most": wanted.last}).scalars())
        rows = tx.execute(_NAMED, values | {"ids": ids}).all() if ids else []
        return _all_of(tx, firm, rows)
    chosen = Chosen()
    rules = _Rules(tx, firm, wanted)
    before, seen = 2**62, 0
    while rules.takes_any and seen < LOOKED_AT and len(chosen.tickets) < wanted.last:
        rows = tx.execute(_NEWEST, values | {"before": before, "most": min(AT_ONCE, LOOKED_AT - seen)}).all()
        if not rows:
            break
        before, seen = rows[-1].id, seen + len(rows)
        _sift(chosen, rules, _candidates(tx, firm, rows), wanted)
    return chosen


def candidate(tx: Connection, actor: Actor, firm: Directory, ticket_id: int) -> Candidate:
    """One ticket by its number, if the actor may know of it."""
    know(tx, actor, ticket_id)
    rows = tx.execute(_NAMED, {"mine": 0, "open": 1, "ids": [ticket_id]}).all()
    return next(iter(_candidates(tx, firm, rows)))


def _all_of(tx: Connection, firm: Directory, rows: Sequence[Any]) -> Chosen:
    found = list(_candidates(tx, firm, rows))
    return Chosen(found, len(found), really=Counter(one.really for one in found))


def _sift(chosen: Chosen, rules: _Rules, candidates: Iterable[Candidate], wanted: Wanted) -> None:
    home = rules.department
    for one in candidates:
        if len(chosen.tickets) == wanted.last:
            return
        if (
            home is not None
            and one.arrived.ticket["department"] != home
            and "ticket.department" not in one.arrived.unknown
        ):
            continue
        chosen.looked_at += 1
        chosen.really[one.really] += 1
        match rules.verdict(one.arrived):
            case "taken":
                chosen.tickets.append(one)
            case "unsure":
                chosen.unsure += 1
            case "beaten":
                chosen.beaten += 1


def _candidates(tx: Connection, firm: Directory, rows: Sequence[Any]) -> Iterable[Candidate]:
    ids = [row.id for row in rows]
    events = events_of(tx, ids, ARRIVAL_KINDS)
    really = {row.ticket_id: row.name for row in tx.execute(_REALLY, {"tickets": ids})}
    for row in rows:
        arrived = as_it_arrived(row.created_at, _ticket(row, firm), _customer(row), events.get(row.id, ()), firm)
        yield Candidate(
            row.id,
            row.subject,
            row.language,
            row.status,
            row.department_id,
            row.last_seq,
            row.merged_into is not None,
            arrived,
            really.get(row.id, ""),
        )


def _ticket(row: Any, firm: Directory) -> dict[str, Any]:
    return {
        "id": row.id,
        "subject": row.subject,
        "topic": row.topic,
        "channel": row.channel,
        "priority": PRIORITY_NAMES[row.priority],
        "tags": list(row.tags),
        "product": row.product,
        "language": row.language,
        "department": firm.departments[row.department_id].name,
        "team": firm.teams[row.team_id].name if row.team_id in firm.teams else None,
    }


def _customer(row: Any) -> dict[str, Any]:
    return {
        "id": row.customer_id,
        "name": row.name,
        "email": row.email,
        "class": row.klass if row.klass != "standard" else row.their_class or "standard",
        "language": row.speaks,
        "organisation": row.organisation,
        "verified": bool(row.verified),
    }


class _Rules:
    """The draft's start rule among those of the other SOPs, judged as `core.procedures.choose_by_rule` does."""

    def __init__(self, tx: Connection, firm: Directory, wanted: Wanted) -> None:
        self.start = wanted.draft.start
        self.name = wanted.draft.name
        self.standard = self.name == STANDARD and (self.start is None or not self.start.if_)
        self.others = [
            one
            for one in published(tx)
            if one.sop_id != wanted.sop_id and one.sop.start is not None and one.sop.start.if_ is not None
        ]
        home = firm.departments.get(wanted.department_id or 0)
        self.department = home.name if home else None
        self.ids = firm.department_names

    @property
    def takes_any(self) -> bool:
        """Does it take tickets by itself at all?"""
        return self.standard or bool(self.start and self.start.if_)

    def verdict(self, arrived: Arrived) -> str:
        """`taken`, `beaten`, `unsure` or "": not wanted."""
        scope = Scope(ticket=dict(arrived.ticket), customer=dict(arrived.customer), fields=dict(arrived.fields))
        mine: tuple[int, int, str] | None = None
        if not self.standard:
            assert self.start is not None
            assert self.start.if_ is not None
            try:
                found = judge(self.start.if_, scope)
            except ExpressionError:
                return ""
            if _unsure(arrived, found):
                return "unsure"
            if not found.holds:
                return ""
            mine = (-self.start.priority, -len(found.seen), self.name)
        return self._among_others(arrived, scope, mine)

    def _among_others(self, arrived: Arrived, scope: Scope, mine: tuple[int, int, str] | None) -> str:
        home = self.ids.get(str(arrived.ticket["department"]))
        for other in self.others:
            start = other.sop.start
            if start is None or start.if_ is None or other.department_id not in {None, home}:
                continue
            if mine is not None and -start.priority > mine[0]:
                continue
            try:
                found = judge(start.if_, scope)
            except ExpressionError:
                continue
            if found.holds and (mine is None or (-start.priority, -len(found.seen), other.name) < mine):
                return "unsure" if _unsure(arrived, found) else "beaten" if mine else ""
        return "taken"


def _unsure(arrived: Arrived, found: Verdict) -> bool:
    """Did the rule read what nobody knows any more? What was in a field when the ticket arrived is not kept apart from what came later."""
    return any(name in arrived.unknown or name.startswith("fields.") for name in found.seen)
