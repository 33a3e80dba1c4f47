"""The shapes of routing: rules, skills, decisions (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import NumberOrName, note

_PLACE = validate.Range(1, 10_000)
_GIVES = (
    "department, team, agent, people, by, skill, level, priority, topic, tags, sop, last_agent: as many as are wanted."
)


class RuleGives(Schema):
    department = NumberOrName(allow_none=True)
    team = NumberOrName(allow_none=True)
    agent = NumberOrName(allow_none=True)
    people = fields.List(NumberOrName())
    by = fields.String(
        metadata=note("least_busy, round_robin, skill, or PLUGIN.STRATEGY of a plugin that is switched on")
    )
    skill = fields.String()
    level = fields.Integer(strict=True, validate=validate.Range(1, 5))
    priority = fields.String()
    topic = fields.String(validate=validate.Length(1, 64))
    tags = fields.List(fields.String(validate=validate.Length(1, 64)))
    sop = fields.String()
    last_agent = fields.Boolean()


class NewRoutingRule(Schema):
    title = fields.String(required=True)
    condition = fields.String(
        load_default="",
        metadata=note("An expression; empty: it matches every ticket."),
        validate=validate.Length(max=500),
    )
    gives = fields.Nested(RuleGives, required=True, metadata=note(_GIVES))
    department = NumberOrName(allow_none=True, load_default=None, metadata=note("null: a rule of the whole firm."))
    active = fields.Boolean(load_default=True)
    place = fields.Integer(strict=True, load_default=None, allow_none=True, validate=_PLACE)


class RoutingRuleChanges(Schema):
    title = fields.String()
    condition = fields.String(validate=validate.Length(max=500))
    gives = fields.Nested(RuleGives)
    department = NumberOrName(allow_none=True)
    active = fields.Boolean()
    place = fields.Integer(strict=True, validate=_PLACE)


class RoutingRule(Schema):
    id = fields.Integer()
    place = fields.Integer()
    version = fields.Integer()
    title = fields.String()
    condition = fields.String()
    gives = fields.Dict()
    department = fields.String(allow_none=True)
    active = fields.Boolean()
    trap = fields.Raw(allow_none=True, metadata=note("Why no ticket can reach it: {code, what, rule}, or null."))


class RuleRemoved(Schema):
    id = fields.Integer()


class RoutingDecision(Schema):
    seq = fields.Integer()
    kind = fields.String(metadata=note("ticket.routed: the rules were asked; ticket.assigned: somebody got it."))
    rule = fields.Integer(allow_none=True)
    version = fields.Integer(allow_none=True)
    facts = fields.Dict(metadata=note("What the rules saw."))
    passed = fields.List(fields.Raw(metadata=note("{rule, version, false: the part that was not true}")))
    to = fields.Raw()
    why = fields.Dict(metadata=note("How they were chosen, and why each of the others was passed over."))


class Skill(Schema):
    name = fields.String()
    title = fields.String()
    people = fields.Dict(metadata=note("Levels from 1 to 5 by short name."))


class NewSkill(Schema):
    name = fields.String(required=True)
    title = fields.String(load_default="")
