"""Steps that people end: assign, task, approval, collaborate, resolve, document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.procedure.behaviour import Behaviour
from core.procedure.failing import fail
from core.procedure.values import Asking, Party, State
from core.procedure.ways import END
from core.sop.document import Approval, Assign, Collaborate, Document, Resolve, Task

if TYPE_CHECKING:
    from core.procedure.running import Here, Running
    from core.procedure.values import Visit
    from core.sop.document import Step, Who


def _follow(walk: Running, here: Here, visit: Visit, who: Who) -> Visit:
    """An open step of `assignee` follows a new assignee. What failed and asks somebody keeps whom it asks."""
    if "assignee" in who and not visit.marks.get("asked"):
        return walk.record.give(visit, walk.resolve(here.frame, who))
    return visit


# ---- assign --------------------------------------------------------------------------------------------------------------


def _open_assign(walk: Running, here: Here) -> Visit:
    what, frame = here.step.what, here.frame
    assert isinstance(what, Assign)
    filled = replace(
        what,
        **{
            name: walk.fill(frame, value)
            for name in ("team", "agent", "skill", "tier", "cap")
            if isinstance(value := getattr(what, name), str) and "${" in value
        },
    )
    chosen = walk.world.assign(filled, walk.scope(frame))
    team = filled.team
    if isinstance(chosen, Asking):
        visit = walk.open(here, (Party("team", str(team)),) if team else (), ("ticket.assigned",))
        walk.order(here, "backlog", team, None)
        walk.record.want(visit, "choose", chosen.by, {**chosen.payload, "strict": not what.backlog})
        walk.facts.ticket["assignee"] = None
    elif chosen is not None:
        visit = walk.decide(here, "assigned", chosen.person, chosen.why)
        visit.assignees = (Party("person", chosen.person),)
        walk.order(here, "assign", team, chosen.person, chosen.why)
        walk.facts.ticket["assignee"] = chosen.person
    else:
        visit = walk.open(here, (Party("team", str(team)),) if team else (), ("ticket.assigned",))
        if not what.backlog:
            return fail(walk, here, visit, {"code": "nobody"})
        walk.order(here, "backlog", team, None)
        walk.facts.ticket["assignee"] = None
    if team:
        walk.facts.ticket["team"] = team
    return visit


def _stay_assign(walk: Running, here: Here, visit: Visit) -> None:
    if visit.marks.get("error"):
        fail(walk, here, visit, visit.marks["error"])
    elif person := walk.facts.ticket.get("assignee"):
        mine = walk.record.own(visit)
        mine.assignees = (Party("person", str(person)),)
        walk.record.end(mine, State.DONE, "assigned", by=str(person), result=person)


# ---- task, document, collaborate -----------------------------------------------------------------------------------------


def _to(step: Step) -> Who:
    assert isinstance(step.what, Task)
    return step.what.to


def _open_task(walk: Running, here: Here) -> Visit:
    return walk.open(here, walk.resolve(here.frame, _to(here.step)))


def _stay_task(walk: Running, here: Here, visit: Visit) -> None:
    _follow(walk, here, visit, _to(here.step))


def _open_document(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, Document)
    if (what.article, what.sop) == ("none", "none"):
        return walk.decide(here, "accepted")
    visit = walk.open(here, walk.resolve(here.frame, ("assignee",)))
    walk.record.want(visit, "draft", "draft", {"article": what.article, "sop": what.sop})
    return visit


def _stay_document(walk: Running, here: Here, visit: Visit) -> None:
    _follow(walk, here, visit, ("assignee",))


def _ask(step: Step) -> Who:
    assert isinstance(step.what, Collaborate)
    return step.what.ask


def _open_collaborate(walk: Running, here: Here) -> Visit:
    return walk.open(here, walk.resolve(here.frame, _ask(here.step)))


def _stay_collaborate(walk: Running, here: Here, visit: Visit) -> None:
    what = here.step.what
    assert isinstance(what, Collaborate)
    visit = _follow(walk, here, visit, what.ask)
    answers = visit.marks.get("answers", {})
    if not answers:
        return
    people = _people(walk, visit)
    wanted = _quorum(what.quorum, people, visit)
    if len(answers) >= wanted:
        walk.record.end(
            visit, State.DONE, "answered", by=next(reversed(answers)), why={"answers": len(answers), "quorum": wanted}
        )


# ---- approval ------------------------------------------------------------------------------------------------------------


def _by(step: Step) -> Who:
    assert isinstance(step.what, Approval)
    return step.what.by


def _open_approval(walk: Running, here: Here) -> Visit:
    visit = walk.open(here, walk.resolve(here.frame, _by(here.step)), excluded=excluded(walk, here))
    _check_quorum(walk, here, visit)
    return visit


def excluded(walk: Running, here: Here) -> list[str]:
    """The ids of the people who may not vote. Whom `by` names in so many words (`by: customer`) is asked all the same."""
    what = here.step.what
    assert isinstance(what, Approval)
    ids: set[str] = set()
    asked = {_same_word(word) for word in what.by}
    for word in what.exclude:
        if _same_word(word) in asked:
            continue
        if word == "assignee" and not walk.facts.ticket.get("assignee"):
            continue  # nobody holds it: the lead who stands in elsewhere is not excluded
        for party in walk.resolve(here.frame, (word,)):
            own = party.id if party.kind == "person" else f"{party.kind}:{party.id}"
            ids.update(walk.world.members(party) or (own,))
    return sorted(ids)


def _same_word(word: str) -> str:
    return "customer" if word == "requester" else word


def _stay_approval(walk: Running, here: Here, visit: Visit) -> None:
    what = here.step.what
    assert isinstance(what, Approval)
    visit = _follow(walk, here, visit, what.by)
    votes: dict[str, str] = visit.marks.get("votes", {})
    rejecting = [person for person, vote in votes.items() if vote == "reject"]
    if rejecting:
        walk.record.end(visit, State.DONE, "reject", by=rejecting[-1], why={"votes": votes})
        return
    wanted = _check_quorum(walk, here, visit)
    if votes and len(votes) >= wanted:
        walk.record.end(visit, State.DONE, "approve", by=next(reversed(votes)), why={"votes": votes, "quorum": wanted})


def _check_quorum(walk: Running, here: Here, visit: Visit) -> int:
    """How many votes it takes; a number nobody can reach is told to the lead."""
    what = here.step.what
    assert isinstance(what, Approval)
    people = _people(walk, visit)
    wanted = _quorum(what.quorum, people, visit)
    if people is not None and len(people) < wanted:
        walk.need("quorum", visit.path)
    return wanted


def _people(walk: Running, visit: Visit) -> frozenset[str] | None:
    """Everybody who may act on it; None when that cannot be known."""
    people: set[str] = set()
    for party in visit.assignees:
        members = walk.world.members(party)
        if members is None:
            return None
        people.update(members or ((f"{party.kind}:{party.id}",) if party.kind in ("customer", "mail") else ()))
    return frozenset(people.difference(visit.marks.get("excluded", ())))


def _quorum(quorum: str | int, people: frozenset[str] | None, visit: Visit) -> int:
    if isinstance(quorum, int):
        return quorum
    everybody = len(visit.assignees) if people is None else len(people)
    return max(1, everybody) if quorum == "all" else 1


# ---- resolve -------------------------------------------------------------------------------------------------------------


def _open_resolve(walk: Running, here: Here) -> Visit:
    what = here.step.what
    assert isinstance(what, Resolve)
    if what.automatic:
        return walk.decide(here, "completed")
    return walk.open(here, walk.resolve(here.frame, ("assignee",)))


def _stay_resolve(walk: Running, here: Here, visit: Visit) -> None:
    _follow(walk, here, visit, ("assignee",))


def _passed_resolve(walk: Running, here: Here, visit: Visit) -> None:
    """Resolve the ticket, once. Inside a sub-SOP it ends the sub-SOP and leaves the ticket alone."""
    if visit.outcome != "completed" or visit.marks.get("resolved"):
        return
    if here.frame.path:
        walk.record.mark(visit, way=END)
        return
    walk.record.mark(visit, resolved=True)
    walk.order(here, "resolve", None, here.path)
    walk.facts.ticket["status"] = "resolved"


ASSIGN = Behaviour(_open_assign, _stay_assign)
TASK = Behaviour(_open_task, _stay_task, told=_to, human=True)
DOCUMENT = Behaviour(_open_document, _stay_document, told=lambda _step: ("assignee",), human=True)
COLLABORATE = Behaviour(_open_collaborate, _stay_collaborate, told=_ask, human=True)
APPROVAL = Behaviour(_open_approval, _stay_approval, told=_by, human=True)
RESOLVE = Behaviour(_open_resolve, _stay_resolve, _passed_resolve, told=lambda _step: ("assignee",), human=True)
