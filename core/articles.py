"""What was learnt: articles drafted from a solved ticket, edited, published, found again. Every text that was saved is kept as a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from core.learning.found_articles import index_article
from core.moments import now_ms
from core.permissions import require, sees_all_departments
from core.personal import Known, find_personal, marks_in, without_personal
from core.schema import Article, ArticleVersion, Message, MessageBody, Ticket
from core.texts import LANGUAGES, _, speaking
from core.tickets.participants import participants
from core.timeline import append, append_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor

_a, _t, _m, _b = Article.__table__.c, Ticket.__table__.c, Message.__table__.c, MessageBody.__table__.c
_SOURCE = select(_t.subject, _t.resolution, _t.language, _t.department_id).where(_t.id == bindparam("ticket"))
_SAID = (
    select(_m.direction, _b.visible)
    .join(MessageBody, _b.message_id == _m.id)
    .where(_m.ticket_id == bindparam("ticket"), _m.direction.in_(["in", "out"]), _m.automatic.is_(None))
    .order_by(_m.id)
)
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
    known = participants(tx, ticket_id)
    with speaking(source.language):
        title = without_personal(source.subject, known).text
        parts = [(_("Question"), question), (_("Answer"), answer)]
        body = "\n\n".join(f"## {head}\n\n{without_personal(text, known).text}" for head, text in parts)
    values = {
        "title": title[:300],
        "body": body,
        "visibility": "internal",
        "language": source.language,
        "author_id": actor.id if actor.is_person else None,
    }
    article_id = int(
        tx.execute(
            insert(Article.__table__)
            .values(
                department_id=source.department_id,
                ticket_id=ticket_id,
                state="draft",
                created_at=now,
                updated_at=now,
                marks={"removed": marks_in(title) + marks_in(body)},
                **values,
            )
            .returning(_a.id)
        ).scalar_one()
    )
    _keep(tx, article_id, 1, values, now)
    append(tx, ticket_id, "article.drafted", actor, {"article": article_id}, at=now)
    return article_id


def _keep(tx: Connection, article_id: int, number: int, values: dict[str, Any], now: int) -> None:
    """Keep this text as a version, and make it findable."""
    tx.execute(insert(ArticleVersion.__table__).values(article_id=article_id, number=number, at=now, **values))
    index_article(tx, article_id, values["title"], values["body"])


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
    known = _row(tx, actor, article_id)
    if if_version is not None and known.version != if_version:
        raise Conflict(
            _("Somebody has changed this article since you opened it. Your text is still here; compare it with theirs.")
        )
    values = {"title": title.strip()[:300], "body": body, "visibility": visibility, "language": language}
    if values == {name: getattr(known, name) for name in values}:
        return
    number = known.version + 1
    tx.execute(update(Article.__table__).where(_a.id == article_id).values(updated_at=now, version=number, **values))
    _keep(tx, article_id, number, values | {"author_id": actor.id if actor.is_person else None}, now)
    append_to(
        tx,
        "article",
        article_id,
        "article.changed",
        actor,
        {"version": number},
        at=now,
        department_id=known.department_id,
    )


def publish_article(
    tx: Connection, actor: Actor, article_id: int, *, confirmed: bool = False, now: int | None = None
) -> None:
    """Publish the newest text: from now on it is offered to colleagues and, when public, to customers.

    A public text in which something personal was marked, or still stands, needs a person's word that each place was looked at.
    """
    require(actor, "publish_articles")
    now = now or now_ms()
    known = _row(tx, actor, article_id)
    if known.published_version == known.version:
        return
    doubts = doubts_about(tx, known)
    if known.visibility == "public" and doubts and not confirmed:
        raise Invalid(
            FieldError(
                "/confirmed",
                _(
                    "Everybody will read this. Look at the %(n)s marked places and say that nothing in them belongs to a customer.",
                    n=len(doubts),
                ),
            )
        )
    marks = {**(known.marks or {}), "confirmed_by": actor.id, "confirmed": known.version} if doubts else known.marks
    tx.execute(
        update(Article.__table__)
        .where(_a.id == article_id)
        .values(state="published", published_version=known.version, updated_at=now, marks=marks)
    )
    data = {"article": article_id, "version": known.version}
    append_to(tx, "article", article_id, "article.published", actor, data, at=now, department_id=known.department_id)
    if known.ticket_id is not None:
        append(tx, known.ticket_id, "article.published", actor, {"article": article_id}, at=now)


def doubts_about(tx: Connection, article: Any) -> list[str]:
    """The places of an article that a person must look at before everybody reads it: marks, and what looks personal still."""
    text = f"{article.title}\n{article.body}"
    known = participants(tx, article.ticket_id) if article.ticket_id is not None else Known()
    marked = [_("a marked place")] * marks_in(text)
    return marked + [text[place.start : place.end] for place in find_personal(text, known)]


def _row(tx: Connection, actor: Actor, article_id: int) -> Any:
    row = tx.execute(select(Article.__table__).where(_a.id == article_id)).one_or_none()
    if row is None:
        raise NotFound(_("There is no such article."))
    if row.department_id != actor.department_id and not sees_all_departments(actor):
        raise Forbidden(_("This article belongs to another department. Ask somebody there to change it."))
    return row
