"""Pages of the admins: the organisation, routing and promises, the mail catcher, plugins, and what is going on."""

from flask import Blueprint

from web.signin import need_person

admin = Blueprint("admin", __name__, url_prefix="/admin")
need_person(admin)

from web.admin import (  # noqa: E402  (the views attach themselves to `admin`)
    alerts,
    customers,
    departments,
    mail,
    people,
    plugins,
    promises,
    rerouting,
    routing,
    status,
    teams,
    watched_words,
)

__all__ = [
    "admin",
    "alerts",
    "customers",
    "departments",
    "mail",
    "people",
    "plugins",
    "promises",
    "rerouting",
    "routing",
    "status",
    "teams",
    "watched_words",
]
