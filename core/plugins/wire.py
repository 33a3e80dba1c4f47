"""Values on their way to a plugin and back: from the host's JSON to frozen values, and from its answers to JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.plugins.labels import label_problem, plain
from core.plugins.outside import Delivery, Incoming, Outgoing, Outside, Wish
from core.plugins.shown import Candidate, PanelContent, Suggestion
from core.plugins.values import ActionResult, Call, Customer, Event, Link, Message, Step, Task, Ticket

if TYPE_CHECKING:
    from core.plugins.values import Action, Setting

# ---- to the plugin ---------------------------------------------------------------------------------------------------------


def _with_moments(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**raw, name: datetime.fromisoformat(raw[name])}


def ticket(raw: Mapping[str, Any]) -> Ticket:
    """A ticket with its customer, links and tasks."""
    given = _with_moments(raw, "created_at")
    given |= {"tags": tuple(raw["tags"]), "customer": Customer(**raw["customer"])}
    tasks = tuple(Task(**one) for one in raw.get("tasks", ()))
    return Ticket(**{**given, "links": tuple(Link(**one) for one in raw.get("links", ())), "tasks": tasks})


def call(raw: Mapping[str, Any]) -> Call:
    """What an action is asked to do."""
    step = Step(**raw["step"]) if raw["step"] else None
    return Call(**{**raw, "ticket": ticket(raw["ticket"]), "step": step})


def fact(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a fact hook, without the settings."""
    values: dict[str, Any] = {"event": Event(**_with_moments(raw["event"], "at"))}
    if raw.get("ticket"):
        values["ticket"] = ticket(raw["ticket"])
    if "message" in raw:
        values["message"] = Message(**_with_moments(raw["message"], "at")) if raw["message"] else None
    if raw.get("step"):
        values["step"] = Step(**raw["step"])
    return values


def delivery(raw: Mapping[str, Any]) -> Delivery:
    """What came through a webhook."""
    return Delivery(**_with_moments(raw, "received_at"))


def outgoing(raw: Mapping[str, Any]) -> Outgoing:
    """A message for a customer on a plugin's channel."""
    return Outgoing(**{**raw, "ticket": ticket(raw["ticket"])})


def customer(raw: Mapping[str, Any]) -> Customer:
    """A customer."""
    return Customer(**raw)


def candidate(raw: Mapping[str, Any]) -> Candidate:
    """Somebody who may be given a ticket."""
    return Candidate(**raw)


# ---- from the plugin -------------------------------------------------------------------------------------------------------


def declared(action: Action) -> dict[str, Any]:
    """An action as it is published."""
    return {
        "name": action.name,
        "title": plain(action.title),
        "arguments": action.arguments,
        "result": action.result,
        "finds": action.find is not None,
        "lag": float(action.lag),
        "repeatable": bool(action.repeatable),
        "irreversible": bool(action.irreversible),
        "example": None if action.example is None else dict(action.example),
        "on_ticket": bool(action.on_ticket),
    }


def declared_setting(setting: Setting) -> dict[str, Any]:
    """A setting as it is published: the values of a choice, and the labels of those that have one."""
    labels = dict(setting.options) if isinstance(setting.options, Mapping) else {}
    return {**asdict(setting), "options": list(setting.options), "labels": labels}


def result(given: Any) -> dict[str, Any]:
    """What an action answered: `values` for its step's result, and the `link` to a thing outside, or None."""
    match given:
        case None:
            return {"values": {}, "link": None}
        case ActionResult():
            extra = {name: value for name, value in (("ref", given.ref), ("url", given.url)) if value is not None}
            told = {"url": given.url, "title": given.title, "state": given.state, "step": given.step}
            return {
                "values": {**given.values, **extra},
                "link": {"ref": _text(given.ref, "ref"), **told} if given.ref is not None else None,
            }
        case Mapping():
            return {"values": dict(given), "link": None}
    raise TypeError(f"an action answers with an ActionResult, a mapping or None, not {type(given).__name__}")


def news(given: Any) -> list[dict[str, Any]]:
    """What a webhook or a look meant, each with its `kind`: outside or incoming."""
    return [_news(one) for one in _listed(given, "estafet.Outside or estafet.Incoming", Outside, Incoming)]


def _news(one: Outside | Incoming) -> dict[str, Any]:
    if isinstance(one, Incoming):
        return {"kind": "incoming", **asdict(one), "at": _moment(one.at)}
    changes = {name: _moment(value) if isinstance(value, datetime) else value for name, value in one.changes.items()}
    comments = [{**asdict(said), "id": str(said.id), "at": _moment(said.at)} for said in one.comments]
    told = {"ref": _text(one.ref, "ref"), "title": one.title, "url": one.url, "state": one.state}
    return {
        "kind": "outside",
        **told,
        "values": dict(one.values),
        "at": _moment(one.at),
        "done": one.done,
        "gone": bool(one.gone),
        "comments": comments,
        "changes": changes,
    }


def wishes(given: Any) -> list[dict[str, Any]]:
    """Actions that a fact hook wants. Each hook answers once, so `given` is pluggy's list of answers."""
    found = [one for answer in given if answer is not None for one in _listed(answer, "estafet.Wish", Wish)]
    return [{"action": one.action, "arguments": dict(one.arguments)} for one in found]


def panel_content(given: Any) -> dict[str, Any] | None:
    """What a box says; None: nothing."""
    if given is None:
        return None
    if not isinstance(given, PanelContent):
        raise TypeError(f"a panel's hook answers with an estafet.PanelContent or None, not {type(given).__name__}")
    for what, label in [("note", given.note), *_labels(given)]:
        if problem := label_problem(label):
            raise TypeError(f"the {what} of a panel must be {problem}")
    return asdict(given)


def _labels(content: PanelContent) -> list[tuple[str, Any]]:
    return [(what, getattr(fact, what)) for fact in content.facts for what in ("label", "value", "group")]


def suggestions(given: Any) -> dict[str, Any]:
    """Suggestions, the best first."""
    found = sorted(_listed(given, "estafet.Suggestion", Suggestion), key=lambda one: -float(one.score))
    return {"suggestions": [asdict(one) for one in found[:20]]}


def _listed(given: Any, what: str, *kinds: type) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, Sequence) or isinstance(given, str) or not all(isinstance(one, kinds) for one in given):
        raise TypeError(f"the hook answers with a list of {what}, or None")
    return list(given)


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value or len(value) > 200:
        raise TypeError(f"'{name}' must be a text of 1 to 200 characters, not {value!r:.80}")
    return value


def _moment(at: datetime | None) -> int | None:
    """In ms. A moment without a zone would mean another one on every machine: it is refused."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise TypeError("a moment needs its zone: datetime(…, tzinfo=UTC)")
    return int(at.astimezone(UTC).timestamp() * 1000)
