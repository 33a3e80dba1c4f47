"""The shapes of customers, their organisations and their classes (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import LARGEST, Page, note

_ID = validate.Range(1, LARGEST)


class CustomerFilters(Page):
    email = fields.String(load_default=None)
    organisation = fields.Integer(load_default=None, validate=_ID)
    q = fields.String(load_default=None, metadata=note("Part of a name, or the beginning of an address."))


class Customer(Schema):
    id = fields.Integer()
    email = fields.String(allow_none=True)
    name = fields.String()
    phone = fields.String(allow_none=True)
    language = fields.String()
    klass = fields.String(data_key="class")
    organisation = fields.Raw(allow_none=True, metadata=note("{id, name}"))
    verified = fields.Boolean()
    created_at = fields.String()


class CustomerChanges(Schema):
    name = fields.String(validate=validate.Length(max=200))
    email = fields.String()
    phone = fields.String(allow_none=True, validate=validate.Length(max=64))
    language = fields.String()
    klass = fields.String(data_key="class", validate=validate.Length(1, 64))
    organisation_id = fields.Integer(strict=True, allow_none=True, data_key="organisation", validate=_ID)


class CustomerEdits(CustomerChanges):
    revoke_links = fields.Boolean(metadata=note("true: the links in their mails stop working."))


class OrganisationFilters(Page):
    q = fields.String(load_default=None, metadata=note("Part of a name or of a domain."))


class Organisation(Schema):
    id = fields.Integer()
    name = fields.String()
    klass = fields.String(data_key="class")
    domains = fields.List(fields.String(), metadata=note("New customers with an address in one of them belong to it."))
    active = fields.Boolean()


class OrganisationChanges(Schema):
    name = fields.String()
    klass = fields.String(data_key="class", validate=validate.Length(1, 64))
    domains = fields.List(fields.String(), validate=validate.Length(max=100))
    active = fields.Boolean()


class NewOrganisation(Schema):
    name = fields.String(required=True)
    klass = fields.String(data_key="class", load_default="standard", validate=validate.Length(1, 64))
    domains = fields.List(fields.String(), load_default=list, validate=validate.Length(max=100))


class CustomerClass(Schema):
    id = fields.Integer()
    name = fields.String()
    title = fields.String()
    active = fields.Boolean()


class NewCustomerClass(Schema):
    name = fields.String(required=True)
    title = fields.String(load_default="")


class CustomerClassChanges(Schema):
    title = fields.String()
    active = fields.Boolean()
