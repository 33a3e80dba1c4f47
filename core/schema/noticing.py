"""Tables of what is noticed in customers' words: the rules and all their versions."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Data, Id, Moment, Ref


class WordRule(Base):
    """Which words raise the priority or call somebody in. Of a team, else of a department, else (both NULL) of the whole firm.

    `data` is the form of docs/noticing.md.
    """

    __tablename__ = "word_rule"
    id: Mapped[Id]
    department_id: Mapped[Ref | None] = mapped_column(ForeignKey("department.id"), index=True)
    team_id: Mapped[Ref | None] = mapped_column(ForeignKey("team.id"))
    title: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    data: Mapped[Data]


class WordRuleVersion(Base):
    """One text of a rule; never changed, because tickets name it."""

    __tablename__ = "word_rule_version"
    rule_id: Mapped[Ref] = mapped_column(ForeignKey("word_rule.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    data: Mapped[Data]
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]
