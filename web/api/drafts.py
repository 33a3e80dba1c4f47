"""Writing procedures: the draft with what is wrong with it, what it changes, dry runs, and moving running tickets to what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core import sop_drafts
from core.errors import CommandError, FieldError, Invalid, NotFound
from core.moments import now_ms, rfc3339
from core.permissions import require
from core.plugins.registry import examples
from core.procedure.deeds import open_steps
from core.sop.durations import DurationError, parse_duration
from core.sop.reading import SopError, load
from core.studio import comparing, drafts, dry_run, moving, publishing, replaying
from core.studio.conditions import spoken
from core.studio.copying import given_by
from core.studio.dry_run import Script
from core.studio.known_names import finder
from core.studio.replay.telling import as_json
from core.studio.replaying import Wanted
from core.studio.start_rules import overlaps
from core.texts import _
from web.api import shapes_drafts as shapes
from web.api import shapes_replay, shapes_work
from web.api.answers import Answer, answer, command
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.sops import finding
from web.wiring import database, settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from core.procedure.simulation import Entry, Simulation
    from core.sop.document import Sop
    from core.studio.drafts import Draft

part = Part("drafts", __name__, "Writing, trying and releasing procedures.")
_DRAFT = "/sops/<name>/draft"


@part.reading(_DRAFT)
@part.response(200, shapes.SopDraft)
def read_draft(name: str) -> Response:
    """The draft of a procedure, its errors and warnings, how its test cases come out, and what stands before its publication"""
    with database().read() as tx:
        row = sop_drafts.find_sop(tx, caller(), name)
        return answer(_draft(tx, drafts.read_draft(tx, caller(), row.id)))


def _draft(tx: Connection, draft: Draft) -> dict[str, Any]:
    ready = publishing.readiness(tx, draft)
    tried, sop = ready.tried, ready.checked.sop
    failing = [{"case": one.case.name, "why": "; ".join(f.message for f in one.failures)} for one in tried.failing]
    failing += [{"case": "", "why": str(one)} for one in tried.problems]
    return {
        "name": draft.name,
        "department": draft.department,
        "state": draft.state,
        "revision": draft.revision,
        "text": draft.text,
        "cases": draft.cases,
        "changed_at": rfc3339(draft.changed_at),
        "changed_by": draft.changed_by,
        "errors": [finding(one) for one in ready.checked.errors],
        "warnings": [finding(one) for one in ready.checked.warnings],
        "tests": {"cases": tried.count, "failing": failing, "coverage": tried.coverage, "missed": tried.missed()},
        "blocking": list(ready.blocking),
        "needs_reason": ready.needs_reason,
        "overlaps": _overlaps(tx, draft, sop) if sop is not None else [],
    }


def _overlaps(tx: Connection, draft: Draft, sop: Sop) -> list[dict[str, Any]]:
    found = overlaps(tx, sop, draft.sop_id, draft.department_id)
    return [
        {
            "title": one.title,
            "rule": spoken(one.rule),
            "wins": one.wins,
            "both": one.both,
            "apart": one.apart,
            "apart_mine": one.apart_mine,
        }
        for one in found
    ]


@part.command(_DRAFT)
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes.SopDraft)
def begin_draft(_given: dict[str, Any], name: str) -> Response:
    """Begin a draft from the newest version (leads); where there is one, it is answered"""

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        return Answer(_draft(tx, drafts.open_draft(tx, caller(), row.id, now=now_ms())))

    return command(work)


@part.changing(_DRAFT)
@part.arguments(shapes.SopDraftChanges)
@part.response(200, shapes.SopDraft)
def save_draft(given: dict[str, Any], name: str) -> Response:
    """Save a draft's text or test cases (leads), with errors or without

    Another author's newer text is never written over: 409.
    """

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        saved = drafts.save_draft(
            tx, caller(), row.id, given["revision"], text=given.get("text"), cases=given.get("cases"), now=now_ms()
        )
        return Answer(_draft(tx, saved))

    return command(work)


@part.command(f"{_DRAFT}/review")
@part.arguments(shapes.Revision)
@part.response(200, shapes.SopDraft)
def ask_for_review(given: dict[str, Any], name: str) -> Response:
    """Ask for a review of a draft (leads)"""

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        asked = publishing.ask_for_review(tx, caller(), row.id, given["revision"], note=given["note"], now=now_ms())
        return Answer(_draft(tx, asked))

    return command(work)


@part.command(f"{_DRAFT}/send-back")
@part.arguments(shapes.Revision)
@part.response(200, shapes.SopDraft)
def send_back(given: dict[str, Any], name: str) -> Response:
    """Send a text in review back to its author (leads)"""

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        return Answer(_draft(tx, publishing.send_back(tx, caller(), row.id, given["revision"], now=now_ms())))

    return command(work)


# ---- looking at it -----------------------------------------------------------------------------------------------------------


def _text(tx: Connection, sop_id: int, wanted: str) -> str:
    """The text of a version, or of the draft."""
    if wanted == "draft":
        return drafts.read_draft(tx, caller(), sop_id).text
    found = next((one for one in sop_drafts.versions_of(tx, sop_id) if str(one.number) == wanted), None)
    if found is None:
        raise NotFound(_("This SOP has no version %(n)s.", n=wanted[:20]))
    return found.text


def _document(text: str) -> Sop:
    try:
        return load(text)
    except SopError as error:
        raise Invalid(FieldError("", _("The document cannot be read yet. Put its text right first."))) from error


def _published(tx: Connection, sop_id: int, version_id: int | None) -> str:
    found = next((one for one in sop_drafts.versions_of(tx, sop_id) if one.id == version_id), None)
    if found is None:
        raise NotFound(_("No version of this SOP is published. Say which two versions: ?from=1&to=2"))
    return str(found.number)


@part.reading("/sops/<name>/compare")
@part.arguments(shapes.Between, location="query")
@part.response(200, shapes.Differences)
def compare(wanted: dict[str, Any], name: str) -> Response:
    """What is different between two versions, or between the published one and the draft, in words"""
    with database().read() as tx:
        row = sop_drafts.find_sop(tx, caller(), name)
        old = wanted["from_"] or _published(tx, row.id, row.published_version_id)
        before, after = _document(_text(tx, row.id, old)), _document(_text(tx, row.id, wanted["to"]))
    told = [{"step": one.step, "kind": one.kind, "text": one.text} for one in comparing.differences(before, after)]
    return answer({"from": old, "to": wanted["to"], "differences": told})


@part.command("/sops/<name>/try")
@part.arguments(shapes.Trying)
@part.response(200, shapes.Played)
def try_sop(given: dict[str, Any], name: str) -> Response:
    """A dry run: a made-up or copied ticket follows the procedure on a virtual clock; nothing leaves

    An action without an answer answers with its example.
    """
    require(caller(), "read_sops")
    minutes = _minutes(given["for_"])

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        chosen = given["version"] or _newest(tx, row)
        sop, find = _document(_text(tx, row.id, chosen)), finder(tx, row.department_id)
        script = _script(tx, sop, given, minutes)
        played = dry_run.play(sop, script, find)
        if played.sim is None:
            raise Invalid(FieldError("/when", played.problem))
        return Answer(_told(played.sim, played.problem))

    return command(work)


def _script(tx: Connection, sop: Sop, given: dict[str, Any], minutes: int) -> Script:
    ticket, customer, fields, start = given["ticket"], given["customer"], given["fields_"], None
    if given["copy"] is not None:
        copied = given_by(tx, caller(), given["copy"])
        ticket, customer, fields = (
            {**old, **new} for old, new in zip(copied[:3], (ticket, customer, fields), strict=True)
        )
        start = copied[3]
    begun = dry_run.begin(sop, ticket, customer, fields, start=start, examples=examples(tx))
    answers = {**begun.given.get("answers", {}), **given["answers"]}
    return Script({**begun.given, **({"answers": answers} if answers else {})}, tuple(given["when"]), minutes)


def _minutes(time: str) -> int:
    try:
        found = parse_duration(time)
    except DurationError as error:
        words = _("“%(text)s” is not a duration such as PT2H or P3D.", text=time[:40])
        raise Invalid(FieldError("/for", words)) from error
    return min((found.months * 30 + found.weeks * 7 + found.days) * 1440 + found.seconds // 60, 5_256_000)


def _told(sim: Simulation, problem: str) -> dict[str, Any]:
    def listed(entries: Iterable[Entry]) -> list[dict[str, Any]]:
        start = sim.given.start
        return [
            {"what": one.what, "who": one.who or None, "after_seconds": (one.at - start) // 1000} for one in entries
        ]

    return {
        "steps": listed(sim.log.opened),
        "notices": listed(sim.log.notices),
        "calls": listed(sim.log.calls),
        "open": list(open_steps(sim)),
        "ended": sim.ended.outcome if sim.ended else None,
        "problem": problem or None,
    }


@part.reading("/sops/<name>/replay")
@part.arguments(shapes_replay.Replaying, location="query")
@part.response(200, shapes_replay.ReplayOfPast)
def replay_past(wanted: dict[str, Any], name: str) -> Response:
    """What a draft would have done with the last tickets that it would have taken, beside what really happened

    Where it cannot be known, the cause is said. Only tickets that you may read are played; nothing is changed.
    """
    require(caller(), "read_sops")
    with database().read() as tx:
        row = sop_drafts.find_sop(tx, caller(), name)
        chosen = wanted["version"] or _newest(tx, row)
        asked = Wanted(
            _document(_text(tx, row.id, chosen)),
            row.id,
            row.department_id,
            wanted["last"],
            wanted["which"],
            wanted["open"],
        )
        found = replaying.replay(tx, caller(), asked, now_ms())
    return answer({"version": chosen, **as_json(found)})


def _newest(tx: Connection, row: Any) -> str:
    """The draft, where there is one, else what is published."""
    return "draft" if drafts.find_draft(tx, row.id) else _published(tx, row.id, row.published_version_id)


# ---- running tickets -----------------------------------------------------------------------------------------------------------


@part.reading("/sops/<name>/versions/<int:number>/running")
@part.response(200, shapes.MovePreview)
def preview_move(name: str, number: int) -> Response:
    """What moving the tickets that run on this version to the published one would do (leads), in groups: safe, choice, cannot"""
    with database().read() as tx:
        row = sop_drafts.find_sop(tx, caller(), name)
        found = moving.preview(tx, caller(), row.id, number)
    tickets = [
        {
            "ticket": one.ticket_id,
            "subject": one.subject,
            "group": one.group,
            "open": list(one.open),
            "opens": list(one.opens),
            "missing": list(one.missing),
            "reasons": list(one.reasons),
        }
        for one in found.candidates
    ]
    return answer({"to": found.target_number, "steps": list(found.target_steps), "tickets": tickets})


@part.command("/sops/<name>/move")
@part.arguments(shapes.MovingRunning)
@part.response(200, shapes.Moved)
def move(given: dict[str, Any], name: str) -> Response:
    """Move running tickets to the published version (leads), each by itself: one that is refused holds up no other

    `choices` says what an open step becomes that the published version has not: `{"old": "new"}`.
    """

    def work(tx: Connection) -> Answer:
        row = sop_drafts.find_sop(tx, caller(), name)
        drafts.require_author(tx, caller(), row.id, "publish_sops")
        moved, refused = [], []
        for ticket_id in sorted(set(given["tickets"])):  # locked in the order of their ids
            try:
                with tx.begin_nested():
                    moving.move_ticket(
                        tx, settings(), caller(), row.id, ticket_id, choices=given["choices"], anyway=given["anyway"]
                    )
                moved.append(ticket_id)
            except CommandError as error:
                refused.append({"ticket": ticket_id, "why": str(error)})
        return Answer({"moved": moved, "refused": refused})

    return command(work)
