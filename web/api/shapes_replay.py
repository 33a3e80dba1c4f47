"""The shapes of the replay of the past (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from core.studio.replay.causes import CAUSES
from core.studio.replay.choosing import FOLLOWED, TAKEN
from core.studio.replaying import MOST, USUAL
from web.api.shapes import note


class Replaying(Schema):
    version = fields.String(
        load_default=None,
        allow_none=True,
        metadata=note("A version's number; the draft (else what is published) if absent."),
    )
    last = fields.Integer(
        load_default=USUAL, validate=validate.Range(1, MOST), metadata=note("So many tickets, the newest.")
    )
    which = fields.String(
        load_default=TAKEN,
        validate=validate.OneOf([TAKEN, FOLLOWED]),
        metadata=note("Those that the start rules would have taken, or those that followed this procedure."),
    )
    open = fields.Boolean(load_default=False, metadata=note("Also tickets that are still open."))


class Really(Schema):
    sop = fields.String(allow_none=True, metadata=note("Which procedure they began with; null: none."))
    looked_at = fields.Integer()
    tickets = fields.Integer(metadata=note("So many of them are played."))


class CauseCount(Schema):
    cause = fields.String(metadata=note(", ".join(CAUSES)))
    text = fields.String()
    tickets = fields.Integer()


class DueBefore(Schema):
    met = fields.Integer()
    missed = fields.Integer()


class DueAfter(DueBefore):
    not_known = fields.Integer()


class DueMoments(Schema):
    before = fields.Nested(DueBefore)
    after = fields.Nested(DueAfter)


class WorkCount(Schema):
    more = fields.Integer(metadata=note("Tickets with more steps of people."))
    less = fields.Integer()
    equal = fields.Integer()
    steps = fields.Integer(metadata=note("Steps of people, all together; negative: saved."))
    minutes = fields.Integer(metadata=note("Opening time, by what these steps usually take."))
    not_timed = fields.List(fields.String(), metadata=note("Steps that nobody has done yet."))


class ReplaySummary(Schema):
    tickets = fields.Integer()
    same = fields.Integer()
    different = fields.Integer()
    not_known = fields.Integer()
    causes = fields.List(fields.Nested(CauseCount))
    due = fields.Nested(DueMoments)
    work = fields.Nested(WorkCount)


class NotKnown(Schema):
    cause = fields.String()
    text = fields.String()
    step = fields.String(allow_none=True)
    from_ = fields.String(data_key="from", attribute="from")


class Stage(Schema):
    step = fields.String()
    kind = fields.String()
    state = fields.String()
    outcome = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    opened_at = fields.String()
    ended_at = fields.String(allow_none=True)
    due_at = fields.String(allow_none=True)
    late_seconds = fields.Integer(
        allow_none=True,
        metadata=note("0: in time; null: not due, or not known. Opening time where it was due in that."),
    )
    known = fields.String(
        metadata=note("happened; assumed: new, taken as done at once; guessed: takes as long as it took.")
    )


class ReplayedTicket(Schema):
    ticket = fields.Integer()
    sop = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    verdict = fields.String(metadata=note("same, different, or unknown: it cannot be known"))
    told = fields.String(metadata=note("Where the ways part."))
    why = fields.List(fields.String())
    not_known = fields.Nested(NotKnown, allow_none=True, metadata=note("From where on it cannot be known, and why."))
    before = fields.List(fields.Nested(Stage))
    after = fields.List(fields.Nested(Stage))
    work_steps = fields.Integer(allow_none=True)
    work_minutes = fields.Integer(allow_none=True)


class ReplayOfPast(Schema):
    version = fields.String()
    looked_at = fields.Integer()
    unsure = fields.Integer(metadata=note("Of so many nobody can know whether the rules would have taken them."))
    beaten = fields.Integer(metadata=note("So many fit the rule, and another procedure comes first."))
    really = fields.List(fields.Nested(Really))
    summary = fields.Nested(ReplaySummary)
    tickets = fields.List(fields.Nested(ReplayedTicket))
