"""One's own work, what was solved before, and what is written down of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from core import articles
from core.article_pages import article_list, read_article
from core.directory import directory
from core.errors import FieldError, Invalid
from core.learning.drafting import draft_sop_from_ticket
from core.learning.offering import offered
from core.moments import rfc3339
from core.permissions import require
from core.sop.titles import bare_title
from core.studio.drafts import read_draft
from core.texts import _
from core.tickets import duties
from core.tickets.access import know
from core.tickets.documents import documents
from core.tickets.ways import find_step
from web.api import shapes_course as shapes
from web.api import shapes_work
from web.api.answers import Answer, answer, command, items
from web.api.blueprint import Part
from web.api.caller import caller
from web.api.shapes import listed
from web.api.ticket_json import party
from web.wiring import database

if TYPE_CHECKING:
    from sqlalchemy import Connection

part = Part("learning", __name__, "Your work, similar tickets, articles, and procedures learnt from tickets.")


@part.reading("/work")
@part.response(200, shapes.Work)
def my_work() -> Response:
    """Every open step that waits for you, over all tickets, the most urgent first; and the batons offered to you"""
    actor = caller()
    require(actor, "read_tickets")
    me = actor.id or 0
    with database().read() as tx:
        firm = directory(tx)
        teams = tuple(team.id for team in firm.teams.values() if me in team.members)
        found = duties.duties(tx, me, teams)
        sops = documents(tx, (one.version_id for one in found))
        given = duties.offers(tx, me)
        handovers = [
            {
                "id": one.id,
                "ticket": one.ticket_id,
                "from": {"kind": "person", "id": None, "name": one.giver} if one.giver else None,
                "to": party(firm, "person", str(me)),
                "state": "offered",
                "note": one.note,
                "offered_at": rfc3339(one.offered_at),
                "ended_at": None,
            }
            for one in given
        ]
    return answer({"handovers": handovers, "items": [_duty(one, sops) for one in found], "next": None})


def _duty(one: duties.Duty, sops: Any) -> dict[str, Any]:
    sop = sops.get(one.version_id)
    step = find_step(sop, one.name) if sop else None
    return {
        "step": one.step_id,
        "name": one.name,
        "kind": one.kind,
        "title": bare_title(step, sop) if step else one.name,
        "ticket": one.ticket_id,
        "subject": one.subject,
        "customer": one.customer,
        "status": one.status,
        "for": one.party_kind,
        "opened_at": rfc3339(one.opened_at),
        "due_at": rfc3339(one.due_at),
    }


@part.reading("/tickets/<int:ticket_id>/similar")
@part.response(200, shapes.Similar)
def similar(ticket_id: int) -> Response:
    """Solved tickets like this one in either language, with their procedure and resolution, and articles about the same"""
    with database().read() as tx:
        know(tx, caller(), ticket_id)
        found = offered(tx, caller(), ticket_id)
    return answer(
        {
            "tickets": [
                {
                    "id": one.id,
                    "subject": one.subject,
                    "language": one.language,
                    "resolved_at": rfc3339(one.resolved_at),
                    "resolution": one.resolution,
                    "sop": one.sop,
                    "sop_title": one.sop_title,
                    "sop_version": one.sop_number,
                }
                for one in found.tickets
            ],
            "articles": [_line(one) for one in found.articles],
        }
    )


@part.command("/tickets/<int:ticket_id>/learn")
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes.LearntSop)
def learn(_given: dict[str, Any], ticket_id: int) -> Response:
    """Draft a procedure from a solved ticket (leads), or a change to the one it followed"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        made = draft_sop_from_ticket(tx, caller(), ticket_id)
        name = read_draft(tx, caller(), made.sop_id).name
        return Answer({"sop": name, "base": made.base, "changes": [one.text for one in made.changes]})

    return command(work)


# ---- articles ----------------------------------------------------------------------------------------------------------------


def _line(one: Any) -> dict[str, Any]:
    return {"id": one.id, "title": one.title, "language": one.language, "state": one.state}


@part.reading("/articles")
@part.response(200, listed(shapes.ArticleLine))
def list_articles() -> Response:
    """The articles of your department and the public ones, the newest first"""
    with database().read() as tx:
        return items([_line(one) for one in article_list(tx, caller())])


@part.reading("/articles/<int:article_id>")
@part.response(200, shapes.Article)
def one_article(article_id: int) -> Response:
    """One article"""
    with database().read() as tx:
        return answer(_article(tx, article_id))


def _article(tx: Connection, article_id: int) -> dict[str, Any]:
    found = read_article(tx, caller(), article_id)
    return {
        **_line(found),
        "body": found.body,
        "visibility": found.visibility,
        "department": found.department,
        "version": found.version,
        "published_version": found.published_version,
        "ticket": found.ticket_id,
        "updated_at": rfc3339(found.updated_at),
        "doubts": list(found.doubts),
    }


@part.command("/tickets/<int:ticket_id>/article")
@part.arguments(shapes_work.Nothing)
@part.response(200, shapes.Article)
def draft_article(_given: dict[str, Any], ticket_id: int) -> Response:
    """Draft an article from a ticket, without what belongs to its customer; a second call gives the same draft"""

    def work(tx: Connection) -> Answer:
        know(tx, caller(), ticket_id)
        return Answer(_article(tx, articles.draft_from_ticket(tx, caller(), ticket_id)))

    return command(work)


@part.changing("/articles/<int:article_id>")
@part.arguments(shapes.ArticleChanges)
@part.response(200, shapes.Article)
def change_article(changes: dict[str, Any], article_id: int) -> Response:
    """Change an article; what is published stays as it is until the new text is published, too"""
    if not changes.keys() - {"version"}:
        raise Invalid(FieldError("", _("Send what is to change: title, body, visibility or language.")))

    def work(tx: Connection) -> Answer:
        require(caller(), "write_articles")
        known = _article(tx, article_id)
        values = {name: changes.get(name, known[name]) for name in ("title", "body", "visibility", "language")}
        articles.save_article(tx, caller(), article_id, **values, if_version=changes.get("version"))
        return Answer(_article(tx, article_id))

    return command(work)


@part.command("/articles/<int:article_id>/publish")
@part.arguments(shapes.Confirmed)
@part.response(200, shapes.Article)
def publish_article(given: dict[str, Any], article_id: int) -> Response:
    """Publish an article's newest text (leads)"""

    def work(tx: Connection) -> Answer:
        require(caller(), "publish_articles")
        articles.publish_article(tx, caller(), article_id, confirmed=given["confirmed"])
        return Answer(_article(tx, article_id))

    return command(work)
