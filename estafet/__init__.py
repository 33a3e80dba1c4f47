"""The public face of Estafet: everything a plugin may import, and nothing else of the product."""

from core.hookspecs import hookimpl
from core.plugins.errors import OutcomeUnknown, PermanentFailure, TemporaryFailure, TimeLimit
from core.plugins.values import Action, ActionResult, Call, Customer, Event, Message, Setting, Step, Ticket

__all__ = [
    "Action",
    "ActionResult",
    "Call",
    "Customer",
    "Event",
    "Message",
    "OutcomeUnknown",
    "PermanentFailure",
    "Setting",
    "Step",
    "TemporaryFailure",
    "Ticket",
    "TimeLimit",
    "hookimpl",
]
