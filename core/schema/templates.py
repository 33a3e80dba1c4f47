"""Tables of e-mail templates: what team leads made of the words that come with the product and with plugins."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Id, Moment, Ref


class TemplateVersion(Base):
    """One saved text of a template; never changed. The newest `number` of a department (0: all of them) and name is in use.

    `texts` are by language: {subject, text, html}; empty, when the words that stand behind it are to be used again. `audience`: customer, colleague.
    """

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("department_id", "name", "number"),)
    id: Mapped[Id]
    department_id: Mapped[Ref] = mapped_column(default=0)
    name: Mapped[Code]
    number: Mapped[int]
    title: Mapped[str]
    audience: Mapped[Code]
    texts: Mapped[Data] = mapped_column(default=dict)
    author_id: Mapped[Ref | None]
    at: Mapped[Moment]
