"""Try a draft before it is published: a made-up ticket on a virtual clock, its test cases, and the tickets of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for

from core.errors import CommandError, Conflict, Refused
from core.moments import now_ms
from core.plugins.registry import examples
from core.procedure.deeds import open_steps
from core.sop.document import Approval, Collaborate, Document, Resolve, Task, Wait
from core.sop.drawing_words import event, plain, say, who
from core.sop.reading import draft as read_text
from core.sop.shapes import humanised
from core.studio import drafts, dry_run
from core.studio.copying import given_by
from core.studio.dry_run import MINUTE, Script
from core.studio.inputs import WrongAnswer
from core.studio.known_names import finder
from core.studio.trying import summary, try_cases
from core.texts import _
from web.flow import drawing
from web.signin import actor
from web.studio import studio
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from core.procedure.simulation import Simulation
    from core.procedure.values import Visit
    from core.sop.document import Field, Sop
    from core.studio.drafts import Draft


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the dry run: what it does, as a case writes it."""

    verb: str
    target: str
    text: str
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A step that waits, who may act on it and how."""

    shown: str
    title: str
    text: str
    who: str
    due_at: int | None
    acts: list[Act]
    fields: list[Field]
    resolution: bool


@studio.get("/<int:sop_id>/try")
def try_page(sop_id: int) -> ResponseReturnValue:
    """A fresh ticket on the draft."""
    return _page(sop_id, None, "")


@studio.post("/<int:sop_id>/try")
def go_on(sop_id: int) -> ResponseReturnValue:
    """One more thing happens to the made-up ticket."""
    script = Script.from_json(request.form.get("script", ""))
    form = request.form
    try:
        match form.get("do"):
            case "begin":
                script = _begun(sop_id)
            case "wind":
                script = _wound(script, form.get("minutes", type=int, default=0))
            case "back":
                script = _back(script)
            case "event":
                script = script.then({"event": form["event"], "by": "customer"})
            case "case":
                return _keep(sop_id, script)
            case _:
                script = script.then(_deed())
    except (WrongAnswer, Conflict) as error:
        return _page(sop_id, script, str(error))
    return _page(sop_id, script, "")


def _wound(script: Script, minutes: int) -> Script:
    return Script(script.given, script.when, min(script.minutes + max(minutes, 0), 5_256_000))


def _back(script: Script) -> Script:
    """Undo the last thing: the clock goes back to it, too."""
    if not script.when:
        return Script(script.given)
    when = script.when[:-1]
    last = str(script.when[-1]["after"]).removeprefix("PT").removesuffix("M")
    return Script(script.given, when, int(last) if last.isdecimal() else 0)


def _deed() -> dict[str, Any]:
    form = request.form
    found: dict[str, Any] = {form.get("verb", "complete"): form.get("step", "")}
    if form.get("by"):
        found["by"] = form["by"]
    if form.get("choice"):
        found["choice"] = form["choice"]
    fields = {name.removeprefix("field."): value for name, value in form.items() if name.startswith("field.") and value}
    if fields:
        found["fields"] = fields
    return found


def _begun(sop_id: int) -> Script:
    """A new ticket, made up or copied."""
    form = request.form
    with database().read() as tx:
        sop, known = readable(drafts.read_draft(tx, actor(), sop_id)), examples(tx)
        number = form.get("ticket", "").strip().lstrip("#")
        if number:
            if not number.isdecimal():
                raise WrongAnswer(_("“%(value)s” is no ticket's number.", value=number))
            ticket, customer, fields, start = given_by(tx, actor(), int(number))
            return dry_run.begin(sop, ticket, customer, fields, start=start, examples=known)
    names = ("topic", "channel", "priority", "product")
    ticket = {name: form[f"ticket.{name}"].strip() for name in names if form.get(f"ticket.{name}", "").strip()}
    customer = {"class": form["customer.class"].strip()} if form.get("customer.class", "").strip() else {}
    return dry_run.begin(sop, ticket, customer, examples=known)


def readable(draft: Draft) -> Sop:
    """The document of a draft; Refused while it cannot be read."""
    sop = read_text(draft.text).sop
    if sop is None:
        raise Refused(_("The draft cannot be read yet. Put its text right first."))
    return sop


def _keep(sop_id: int, script: Script) -> ResponseReturnValue:
    """The dry run becomes a test case of the draft."""
    with database().write(quietly=True) as tx:
        draft = drafts.read_draft(tx, actor(), sop_id)
        sop = readable(draft)
        cases = dry_run.as_case(sop, script, request.form.get("name", ""), draft.cases, finder(tx, draft.department_id))
        drafts.save_draft(tx, actor(), sop_id, draft.revision, cases=cases, now=now_ms())
    flash(_("The dry run is a test case of the draft now. It runs on every save."))
    return redirect(url_for("studio.try_page", sop_id=sop_id, _anchor="cases"), 303)


def _page(sop_id: int, script: Script | None, refused: str, typed: str | None = None) -> ResponseReturnValue:
    """The page; `typed` are test cases that could not be saved: they stay in their box, beside the saved ones."""
    with database().read() as tx:
        draft = drafts.read_draft(tx, actor(), sop_id)
        find = finder(tx, draft.department_id)
        sop = readable(draft)
        known = examples(tx)
        tried = try_cases(sop, draft.cases, find, known)
        played = dry_run.play(sop, script or dry_run.begin(sop, examples=known), find)
    sim = played.sim
    return render_template(
        "studio/try.html",
        here="studio",
        draft=draft,
        sop=sop,
        script=played.script,
        sim=sim,
        refused=refused or played.problem,
        flow=drawing(sop, dry_run.marks(sim) if sim else {}),
        open=_opened(sim) if sim else [],
        log=_log(sim) if sim else [],
        events=[(code, event(code)) for code in _awaited(sim)] if sim else [],
        next_alarm=_minutes_to_alarm(sim) if sim else 0,
        tried=tried,
        summary=summary,
        humanised=humanised,
        now=sim.now if sim else 0,
        typed=typed,
        may_keep=drafts.may_write(actor(), draft.department_id),
    ), 422 if refused or played.problem else 200


def _minutes_to_alarm(sim: Simulation) -> int:
    alarm = sim.move.alarm_at
    return 0 if alarm is None or sim.ended else -(-(alarm - sim.now) // MINUTE)


def _awaited(sim: Simulation) -> list[str]:
    """The events that something waits for now."""
    found = {
        kind for visit in sim.ledger.values() if visit.open for kind in visit.awaits if kind != "*" and "." in kind
    }
    found |= {on.event for on in sim.main.on}
    return sorted(found - {"ticket.assigned", "step.done", "step.opened", "task.completed"}) if not sim.ended else []


def _opened(sim: Simulation) -> list[Open]:
    names = set(open_steps(sim))
    return [
        _open(sim, visit)
        for visit in sim.ledger.values()
        if visit.open and visit.path != "@" and sim.shown(visit) in names
    ]


def _open(sim: Simulation, visit: Visit) -> Open:
    step = sim.step_of(visit)
    shown = sim.shown(visit)
    require = step.what.require if isinstance(step.what, Task | Resolve) else ()
    names = [name.removeprefix("fields.") for name in require]
    document = sim.document_of(visit)
    return Open(
        shown=shown,
        title=humanised(visit.name),
        text=plain(say(step.title)),
        who=", ".join(
            who((f"{party.kind}:{party.id}" if party.kind == "team" else party.id,)) for party in visit.assignees
        ),
        due_at=visit.due_at,
        acts=_acts(step, visit, shown),
        fields=[document.fields[name] for name in names if name in document.fields],
        resolution="resolution" in names,
    )


def _acts(step: Any, visit: Visit, shown: str) -> list[Act]:
    """What may be done to an open step."""
    if visit.marks.get("asked"):
        return [
            Act("retry", shown, _("Try again")),
            Act("complete", shown, _("Done by hand")),
            Act("skip", shown, _("Skip")),
        ]
    match step.what:
        case Task(choices=choices) if choices:
            found = [Act("complete", shown, say(choice.label), choice.code) for choice in choices]
        case Task() | Resolve():
            found = [Act("complete", shown, _("Done"))]
        case Approval():
            found = [Act("approve", shown, _("Approve")), Act("reject", shown, _("Reject"))]
        case Collaborate():
            found = [Act("answer", shown, _("Send the answer"))]
        case Document():
            found = [Act("accept", shown, _("Accept")), Act("decline", shown, _("Decline"))]
        case Wait():
            found = []
        case _:
            found = (
                [Act("child", shown, _("It has ended"))]
                if visit.kind == "run"
                else [Act("linked", shown, _("It changed"))]
            )
    return [*found, Act("skip", shown, _("Skip"))] if step.skippable else found


def _log(sim: Simulation) -> list[tuple[int, str, str]]:
    """What happened, in order: steps, messages, calls."""
    at = {entry.path: n for n, entry in enumerate(sim.log.opened)}
    rows = [
        (entry.at, n, 0, _("step"), humanised(entry.what.partition("@")[0])) for n, entry in enumerate(sim.log.opened)
    ]
    for entries, kind in ((sim.log.notices, _("message")), (sim.log.calls, _("call")), (sim.log.runs, _("starts"))):
        for entry in entries:
            what = f"{humanised(entry.what)} → {who((entry.who,))}" if entry.who else entry.what
            rows.append((entry.at, at.get(entry.path, len(at)), 1, kind, what))
    return [(row[0], row[3], row[4]) for row in sorted(rows, key=lambda row: row[:3])]


@studio.post("/<int:sop_id>/cases")
def save_cases(sop_id: int) -> ResponseReturnValue:
    """Save the text of the test cases."""
    revision = request.form.get("revision", type=int, default=0)
    cases = request.form.get("cases", "").replace("\r\n", "\n")
    try:
        with database().write(quietly=True) as tx:
            drafts.save_draft(tx, actor(), sop_id, revision, cases=cases, now=now_ms())
    except CommandError as error:
        return _page(sop_id, None, str(error), typed=cases)
    flash(_("Saved."))
    return redirect(url_for("studio.try_page", sop_id=sop_id, _anchor="cases"), 303)
