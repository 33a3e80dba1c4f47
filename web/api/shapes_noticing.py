"""The shapes of what is noticed in customers' words (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import NumberOrName, note

_DATA = note(
    "words (list), channels (list; none: all), language (id, en; none: both), stems (false: only as they are written), "
    "priority (at least), call: {how: reassign or helper, person, or skill and level}. At least priority or call."
)


class WordRule(Schema):
    id = fields.Integer()
    title = fields.String()
    department = fields.String(allow_none=True, metadata=note("None: a rule of the whole firm."))
    team = fields.String(allow_none=True)
    version = fields.Integer()
    active = fields.Boolean()
    data = fields.Dict(metadata=_DATA)


class NewWordRule(Schema):
    title = fields.String(required=True)
    data = fields.Dict(required=True, metadata=_DATA)
    department = NumberOrName(allow_none=True, load_default=None, metadata=note("None: the whole firm (managers)."))
    team = NumberOrName(allow_none=True, load_default=None)


class WordRuleChanges(Schema):
    title = fields.String()
    data = fields.Dict(metadata=note("The whole new data: it becomes the next version."))
    active = fields.Boolean()
    version = fields.Integer(strict=True, metadata=note("The version that you have seen: another one is a conflict."))


class MessageToTry(Schema):
    subject = fields.String(load_default="", validate=validate.Length(max=998))
    text = fields.String(required=True, validate=validate.Length(max=100_000))
    channel = fields.String(load_default="email")
    team = NumberOrName(required=True, metadata=note("To which team it comes."))


class TriedRule(Schema):
    rule = fields.Integer()
    version = fields.Integer()
    title = fields.String()
    word = fields.String(allow_none=True, metadata=note("The word that was found; None: the rule would not notice."))
    where = fields.String(allow_none=True, metadata=note("subject or text"))
    at = fields.Integer(allow_none=True, metadata=note("At which character it begins."))
    why = fields.String(allow_none=True, metadata=note("Why not: off, place, channel, quoted, words."))
