"""What the notices that come with the product are called within a sentence: `tell customer: refund sent`."""

from __future__ import annotations

from core.texts import N_, _

NOTICES = {
    "access_restored": N_("access restored"),
    "alert": N_("please look"),
    "alert_digest": N_("alerts of the day"),
    "approval": N_("please decide"),
    "chat_noted": N_("chat noted"),
    "clock": N_("a promise needs you"),
    "complaint_received": N_("complaint received"),
    "delayed": N_("delivery late"),
    "erased": N_("data erased"),
    "erasure_received": N_("erasure request received"),
    "exchange_approved": N_("exchange approved"),
    "feature_noted": N_("wish noted"),
    "feature_shipped": N_("wish fulfilled"),
    "order_released": N_("order goes on"),
    "outage_known": N_("outage known"),
    "outage_over": N_("outage over"),
    "password": N_("new password"),
    "prove_identity": N_("proof of identity asked for"),
    "question": N_("question"),
    "received": N_("request received"),
    "refund_sent": N_("refund sent"),
    "reminder": N_("reminder"),
    "repair_offer": N_("offer for the repair"),
    "resolved": N_("request solved"),
    "shipping": N_("parcel sent"),
    "step_failed": N_("a step failed"),
    "step_opened": N_("a new step"),
    "survey": N_("survey"),
    "ticket_alert": N_("a ticket needs a look"),
    "update": N_("news"),
    "welcome_vip": N_("welcome"),
}


def notice(template: str) -> str:
    """The notice as people say it; one of the firm's own or a plugin's is called by its own name."""
    return _(NOTICES[template]) if template in NOTICES else template.replace("_", " ").lower()
