"""The shapes of routing open tickets again (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import NumberOrName, note

SORTS = ("changes", "same", "cannot")


class _Which(Schema):
    department = NumberOrName(load_default=None, allow_none=True)
    team = NumberOrName(load_default=None, allow_none=True)
    channel = fields.String(load_default="", validate=validate.Length(max=64))
    tag = fields.String(load_default="", validate=validate.Length(max=64))
    unassigned = fields.Boolean(load_default=True, metadata=note("false: also tickets that somebody holds."))


class ReroutingPreviewWhere(_Which):
    show = fields.String(load_default="changes", validate=validate.OneOf(SORTS))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 1_000_000))


class NewRerouting(_Which):
    rules = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        metadata=note("`rules` of the preview: when others hold meanwhile, nothing is begun (409)."),
    )


class ReroutingPreviewLine(Schema):
    ticket = fields.Integer()
    rule = fields.Integer(allow_none=True)
    version = fields.Integer(allow_none=True)
    moves = fields.Dict(metadata=note("By name: [before, after]. holder 0: whoever routing finds at that moment."))
    kept = fields.List(fields.String(metadata=note("What the ticket's strict SOP decides by its own steps.")))


class ReroutingPreview(Schema):
    rules = fields.Integer(metadata=note("The set of rules that was asked."))
    total = fields.Integer()
    looked_at = fields.Integer(metadata=note("Less than total: the figures are of the first ones."))
    counts = fields.Dict(metadata=note("How many would change, stay the same, cannot be changed."))
    changes = fields.Dict(metadata=note("How often department, team, priority, topic, tags, holder would change."))
    items = fields.List(fields.Nested(ReroutingPreviewLine))
    more = fields.Boolean()


class Rerouting(Schema):
    id = fields.Integer()
    state = fields.String(
        metadata=note("running, done, cancelled, or overtaken: the rules were changed while it ran, so it ended.")
    )
    which = fields.Dict()
    rules = fields.Integer()
    by = fields.Integer(allow_none=True)
    at = fields.String()
    total = fields.Integer()
    done = fields.Integer()
    changed = fields.Integer()
    refused = fields.Integer()
    ended_at = fields.String(allow_none=True)
    ended_by = fields.Integer(allow_none=True)


class ReroutedWhere(Schema):
    after = fields.Integer(
        load_default=0, validate=validate.Range(0), metadata=note("The last ticket of the page before.")
    )


class ReroutedTicket(Schema):
    ticket = fields.Integer()
    rule = fields.Integer(allow_none=True)
    moved = fields.Dict(metadata=note("By name: [before, after]."))
    kept = fields.List(fields.String(metadata=note("It was left alone: its strict SOP decides these itself.")))
