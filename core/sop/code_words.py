"""The words for codes of a ticket and a customer: statuses, priorities, channels, languages. Each is translated when it is shown."""

from __future__ import annotations

from core.texts import N_

STATUSES = {
    "open": N_("Open"),
    "in_progress": N_("In progress"),
    "pending_customer": N_("Waiting for customer"),
    "pending_third_party": N_("Waiting for third party"),
    "resolved": N_("Resolved"),
    "closed": N_("Closed"),
}
PRIORITIES = {"urgent": N_("Urgent"), "high": N_("High"), "medium": N_("Medium"), "low": N_("Low")}
CHANNELS = {
    "email": N_("E-mail"),
    "chat": N_("Chat"),
    "phone": N_("Phone"),
    "form": N_("Web form"),
    "web": N_("Web form"),
    "portal": N_("Portal"),
    "api": N_("API"),
    "whatsapp": N_("WhatsApp"),
    "social": N_("Social media"),
    "flow": N_("Procedure"),
}
LANGUAGE_NAMES = {"en": N_("English"), "id": N_("Indonesian")}
# what a condition may read of the ticket and of the customer, inside a sentence
TICKET = {
    "id": N_("number of the ticket"),
    "subject": N_("subject"),
    "topic": N_("topic"),
    "channel": N_("channel"),
    "priority": N_("priority"),
    "status": N_("status"),
    "tags": N_("tags"),
    "product": N_("product"),
    "language": N_("language of the ticket"),
    "department": N_("department"),
    "team": N_("team"),
    "assignee": N_("holder"),
    "created_at": N_("opening of the ticket"),
    "first_replied_at": N_("first reply"),
    "last_customer_reply_at": N_("last message of the customer"),
    "reopened": N_("number of reopenings"),
}
CUSTOMER = {
    "id": N_("number of the customer"),
    "name": N_("name of the customer"),
    "email": N_("e-mail address of the customer"),
    "class": N_("customer class"),
    "language": N_("language of the customer"),
    "organisation": N_("organisation"),
    "verified": N_("customer is verified"),
}
VALUES = {
    "ticket.status": STATUSES,
    "ticket.priority": PRIORITIES,
    "ticket.channel": CHANNELS,
    "ticket.language": LANGUAGE_NAMES,
    "customer.language": LANGUAGE_NAMES,
}
