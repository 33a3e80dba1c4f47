"""Pages of the admins: the mail catcher, plugins, and what is going on."""

from flask import Blueprint

from web.signin import need_person

admin = Blueprint("admin", __name__, url_prefix="/admin")
need_person(admin)

from web.admin import alerts, mail, plugins, promises, routing, status  # noqa: E402  (the views attach themselves to `admin`)

__all__ = ["admin", "alerts", "mail", "plugins", "promises", "routing", "status"]
