"""The shapes of alerts, their rules, and of who watches a ticket (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from core.alerts.delivering import QUIETS
from core.alerts.rules import HOWS, KINDS
from core.alerts.watching import HEARS
from web.api.shapes import LARGEST, NumberOrName, Page, note

_TIME = note("A time of day of the person, such as 08:30.")


class AlertFilters(Page):
    unread = fields.Boolean(load_default=False, metadata=note("Only those that have not been read."))


class Alert(Schema):
    id = fields.Integer()
    kind = fields.String(metadata=note("A kind of rule, or `watched`: news of a ticket that the person watches."))
    text = fields.String(metadata=note("The alert in one sentence."))
    ticket = fields.Integer(allow_none=True, metadata=note("None: it is about a backlog."))
    subject = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    department = fields.String(allow_none=True)
    rule = fields.Integer(allow_none=True)
    version = fields.Integer(allow_none=True, metadata=note("The version of the rule that called it out."))
    facts = fields.Dict(metadata=note("What the rule saw."))
    at = fields.String()
    read_at = fields.String(allow_none=True)


class Reading(Schema):
    alerts = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, LARGEST)),
        validate=validate.Length(max=500),
        load_default=None,
        allow_none=True,
        metadata=note("Their ids; none: all of them."),
    )


class Read(Schema):
    read = fields.Integer(metadata=note("How many were unread."))


class Wishes(Schema):
    digest = fields.String(metadata=_TIME)
    quiet = fields.String(validate=validate.OneOf(QUIETS))
    begins = fields.String(metadata=_TIME)
    ends = fields.String(metadata=_TIME)


class AlertRule(Schema):
    id = fields.Integer()
    title = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    department = fields.String(allow_none=True, metadata=note("None: a rule of the whole firm."))
    team = fields.String(allow_none=True)
    version = fields.Integer()
    active = fields.Boolean()
    data = fields.Dict(metadata=note("threshold, to, how, priorities, waiting: the form of docs/alerts.md."))


class NewAlertRule(Schema):
    title = fields.String(required=True)
    kind = fields.String(required=True)
    data = fields.Dict(required=True, metadata=note("The form of docs/alerts.md."))
    department = NumberOrName(allow_none=True, load_default=None, metadata=note("None: the whole firm (managers)."))
    team = NumberOrName(allow_none=True, load_default=None)


class AlertRuleChanges(Schema):
    title = fields.String()
    data = fields.Dict(metadata=note("The whole new data: it becomes the next version."))
    active = fields.Boolean()
    version = fields.Integer(strict=True, metadata=note("The version that you have seen: another one is a conflict."))


class TicketAlerts(Schema):
    called = fields.List(fields.Raw(), metadata=note("{id, kind, text, at, rule, version, facts}, the newest first."))
    not_called = fields.List(
        fields.Raw(), metadata=note("{rule, version, title, kind, false}: the condition that is false.")
    )
    silenced_at = fields.String(allow_none=True)
    next_at = fields.String(allow_none=True, metadata=note("When time alone may call one out."))


class Watching(Schema):
    person = NumberOrName(load_default="me")
    hears = fields.List(fields.String(), load_default=list(HEARS), metadata=note(f"Of {', '.join(HEARS)}."))
    how = fields.String(load_default="page", metadata=note(f"One of {', '.join(HOWS)}."))


class Unwatching(Schema):
    person = NumberOrName(load_default="me")


class Watcher(Schema):
    person = fields.Raw(metadata=note("{kind, id, name}"))
    by = fields.String(metadata=note("hand or escalation"))
    at = fields.String()
    hears = fields.List(fields.String())
    how = fields.String(validate=validate.OneOf(HOWS))
