"""What people do in the stories of the demo: each verb is one command of the product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core import articles
from core.demo.files import attachments, bounced
from core.intake import receive_mail, understand
from core.schema import Handover, Message, StepVisit
from core.tickets import conversation, holding, properties, resolving, steps
from core.tickets.conversation import Draft, IncomingMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.actors import Actor
    from core.demo.playing import Play
    from core.demo.reading import Deed

_s, _h, _m = StepVisit.__table__.c, Handover.__table__.c, Message.__table__.c


def _step(play: Play, ticket: int, name: str) -> int:
    """The open visit of the step."""
    query = select(_s.id).where(_s.ticket_id == ticket, _s.name == name, _s.state == "open").order_by(_s.id.desc())
    return int(play.tx.execute(query.limit(1)).scalar_one())


def _handover(play: Play, ticket: int) -> int:
    return int(play.tx.execute(select(_h.id).where(_h.ticket_id == ticket, _h.state == "offered")).scalar_one())


def _draft(deed: Deed) -> Draft:
    return Draft(deed.value.strip(), attachments(deed.details.get("attachments", ())))


def reply(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    then = deed.details.get("then", "stay")
    conversation.send_reply(play.tx, play.settings, actor, ticket, _draft(deed), then=then, now=at)


def comment(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    conversation.add_comment(play.tx, actor, ticket, _draft(deed), now=at)


def customer(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    channel = deed.details.get("channel", "email")
    incoming = IncomingMessage(
        subject="",
        text=deed.value.strip(),
        attachments=attachments(deed.details.get("attachments", ())),
        channel=channel,
        message_id=play.message_id(f"t{ticket}") if channel == "email" else None,
    )
    conversation.receive_reply(play.tx, play.settings, actor, ticket, incoming, now=at)


def complete(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    fields = {name: play.day(value) for name, value in deed.details.get("fields", {}).items()}
    step = _step(play, ticket, deed.value)
    choice = deed.details.get("choice")
    steps.complete_step(play.tx, play.settings, actor, ticket, step, fields=fields, choice=choice, now=at)


def skip(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    step = _step(play, ticket, deed.value)
    steps.skip_step(play.tx, play.settings, actor, ticket, step, reason=deed.details.get("reason", ""), now=at)


def _vote(choice: str) -> Callable[[Play, Actor, int, Deed, int], None]:
    def act(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
        step = _step(play, ticket, deed.value)
        said = deed.details.get("saying", "")
        steps.vote(play.tx, play.settings, actor, ticket, step, choice, comment=said, now=at)

    return act


def answer(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    step = _step(play, ticket, deed.value)
    steps.answer_step(play.tx, play.settings, actor, ticket, step, deed.details["text"], now=at)


def _decide(*, accept: bool) -> Callable[[Play, Actor, int, Deed, int], None]:
    def act(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
        step = _step(play, ticket, deed.value)
        steps.decide_document(play.tx, play.settings, actor, ticket, step, accept, now=at)

    return act


def take(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    del deed
    holding.take(play.tx, play.settings, actor, ticket, now=at)


def assign(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    person = play.firm.people.get(deed.value)
    team = play.firm.teams.get(deed.value)
    holding.assign(play.tx, play.settings, actor, ticket, person.id if person else None, team, now=at)


def offer(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    to = play.firm.people[deed.value].id
    assert to is not None
    holding.offer_baton(play.tx, play.settings, actor, ticket, to, deed.details["note"].strip(), now=at)


def accept_baton(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    del deed
    holding.accept_baton(play.tx, play.settings, actor, _handover(play, ticket), now=at)


def return_baton(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    holding.return_baton(play.tx, play.settings, actor, _handover(play, ticket), deed.value, now=at)


def change(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    properties.change_ticket(play.tx, play.settings, actor, ticket, deed.value, now=at)


def resolve(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    resolving.resolve(play.tx, play.settings, actor, ticket, deed.value.strip(), now=at)


def reopen(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    resolving.reopen(play.tx, play.settings, actor, ticket, deed.value, now=at)


def close(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    del deed
    resolving.close(play.tx, play.settings, actor, ticket, now=at)


def merge(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    resolving.merge(play.tx, play.settings, actor, ticket, play.tickets[deed.value], now=at)


def bounce(play: Play, _actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    """The newest mail to the customer comes back; the other side's report arrives as a mail like any other."""
    query = select(_m.message_id, _m.to).where(
        _m.ticket_id == ticket, _m.direction == "out", _m.message_id.is_not(None)
    )
    sent = play.tx.execute(query.order_by(_m.id.desc()).limit(1)).one()
    raw = bounced(sent.message_id, sent.to[0]["email"], deed.value, at)
    mail = understand(play.settings, raw, "")
    receive_mail(play.tx, play.settings, raw, mail, envelope_sender="", recipients=["billing@lentera.example"], now=at)


def article(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    """Draft an article from the ticket, and edit it where the story says how."""
    drafted = articles.draft_from_ticket(play.tx, actor, ticket, now=at)
    given: dict[str, Any] = deed.value or {}
    if given:
        articles.save_article(
            play.tx,
            actor,
            drafted,
            title=given["title"],
            body=given["body"],
            visibility=given.get("visibility", "internal"),
            language=given.get("language", "id"),
            now=at,
        )


def publish(play: Play, actor: Actor, ticket: int, deed: Deed, at: int) -> None:
    del deed
    drafted = articles.draft_from_ticket(play.tx, actor, ticket, now=at)
    articles.publish_article(play.tx, actor, drafted, confirmed=True, now=at)


DEEDS: dict[str, Callable[[Play, Actor, int, Deed, int], None]] = {
    "reply": reply,
    "comment": comment,
    "customer": customer,
    "complete": complete,
    "skip": skip,
    "approve": _vote("approve"),
    "reject": _vote("reject"),
    "answer": answer,
    "accept": _decide(accept=True),
    "decline": _decide(accept=False),
    "take": take,
    "assign": assign,
    "offer": offer,
    "accept_baton": accept_baton,
    "return_baton": return_baton,
    "change": change,
    "resolve": resolve,
    "reopen": reopen,
    "close": close,
    "merge": merge,
    "bounce": bounce,
    "article": article,
    "publish": publish,
}
