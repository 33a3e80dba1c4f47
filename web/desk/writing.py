"""Articles: what was learnt, listed, read, edited, published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for

from core import articles
from core.article_pages import article_list, article_versions, read_article
from core.errors import Conflict, Invalid
from core.permissions import require
from core.studio.comparing import text_lines
from core.texts import _
from web.desk import desk
from web.desk.acting import field_errors, number
from web.markdown import rendered
from web.signin import actor
from web.wiring import database

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@desk.get("/articles")
def articles_page() -> ResponseReturnValue:
    """All articles."""
    with database().read() as tx:
        found = article_list(tx, actor())
    return render_template("desk/articles.html", here="articles", articles=found)


@desk.get("/articles/<int:article_id>")
def article(article_id: int) -> ResponseReturnValue:
    """One article."""
    return _show_article(article_id, {}), 200


def _show_article(article_id: int, errors: dict[str, str]) -> str:
    with database().read() as tx:
        found = read_article(tx, actor(), article_id)
    return render_template(
        "desk/article.html", here="articles", article=found, body=rendered(found.body), errors=errors
    )


@desk.get("/articles/<int:article_id>/versions")
def article_history(article_id: int) -> ResponseReturnValue:
    """Every text of an article that was saved, each beside the one before."""
    with database().read() as tx:
        found, versions = article_versions(tx, actor(), article_id)
    changes = [
        (version, text_lines(older.body if older else "", version.body))
        for version, older in zip(versions, [*versions[1:], None], strict=True)
    ]
    return render_template("desk/article_versions.html", here="articles", article=found, changes=changes)


@desk.get("/articles/<int:article_id>/edit")
def edit_article(article_id: int) -> ResponseReturnValue:
    """The form of an article."""
    require(actor(), "write_articles")
    with database().read() as tx:
        found = read_article(tx, actor(), article_id)
    return render_template("desk/article_edit.html", here="articles", article=found, typed=None, errors={}, lost="")


@desk.post("/articles/<int:article_id>/edit")
def save_article(article_id: int) -> ResponseReturnValue:
    """Save it; what somebody else saved meanwhile is never overwritten."""
    form = request.form
    errors: dict[str, str] = {}
    lost, status = "", 422
    try:
        with database().write() as tx:
            read_article(tx, actor(), article_id)
            articles.save_article(
                tx,
                actor(),
                article_id,
                title=form.get("title", ""),
                body=form.get("body", ""),
                visibility=form.get("visibility", "internal"),
                language=form.get("language", "en"),
                if_version=number(form.get("version")),
            )
        return redirect(url_for("desk.article", article_id=article_id), 303)
    except Invalid as error:
        errors = field_errors(error)
    except Conflict as error:
        lost, status = str(error), 409
    with database().read() as tx:
        found = read_article(tx, actor(), article_id)
    page = render_template(
        "desk/article_edit.html", here="articles", article=found, typed=form, errors=errors, lost=lost
    )
    return page, status


@desk.post("/articles/<int:article_id>/publish")
def publish_article(article_id: int) -> ResponseReturnValue:
    """Publish the newest text; for everybody only with the word that nothing personal is left in it."""
    try:
        with database().write() as tx:
            read_article(tx, actor(), article_id)
            confirmed = request.form.get("confirmed") == "yes"
            articles.publish_article(tx, actor(), article_id, confirmed=confirmed)
    except Invalid as error:
        return _show_article(article_id, field_errors(error)), 422
    flash(_("Published."))
    return redirect(url_for("desk.article", article_id=article_id), 303)
