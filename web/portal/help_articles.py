"""Answers to read before asking: the public articles, listed and searched, and offered beside the help form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request

from core.errors import NotFound
from core.public_articles import OFFERED, find_public_articles, public_article, public_articles
from core.texts import _, language
from web.markdown import rendered
from web.portal import portal
from web.security import limiter
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

LONGEST = 200


@portal.get("/help/articles")
@limiter.limit("120/minute")
def help_articles() -> ResponseReturnValue:
    """All answers, or those that speak of what was typed."""
    typed = _typed()
    with database().read() as tx:
        found = find_public_articles(tx, typed, language()) if typed else public_articles(tx, language())
    return render_template("portal/articles.html", typed=typed, articles=found)


@portal.get("/help/articles/offered")
@limiter.limit("120/minute")
def offered_articles() -> ResponseReturnValue:
    """A few answers to the subject that is being typed, as a part of the help form."""
    with database().read() as tx:
        found = find_public_articles(tx, _typed(), language(), OFFERED)
    return render_template("portal/articles_offered.html", articles=found)


@portal.get("/help/articles/<int:article_id>")
def help_article(article_id: int) -> ResponseReturnValue:
    """One answer."""
    try:
        with database().read() as tx:
            found = public_article(tx, article_id)
    except NotFound as error:
        text = _("It may have been taken back. Look for another one, or ask us.")
        return render_template("portal/trouble.html", title=str(error), text=text), 404
    return render_template("portal/article.html", article=found, body=rendered(found.body))


def _typed() -> str:
    return request.args.get("q", "").strip()[:LONGEST]
