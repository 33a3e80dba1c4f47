"""The routing rules were asked: in silence when a ticket came, with a name when somebody had open tickets meet them again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from core.texts import N_, _
from web.desk.telling import Sentence, say

if TYPE_CHECKING:
    from core.timeline import Happening
    from web.desk.telling import Teller


def routed(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """When it came: quiet. When somebody had open tickets routed again: by whom, in which job."""
    if "job" not in data:
        return Sentence("bolt", say(N_("The routing rules were asked")), quiet=True)
    link = Markup('<a href="/admin/routing/again/{}">{}</a>').format(data["job"], data["job"])
    by = teller.person(data["by"]) if data.get("by") is not None else _("A program")
    return Sentence(
        "bolt", say(N_("%(who)s had open tickets meet the changed rules (re-routing %(job)s)"), who=by, job=link)
    )
