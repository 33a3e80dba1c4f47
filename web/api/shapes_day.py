"""The shapes of the lead's day: loads, flows, promises, days against what is usual, and the tickets behind a figure (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from core.figures.reading import SHOWN
from core.figures.tickets import WHATS
from web.api.shapes import LARGEST, NumberOrName, Page, note

_COUNTS = note("By the number of days, 7 and 28: {came, solved, growth}.")
_DATE = note("A local day of the department, such as 2026-11-24.")


class Day(Schema):
    people = fields.List(
        fields.Dict(),
        metadata=note(
            "{id, name, availability, open, limit, late, too_much, department, days: {7, 28}, held: 28 numbers}"
        ),
    )
    teams = fields.List(fields.Dict(), metadata=note("{name, department, open, backlog, late, soon, days: {7, 28}}"))
    departments = fields.List(
        fields.Dict(), metadata=note("{name, title, promises: [{promise, days: {7, 28}}], staffing: {…, hours}}")
    )


class DayFilters(Schema):
    days = fields.Integer(
        load_default=SHOWN, validate=validate.Range(1, SHOWN), metadata=note("How many days, today included.")
    )
    team = NumberOrName(load_default=None, metadata=note("Only what this team of the department has."))
    person = NumberOrName(load_default=None, metadata=note("Only what this colleague holds in the department."))


class Judged(Schema):
    day = fields.String(metadata=_DATE)
    came = fields.Integer()
    solved = fields.Integer()
    answered = fields.Integer(metadata=note("Of those that came in: how many have an answer by a person."))
    first_answer_median_ms = fields.Integer(allow_none=True, metadata=note("Opening time until the first answer."))
    first_answer_p90_ms = fields.Integer(allow_none=True)
    kept = fields.Integer()
    broken = fields.Integer()
    people = fields.Integer(metadata=note("How many colleagues worked on tickets of the department that day."))
    opened = fields.Boolean(metadata=note("The calendar has opening time on that day."))
    usual = fields.Dict(metadata=note("came, solved, first (ms), broken: {median, low, high, days}, or null."))
    unusual = fields.Dict(metadata=note("Which of them is `above` or `below`."))
    because = fields.List(fields.Dict(), metadata=note("{kind, now, usual, ref, name, text}: see docs/figures.md."))


class DayTicketFilters(Page):
    what = fields.String(load_default="came", validate=validate.OneOf(WHATS))
    department = NumberOrName(load_default=None, metadata=note("None: the first whose figures one may read."))
    since = fields.Date(load_default=None, metadata=note("The first local day, such as 2026-11-24; none: today."))
    until = fields.Date(load_default=None, metadata=note("The last day, itself included; none: today."))
    team = NumberOrName(load_default=None)
    person = NumberOrName(load_default=None, metadata=note("Who holds it."))
    hour = fields.Integer(load_default=None, validate=validate.Range(0, 23), metadata=note("Only in this local hour."))
    topic = fields.String(load_default=None)
    customer = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST))
    organisation = fields.Integer(load_default=None, validate=validate.Range(1, LARGEST))
    metric = fields.String(
        load_default=None, metadata=note("first_response, next_response, resolution, or an own one.")
    )


class DayTicket(Schema):
    id = fields.Integer()
    subject = fields.String()
    status = fields.String()
    customer = fields.String()
    holder = fields.String(allow_none=True, metadata=note("The colleague's name."))
    at = fields.String(metadata=note("When it was counted."))
    first_answer_ms = fields.Integer(allow_none=True)
    metric = fields.String(allow_none=True, metadata=note("Of which promise the line is."))
