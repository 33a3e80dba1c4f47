"""What is different between two versions? In sentences a team lead reads, and line by line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from core.sop import drawing_words as words
from core.sop.condition_words import condition
from core.sop.document import Fork, Phase, Switch, Task
from core.sop.shapes import humanised
from core.sop.structure import spots_of
from core.sop.titles import about
from core.texts import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.sop.document import Field, Reminder, Sop, Step
    from core.sop.structure import Spot


@dataclass(frozen=True, slots=True)
class Difference:
    """One sentence about one step ("" is the document). `kind`: added, removed, moved, renamed, changed."""

    step: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the texts beside each other: `same`, `gone`, `new`; numbers are None where there is none."""

    kind: str
    old: int | None
    new: int | None
    text: str


def differences(old: Sop, new: Sop) -> list[Difference]:
    """Everything that is different, in the order of the new document; what is gone stands last."""
    before, after = spots_of(old), spots_of(new)
    renamed = {
        step.was: step.name
        for step in new.steps()
        if step.was in before and step.name not in before and step.was not in after
    }
    found = list(_document(old, new))
    for step in new.steps():
        was = next((name for name, now in renamed.items() if now == step.name), step.name)
        if was not in before:
            found.append(
                Difference(
                    step.name,
                    "added",
                    _("new step %(name)s %(place)s", name=_name(step.name), place=_place(after[step.name])),
                )
            )
            continue
        if was != step.name:
            found.append(
                Difference(
                    step.name, "renamed", _("%(old)s is called %(new)s now", old=_name(was), new=_name(step.name))
                )
            )
        found += _step(before[was].step, step)
    found += _moves(before, after, renamed)
    for step in old.steps():
        if step.name not in after and step.name not in renamed:
            found.append(Difference(step.name, "removed", _("step %(name)s is gone", name=_name(step.name))))
    return found


def changed_steps(old: Sop, new: Sop) -> set[str]:
    """The steps of the new document that are new or not as they were."""
    return {difference.step for difference in differences(old, new) if difference.kind != "removed"} - {""}


def _name(name: str) -> str:
    return f"“{humanised(name)}”"


def _place(spot: Spot) -> str:
    if spot.index:
        return _("after %(name)s", name=_name(spot.siblings[spot.index - 1].name))
    if spot.holder:
        return _("at the beginning of %(name)s", name=_name(spot.holder.step.name))
    return _("at the beginning")


def _moves(before: dict[str, Spot], after: dict[str, Spot], renamed: dict[str, str]) -> Iterator[Difference]:
    """Steps that stand elsewhere: in another list, or in another order among those that stayed."""
    home = {name: (spot.holder.step.name if spot.holder else "", spot.region) for name, spot in after.items()}
    lists: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for name, spot in before.items():
        now = renamed.get(name, name)
        if now not in after:
            continue
        holder = spot.holder.step.name if spot.holder else ""
        if (renamed.get(holder, holder), spot.region) != home[now]:
            yield Difference(
                now, "moved", _("%(name)s stands %(place)s now", name=_name(now), place=_place(after[now]))
            )
        else:
            lists.setdefault(home[now], ([], []))[0].append(now)
    for name, where in home.items():
        if where in lists and name in lists[where][0]:
            lists[where][1].append(name)
    for first, second in lists.values():
        blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
        kept = {name for block in blocks for name in second[block.b : block.b + block.size]}
        for name in second:
            if name not in kept:
                yield Difference(
                    name, "moved", _("%(name)s stands %(place)s now", name=_name(name), place=_place(after[name]))
                )


# ---- one step ----------------------------------------------------------------------------------------------------------


def _step(old: Step, new: Step) -> list[Difference]:
    found = []
    if old.kind != new.kind:
        text = _("%(name)s: %(old)s → %(new)s", name=_name(new.name), old=old.kind, new=new.kind)
        return [Difference(new.name, "changed", text)]
    before, after = dict(_facts(old)), dict(_facts(new))
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key, ""), after.get(key, "")
        if was != now:
            found.append(Difference(new.name, "changed", _changed(_name(new.name), key, was, now)))
    return found


def _changed(name: str, key: str, was: str, now: str) -> str:
    if not was:
        return _("%(name)s: %(key)s is new: %(now)s", name=name, key=key, now=now)
    if not now:
        return _("%(name)s: no %(key)s any more (it was: %(was)s)", name=name, key=key, was=was)
    return _("%(name)s: %(key)s: %(was)s → %(now)s", name=name, key=key, was=was, now=now)


