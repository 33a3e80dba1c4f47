"""All tables of Estafet, by subject."""

from core.schema.base import Base
from core.schema.organisation import (
    Calendar,
    Customer,
    Department,
    Membership,
    Organisation,
    Person,
    PersonLoad,
    Team,
    Token,
)
from core.schema.platform import CaughtMail, Idempotency, MailReceived, PersonMail, Process, Setting
from core.schema.plugins import Plugin, PluginParked, PluginState
from core.schema.procedure import Effect, Run, Sop, SopVersion, StepDuty, StepVisit
from core.schema.templates import TemplateVersion
from core.schema.tickets import (
    Article,
    ArticleVersion,
    Attachment,
    Blob,
    Handover,
    Message,
    MessageBody,
    OpenCount,
    Solved,
    SolvedWord,
    Ticket,
)
from core.schema.timeline import Event, StreamHead

__all__ = [
    "Article",
    "ArticleVersion",
    "Attachment",
    "Base",
    "Blob",
    "Calendar",
    "CaughtMail",
    "Customer",
    "Department",
    "Effect",
    "Event",
    "Handover",
    "Idempotency",
    "MailReceived",
    "Membership",
    "Message",
    "MessageBody",
    "OpenCount",
    "Organisation",
    "Person",
    "PersonLoad",
    "PersonMail",
    "Plugin",
    "PluginParked",
    "PluginState",
    "Process",
    "Run",
    "Setting",
    "Solved",
    "SolvedWord",
    "Sop",
    "SopVersion",
    "StepDuty",
    "StepVisit",
    "StreamHead",
    "Team",
    "TemplateVersion",
    "Ticket",
    "Token",
]
