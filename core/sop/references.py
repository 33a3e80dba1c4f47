"""Does everything a document names exist: targets of jumps, outcomes, fields, and the names of the organisation around it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sop import words
from core.sop.document import Approval, Collaborate, Run
from core.sop.problems import at_step, listed, nearest
from core.sop.types import outcomes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.sop.document import Sop, Step
    from core.sop.naming import Names
    from core.sop.problems import Problems
    from core.sop.reading import Draft
    from core.sop.shapes import Aim, Mention
    from core.sop.structure import Spot

_BUILT_IN = {"calendars": ("always", "id-jakarta"), "events": words.EVENTS}
_SINGULAR = {"classes": "class", "strategies": "strategy"}


def check_aims(draft: Draft, spots: Mapping[str, Spot]) -> None:
    """Every `then` must name a step that can be reached from where it stands."""
    assert draft.sop is not None
    main = [step.name for step in draft.sop.do]
    unread = draft.nodes.keys() - spots.keys()
    for aim in draft.shapes.aims:
        if aim.target in unread or draft.problems.full:
            continue
        draft.problems.where = aim.where
        spot = spots.get(aim.step)
        if spot is None or aim.via == "on":
            if aim.target != "end" and aim.target not in main:
                found, known = aim.target, listed(main)
                draft.problems.add("document-then", aim.node, nearest(found, main), found=found, known=known)
        elif aim.target not in words.RESERVED_TARGETS and aim.target not in (known_targets := spot.targets()):
            _misled(draft.problems, aim, known_targets, spots)
    draft.problems.where = ""


def _misled(problems: Problems, aim: Aim, known: list[str], spots: Mapping[str, Spot]) -> None:
    there = spots.get(aim.target)
    holders = [spot.holder.step.name for spot in there.around() if spot.holder] if there else []
    inside = next((name for name in holders if name in known), None)
    if inside and inside != aim.step:
        problems.add(
            "then-inside", aim.node, inside, found=aim.target, holder=inside, known=listed(known), right=inside
        )
    elif there is not None:
        problems.add("then-border", aim.node, found=aim.target, known=listed(known))
    else:
        problems.add("then-unreachable", aim.node, nearest(aim.target, known), found=aim.target, known=listed(known))


def check_mentions(draft: Draft, names: Names | None) -> None:
    """Every name must exist in its list, as far as that list is known."""
    assert draft.sop is not None
    steps = {step.name: step for step in draft.sop.steps()}
    for mention in draft.shapes.mentions:
        if draft.problems.full:
            break
        draft.problems.where = mention.where
        match mention.kind:
            case "fields":
                _field(draft.problems, mention, draft.sop)
            case "required":
                _required(draft.problems, mention, draft.sop, steps.get(mention.step))
            case "outcomes":
                _outcome(draft.problems, mention, steps.get(mention.step))
            case "vars":
                pass
            case "events":
                _event(draft.problems, mention, names)
            case "sops":
                _sop(draft.problems, mention, draft.sop, names)
            case _:
                _outside(draft.problems, mention, names)
    draft.problems.where = ""


def _field(problems: Problems, mention: Mention, sop: Sop) -> None:
    name = mention.name.removeprefix("fields.")
    if name not in sop.fields:
        near = nearest(name, sop.fields)
        known = listed(list(sop.fields)) or "–"
        problems.add("unknown-field", mention.node, near and f"fields.{near}", found=name, known=known)


def _required(problems: Problems, mention: Mention, sop: Sop, step: Step | None) -> None:
    """What else can be required: a property of the ticket, and at the end its resolution."""
    name = mention.name
    resolves = step is not None and step.kind == "resolve"
    if (name == "resolution" and resolves) or (
        name.removeprefix("ticket.") in words.SETTABLE and name.startswith("ticket.")
    ):
        return
    near = (
        f"fields.{name}"
        if name in sop.fields
        else nearest(name, [*(f"fields.{field}" for field in sop.fields), "resolution"])
    )
    problems.add(
        "required-unknown",
        mention.node,
        near,
        found=name,
        more=", ticket.NAME or resolution" if resolves else " or ticket.NAME",
    )


def _outcome(problems: Problems, mention: Mention, step: Step | None) -> None:
    if step is None or (known := outcomes_of(step)) is None or mention.name in known:
        return
    problems.add(
        "unknown-outcome",
        mention.node,
        nearest(mention.name, known),
        found=mention.name,
        kind=step.kind,
        known=", ".join(known),
    )


def _event(problems: Problems, mention: Mention, names: Names | None) -> None:
    known = (*words.EVENTS, *(names.events if names and names.events else ()))
    if mention.name in known:
        return
    plugin, point, rest = mention.name.partition(".")
    ours = plugin in words.OWN_PREFIXES or not point or not rest
    if ours or (names and names.events is not None):
        problems.add("unknown-event", mention.node, nearest(mention.name, known), found=mention.name)
    elif nearest(plugin, words.OWN_PREFIXES) and (meant := nearest(mention.name, words.EVENTS)):
        problems.add("unknown-event", mention.node, meant, found=mention.name)  # a slip rather than a plugin's name


def _sop(problems: Problems, mention: Mention, sop: Sop, names: Names | None) -> None:
    own = {sop.name, f"{sop.department}/{sop.name}"}
    if mention.name in own:
        problems.add("sop-cycle", mention.node, path=f"{sop.name} → {sop.name}")
    elif names and names.sops is not None and not _known_sop(mention.name, names.sops):
        problems.add("unknown-sop", mention.node, nearest(mention.name, names.sops), found=mention.name)


def _known_sop(name: str, known: Iterable[str]) -> bool:
    """`billing/refund` and `refund` mean the same where only one of both forms is listed."""
    known = set(known)
    if name in known:
        return True
    short = name.rpartition("/")[2]
    return short in known if "/" in name else any(other.rpartition("/")[2] == name for other in known)


def _outside(problems: Problems, mention: Mention, names: Names | None) -> None:
    known = getattr(names, mention.kind) if names else None
    if known is None or mention.name in known or mention.name in _BUILT_IN.get(mention.kind, ()):
        return
    singular = _SINGULAR.get(mention.kind, mention.kind[:-1])
    words_known = (*known, *words.ASSIGN_BY) if mention.kind == "strategies" else known
    problems.add(f"unknown-{singular}", mention.node, nearest(mention.name, words_known), found=mention.name)


def check_quorums(draft: Draft, names: Names | None) -> None:
    """A quorum must be possible: enough people, and not only excluded ones."""
    assert draft.sop is not None
    for step in draft.sop.steps():
        if not isinstance(step.what, Approval | Collaborate):
            continue
        draft.problems.where = at_step(step.name)
        who = step.what.by if isinstance(step.what, Approval) else step.what.ask
        excluded = step.what.exclude if isinstance(step.what, Approval) else ()
        voters = [one for one in dict.fromkeys(who) if one not in excluded]
        node = draft.nodes[step.name]
        if who and not voters:
            draft.problems.add("excluded", node)
        elif (
            isinstance(step.what.quorum, int)
            and (most := _people(voters, names)) is not None
            and most < step.what.quorum
        ):
            draft.problems.add("quorum", node, quorum=step.what.quorum, people=most)
    draft.problems.where = ""


def _people(voters: list[str], names: Names | None) -> int | None:
    """How many people these can be at most; None when nobody knows."""
    count = 0
    for one in voters:
        kind, colon, name = one.partition(":")
        if colon and kind == "team" and names and names.teams and names.teams.get(name) is not None:
            count += names.teams[name] or 0
        elif (colon and kind in ("team", "role", "skill", "department")) or one == "watchers" or "${" in one:
            return None
        else:
            count += 1
    return count


def runs_of(sop: Sop) -> list[tuple[Step, str]]:
    """The sub-SOPs a document runs."""
    return [(step, step.what.sop) for step in sop.steps() if isinstance(step.what, Run) and step.what.sop]
