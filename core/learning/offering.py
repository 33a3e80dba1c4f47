"""What can be offered to whoever works on a ticket: similar solved ones, and the articles that were learnt from such."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.learning.found_articles import FoundArticle, find_articles
from core.learning.similar import similar_tickets, words_of_ticket
from core.permissions import sees_all_departments
from core.personal import without_personal
from core.tickets.participants import participants

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor
    from core.learning.similar import Alike

MOST_ARTICLES = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """Similar tickets (their resolutions without anything personal, to be used in a reply to somebody else), and articles."""

    tickets: tuple[Alike, ...]
    articles: tuple[FoundArticle, ...]


def offered(tx: Connection, actor: Actor, ticket_id: int) -> Offer:
    """The five most similar solved tickets and the three best articles for a ticket."""
    tickets = [_clean(tx, one) for one in similar_tickets(tx, actor, ticket_id)]
    department = None if sees_all_departments(actor) else actor.department_id
    found = find_articles(tx, words_of_ticket(tx, ticket_id)[:16], department, drafts=False, every=False)
    learnt = [
        FoundArticle(t.article_id, t.article or "", t.language, "published", t.id) for t in tickets if t.article_id
    ]
    articles = {one.id: one for one in (*learnt, *found)}
    return Offer(tuple(tickets), tuple(articles.values())[:MOST_ARTICLES])


def _clean(tx: Connection, one: Alike) -> Alike:
    if not one.resolution:
        return one
    return replace(one, resolution=without_personal(one.resolution, participants(tx, one.id)).text)
