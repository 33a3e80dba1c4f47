"""The public face of Estafet: everything a plugin may import, and nothing else of the product."""

from core.hookspecs import hookimpl
from core.plugins.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure, TimeLimit
from core.plugins.outside import Channel, Comment, Delivery, File, Incoming, Outgoing, Outside, Webhook, Wish
from core.plugins.shown import Candidate, Command, Fact, Panel, PanelContent, Suggestion, Template
from core.plugins.values import Action, ActionResult, Call, Customer, Event, Link, Message, Setting, Step, Task, Ticket

__all__ = [
    "Action",
    "ActionResult",
    "Call",
    "Candidate",
    "Channel",
    "Command",
    "Comment",
    "Customer",
    "Delivery",
    "Event",
    "Fact",
    "File",
    "Incoming",
    "Link",
    "Message",
    "OutcomeUnknown",
    "Outgoing",
    "Outside",
    "Panel",
    "PanelContent",
    "PermanentFailure",
    "Setting",
    "Step",
    "Suggestion",
    "Task",
    "Template",
    "TemporaryFailure",
    "Ticket",
    "TimeLimit",
    "Webhook",
    "Wish",
    "hookimpl",
]