def _facts(step: Step) -> Iterator[tuple[str, str]]:
    """What a step says, by what people call it. Steps inside it speak for themselves."""
    yield _("what it does"), about(step)
    match step.what:
        case Task():
            yield from _task(step.what)
        case Switch(cases=cases):
            otherwise, inside = _("otherwise"), _("its steps")
            rows = [f"{condition(case.if_) or otherwise} → {case.then or inside}" for case in cases]
            yield _("decision"), "; ".join(rows)
        case Fork(branches=branches):
            yield _("branches"), ", ".join(name for name, _steps in branches)
        case Phase():
            pass
        case what:
            yield _("details"), _details(what)
    yield from _common(step)


def _task(what: Task) -> Iterator[tuple[str, str]]:
    yield _("by"), words.who(what.to)
    yield _("asks for"), ", ".join(words.plain(name) for name in what.require)
    yield _("checklist"), "; ".join(words.say(item) for item in what.checklist)
    yield _("choices"), ", ".join(words.say(choice.label) for choice in what.choices)


def _details(what: Any) -> str:
    shown = {name: getattr(what, name) for name in what.__slots__}
    return ", ".join(
        f"{name.rstrip('_')} {words.plain(value)}"
        for name, value in shown.items()
        if isinstance(value, str | int | dict) and value not in ("", None)
    )


def _common(step: Step) -> Iterator[tuple[str, str]]:
    yield _("only if"), condition(step.if_)
    yield _("then"), humanised(step.then) if step.then else ""
    for code, then in step.on.items():
        yield _("if %(outcome)s", outcome=words.outcome(code)), humanised(then)
    yield _("owner"), words.who(step.owner)
    yield _("due"), words.due(step.due) if step.due else ""
    yield _("reminder"), ", ".join(map(_reminder, step.remind))
    yield _("escalation"), ", ".join(words.due(one.after) for one in step.escalate)
    yield _("time limit"), f"{words.due(step.timeout.after)} → {humanised(step.timeout.then)}" if step.timeout else ""
    yield _("when it fails"), (step.on_error.then or words.who(step.on_error.ask)) if step.on_error else ""
    yield _("may be skipped by"), (words.who(step.skippable.by) or _("anybody")) if step.skippable else ""
    yield _("words for the customer"), words.say(step.customer_label)
    yield _("note"), words.say(step.note)
    yield _("status while it waits"), step.pending or ""


def _reminder(one: Reminder) -> str:
    if one.before:
        return _("%(time)s before", time=words.duration(one.before))
    return _("after %(time)s", time=words.due(one.after)) if one.after else ""


# ---- the document ------------------------------------------------------------------------------------------------------


def _document(old: Sop, new: Sop) -> Iterator[Difference]:
    before, after = dict(_heads(old)), dict(_heads(new))
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key, ""), after.get(key, "")
        if was != now:
            yield Difference("", "changed", _changed(_("Procedure"), key, was, now))


def _heads(sop: Sop) -> Iterator[tuple[str, str]]:
    yield _("title"), words.say(sop.title)
    yield _("mode"), sop.mode
    yield _("start rule"), condition(sop.start.if_) if sop.start else ""
    yield _("priority of the start rule"), str(sop.start.priority) if sop.start and sop.start.priority else ""
    yield _("calendar"), sop.calendar or ""
    yield _("due"), words.due(sop.due) if sop.due else ""
    yield _("time limit"), f"{words.due(sop.timeout.after)} → {humanised(sop.timeout.then)}" if sop.timeout else ""
    for on in sop.on:
        yield (
            _("if %(event)s", event=words.event(on.event)),
            humanised(on.then) if on.then else ", ".join(step.name for step in on.do or ()),
        )
    for field in sop.fields.values():
        yield _("field %(name)s", name=_name(field.name)), _field(field)


def _field(field: Field) -> str:
    limits = [
        f"{key} {value}"
        for key, value in (("≥", field.min), ("≤", field.max), ("=", field.pattern))
        if value is not None
    ]
    options = [words.say(option.label) for option in field.options]
    return ", ".join(
        [field.type, words.say(field.label), *limits, *options, *([] if field.required else [_("may be empty")])]
    )


# ---- the text ----------------------------------------------------------------------------------------------------------


def text_lines(old: str, new: str, around: int = 3) -> list[Line]:
    """The two texts as one list of lines; long stretches without a change are left out (kind `gap`)."""
    before, after = old.splitlines(), new.splitlines()
    found: list[Line] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(around):
        if found:
            found.append(Line("gap", None, None, "…"))
        for tag, a, b, c, d in group:
            if tag == "equal":
                found += [Line("same", a + n + 1, c + n + 1, line) for n, line in enumerate(before[a:b])]
            else:
                found += [Line("gone", a + n + 1, None, line) for n, line in enumerate(before[a:b])]
                found += [Line("new", None, c + n + 1, line) for n, line in enumerate(after[c:d])]
    return found
