"""Pages of the team leads: the library of procedures."""

from flask import Blueprint

from web.signin import need_person

studio = Blueprint("studio", __name__, url_prefix="/studio")
need_person(studio)

from web.studio import beginning, editor, library, moving, releasing, replaying, trying, wording  # noqa: E402  (the views attach themselves to `studio`)

__all__ = ["beginning", "editor", "library", "moving", "releasing", "replaying", "studio", "trying", "wording"]
