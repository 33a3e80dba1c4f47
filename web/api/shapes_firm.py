"""The shapes of the firm, its procedures and its tokens (see `web.api.shapes`)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.shapes import LARGEST, NumberOrName, Page, note

ROLES = ("manager", "lead", "agent", "light")
AVAILABILITIES = ("online", "busy", "away", "offline")
_ID = validate.Range(1, LARGEST)


class PeopleFilters(Page):
    department = fields.String(load_default=None)
    team = fields.String(load_default=None)
    role = fields.String(load_default=None, validate=validate.OneOf(ROLES))
    q = fields.String(load_default=None, metadata=note("Part of a name or address."))


class Person(Schema):
    id = fields.Integer()
    email = fields.String()
    name = fields.String()
    nick = fields.String()
    role = fields.String(validate=validate.OneOf(ROLES))
    department = fields.String(allow_none=True)
    teams = fields.List(fields.String())
    language = fields.String()
    tz = fields.String()
    availability = fields.String(validate=validate.OneOf(AVAILABILITIES))
    active = fields.Boolean()
    open_tickets = fields.Integer(metadata=note("How many open tickets they hold."))
    skills = fields.Dict(metadata=note("Levels from 1 to 5 by the name of the skill."))
    routing = fields.Dict(metadata=note("Limits, shifts and absence, as when somebody is changed."))


class Leaving(Schema):
    tickets = fields.Integer(metadata=note("Open tickets they hold."))
    held = fields.Dict(metadata=note("How many of them by the name of the team."))
    steps = fields.Dict(metadata=note("Open steps that wait for them, by kind."))
    offered = fields.Integer(metadata=note("Batons offered to them."))
    tokens = fields.Integer(metadata=note("API tokens that would end."))
    rules = fields.List(fields.Raw(metadata=note("{id, title} of routing rules that name them")))
    sops = fields.List(fields.String())
    policies = fields.List(fields.String())
    leads = fields.List(fields.String())
    manages = fields.List(fields.String())
    stands_in_for = fields.List(fields.String())


class PersonChanges(Schema):
    name = fields.String()
    email = fields.String()
    role = fields.String()
    department = NumberOrName(allow_none=True)
    teams = fields.List(NumberOrName())
    language = fields.String()
    tz = fields.String(validate=validate.Length(1, 64))
    availability = fields.String()
    availability_by = fields.String(metadata=note("hand, or itself: offline because their browser has gone."))
    availability_at = fields.String(allow_none=True, metadata=note("Since when."))
    active = fields.Boolean()
    max_open = fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, 10_000))
    skills = fields.Dict(metadata=note("All their skills: levels from 1 to 5 by name."))
    routing = fields.Dict(
        metadata=note(
            "max_open, by_priority (limits by urgent, high, medium, low), hours (a calendar), absent_from, absent_until (ms), stand_in (id)."
        )
    )


class NewPerson(Schema):
    email = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(load_default="agent")
    department = NumberOrName(allow_none=True, load_default=None)
    teams = fields.List(NumberOrName(), load_default=list)
    nick = fields.String(load_default="")
    language = fields.String(load_default="id")
    tz = fields.String(load_default="Asia/Jakarta", validate=validate.Length(1, 64))
    password = fields.String(
        load_default=None, allow_none=True, metadata=note("Left out: they set one by the link they ask for.")
    )
    max_open = fields.Integer(strict=True, allow_none=True, load_default=None, validate=validate.Range(1, 10_000))
    skills = fields.Dict(load_default=dict, metadata=note("Levels from 1 to 5 by the name of the skill."))
    routing = fields.Dict(load_default=dict, metadata=note("As when somebody is changed."))


class Team(Schema):
    id = fields.Integer()
    name = fields.String()
    title = fields.String()
    department = fields.String()
    active = fields.Boolean()
    tier = fields.Integer(allow_none=True, metadata=note("Its line: 1 is asked first."))
    queue_order = fields.String(allow_none=True, metadata=note("null: as its department's."))
    lead = fields.Raw(allow_none=True, metadata=note("{kind, id, name}"))
    members = fields.List(fields.Raw(metadata=note("{kind, id, name}")))


class NewTeam(Schema):
    name = fields.String(required=True)
    title = fields.String(load_default="")
    department = NumberOrName(required=True)
    lead = NumberOrName(allow_none=True, load_default=None)
    members = fields.List(NumberOrName(), load_default=list)
    default = fields.Boolean(load_default=False, metadata=note("The department's tickets begin here."))


class TeamChanges(Schema):
    title = fields.String()
    active = fields.Boolean(metadata=note("false: it closes, when no open ticket is in it."))
    lead = NumberOrName(allow_none=True)
    members = fields.List(NumberOrName())
    queue_order = fields.String(allow_none=True, metadata=note("null: as its department's."))
    routing = fields.Dict(
        metadata=note(
            "by (least_busy, round_robin, skill, or PLUGIN.STRATEGY), people (ids), whole_department, last_agent, include_offline, drain, "
            "when_offline (keep, reroute), weights (by priority, and waiting)."
        )
    )


_GONE = note("Minutes without a browser until a colleague is offline by themselves; 0: never.")
_UPSET = note(
    "threshold (points; 0: not at all), priority (empty: as it is), mails (without an answer; 0: any number), words."
)


class Department(Schema):
    id = fields.Integer()
    name = fields.String()
    title = fields.String()
    address = fields.String(allow_none=True)
    language = fields.String()
    calendar = fields.String()
    manager = fields.Raw(allow_none=True)
    default_team = fields.String(allow_none=True)
    promise_minutes = fields.Integer()
    quiet_hours = fields.Integer()
    queue_order = fields.String()
    signature = fields.String()
    mailboxes = fields.List(fields.String(), metadata=note("Further addresses: mail to them comes here, too."))
    active = fields.Boolean()
    gone_minutes = fields.Integer(metadata=_GONE)
    upset = fields.Dict(metadata=_UPSET)


class DepartmentChanges(Schema):
    title = fields.String()
    address = fields.String(allow_none=True)
    mailboxes = fields.List(fields.String(), validate=validate.Length(max=50))
    active = fields.Boolean(
        metadata=note("false: it closes, when no open ticket, nobody and no address is left in it.")
    )
    language = fields.String()
    calendar = fields.String()
    manager = NumberOrName(allow_none=True)
    default_team = NumberOrName(allow_none=True)
    promise_minutes = fields.Integer(strict=True, validate=validate.Range(1, 100_000))
    quiet_hours = fields.Integer(strict=True, validate=validate.Range(0, 100_000))
    queue_order = fields.String()
    signature = fields.String(validate=validate.Length(max=4000))
    gone_minutes = fields.Integer(strict=True, validate=validate.Range(0, 1440), metadata=_GONE)
    upset = fields.Dict(metadata=_UPSET)


class NewDepartment(Schema):
    name = fields.String(required=True)
    title = fields.String(required=True, validate=validate.Length(1, 200))
    address = fields.String(allow_none=True, load_default=None)
    mailboxes = fields.List(fields.String(), load_default=list, validate=validate.Length(max=50))
    language = fields.String(load_default="id")
    calendar = fields.String(allow_none=True, load_default=None)
    promise_minutes = fields.Integer(strict=True, load_default=480, validate=validate.Range(1, 100_000))
    queue_order = fields.String(load_default="vip_lane")
    signature = fields.String(load_default="", validate=validate.Length(max=4000))


class Calendar(Schema):
    id = fields.Integer(allow_none=True, metadata=note("null: it is built in and cannot be changed."))
    name = fields.String()
    version = fields.Integer()
    hours = fields.Dict(metadata=note("As `estafet calendar compute` takes it: tz, hours, holidays, special, pauses."))


class NewCalendar(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_-]{0,62}$"))
    hours = fields.Dict(required=True)


class CalendarChanges(Schema):
    hours = fields.Dict(required=True)


class Policy(Schema):
    id = fields.Integer()
    name = fields.String()
    department = fields.String(
        allow_none=True, metadata=note("None: it holds for every department without an own one.")
    )
    place = fields.Integer(metadata=note("Policies are tried by place; the first that applies holds."))
    version = fields.Integer()
    active = fields.Boolean()
    policy = fields.Dict(metadata=note("The form of docs/clocks.md."))


class NewPolicy(Schema):
    department = fields.Raw(load_default=None, metadata=note("Name or id; none: all departments (managers)."))
    policy = fields.Dict(required=True, metadata=note("The form of docs/clocks.md."))


class PolicyChanges(Schema):
    policy = fields.Dict(metadata=note("The whole new text: it becomes the next version."))
    place = fields.Integer(strict=True, validate=validate.Range(0, 100_000))
    active = fields.Boolean()


class Reckoning(Schema):
    id = fields.Integer()
    cause = fields.String(validate=validate.OneOf(("calendar", "policy", "department", "upgrade", "alert")))
    of = fields.Integer(metadata=note("The id of the calendar, policy, department or alert rule."))
    at = fields.String()
    total = fields.Integer()
    done = fields.Integer()
    changed = fields.Integer(metadata=note("Tickets to which something else is promised now."))
    ended_at = fields.String(allow_none=True)


class Token(Schema):
    id = fields.Integer()
    name = fields.String()
    created_at = fields.String()
    last_used_at = fields.String(allow_none=True)
    revoked = fields.Boolean()


class NewToken(Schema):
    name = fields.String(required=True, metadata=note("What will use it."))


class NewTokenShown(Token):
    token = fields.String(metadata=note("The secret, in this answer only."))


class SopVersion(Schema):
    version = fields.Integer(metadata=note("A draft has the number it will be published under."))
    state = fields.String(metadata=note("draft, in_review, published, deprecated, retired"))
    author = fields.Raw(allow_none=True)
    created_at = fields.String()
    published_at = fields.String(allow_none=True)
    note = fields.String()


class SopLine(Schema):
    id = fields.Integer()
    name = fields.String()
    title = fields.String()
    department = fields.String(allow_none=True)
    mode = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True, metadata=note("The published one."))
    published_at = fields.String(allow_none=True)
    drafts = fields.Integer()


class Sop(Schema):
    id = fields.Integer()
    name = fields.String()
    department = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    text = fields.String(allow_none=True, metadata=note("The published document, as YAML."))
    versions = fields.List(fields.Nested(SopVersion))


class SopText(SopVersion):
    name = fields.String()
    text = fields.String()


class Finding(Schema):
    line = fields.Integer()
    column = fields.Integer()
    end_column = fields.Integer()
    code = fields.String()
    message = fields.String()
    suggests = fields.String(allow_none=True)


class Findings(Schema):
    errors = fields.List(fields.Nested(Finding))
    warnings = fields.List(fields.Nested(Finding))


class DraftSaved(SopText):
    warnings = fields.List(fields.Nested(Finding))


class Publishing(Schema):
    reason = fields.String(load_default="", validate=validate.Length(max=2000))
    note = fields.String(load_default="", validate=validate.Length(max=2000))
