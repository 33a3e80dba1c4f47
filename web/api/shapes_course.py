"""The shapes of a ticket's course, one's own work, similar tickets and articles (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from core.articles import VISIBILITIES
from core.texts import LANGUAGES
from web.api.shapes import LARGEST, note
from web.api.shapes_work import Completion, Handover, Step

_TEXT = 100_000


class Field(Schema):
    name = fields.String()
    label = fields.String()
    kind = fields.String(metadata=note("As an input of a form: text, textarea, select, checkbox, date, person, file …"))
    required = fields.Boolean()
    value = fields.String(metadata=note("What was typed or is known so far."))
    unit = fields.String()
    help = fields.String()
    options = fields.List(fields.Dict())


class StepForm(Schema):
    kind = fields.String(metadata=note("task, approval, collaborate, resolve, document, failed"))
    text = fields.String()
    note = fields.String()
    fields_ = fields.List(fields.Nested(Field), data_key="fields")
    checklist = fields.List(fields.Dict())
    choices = fields.List(fields.Dict())


class Leg(Schema):
    name = fields.String()
    kind = fields.String()
    title = fields.String()
    state = fields.String(metadata=note("done, now, wait, late, next, skip, failed, unneeded"))
    branch = fields.String(allow_none=True)
    visits = fields.Integer()
    step = fields.Nested(Step, allow_none=True, metadata=note("Its newest visit."))
    form = fields.Nested(StepForm, allow_none=True, metadata=note("What it asks for, while it is open."))
    why = fields.List(fields.String(), metadata=note("What was seen when it was decided, in words."))
    legs = fields.List(fields.Nested(lambda: Leg()))


class Choice(Schema):
    name = fields.String()
    title = fields.String()


class Ahead(Choice):
    form = fields.Nested(StepForm)


class Offers(Schema):
    resolve = fields.String(metadata=note("Why not; empty: it may be done. So are close and switch."))
    close = fields.String()
    switch = fields.String()
    kept = fields.Dict(metadata=note("Properties that cannot be changed, and why."))
    skip = fields.Dict(metadata=note("Open steps that cannot be skipped, by id, and why."))
    switch_to = fields.List(fields.Nested(Choice))
    start = fields.List(fields.Nested(Choice))
    restart_at = fields.List(fields.Nested(Choice))
    move_to = fields.List(fields.Nested(Choice))
    ahead = fields.List(fields.Nested(Ahead))
    led = fields.Boolean(metadata=note("You may let the run go on, or stop it."))


class Course(Schema):
    sop = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    mode = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    state = fields.String(allow_none=True, metadata=note("running, attention, or how the run ended"))
    attention = fields.String(allow_none=True, metadata=note("Why it needs a lead."))
    legs = fields.List(fields.Nested(Leg))
    offers = fields.Nested(Offers)


class Switching(Schema):
    sop = fields.String(required=True, validate=validate.Length(1, 200))
    reason = fields.String(load_default="", validate=validate.Length(max=4000))


class Starting(Schema):
    sop = fields.String(required=True, validate=validate.Length(1, 200))


class AtStep(Schema):
    step = fields.String(required=True, validate=validate.Length(1, 200))


class MovingOn(AtStep):
    reason = fields.String(load_default="", validate=validate.Length(max=4000))


class DoingAhead(Completion):
    step = fields.String(required=True, validate=validate.Length(1, 200))


class Duty(Schema):
    step = fields.Integer(metadata=note("The id of the open step."))
    name = fields.String()
    kind = fields.String()
    title = fields.String()
    ticket = fields.Integer()
    subject = fields.String()
    customer = fields.String()
    status = fields.String()
    for_ = fields.String(data_key="for", metadata=note("person, team or department: for whom it is open"))
    opened_at = fields.String()
    due_at = fields.String(allow_none=True)


class Work(Schema):
    handovers = fields.List(fields.Nested(Handover), metadata=note("Batons offered to you."))
    items = fields.List(fields.Nested(Duty))
    next = fields.String(allow_none=True)


class Alike(Schema):
    id = fields.Integer()
    subject = fields.String()
    language = fields.String()
    resolved_at = fields.String()
    resolution = fields.String(allow_none=True)
    sop = fields.String(allow_none=True)
    sop_title = fields.String()
    sop_version = fields.Integer(allow_none=True)


class ArticleLine(Schema):
    id = fields.Integer()
    title = fields.String()
    language = fields.String()
    state = fields.String(metadata=note("draft, published"))


class Similar(Schema):
    tickets = fields.List(fields.Nested(Alike))
    articles = fields.List(fields.Nested(ArticleLine))


class Article(ArticleLine):
    body = fields.String(metadata=note("Markdown."))
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))
    department = fields.String()
    version = fields.Integer()
    published_version = fields.Integer(allow_none=True)
    ticket = fields.Integer(allow_none=True)
    updated_at = fields.String()
    doubts = fields.List(fields.String(), metadata=note("Places that a person must look at before everybody reads it."))


class ArticleChanges(Schema):
    title = fields.String(validate=validate.Length(max=300))
    body = fields.String(validate=validate.Length(max=_TEXT))
    visibility = fields.String(validate=validate.OneOf(VISIBILITIES))
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    version = fields.Integer(
        strict=True,
        validate=validate.Range(1, LARGEST),
        metadata=note("The version you have seen; a newer one is left alone (409)."),
    )


class Confirmed(Schema):
    confirmed = fields.Boolean(load_default=False, metadata=note("Somebody has looked at each of the `doubts`."))


class LearntSop(Schema):
    sop = fields.String()
    base = fields.Integer(allow_none=True, metadata=note("The version it would change; null: a new procedure."))
    changes = fields.List(fields.String(), metadata=note("What it would change, in words."))
