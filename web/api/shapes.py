"""The shapes of what is sent and answered, as marshmallow schemas: they read bodies, and from them the API's description is made.

Answers are built by hand from rows (`ticket_json` and its neighbours): a schema here says what is in them. Whether values make sense (is there
such a department?) is the commands' question; a schema only knows types.
"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from core.texts import _

TICKET_STATUSES = ("open", "in_progress", "pending_customer", "pending_third_party", "resolved", "closed")
PRIORITIES = ("low", "medium", "high", "urgent")
EFFECT_STATES = ("planned", "attempting", "done", "failed", "unknown")
LARGEST = 2**53 - 1


def note(text: str, **more: object) -> dict[str, object]:
    """The description of a field."""
    return {"description": text, **more}


class NumberOrName(fields.Field[int | str]):
    """A number or a name: people by id, address, short name or `me`; teams and customers by id or name."""

    def __init__(self, **more: object) -> None:
        metadata = {"oneOf": [{"type": "integer"}, {"type": "string"}], **dict(more.pop("metadata", None) or {})}  # type: ignore[call-overload]
        super().__init__(metadata=metadata, **more)  # type: ignore[arg-type]

    def _deserialize(self, value: object, *_args: object, **_kwargs: object) -> int | str:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | str)
            or (isinstance(value, int) and abs(value) > LARGEST)
        ):
            raise self.make_error("invalid")
        return value

    default_error_messages = {"invalid": "This must be an id (a number) or a name (a text)."}  # noqa: RUF012


class Party(Schema):
    kind = fields.String(metadata=note("person, team, customer, flow, system, …"))
    id = fields.Integer(allow_none=True)
    name = fields.String()


class Holder(Schema):
    kind = fields.String(validate=validate.OneOf(("person", "team")))
    id = fields.Integer()
    name = fields.String()


class CustomerBrief(Schema):
    id = fields.Integer()
    name = fields.String()
    email = fields.String(allow_none=True)
    klass = fields.String(data_key="class")


class OrganisationBrief(Schema):
    id = fields.Integer()
    name = fields.String()


class SopBrief(Schema):
    name = fields.String()
    version = fields.Integer(allow_none=True)
    state = fields.String(metadata=note("running, completed, ended, merged, switched, closed, attention"))


class OpenStep(Schema):
    id = fields.Integer()
    name = fields.String()
    path = fields.String()
    kind = fields.String()
    title = fields.String()
    assignee = fields.Nested(Party, allow_none=True)
    opened_at = fields.String()
    due_at = fields.String(allow_none=True)


class Clock(Schema):
    kind = fields.String(
        metadata=note("The metric: first_response, next_response, resolution, or one of the firm's own.")
    )
    visit = fields.Integer(metadata=note("Counts how often this metric has begun on this ticket."))
    state = fields.String(validate=validate.OneOf(("running", "paused", "met", "breached", "cancelled")))
    started_at = fields.String()
    due_at = fields.String(allow_none=True, metadata=note("None while it is paused."))
    limit_at = fields.String(allow_none=True, metadata=note("The second goal."))
    ended_at = fields.String(allow_none=True)
    met_at = fields.String(allow_none=True)
    tier = fields.Integer(metadata=note("0: in time so far; 1: the goal is broken; 2: the second goal, too."))
    used_seconds = fields.Integer(metadata=note("Opening time that had passed at as_of."))
    as_of = fields.String()
    pauses = fields.List(fields.Raw(), metadata=note("[{from, to}]"))
    policy = fields.Raw(metadata=note("{id, version}; without an id it is the department's promise in minutes."))
    calendar = fields.Raw(metadata=note("{id, version}"))


class Ticket(Schema):
    id = fields.Integer()
    subject = fields.String()
    status = fields.String(validate=validate.OneOf(TICKET_STATUSES))
    priority = fields.String(validate=validate.OneOf(PRIORITIES))
    channel = fields.String()
    department = fields.String()
    team = fields.String()
    holder = fields.Nested(Holder, metadata=note("Who has the baton: a person, or a team's backlog. Never null."))
    customer = fields.Nested(CustomerBrief)
    organisation = fields.Nested(OrganisationBrief, allow_none=True)
    topic = fields.String(allow_none=True)
    product = fields.String(allow_none=True)
    language = fields.String()
    tags = fields.List(fields.String())
    fields_ = fields.Dict(data_key="fields", metadata=note("The values of the SOP's fields."))
    sop = fields.Nested(SopBrief, allow_none=True)
    open_steps = fields.List(fields.Nested(OpenStep))
    clocks = fields.List(fields.Nested(Clock))
    resolution = fields.String(allow_none=True)
    attention = fields.String(allow_none=True, metadata=note("Why a person must look at the procedure."))
    upset = fields.List(
        fields.String(),
        allow_none=True,
        metadata=note("Why the customer seems upset: words, capitals, waiting, rating, judge; none: they do not."),
    )
    merged_into = fields.Integer(allow_none=True)
    reopened = fields.Integer()
    seq = fields.Integer(metadata=note("The number of its newest event."))
    version = fields.Integer(metadata=note("Rises with every change; the ETag begins with it."))
    created_at = fields.String()
    updated_at = fields.String(metadata=note("When anything last happened on it."))
    resolved_at = fields.String(allow_none=True)
    closed_at = fields.String(allow_none=True)


class NewCustomerRef(Schema):
    id = fields.Integer(strict=True, validate=validate.Range(1, LARGEST))
    email = fields.String()
    name = fields.String(load_default="")
    phone = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=64))


class NewFile(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 255))
    content_type = fields.String(load_default="application/octet-stream", validate=validate.Length(1, 127))
    content = fields.String(required=True, metadata=note("The bytes in base64.", format="byte"))


class NewTicket(Schema):
    subject = fields.String(required=True)
    body = fields.String(required=True)
    customer = fields.Nested(NewCustomerRef, required=True)
    department = fields.String(allow_none=True, load_default=None)
    topic = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=64))
    product = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=64))
    priority = fields.String(allow_none=True, load_default=None, metadata=note(" | ".join(PRIORITIES)))
    channel = fields.String(load_default="api")
    fields_ = fields.Dict(data_key="fields", keys=fields.String(), load_default=dict)
    language = fields.String(allow_none=True, load_default=None)
    sop = fields.String(allow_none=True, load_default=None)
    tags = fields.List(
        fields.String(validate=validate.Length(1, 64)), load_default=list, validate=validate.Length(max=50)
    )
    attachments = fields.List(fields.Nested(NewFile), load_default=list)

    @validates_schema(skip_on_field_errors=False)
    def _says_something(self, given: dict[str, Any], **_more: Any) -> None:
        """Said together with what else is wrong, and not in a second round."""
        empty = {}
        if isinstance(given.get("subject"), str) and not given["subject"].strip():
            empty["subject"] = [_("The subject is empty. Say in a few words what it is about.")]
        if isinstance(given.get("body"), str) and not given["body"].strip() and not given.get("attachments"):
            empty["body"] = [_("The message is empty. Write what you need.")]
        if empty:
            raise ValidationError(empty)


class TicketChanges(Schema):
    subject = fields.String()
    priority = fields.String()
    status = fields.String()
    topic = fields.String(allow_none=True)
    product = fields.String(allow_none=True)
    tags = fields.List(fields.String())
    department = fields.String()
    language = fields.String()


class Page(Schema):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    next = fields.String(load_default=None, metadata=note("The cursor of the page before."))


class TicketFilters(Page):
    status = fields.String(load_default=None, metadata=note("One or several, with commas: open,in_progress"))
    department = fields.String(load_default=None)
    team = fields.String(load_default=None, metadata=note("Names or ids, with commas."))
    holder = fields.String(
        load_default=None, metadata=note("A person's id, address or short name; me; none (backlog).")
    )
    customer = fields.String(load_default=None, metadata=note("Id or e-mail address."))
    sop = fields.String(load_default=None)
    step = fields.String(load_default=None, metadata=note("Tickets in which this step is open."))
    channel = fields.String(load_default=None)
    priority = fields.String(load_default=None)
    q = fields.String(
        load_default=None, metadata=note("What the search page would be asked: words, a customer, or a number.")
    )
    updated_after = fields.String(load_default=None, metadata=note("RFC 3339", format="date-time"))
    sort = fields.String(
        load_default="-id",
        metadata=note(
            "id, created_at, updated_at, due_at, priority (urgent first), queue; with - the other way round."
        ),
    )


class Address(Schema):
    name = fields.String()
    email = fields.String()


class Author(Schema):
    kind = fields.String(metadata=note("customer, person, flow, system"))
    id = fields.Integer(allow_none=True)
    name = fields.String()
    email = fields.String(allow_none=True)


class File(Schema):
    id = fields.Integer()
    name = fields.String()
    content_type = fields.String()
    size = fields.Integer()
    url = fields.String()


class Delivery(Schema):
    state = fields.String(metadata=note("queued, sent, failed, undelivered, unknown"))
    detail = fields.String(allow_none=True)


class Message(Schema):
    id = fields.Integer()
    ticket = fields.Integer()
    direction = fields.String(validate=validate.OneOf(("in", "out", "internal")))
    author = fields.Nested(Author)
    to = fields.List(fields.Nested(Address))
    cc = fields.List(fields.Nested(Address))
    subject = fields.String()
    text = fields.String(metadata=note("What was written, quotations included."))
    html = fields.String(allow_none=True)
    at = fields.String()
    channel = fields.String()
    attachments = fields.List(fields.Nested(File))
    delivery = fields.Nested(Delivery, allow_none=True)
    automatic = fields.String(allow_none=True)


class Rating(Schema):
    step = fields.String(metadata=note("The survey's step."))
    type = fields.String(validate=validate.OneOf(("csat", "ces", "nps")))
    score = fields.Integer(allow_none=True)
    max = fields.Integer()
    comment_id = fields.Integer(allow_none=True, metadata=note("The message that holds the customer's words."))
    asked_at = fields.String()
    rated_at = fields.String(allow_none=True)


class NewMessage(Schema):
    body = fields.String(required=True)
    visibility = fields.String(load_default="customer", validate=validate.OneOf(("customer", "internal")))
    attachments = fields.List(fields.Nested(NewFile), load_default=list)
    cc = fields.List(fields.String(), load_default=list, validate=validate.Length(max=50))
    then = fields.String(
        load_default="stay",
        validate=validate.OneOf(("stay", "wait", "resolve")),
        metadata=note("After a message to the customer: stay in progress, wait for them, or resolve with it."),
    )
    seen_message = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(0, LARGEST),
        metadata=note("The newest message you have seen: nothing is sent when the customer has written since (409)."),
    )


class Event(Schema):
    seq = fields.Integer()
    kind = fields.String()
    actor = fields.Nested(Party)
    at = fields.String()
    data = fields.Dict()
    cause = fields.Integer(allow_none=True)


class TimelineRange(Schema):
    after = fields.Integer(
        load_default=0, validate=validate.Range(0, LARGEST), metadata=note("Events behind this seq.")
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 200))


def listed(schema: type[Schema]) -> type[Schema]:
    """The shape of a list of these."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(schema)),
            "next": fields.String(allow_none=True, metadata=note("Cursor of the next page; null: this was the last.")),
        },
        name=f"{schema.__name__}List",
    )
