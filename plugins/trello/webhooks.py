"""The webhook at Trello: registered when it is not there, and switched on again when Trello gave it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plugins.trello.reading import listed
from plugins.trello.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

DOOR = "boards"


def keep(callbacks: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """One webhook of ours for each board that is watched."""
    if not settings.get("app_secret"):
        return "There is no app secret in the settings, so no webhook is registered: changes are seen by the slow look only."
    names = listed(settings.get("watch")) or listed(settings.get("board"))
    if not names:
        return "No board is named in the settings, so no webhook is registered."
    site, url = Site(settings), callbacks[DOOR]
    ours = {str(one.get("idModel")): one for one in site.webhooks() if one.get("callbackURL") == url}
    registered = repaired = 0
    for name in names:
        board = site.board(name)
        if board not in ours:
            site.ask("POST", "/webhooks/", callbackURL=url, idModel=board, description="Estafet")
            registered += 1
        elif not ours[board].get("active"):
            site.ask("PUT", f"/webhooks/{ours[board]['id']}", active="true")
            repaired += 1
    if registered or repaired:
        return f"Webhooks registered: {registered}, repaired: {repaired}, of {len(names)}."
    return f"Webhooks are registered: {len(names)}."
