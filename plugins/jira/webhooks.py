"""The webhook at Jira: registered when it is not there, and repaired when it is switched off, leads elsewhere, or has an old secret."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import estafet
from plugins.jira.news import EVENTS
from plugins.jira.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

DOOR = "issues"
PATH = "/rest/webhooks/1.0/webhook"


def keep(callbacks: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """One webhook of ours at Jira, as it should be."""
    if not settings.get("webhook_secret"):
        return "There is no secret for webhooks in the settings, so none is registered: changes are seen by the slow look only."
    site, wanted = Site(settings), _wanted(callbacks[DOOR], settings)
    try:
        found = [one for one in site.ask_plainly("GET", PATH) or () if one.get("url") == wanted["url"]]
        if not found:
            site.ask_plainly("POST", PATH, body=wanted)
            return "The webhook was registered."
        if all(found[0].get(name) == wanted[name] for name in ("name", "enabled", "events", "filters")):
            return "The webhook is registered."
        site.ask_plainly("PUT", f"{PATH}/{str(found[0]['self']).rpartition('/')[2]}", body=wanted)
    except estafet.PermanentFailure as refusal:
        raise estafet.PermanentFailure(
            f"{refusal} An administrator of Jira can add the webhook by hand (System → WebHooks): {wanted['url']}, with the same secret."
        ) from refusal
    return "The webhook was repaired."


def _wanted(url: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Its name tells which secret it was given, because Jira never shows that."""
    secret = str(settings["webhook_secret"])
    project = str(settings.get("project") or "").upper()
    everywhere = settings.get("watch") or ""
    return {
        "name": f"Estafet ({hashlib.sha256(secret.encode()).hexdigest()[:8]})",
        "url": url,
        "events": list(EVENTS),
        "filters": {"issue-related-events-section": everywhere or (f"project = {project}" if project else "")},
        "excludeBody": False,
        "enabled": True,
        "secret": secret,
    }
