"""What was learnt: articles drafted from a solved ticket, edited, published, found again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from core.errors import Conflict, FieldError, Invalid, NotFound
from core.moments import now_ms
from core.permissions import require
from core.schema import Article, Customer, Message, MessageBody, Ticket
from core.texts import LANGUAGES, _, speaking
from core.timeline import append, append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_a, _t, _c, _m, _b = (
    Article.__table__.c,
    Ticket.__table__.c,
    Customer.__table__.c,
    Message.__table__.c,
    MessageBody.__table__.c,
)
_SOURCE = (
    select(_t.subject, _t.resolution, _t.language, _t.department_id, _c.name, _c.email, _c.phone)
    .join(Customer, _c.id == _t.customer_id)
    .where(_t.id == bindparam("ticket"))
)
_SAID = (
    select(_m.direction, _b.visible)
    .join(MessageBody, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"), _m.direction.in_(["in", "out"]), _m.automatic.is_(None))
    .order_by(_m.id)
)
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\+?\d[\d .-]{7,}\d|\b[A-Z]{2,}[-/]?\d{3,}\b")
VISIBILITIES = ("internal", "public")


def draft_from_ticket(tx: Connection, actor: Actor, ticket_id: int, *, now: int | None = None) -> int:
    """Draft an internal article from a ticket's question and resolution; a second click gives the same draft.

    What belongs to the customer (name, address, numbers) is taken out, and each place is marked for a person to look at.
    """
    require(actor, "write_articles")
    now = now or now_ms()
    existing = tx.execute(select(_a.id).where(_a.ticket_id == ticket_id).order_by(_a.id).limit(1)).scalar()
    if existing is not None:
        return int(existing)
    source = tx.execute(_SOURCE, {"ticket": ticket_id}).one_or_none()
    if source is None:
        raise NotFound(_("There is no such ticket."))
    said = tx.execute(_SAID, {"ticket": ticket_id}).all()
    question = next((row.visible for row in said if row.direction == "in"), "")
    answer = source.resolution or next((row.visible for row in reversed(said) if row.direction == "out"), "")
    with speaking(source.language):
        parts = [(_("Question"), question), (_("Answer"), answer)]
    removed: list[str] = []
    body = "\n\n".join(f"## {title}\n\n{_without_personal(text, source, removed)}" for title, text in parts)
    article_id = tx.execute(
        insert(Article.__table__)
        .values(
            department_id=source.department_id,
            ticket_id=ticket_id,
            language=source.language,
            visibility="internal",
            state="draft",
            title=_without_personal(source.subject, source, removed),
            body=body,
            author_id=actor.id,
            created_at=now,
            updated_at=now,
            marks={"removed": len(removed)},
        )
        .returning(_a.id)
    ).scalar_one()
    append(tx, ticket_id, "article.drafted", actor, {"article": article_id}, at=now)
    return int(article_id)


def _without_personal(text: str, source: Any, removed: list[str]) -> str:
    """The text with a visible mark in each place where something personal stood."""
    mark = "[…]"

    def take(match: re.Match[str]) -> str:
        removed.append(match[0])
        return mark

    text = _PERSONAL.sub(take, text)
    names = [part for part in re.split(r"\s+", source.name or "") if len(part) > 2]
    for name in sorted({source.name, *names} - {None, ""}, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", take, text, flags=re.IGNORECASE)
    return text.strip()


def save_article(
    tx: Connection,
    actor: Actor,
    article_id: int,
    *,
    title: str,
    body: str,
    visibility: str = "internal",
    language: str = "id",
    if_version: int | None = None,
    now: int | None = None,
) -> None:
    """Change an article. Conflict when somebody has changed it since."""
    require(actor, "write_articles")
    now = now or now_ms()
    errors = []
    if not title.strip():
        errors.append(FieldError("/title", _("The title is empty. Say what the article answers.")))
    if not body.strip():
        errors.append(FieldError("/body", _("The article is empty. Write the answer.")))
    if visibility not in VISIBILITIES:
        errors.append(FieldError("/visibility", _("Write one of: %(known)s.", known=", ".join(VISIBILITIES))))
    if language not in LANGUAGES:
        errors.append(FieldError("/language", _("Write one of: %(known)s.", known=", ".join(LANGUAGES))))
    if errors:
        raise Invalid(*errors)
    known = _row(tx, article_id)
    if if_version is not None and known.version != if_version:
        raise Conflict(
            _("Somebody has changed this article since you opened it. Your text is still here; compare it with theirs.")
        )
    tx.execute(
        update(Article.__table__)
        .where(_a.id == article_id)
        .values(
            title=title.strip()[:300],
            body=body,
            visibility=visibility,
            language=language,
            updated_at=now,
            version=known.version + 1,
        )
    )
    append_to(
        tx,
        "article",
        article_id,
        "article.changed",
        actor,
        {"version": known.version + 1},
        at=now,
        department_id=known.department_id,
    )


def publish_article(tx: Connection, actor: Actor, article_id: int, *, now: int | None = None) -> None:
    """Publish a draft: from now on it is offered to colleagues (and, when public, to customers)."""
    require(actor, "publish_articles")
    now = now or now_ms()
    known = _row(tx, article_id)
    if known.state == "published":
        return
    tx.execute(update(Article.__table__).where(_a.id == article_id).values(state="published", updated_at=now))
    append_to(tx, "article", article_id, "article.published", actor, {}, at=now, department_id=known.department_id)
    if known.ticket_id is not None:
        append(tx, known.ticket_id, "article.published", actor, {"article": article_id}, at=now)


def _row(tx: Connection, article_id: int) -> Any:
    row = tx.execute(
        select(_a.id, _a.version, _a.state, _a.ticket_id, _a.department_id).where(_a.id == article_id)
    ).one_or_none()
    if row is None:
        raise NotFound(_("There is no such article."))
    return row
