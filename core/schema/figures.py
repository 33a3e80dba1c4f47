"""Tables of figures: what a day brought to a department, its teams and its people, counted once and read by every page."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from core.schema.base import Base, Code, Data, Moment, Ref


class FigureDay(Base):
    """One local day of a department (`scope` department, `ref_id` 0), of a team in it, or of a person who holds its tickets.

    `day` counts from 1 January 1970 in the time zone of the department's calendar. `first_n` of the tickets that came in have an answer; half
    of them had it within `first_p50` ms of opening time, nine of ten within `first_p90`. `data` (departments only): see `core.figures.counting`.
    """

    __tablename__ = "figure_day"
    department_id: Mapped[Ref] = mapped_column(primary_key=True)
    scope: Mapped[Code] = mapped_column(primary_key=True)  # department | team | person
    ref_id: Mapped[Ref] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    came: Mapped[int] = mapped_column(default=0)
    solved: Mapped[int] = mapped_column(default=0)
    first_n: Mapped[int] = mapped_column(default=0)
    first_p50: Mapped[Moment | None]
    first_p90: Mapped[Moment | None]
    kept: Mapped[int] = mapped_column(default=0)
    broken: Mapped[int] = mapped_column(default=0)
    present: Mapped[int] = mapped_column(default=0)
    data: Mapped[Data] = mapped_column(default=dict)


class FigurePresent(Base):
    """This colleague did something on a ticket of the department on that day."""

    __tablename__ = "figure_present"
    department_id: Mapped[Ref] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[Ref] = mapped_column(primary_key=True)


class FigureStale(Base):
    """Something has happened to tickets of this day: it is to be counted anew."""

    __tablename__ = "figure_stale"
    zone: Mapped[Code] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)


class FigureReader(Base):
    """One row: how far the timeline has been read, and in which time zone each department was counted."""

    __tablename__ = "figure_reader"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position_xid: Mapped[Ref] = mapped_column(default=0)
    position_id: Mapped[Ref] = mapped_column(default=0)
    zones: Mapped[Data] = mapped_column(default=dict)
