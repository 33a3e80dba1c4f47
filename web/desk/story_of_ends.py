"""How did it end: the procedure, and what was sent out?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.texts import N_
from web.desk.telling import Sentence, plain, say

if TYPE_CHECKING:
    from core.timeline import Happening
    from web.desk.telling import Teller

_PROCEDURE = {
    "completed": N_("The procedure is complete"),
    "closed": N_("The procedure ended because the ticket was closed"),
    "merged": N_("The procedure ended because the ticket was merged into another one"),
    "switched": N_("The procedure ended because another one was chosen"),
    "withdrawn": N_("The procedure ended because the customer no longer needs this"),
    "error": N_("The procedure ended at a step that failed"),
}
_SENT = {
    "send_mail": N_("The mail was handed over"),
    "call_plugin": N_("The plugin did what the procedure asked for"),
    "tell_parent": N_("The ticket that waits for this one was told"),
}


def procedure(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """A procedure's own outcomes are its author's words; the others are ours."""
    outcome = str(data.get("outcome") or "")
    sentence = _PROCEDURE.get(outcome, N_("The procedure ended: %(outcome)s"))
    return Sentence("check", say(sentence, outcome=plain(outcome)), quiet=True)


def resolved(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    """A colleague, the procedure in somebody's name, or because the customer took it back."""
    if data.get("by") == "withdrawn":
        return Sentence("check", say(N_("Resolved, because %(who)s no longer needs this"), who=teller.customer))
    who = teller.ender(data["by"]) if event.actor_kind == "flow" and data.get("by") else teller.who(event)
    return Sentence("check", say(N_("%(who)s resolved the ticket"), who=who))


def effect(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """Something left and was taken."""
    sentence = _SENT.get(str(data.get("kind")), N_("The outgoing action is done"))
    return Sentence("check", say(sentence), quiet=True)
