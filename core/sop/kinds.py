"""Reads what each kind of step says: assign, task, approval … end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.sop import words
from core.sop.document import (
    Approval,
    Assign,
    Call,
    Collaborate,
    Document,
    End,
    Jump,
    Notify,
    Resolve,
    Run,
    Set,
    Survey,
    Task,
    Text,
    Wait,
)
from core.sop.nodes import Node, Pairs, Scalar
from core.sop.problems import nearest
from core.sop.timing import read_duration

if TYPE_CHECKING:
    from core.sop.document import Kind
    from core.sop.shapes import Shapes

    Given = dict[str, Node]

DOCUMENT_WORDS = ("suggest", "require", "none")


def read_assign(s: Shapes, node: Node, _step: Given) -> Assign:
    given = s.pairs(node, words.KINDS["assign"], "assign") if not _nothing(node) else {}
    by = _way(s, given["by"]) if "by" in given else "least_busy"
    if by == "direct" and "agent" not in given and "by" in given:
        s.problems.add("missing-key", node, what="assign by direct", key="agent")
    return Assign(
        team=s.named("teams", given["team"], "team") if "team" in given else None,
        by=by,
        agent=s.named("agents", given["agent"], "agent") if "agent" in given else None,
        skill=s.named("skills", given["skill"], "skill") if "skill" in given else None,
        tier=s.value(given["tier"]) if "tier" in given else None,
        cap=_number_or_hole(s, given["cap"], "cap") if "cap" in given else None,
        availability=s.one_of(given["availability"], ("online", "any"), "availability", "online")
        if "availability" in given
        else "online",
        backlog=s.boolean(given["backlog"], "backlog", default=True) if "backlog" in given else True,
    )


def _way(s: Shapes, node: Node) -> str:
    """One of the built-in ways of choosing, or `PLUGIN.STRATEGY`."""
    if isinstance(node, Scalar) and words.STRATEGY.fullmatch(node.text):
        return s.named("strategies", node, "by") or "least_busy"
    return s.one_of(node, words.ASSIGN_BY, "by", "least_busy")


def _nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _number_or_hole(s: Shapes, node: Node, what: str) -> Any:
    if isinstance(node, Scalar) and "${" in node.text:
        return s.value(node)
    return s.integer(node, what, least=1)


def read_task(s: Shapes, node: Node, step: Given) -> Task:
    return Task(
        text=s.say(node, "task"),
        to=s.who(step["to"], "to") if "to" in step else ("assignee",),
        require=required(s, step["require"]) if "require" in step else (),
        checklist=tuple(s.say(item, "checklist") for item in s.items(step["checklist"], "checklist"))
        if "checklist" in step
        else (),
        choices=_codes(s, step["choices"]) if "choices" in step else (),
    )


def _codes(s: Shapes, node: Node) -> tuple[Any, ...]:
    found = s.choices(node, "choices")
    for choice in found:
        if choice.code in words.EVERY_OUTCOME or choice.code == "completed":
            s.problems.add("choice-taken", node, found=choice.code)
    return found


def required(s: Shapes, node: Node) -> tuple[str, ...]:
    """What must be filled in: `fields.X`, and for `resolve` also `resolution`."""
    found = []
    for item in s.items(node, "require"):
        name = s.word(item, "require")
        if name is None:
            continue
        s.mention("fields" if name.startswith("fields.") else "required", name, item)
        found.append(name)
    return tuple(found)


def read_approval(s: Shapes, node: Node, _step: Given) -> Approval:
    given = s.pairs(node, words.KINDS["approval"], "approval", required=("by", "question"))
    return Approval(
        by=s.who(given["by"], "by") if "by" in given else (),
        question=s.say(given["question"], "question") if "question" in given else Text((("", ""),)),
        quorum=_quorum(s, given["quorum"]) if "quorum" in given else "any",
        exclude=s.who(given["exclude"], "exclude") if "exclude" in given else ("assignee", "requester"),
    )


def _quorum(s: Shapes, node: Node) -> str | int:
    if isinstance(node, Scalar) and node.text in ("any", "all"):
        return node.text
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return s.integer(node, "quorum", least=1)
    found = node.text if isinstance(node, Scalar) else "…"
    s.problems.add("one-of", node, nearest(found, ("any", "all")), what="quorum", found=found, known="any, all, 2")
    return "any"


def read_collaborate(s: Shapes, node: Node, _step: Given) -> Collaborate:
    given = s.pairs(node, words.KINDS["collaborate"], "collaborate", required=("ask", "question"))
    return Collaborate(
        ask=s.who(given["ask"], "ask") if "ask" in given else (),
        question=s.say(given["question"], "question") if "question" in given else Text((("", ""),)),
        quorum=_quorum(s, given["quorum"]) if "quorum" in given else "all",
    )


def read_notify(s: Shapes, node: Node, _step: Given) -> Notify:
    given = s.pairs(node, words.KINDS["notify"], "notify", required=("to", "template"))
    if "await" in given:
        s.one_of(given["await"], ("delivery",), "await", "delivery")
    return Notify(
        to=s.who(given["to"], "to") if "to" in given else (),
        template=(s.named("templates", given["template"], "template") or "") if "template" in given else "",
        channel=s.word(given["channel"], "channel") if "channel" in given else None,
        with_=s.values(given["with"], "with") if "with" in given else {},
        once=s.boolean(given["once"], "once", default=False) if "once" in given else False,
        wait="await" in given,
    )


def read_call(s: Shapes, node: Node, step: Given) -> Call:
    action = s.named("actions", node, "call") or ""
    with_ = s.values(step["with"], "with") if "with" in step else {}
    s.in_result = True
    until = s.expression(step["until"], "condition", "until") if "until" in step else None
    s.in_result = False
    return Call(action, with_, until)


def read_set(s: Shapes, node: Node, _step: Given) -> Set:
    if not isinstance(node, Pairs) or not node.pairs:
        s.problems.add("want-mapping", node, what="set", keys="ticket.X, vars.Y")
        return Set(())
    return Set(tuple((key.text, _assigned(s, key, value)) for key, value in node.pairs))


def _assigned(s: Shapes, key: Scalar, node: Node) -> Any:
    root, _dot, name = key.text.partition(".")
    if root == "ticket" and name:
        if name not in words.SETTABLE:
            near = nearest(name, words.SETTABLE)
            s.problems.add("set-property", key, near and f"ticket.{near}", found=name, known=", ".join(words.SETTABLE))
        _mentioned(s, name, node)
    elif root != "vars" or not name.isidentifier():
        near = nearest(key.text, [f"ticket.{known}" for known in words.SETTABLE])
        s.problems.add("set-name", key, near, found=key.text)
    else:
        s.mention("vars", name, key)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        s.holes(node, var=name if root == "vars" else "")
        return node.value
    return s.value(node)


def _mentioned(s: Shapes, name: str, node: Node) -> None:
    lists = {"team": "teams", "department": "departments", "assignee": "agents"}
    if not isinstance(node, Scalar) or node.value is None or "${" in node.text:
        return
    if name in lists:
        s.mention(lists[name], node.text.removeprefix("agent:").removeprefix("team:"), node)
    elif name == "status" and node.text not in words.STATUSES:
        near = nearest(node.text, words.STATUSES)
        s.problems.add("one-of", node, near, what="ticket.status", found=node.text, known=", ".join(words.STATUSES))


def read_resolve(s: Shapes, node: Node, _step: Given) -> Resolve:
    given = s.pairs(node, words.KINDS["resolve"], "resolve") if not _nothing(node) else {}
    return Resolve(
        require=required(s, given["require"]) if "require" in given else ("resolution",),
        resolution=s.say(given["resolution"], "resolution") if "resolution" in given else None,
    )


def read_document(s: Shapes, node: Node, _step: Given) -> Document:
    given = s.pairs(node, words.KINDS["document"], "document")
    if not given and isinstance(node, Pairs):
        s.problems.add("missing-key", node, what="document", key="article")
    return Document(
        article=s.one_of(given["article"], DOCUMENT_WORDS, "article", "none") if "article" in given else "none",
        sop=s.one_of(given["sop"], DOCUMENT_WORDS, "sop", "none") if "sop" in given else "none",
    )


def read_survey(s: Shapes, node: Node, _step: Given) -> Survey:
    given = s.pairs(node, words.KINDS["survey"], "survey", required=("type",))
    return Survey(
        type=s.one_of(given["type"], ("csat", "ces", "nps"), "type", "csat") if "type" in given else "csat",
        template=s.named("templates", given["template"], "template") if "template" in given else None,
    )


def read_wait(s: Shapes, node: Node, _step: Given) -> Wait:
    given = s.pairs(node, words.KINDS["wait"], "wait")
    if isinstance(node, Pairs) and not {"for", "until", "event"} & given.keys():
        s.problems.add("missing-key", node, what="wait", key="for")
    if "event" in given and "until" in given:
        s.problems.add("wait-both", node)
    if "if" in given and "event" not in given:
        s.problems.add("wait-if", node)
    event = s.word(given["event"], "event") if "event" in given else None
    if event is not None:
        s.mention("events", event, given["event"])
    s.in_result = "event" in given
    if_ = s.expression(given["if"], "condition", "if") if "if" in given else None
    s.in_result = False
    return Wait(
        for_=read_duration(s, given["for"], "for") if "for" in given else None,
        until=s.expression(given["until"], "until", "until") if "until" in given else None,
        event=event,
        if_=if_,
    )


def read_run(s: Shapes, node: Node, _step: Given) -> Run:
    given = s.pairs(node, words.KINDS["run"], "run")
    if isinstance(node, Pairs) and ("sop" in given) == ("ticket" in given):
        s.problems.add("sop-or-ticket", node)
    sop = s.named("sops", given["sop"], "sop") if "sop" in given else None
    ticket = given.get("ticket")
    for key, value in ticket.pairs if isinstance(ticket, Pairs) else ():
        _mentioned(s, key.text, value)
    if "with" in given and "ticket" in given:
        s.problems.add("unknown-key-list", given["with"], key="with", keys="ticket, await")
    return Run(
        sop=sop,
        ticket=s.values(given["ticket"], "ticket") if "ticket" in given else None,
        with_=s.values(given["with"], "with") if "with" in given else {},
        wait=s.boolean(given["await"], "await", default=True) if "await" in given else True,
    )


def read_end(s: Shapes, node: Node, _step: Given) -> End:
    given = s.pairs(node, words.KINDS["end"], "end") if not _nothing(node) else {}
    return End(
        outcome=(s.word(given["outcome"], "outcome") or "completed") if "outcome" in given else "completed",
        result=s.value(given["result"]) if "result" in given else None,
    )


def read_jump(_s: Shapes, _node: Node, _step: Given) -> Jump:
    return Jump()


READERS: dict[str, Any] = {
    "assign": read_assign,
    "task": read_task,
    "approval": read_approval,
    "collaborate": read_collaborate,
    "notify": read_notify,
    "call": read_call,
    "set": read_set,
    "resolve": read_resolve,
    "document": read_document,
    "survey": read_survey,
    "wait": read_wait,
    "run": read_run,
    "end": read_end,
    "jump": read_jump,
}


def read_kind(s: Shapes, kind: str, node: Node, step: Given) -> Kind:
    """What a step of a simple kind says; `step` are its other keys."""
    found: Kind = READERS[kind](s, node, step)
    return found
