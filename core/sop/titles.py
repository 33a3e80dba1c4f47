"""What is a step called, and what does it do? In the reader's language: by its own words, else by what it does or decides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.sop import document as d
from core.sop.condition_words import capital, condition, name_in_words, own_words, value_in_words
from core.sop.drawing_words import duration, event, outcome, plain, say, who
from core.sop.notice_words import NOTICES, notice
from core.sop.shapes import humanised
from core.texts import N_, _, language

if TYPE_CHECKING:
    from core.sop.document import Sop, Step

_UNFILLED = re.compile(r"\$\{[^}]*\}")
_SAYS_ITSELF = frozenset({"assign", "notify", "call", "wait", "resolve", "document", "survey", "run", "set"})
_BY = {
    "direct": N_("directly"),
    "round_robin": N_("in turn"),
    "least_busy": N_("least busy first"),
    "skill": N_("by skill"),
}


def step_title(step: Step, sop: Sop | None = None) -> str:
    """The title in the language in force; `${…}` in it is left as it is written. `sop`: its document, for the words of conditions."""
    title = step.title.say(language())
    if title != humanised(step.name):
        return title
    if isinstance(step.what, d.Approval | d.Collaborate):
        return say(step.what.question) or title
    if step.kind in _SAYS_ITSELF:
        said = about(step, sop)
        return capital(said) if said else title
    return _structure(step, sop) or title if _speaks_in_names(sop) else title


def bare_title(step: Step, sop: Sop | None = None) -> str:
    """The title where no ticket fills it: what a ticket would say in it is “…”."""
    return _UNFILLED.sub("…", step_title(step, sop))


def heading(step: Step, sop: Sop) -> str:
    """What stands over a step where its text follows: its name, which is a word for whoever reads the language that names are in."""
    return bare_title(step, sop) if _speaks_in_names(sop) else humanised(step.name)


def branch_title(name: str, steps: tuple[Step, ...], sop: Sop) -> str:
    """What the branch of a fork is called: its name, or by what begins in it."""
    return own_words(steps[0]) if steps and _speaks_in_names(sop) else humanised(name)


def _speaks_in_names(sop: Sop | None) -> bool:
    """Would a name be foreign to the reader? Names of a document in several languages are English."""
    if language() == "en":
        return False
    return sop is None or len(sop.title.by) > 1 or any(len(step.title.by) > 1 for step in sop.steps())


def _structure(step: Step, sop: Sop | None) -> str:
    """Steps that hold or choose others have no text: they are called by what they decide, or by what is in them."""
    match step.what:
        case d.Switch(cases=cases):
            conditions = [condition(case.if_, sop) for case in cases if case.if_]
            more = " …" if len(conditions) > 1 else ""
            return _("Decision: %(condition)s", condition=conditions[0] + more) if conditions else _("Decision")
        case d.Fork():
            return capital(about(step, sop))
        case d.Phase(do=do) if do:
            first, last = own_words(do[0]), own_words(do[-1])
            return _("Phase: %(steps)s", steps=first if first == last else f"{first} … {last}")
        case d.End():
            return _("End")
        case _ if step.kind == "jump" and step.then:
            target = next((one for one in sop.steps() if one.name == step.then), None) if sop else None
            return _("Go to “%(step)s”", step=own_words(target)) if target else _("Jump")
    return ""


# ---- what it does ----------------------------------------------------------------------------------------------------------


def about(step: Step, sop: Sop | None = None) -> str:
    """What a step does, in one line. `sop`: its document, for the labels of fields."""
    return _of_people(step) or _of_machine(step, sop)


def _of_people(step: Step) -> str:
    match step.what:
        case d.Task(text=text):
            return plain(say(text))
        case d.Approval(by=by, question=question):
            return _("approval by %(who)s: %(question)s", who=who(by), question=plain(say(question)))
        case d.Collaborate(ask=ask, question=question):
            return _("ask %(who)s: %(question)s", who=who(ask), question=plain(say(question)))
        case d.Notify(to=to, template=template):
            return _("tell %(who)s: %(template)s", who=who(to), template=_notice(template))
        case d.Resolve():
            return _("resolve the ticket")
        case d.Document():
            return _("write down what was learnt")
        case d.Survey(type=kind):
            return _("survey %(kind)s", kind=kind.upper())
    return ""


def _notice(template: str) -> str:
    return notice(template) if template in NOTICES else plain(template).lower()


def _of_machine(step: Step, sop: Sop | None) -> str:
    match step.what:
        case d.Assign():
            return _assign(step.what)
        case d.Call(action=action, until=until):
            return (
                _("%(action)s, until %(condition)s", action=action, condition=condition(until, sop))
                if until
                else action
            )
        case d.Set(values=values):
            return ", ".join(f"{name_in_words(name, sop)}: {_value(name, value, sop)}" for name, value in values)
        case d.Wait():
            return _wait(step.what, sop)
        case d.Fork(join=join):
            return _join(join)
        case d.Run(sop=name, ticket=ticket):
            where = plain((ticket or {}).get("department", ""))
            return _("procedure %(name)s", name=name) if name else _("new ticket: %(where)s", where=where)
        case d.End(outcome=ended):
            return "" if ended == "completed" else outcome(ended)
    return ""


def _assign(what: d.Assign) -> str:
    to = plain(what.team or what.agent or "")
    how = _(_BY[what.by]) if what.by in _BY and not what.agent else what.by if "." in what.by else ""
    if not to:
        return _("give to the team, %(how)s", how=how)
    return _("give to %(who)s, %(how)s", who=to, how=how) if how else _("give to %(who)s", who=to)


def _join(join: str | int) -> str:
    if join == "all":
        return _("side by side, all must finish")
    if join == "any":
        return _("side by side, the first counts")
    return _("side by side, %(n)s must finish", n=join)


def _wait(what: d.Wait, sop: Sop | None) -> str:
    limit = duration(what.for_) if what.for_ else ""
    if what.event:
        text = _("wait until %(event)s", event=event(what.event))
    elif what.until:
        text = _("wait until %(condition)s", condition=condition(what.until, sop))
    else:
        return _("wait %(time)s", time=limit)
    return _("%(text)s, at most %(time)s", text=text, time=limit) if limit else text


def _value(name: str, value: Any, sop: Sop | None) -> str:
    """What `set` puts in: a value in words; a text with `${…}` without its notation."""
    simple = isinstance(value, str | int | float | bool) and "${" not in str(value)
    return value_in_words(name, value, sop) if simple else plain(value)
