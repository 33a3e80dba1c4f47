"""Tables of the firm: departments, teams, people, their tokens, calendars; customers, their firms and classes."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Moment, Ref


class Calendar(Base):
    """Working hours. `data` is the form of `calendar compute`: tz, hours, holidays, special, pauses."""

    __tablename__ = "calendar"
    id: Mapped[Id]
    name: Mapped[Code] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    data: Mapped[Data]


class Department(Base):
    """`address` is its mailbox; `promise_minutes` of opening time is what it promises for a first answer; `quiet_hours` until resolved is closed."""

    __tablename__ = "department"
    id: Mapped[Id]
    name: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[str]
    address: Mapped[str | None] = mapped_column(String(254), unique=True)
    language: Mapped[Code] = mapped_column(default="id")
    calendar_id: Mapped[Ref | None] = mapped_column(ForeignKey("calendar.id"))
    manager_id: Mapped[Ref | None]
    default_team_id: Mapped[Ref | None]
    promise_minutes: Mapped[int] = mapped_column(default=480)
    quiet_hours: Mapped[int] = mapped_column(default=72)
    queue_order: Mapped[Code] = mapped_column(default="vip_lane")  # fifo | urgency | vip_lane
    signature: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())  # False: closed, nothing new comes here
    upset: Mapped[Data] = mapped_column(default=dict, server_default=text("'{}'"))  # `core.noticing.upset.Watch`
    gone_minutes: Mapped[int] = mapped_column(default=15, server_default=text("15"))  # then offline by itself; 0: never


class Team(Base):
    """A field of expertise inside a department; its backlog holds what no person holds.

    `queue_order` NULL: as its department's. `routing` is how it gives tickets to its members (`core.routing.ways.TeamWay`).
    """

    __tablename__ = "team"
    id: Mapped[Id]
    department_id: Mapped[Ref] = mapped_column(ForeignKey("department.id"), index=True)
    name: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[str]
    lead_id: Mapped[Ref | None]
    queue_order: Mapped[Code | None]
    routing: Mapped[Data] = mapped_column(default=dict, server_default=text("'{}'"))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class Person(Base):
    """Somebody who works here. `role`: manager, lead, agent, light. `session_epoch` rises to end all sessions and links.

    `routing` holds their limits, working hours and absence (`core.routing.ways.PersonWay`); `availability_at` is since when they are so.
    """

    __tablename__ = "person"
    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    nick: Mapped[Code] = mapped_column(unique=True)  # as in `agent:sari` and @sari
    role: Mapped[Code]
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"), index=True)
    language: Mapped[Code] = mapped_column(default="id")
    tz: Mapped[Code] = mapped_column(default="Asia/Jakarta")
    availability: Mapped[Code] = mapped_column(default="offline")  # online | busy | away | offline
    availability_at: Mapped[Moment | None]
    availability_by: Mapped[Code | None]  # "itself": offline because the browser has gone; NULL: by hand
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    password_hash: Mapped[str | None]
    session_epoch: Mapped[int] = mapped_column(default=1)
    settings: Mapped[Data] = mapped_column(default=dict)
    routing: Mapped[Data] = mapped_column(default=dict, server_default=text("'{}'"))


class Presence(Base):
    """When somebody's browser was last there. Written seldom (`core.presence`); who has never used one has no row."""

    __tablename__ = "presence"
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    seen_at: Mapped[Moment]


class Membership(Base):
    """Who is in which team, with the load that routing reads: `open_n` of `max_open` (NULL: no limit), `last_pick` for ties."""

    __tablename__ = "membership"
    team_id: Mapped[Ref] = mapped_column(ForeignKey("team.id"), primary_key=True)
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    max_open: Mapped[int | None]
    last_pick: Mapped[Moment] = mapped_column(default=0)


class PersonLoad(Base):
    """How many open tickets a person holds; changed only together with the ticket's holder."""

    __tablename__ = "person_load"
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"), primary_key=True)
    open_n: Mapped[int] = mapped_column(Integer, default=0)


class Token(Base):
    """A program's key to the API, kept as a hash; it may do what its person may."""

    __tablename__ = "token"
    id: Mapped[Id]
    person_id: Mapped[Ref] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Moment]
    last_used_at: Mapped[Moment | None]
    revoked: Mapped[bool] = mapped_column(Boolean, default=False)


class CustomerClass(Base):
    """A service class that customers and organisations may have; `name` is what rules, policies and SOPs call it."""

    __tablename__ = "customer_class"
    id: Mapped[Id]
    name: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class Organisation(Base):
    """A customer's firm. A new customer whose address is in one of its domains belongs to it, while it is active."""

    __tablename__ = "organisation"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    klass: Mapped[Code] = mapped_column(default="standard")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())


class OrganisationDomain(Base):
    """What stands behind the @ in the addresses of an organisation's people, in small letters."""

    __tablename__ = "organisation_domain"
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    organisation_id: Mapped[Ref] = mapped_column(ForeignKey("organisation.id"), index=True)


class Customer(Base):
    """Somebody who asks. `klass` (standard, vip, …) is what queues and SOPs see as `customer.class`."""

    __tablename__ = "customer"
    id: Mapped[Id]
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str]
    phone: Mapped[Code | None]
    language: Mapped[Code] = mapped_column(default="id")
    klass: Mapped[Code] = mapped_column(default="standard")
    organisation_id: Mapped[Ref | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    verified: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[Moment]
    link_epoch: Mapped[int] = mapped_column(default=1)  # raised to revoke the signed links in their mails


Index("ix_customer_name", Customer.name)
