"""Pages of the agents: the queue, the ticket, and what belongs to them."""

from flask import Blueprint

from web.signin import need_person

desk = Blueprint("desk", __name__)
need_person(desk)

from web.desk import (  # noqa: E402  (the views attach themselves to `desk`)
    alerts,
    changing,
    course,
    day,
    day_behind,
    day_csv,
    door,
    files,
    finding,
    holding,
    mine,
    opening,
    outside,
    procedure,
    queue,
    stepping,
    stream,
    talking,
    ticket,
    writing,
)

__all__ = [
    "alerts",
    "changing",
    "course",
    "day",
    "day_behind",
    "day_csv",
    "desk",
    "door",
    "files",
    "finding",
    "holding",
    "mine",
    "opening",
    "outside",
    "procedure",
    "queue",
    "stepping",
    "stream",
    "talking",
    "ticket",
    "writing",
]
