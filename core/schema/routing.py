"""Tables of routing: its rules with all their versions, skills, and tickets that routing could not place."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Items, Moment, Ref


class RoutingRule(Base):
    """One rule as it is now. The first one (by `place`) whose `condition` holds gives a ticket what stands in `gives`.

    `department_id` NULL: a rule of the whole firm, which only managers change.
    """

    __tablename__ = "routing_rule"
    id: Mapped[Id]
    place: Mapped[int]
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"))
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    condition: Mapped[str] = mapped_column(Text, default="")
    gives: Mapped[Data] = mapped_column(default=dict)


class RoutingRuleVersion(Base):
    """One text of a rule; never changed, because decisions name it."""

    __tablename__ = "routing_rule_version"
    rule_id: Mapped[Ref] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    condition: Mapped[str] = mapped_column(Text)
    gives: Mapped[Data]
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]


class RoutingSet(Base):
    """Which rules, in which versions and order, held at one time: [[rule, version], …]. A decision names its set."""

    __tablename__ = "routing_set"
    number: Mapped[Id]
    rules: Mapped[Items]
    at: Mapped[Moment]


class Skill(Base):
    """Something that people can be good at."""

    __tablename__ = "skill"
    id: Mapped[Id]
    name: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(String(200))


class PersonSkill(Base):
    """Who is how good at what, from 1 (has begun) to 5 (teaches others)."""

    __tablename__ = "person_skill"
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    skill_id: Mapped[Ref] = mapped_column(ForeignKey("skill.id"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)


class Unplaced(Base):
    """A ticket in a team's backlog for which no step waits: routing gives it to somebody as soon as there is room."""

    __tablename__ = "unplaced"
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    at: Mapped[Moment]


class Turn(Base):
    """When a team last gave something to a colleague who is no member of it: turns go round among them, too."""

    __tablename__ = "turn"
    team_id: Mapped[Ref] = mapped_column(ForeignKey("team.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    last_pick: Mapped[Moment]


class Mailbox(Base):
    """A further address of a department, beside its own one."""

    __tablename__ = "mailbox"
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    department_id: Mapped[Ref] = mapped_column(ForeignKey("department.id"), index=True)


class Rerouting(Base):
    """Tickets that are there meet the rules again, a few at a time: which ones, by whom, and how far it has come."""

    __tablename__ = "rerouting"
    id: Mapped[Id]
    chosen: Mapped[Data]  # core.tickets.bulk_verdicts.Chosen
    rules: Mapped[Ref]  # the set that was previewed; when others hold, the job ends as `overtaken`
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"))
    actor_id: Mapped[Ref | None]
    at: Mapped[Moment]
    upto: Mapped[Ref]  # the newest ticket there was: later ones have met these rules already
    total: Mapped[int]
    state: Mapped[Code] = mapped_column(default="running", server_default="running")  # done | cancelled | overtaken
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[Ref] = mapped_column(default=0)  # the last ticket that was looked at
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[Ref | None]


Index(  # one at a time
    "uq_rerouting_open",
    Rerouting.state,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)


class Rerouted(Base):
    """What a job did to one ticket (`moved`: before and after, by name), or why it could not (`refused`)."""

    __tablename__ = "rerouted"
    job_id: Mapped[Ref] = mapped_column(ForeignKey("rerouting.id"), primary_key=True, autoincrement=False)
    ticket_id: Mapped[Ref] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    rule_id: Mapped[Ref | None]
    moved: Mapped[Data] = mapped_column(default=dict)
    refused: Mapped[str | None] = mapped_column(String(500))
