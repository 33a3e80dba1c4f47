"""The shapes of work on tickets: steps, the baton, effects (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import EFFECT_STATES, LARGEST, NumberOrName, Page, Party, note


class Step(Schema):
    id = fields.Integer()
    name = fields.String()
    path = fields.String()
    visit = fields.Integer()
    kind = fields.String()
    title = fields.String()
    state = fields.String(metadata=note("open, done, skipped, expired, cancelled, failed"))
    assignee = fields.Nested(Party, allow_none=True)
    assignees = fields.List(fields.Nested(Party))
    opened_at = fields.String()
    due_at = fields.String(allow_none=True)
    ended_at = fields.String(allow_none=True)
    ended_by = fields.Nested(Party, allow_none=True)
    outcome = fields.String(allow_none=True)
    result = fields.Raw(allow_none=True)


class Completion(Schema):
    fields_ = fields.Dict(data_key="fields", keys=fields.String(), load_default=dict)
    choice = fields.String(allow_none=True, load_default=None)
    result = fields.Raw(allow_none=True, load_default=None)


class Unlinking(Schema):
    plugin = fields.String(required=True, validate=validate.Length(1, 60), metadata=note("Whose thing it is."))
    ref = fields.String(required=True, validate=validate.Length(1, 200), metadata=note("What the other side calls it."))
    reason = fields.String(required=True, validate=validate.Length(1, 2000), metadata=note("Kept on the ticket."))


class Reason(Schema):
    reason = fields.String(load_default="", validate=validate.Length(max=4000))


class Nothing(Schema):
    """A command that needs no values."""


class Vote(Schema):
    comment = fields.String(load_default="", validate=validate.Length(max=100_000))


class StepAnswer(Schema):
    text = fields.String(required=True, validate=validate.Length(max=100_000))


class Decision(Schema):
    choice = fields.String(required=True, metadata=note("retry, by_hand, skip or end"))
    result = fields.Raw(allow_none=True, load_default=None)


class Assignment(Schema):
    person = NumberOrName(load_default=None, allow_none=True, metadata=note("Id, address, short name, or me."))
    team = NumberOrName(
        load_default=None, allow_none=True, metadata=note("Id or name: to its backlog, or together with a person.")
    )
    reason = fields.String(load_default="", validate=validate.Length(max=200))


class Resolution(Schema):
    resolution = fields.String(required=True, validate=validate.Length(max=100_000))


class Merging(Schema):
    into = fields.Integer(required=True, strict=True, validate=validate.Range(1, LARGEST))


class Passing(Schema):
    action = fields.String(load_default="offer", validate=validate.OneOf(("offer", "accept", "return")))
    to = NumberOrName(load_default=None, allow_none=True, metadata=note("Whom it is offered to."))
    note = fields.String(load_default="", validate=validate.Length(max=4000))


class Handover(Schema):
    id = fields.Integer()
    ticket = fields.Integer()
    from_ = fields.Nested(Party, data_key="from", allow_none=True)
    to = fields.Nested(Party)
    state = fields.String(metadata=note("offered, accepted, returned, withdrawn"))
    note = fields.String()
    offered_at = fields.String()
    ended_at = fields.String(allow_none=True)


class EffectFilters(Page):
    ticket = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST))
    state = fields.String(load_default=None, validate=validate.OneOf(EFFECT_STATES))


class Effect(Schema):
    key = fields.String()
    kind = fields.String()
    ticket = fields.Integer()
    step = fields.String(metadata=note("The name of its step."))
    state = fields.String(validate=validate.OneOf(EFFECT_STATES))
    attempts = fields.Integer()
    at = fields.String(metadata=note("When it was planned."))
    ended_at = fields.String(allow_none=True)
    detail = fields.String(allow_none=True, metadata=note("The other side's words."))


class Outcome(Schema):
    outcome = fields.String(
        required=True,
        validate=validate.OneOf(("done", "failed", "again")),
        metadata=note("It happened; it did not and will not; it surely did not: do it again."),
    )
