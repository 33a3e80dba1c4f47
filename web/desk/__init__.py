"""Pages of the agents: the queue, the ticket, and what belongs to them."""

from flask import Blueprint

from web.signin import need_person

desk = Blueprint("desk", __name__)
need_person(desk)

from web.desk import door, queue  # noqa: E402, F401  (the views attach themselves to `desk`)
