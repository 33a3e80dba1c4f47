"""Pages of the admins: the mail catcher, and what is going on."""

from flask import Blueprint

from web.signin import need_person

admin = Blueprint("admin", __name__, url_prefix="/admin")
need_person(admin)
