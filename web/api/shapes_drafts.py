"""The shapes of writing procedures: drafts, differences, dry runs and moving running tickets (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import LARGEST, note
from web.api.shapes_firm import Finding

_TEXT = 300_000  # a document may have 256 kB; a longer text is refused with that sentence
_REVISION = note("The revision you have seen; a newer one is left alone (409).")


class Failing(Schema):
    case = fields.String()
    why = fields.String()


class Tests(Schema):
    cases = fields.Integer()
    failing = fields.List(fields.Nested(Failing))
    coverage = fields.Integer(metadata=note("Percent of steps, branches, timeouts and routes."))
    missed = fields.List(fields.String())


class Overlap(Schema):
    title = fields.String()
    rule = fields.String(metadata=note("Its start rule, in words."))
    wins = fields.Boolean(metadata=note("The draft would be chosen, not the other one."))
    both = fields.String(metadata=note("A ticket that both take, in words."))
    apart = fields.String(metadata=note("A ticket that tells them apart: only one of them takes it."))
    apart_mine = fields.Boolean(metadata=note("It is the draft."))


class SopDraft(Schema):
    name = fields.String()
    department = fields.String(allow_none=True)
    state = fields.String(metadata=note("draft or in_review"))
    revision = fields.Integer()
    text = fields.String()
    cases = fields.String()
    changed_at = fields.String(allow_none=True)
    changed_by = fields.String(allow_none=True)
    errors = fields.List(fields.Nested(Finding))
    warnings = fields.List(fields.Nested(Finding))
    tests = fields.Nested(Tests)
    blocking = fields.List(fields.String(), metadata=note("What stands between the draft and its publication."))
    needs_reason = fields.Boolean(metadata=note("Publishing asks for a reason: its test cases walk too little of it."))
    overlaps = fields.List(fields.Nested(Overlap))


class SopDraftChanges(Schema):
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(1, LARGEST), metadata=_REVISION)
    text = fields.String(validate=validate.Length(max=_TEXT))
    cases = fields.String(validate=validate.Length(max=_TEXT))


class Revision(Schema):
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(1, LARGEST), metadata=_REVISION)
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class Between(Schema):
    from_ = fields.String(
        data_key="from",
        load_default=None,
        allow_none=True,
        metadata=note("A version's number; the published one if absent."),
    )
    to = fields.String(load_default="draft", metadata=note("A version's number, or draft."))


class Difference(Schema):
    step = fields.String()
    kind = fields.String(metadata=note("new, changed, moved, renamed, removed"))
    text = fields.String()


class Differences(Schema):
    from_ = fields.String(data_key="from")
    to = fields.String()
    differences = fields.List(fields.Nested(Difference))


class Trying(Schema):
    version = fields.String(
        load_default=None,
        allow_none=True,
        metadata=note("A version's number; the draft (else what is published) if absent."),
    )
    copy = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, LARGEST),
        metadata=note("A ticket to copy."),
    )
    ticket = fields.Dict(keys=fields.String(), load_default=dict)
    customer = fields.Dict(keys=fields.String(), load_default=dict)
    fields_ = fields.Dict(data_key="fields", keys=fields.String(), load_default=dict)
    answers = fields.Dict(
        keys=fields.String(), load_default=dict, metadata=note("What each action returns, by its name.")
    )
    when = fields.List(fields.Dict(keys=fields.String()), load_default=list, validate=validate.Length(max=200),
        metadata=note('What happens, as test cases write it: {"after": "PT1H", "complete": "verify", "by": "sari"}.'))  # fmt: skip
    for_ = fields.String(data_key="for", load_default="PT0S", metadata=note("How far the clock is wound, such as P3D."))


class Entry(Schema):
    what = fields.String()
    who = fields.String(allow_none=True)
    after_seconds = fields.Integer()


class Played(Schema):
    steps = fields.List(fields.Nested(Entry))
    notices = fields.List(fields.Nested(Entry))
    calls = fields.List(fields.Nested(Entry))
    open = fields.List(fields.String())
    ended = fields.String(allow_none=True)
    problem = fields.String(allow_none=True, metadata=note("A happening that nobody waits for; it was left out."))


class Candidate(Schema):
    ticket = fields.Integer()
    subject = fields.String()
    group = fields.String(metadata=note("safe, choice, cannot"))
    open = fields.List(fields.String())
    opens = fields.List(fields.String(), metadata=note("What would open."))
    missing = fields.List(fields.String(), metadata=note("Open steps that need a choice."))
    reasons = fields.List(fields.String())


class MovePreview(Schema):
    to = fields.Integer(metadata=note("The published version."))
    steps = fields.List(fields.String(), metadata=note("What a lost step may become."))
    tickets = fields.List(fields.Nested(Candidate))


class MovingRunning(Schema):
    tickets = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, LARGEST)), required=True, validate=validate.Length(1, 50)
    )
    choices = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    anyway = fields.Boolean(load_default=False, metadata=note("Also those that are not safe."))


class Refusal(Schema):
    ticket = fields.Integer()
    why = fields.String()


class Moved(Schema):
    moved = fields.List(fields.Integer())
    refused = fields.List(fields.Nested(Refusal))
