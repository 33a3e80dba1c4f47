"""The shapes of e-mail templates (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import NumberOrName, note

_WHERE = note("Name or id; left out: your own department. 0 stands for all departments.")


class TemplateWhere(Schema):
    department = NumberOrName(load_default=None, metadata=_WHERE)


class TemplateText(Schema):
    subject = fields.String(load_default="")
    text = fields.String(load_default="")
    html = fields.String(load_default="", allow_none=True, metadata=note("Left out: made from the text."))


class TemplatePreview(TemplateText):
    language = fields.String()


class TemplateLine(Schema):
    name = fields.String()
    title = fields.String()
    audience = fields.String(validate=validate.OneOf(("customer", "colleague")))
    origin = fields.String(metadata=note("`product`, `firm`, or the name of a plugin."))
    version = fields.Integer(metadata=note("0 while nobody has changed it."))
    used_by = fields.List(fields.String(), metadata=note("Titles of the procedures that send it."))


class TemplateVersion(Schema):
    number = fields.Integer()
    author = fields.String(allow_none=True)
    at = fields.String()


class Placeholder(Schema):
    name = fields.String()
    label = fields.String()


class Template(Schema):
    name = fields.String()
    title = fields.String()
    audience = fields.String()
    department = fields.String(allow_none=True)
    version = fields.Integer()
    texts = fields.Dict(keys=fields.String(), values=fields.Nested(TemplateText), metadata=note("By language."))
    placeholders = fields.List(fields.Nested(Placeholder))
    versions = fields.List(fields.Nested(TemplateVersion))


class NewTemplate(Schema):
    name = fields.String(required=True)
    title = fields.String(required=True)
    audience = fields.String(load_default="customer")
    department = NumberOrName(load_default=None, metadata=_WHERE)


class TemplateChange(Schema):
    department = NumberOrName(load_default=None, metadata=_WHERE)
    texts = fields.Dict(keys=fields.String(), values=fields.Nested(TemplateText), load_default=dict)
    version = fields.Integer(
        load_default=None, allow_none=True, metadata=note("The one you changed: 409 when there is a newer.")
    )
    restore = fields.Integer(
        load_default=None,
        allow_none=True,
        metadata=note("Instead of texts: use this version's words again; 0, those behind it."),
    )


class TemplateTrial(Schema):
    department = NumberOrName(load_default=None, metadata=_WHERE)
    texts = fields.Dict(keys=fields.String(), values=fields.Nested(TemplateText), required=True)
    ticket = fields.Integer(required=True, strict=True, metadata=note("The ticket on which they are shown."))
