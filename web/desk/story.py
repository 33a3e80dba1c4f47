"""What happened, who or what did it, and why: a sentence for every kind of event. Events hold ids and codes; the words are made here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from core.sop.notice_words import notice
from core.texts import N_, _
from web import words
from web.desk import story_of_alerts, story_of_clocks, story_of_course, story_of_customers, story_of_ends
from web.desk.story_of_noticing import SENTENCES as OF_NOTICING
from web.desk.story_of_routing import routed
from web.desk.telling import Sentence, plain, say, title
from web.desk.why import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.timeline import Happening
    from web.desk.telling import Teller


def tell(teller: Teller, event: Happening) -> Sentence:
    """The sentence of an event; one nobody has a sentence for is named by its kind."""
    teller_of_kind = _SENTENCES.get(event.kind)
    if teller_of_kind is None:
        return Sentence("bolt", say(N_("%(who)s: %(kind)s"), who=teller.who(event), kind=event.kind), quiet=True)
    return teller_of_kind(teller, event, event.data)


def _opened(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    channel = plain(words.channel(str(data.get("channel", ""))))
    if event.actor_kind == "person":
        text = say(
            N_("%(who)s opened the ticket for %(customer)s (%(channel)s)"),
            who=teller.who(event),
            customer=teller.customer,
            channel=channel,
        )
    else:
        text = say(N_("%(who)s wrote first (%(channel)s)"), who=teller.customer, channel=channel)
    return Sentence(words.channel_icon(str(data.get("channel"))), text)


def _sent(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    if data.get("template"):
        text = say(
            N_("%(who)s wrote to the customer with the template %(template)s"),
            who=teller.who(event),
            template=title(notice(str(data["template"]))),
        )
    elif data.get("then") == "wait":
        text = say(N_("%(who)s replied and waits for the customer"), who=teller.who(event))
    elif data.get("then") == "resolve":
        text = say(N_("%(who)s replied and resolved the ticket"), who=teller.who(event))
    else:
        text = say(N_("%(who)s replied to the customer"), who=teller.who(event))
    return Sentence("mail", text)


def _replied(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    channel = plain(words.channel(str(data.get("channel", ""))))
    return Sentence("mail", say(N_("%(who)s wrote (%(channel)s)"), who=teller.who(event), channel=channel))


def _received(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    kind = plain(str(data.get("automatic") or _("automatic")))
    return Sentence("mail", say(N_("A machine's mail joined the ticket (%(kind)s)"), kind=kind))


def _commented(teller: Teller, event: Happening, _data: dict[str, Any]) -> Sentence:
    return Sentence("lock", say(N_("%(who)s wrote an internal comment"), who=teller.who(event)))


def _assigned(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    to = data.get("to") or {}
    values = {"who": teller.who(event), "to": teller.party(to)}
    if isinstance(to, dict) and to.get("kind") == "team":
        text = say(N_("%(who)s put it into the backlog of %(to)s"), **values)
    elif event.actor_kind == "person" and event.actor_id == (to.get("id") if isinstance(to, dict) else None):
        text = say(N_("%(who)s took the baton"), who=teller.who(event))
    else:
        text = say(N_("%(who)s gave the baton to %(to)s"), **values)
    return Sentence("baton", text, why=explain(teller, data.get("why")) or _reason(data))


def _reason(data: dict[str, Any]) -> tuple[str, ...]:
    return (str(data["reason"]),) if data.get("reason") else ()


_PROPERTIES = {
    "status": N_("status"),
    "priority": N_("priority"),
    "subject": N_("subject"),
    "topic": N_("topic"),
    "product": N_("product"),
    "tags": N_("tags"),
    "department": N_("department"),
    "team": N_("team"),
    "language": N_("language"),
    "resolution": N_("resolution"),
    "holder": N_("holder"),
    "class": N_("service class"),
}


def _value(teller: Teller, name: str, value: Any) -> str:
    if value is None or value == "":
        return _("nothing")
    if name == "status":
        return words.status(str(value))
    if name == "priority":
        number = value if isinstance(value, int) else {v: k for k, v in words.PRIORITY_CODES.items()}.get(str(value), 3)
        return words.priority(number)
    if name == "department":
        return teller.party({"kind": "department", "id": value})
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _changed(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    who = teller.who(event)
    names = [str(data["property"])] if "property" in data else [str(name) for name in data.get("properties", [])]
    if data.get("refused"):
        text = say(
            N_("%(who)s wanted to set the %(name)s, which was not possible"), who=who, name=plain(_property(names[0]))
        )
        return Sentence("alert", text)
    pair = data.get(names[0]) if len(names) == 1 else None
    if "to" in data:
        pair = [data.get("from"), data["to"]]
    if isinstance(pair, list) and len(pair) == 2:
        text = say(
            N_("%(who)s changed the %(name)s from %(old)s to %(new)s"),
            who=who,
            name=plain(_property(names[0])),
            old=plain(_value(teller, names[0], pair[0])),
            new=_value(teller, names[0], pair[1]),
        )
        return Sentence("filter", text, quiet=event.actor_kind == "flow")
    listed = plain(", ".join(map(_property, names)) or _("properties"))
    return Sentence(
        "filter", say(N_("%(who)s changed: %(names)s"), who=who, names=listed), quiet=event.actor_kind == "flow"
    )


def _property(name: str) -> str:
    return _(_PROPERTIES[name]) if name in _PROPERTIES else name


def _step_opened(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    return Sentence("bolt", say(N_("Step %(step)s began"), step=title(teller.step(data.get("step")))), quiet=True)


_HUMAN = frozenset({"task", "approval", "collaborate", "resolve", "document"})
_VERDICTS = {
    "approve": N_("%(by)s approved %(step)s"),
    "reject": N_("%(by)s rejected %(step)s"),
    "accepted": N_("%(by)s accepted %(step)s"),
    "declined": N_("%(by)s declined %(step)s"),
    "answered": N_("%(by)s answered %(step)s"),
}


def _step_done(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    state, by = str(data.get("state", "done")), data.get("by")
    outcome = str(data.get("outcome") or "")
    values = {"step": title(teller.step(data.get("step"))), "by": teller.ender(by)}
    human = str(data.get("kind")) in _HUMAN or str(by).isdecimal()
    if state == "done":
        if outcome in _VERDICTS:
            return Sentence("check", say(_VERDICTS[outcome], **values))
        if outcome and outcome not in {"completed", "done", "assigned", "resolved"} and human:
            text = say(
                N_("%(by)s completed %(step)s: %(choice)s"), **values, choice=teller.choice(data.get("step"), outcome)
            )
            return Sentence("check", text)
        return Sentence("check", say(N_("%(by)s completed %(step)s"), **values), quiet=not human)
    sentence = {
        "skipped": N_("%(by)s skipped %(step)s"),
        "expired": N_("Time is up for %(step)s"),
        "cancelled": N_("%(step)s is no longer needed"),
        "failed": N_("%(step)s failed"),
    }.get(state, N_("%(step)s ended"))
    quiet = state in {"cancelled"} or (state == "skipped" and not str(by).isdecimal())
    return Sentence("alert" if state in {"expired", "failed"} else "check", say(sentence, **values), quiet=quiet)


ATTENTION = {
    "visits": N_("a step was visited too often"),
    "expression": N_("a condition could not be judged"),
    "quorum": N_("nobody can reach the votes that are needed"),
    "depth": N_("procedures are nested too deeply"),
    "missing": N_("a procedure is missing"),
    "reopened": N_("the ticket was reopened and its procedure had ended"),
    "advance": N_("the procedure could not go on"),
}


def attention(code: str | None) -> str:
    """Why a ticket needs a person, in words."""
    return _(ATTENTION[code]) if code in ATTENTION else str(code or "")


def _attention(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    return Sentence("alert", say(N_("Needs attention: %(why)s"), why=attention(str(data.get("code")))))


def _reopened(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    if data.get("reason") == "customer.replied":
        return Sentence("alert", say(N_("Opened again, because %(who)s wrote"), who=teller.customer))
    return Sentence("alert", say(N_("%(who)s reopened the ticket"), who=teller.who(event)), why=_reason(data))


def _closed(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    if data.get("by") == "quiet_time":
        return Sentence("lock", say(N_("Closed: nobody wrote during the department's quiet time")))
    return Sentence("lock", say(N_("%(who)s closed the ticket"), who=teller.who(event)))


def _merged(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    other = data.get("into") or data.get("from") or data.get("ticket")
    link = Markup('<a href="/tickets/{}">{}</a>').format(other, other)
    sentence = (
        N_("%(who)s merged this into ticket %(other)s")
        if data.get("into")
        else N_("%(who)s merged ticket %(other)s into this one")
    )
    return Sentence("link", say(sentence, who=teller.who(event), other=link))


def _simple(
    icon: str, sentence: str, *, quiet: bool = False
) -> Callable[[Teller, Happening, dict[str, Any]], Sentence]:
    def tell(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
        values: dict[str, object] = {"who": teller.who(event)}
        if "%(step)s" in sentence:
            values["step"] = title(teller.step(data.get("step")))
        if "%(to)s" in sentence:
            to = data.get("to")
            values["to"] = teller.party(to) if to is not None else _("a colleague")
        if "%(from)s" in sentence:
            values["from"] = teller.party(data["from"]) if data.get("from") is not None else _("a colleague")
        return Sentence(icon, say(sentence, **values), quiet=quiet, why=_reason(data))

    return tell


def _plugin(icon: str, sentence: str) -> Callable[[Teller, Happening, dict[str, Any]], Sentence]:
    def tell(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
        return Sentence(icon, say(sentence, plugin=str(data.get("plugin", ""))))

    return tell


def _outside(sentence: str, of_plugin: str) -> Callable[[Teller, Happening, dict[str, Any]], Sentence]:
    """How something outside ended badly; a plugin is named."""

    def tell(teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
        if not data.get("plugin"):
            return Sentence("alert", say(sentence))
        step = title(teller.step(data.get("step")))
        return Sentence("alert", say(of_plugin, plugin=str(data["plugin"]), step=step))

    return tell


_LINKS = {
    "linked": N_("%(ref)s (%(plugin)s) was linked"),
    "gone": N_("%(ref)s (%(plugin)s) no longer exists"),
    "state": N_("%(ref)s (%(plugin)s) is now “%(state)s”"),
    "unlinked": N_("%(ref)s (%(plugin)s) was unlinked"),
}


def _link_changed(_teller: Teller, _event: Happening, data: dict[str, Any]) -> Sentence:
    """What became of a thing outside; what nobody reads as news is quiet."""
    op, state = str(data.get("op")), str(data.get("state", ""))
    moved = op == "changed" and state != data.get("from")
    sentence = _LINKS.get("state" if moved else op, N_("%(ref)s (%(plugin)s) was changed"))
    told = say(sentence, ref=str(data.get("ref")), plugin=str(data.get("plugin")), state=state)
    return Sentence("bolt", told, quiet=op == "changed" and not moved)


def _action_asked(teller: Teller, event: Happening, data: dict[str, Any]) -> Sentence:
    return Sentence("bolt", say(N_("%(who)s wanted %(action)s"), who=teller.who(event), action=str(data.get("action"))))


_SENTENCES: dict[str, Callable[[Teller, Happening, dict[str, Any]], Sentence]] = {
    **story_of_course.SENTENCES,
    **OF_NOTICING,
    "ticket.opened": _opened,
    "message.sent": _sent,
    "customer.replied": _replied,
    "customer.rated": story_of_customers.rated,
    "customer.withdrew": story_of_customers.withdrew,
    "message.received": _received,
    "comment.added": _commented,
    "ticket.assigned": _assigned,
    "ticket.changed": _changed,
    "ticket.routed": routed,
    "step.opened": _step_opened,
    "step.done": _step_done,
    "task.completed": _simple("check", N_("%(who)s completed %(step)s"), quiet=True),
    "sop.started": _simple("bolt", N_("%(who)s started the procedure"), quiet=True),
    "sop.ended": story_of_ends.procedure,
    "step.decided": _simple("check", N_("%(who)s decided how %(step)s goes on")),
    "notice.sent": _simple("mail", N_("%(who)s told colleagues"), quiet=True),
    "notice.spared": _simple("mail", N_("%(who)s spared the customer a notice that said nothing new"), quiet=True),
    "effect.planned": _simple("bolt", N_("%(who)s had it tried again")),
    "effect.done": story_of_ends.effect,
    "run.attention": _attention,
    "run.moved": _simple("bolt", N_("%(who)s moved the ticket to a newer version of its procedure")),
    "ticket.resolved": story_of_ends.resolved,
    "ticket.reopened": _reopened,
    "ticket.closed": _closed,
    "ticket.merged": _merged,
    "baton.offered": _simple("baton", N_("%(who)s offered the baton to %(to)s")),
    "baton.accepted": _simple("baton", N_("%(who)s accepted the baton")),
    "baton.returned": _simple("baton", N_("%(who)s returned the baton")),
    "baton.withdrawn": _simple("baton", N_("%(who)s withdrew the offered baton")),
    "clock.warned": story_of_clocks.warned,
    "clock.breached": story_of_clocks.breached,
    "clock.policy": story_of_clocks.policy,
    "clock.noted": story_of_clocks.noted,
    "watcher.added": story_of_clocks.watching,
    "watcher.removed": story_of_alerts.unwatched,
    "alert.raised": story_of_alerts.raised,
    "alert.silenced": story_of_alerts.silenced,
    "alert.heard": story_of_alerts.heard,
    "sop.drafted": _simple("form", N_("%(who)s drafted a procedure from this ticket")),
    "article.drafted": _simple("form", N_("%(who)s made an article from this ticket")),
    "article.published": _simple("form", N_("%(who)s published the article")),
    "step.voted": _simple("check", N_("%(who)s voted on %(step)s")),
    "step.answered": _simple("check", N_("%(who)s answered %(step)s")),
    "step.skipped": _simple("check", N_("%(who)s skipped %(step)s")),
    "effect.settled": _simple("check", N_("%(who)s said how it went outside")),
    "effect.failed": _outside(N_("Something outside failed"), N_("The plugin %(plugin)s failed at %(step)s")),
    "effect.unknown": _outside(
        N_("Nobody knows whether this was sent"), N_("Nobody knows what the plugin %(plugin)s did at %(step)s")
    ),
    "link.changed": _link_changed,
    "action.asked": _action_asked,
    "plugin.awaited": _plugin("pause", N_("A step waits for the plugin %(plugin)s, which does not work now")),
    "plugin.back": _plugin("bolt", N_("The plugin %(plugin)s works again, and its step goes on")),
    "message.failed": _simple("alert", N_("A mail to the customer could not be delivered")),
    "message.unknown": _simple("alert", N_("Nobody knows whether a mail to the customer was sent")),
    "message.delivered": _simple("check", N_("A mail to the customer was handed over"), quiet=True),
}
