"""Articles keep every version, are found in either language, and are not public before somebody looked at each personal place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.article_pages import article_versions, read_article
from core.articles import draft_from_ticket, publish_article, save_article
from core.errors import Forbidden, Invalid
from core.learning import found_articles
from core.learning.solved import forget_all
from core.personal import MARK
from core.public_articles import find_public_articles, has_public_articles, public_articles
from core.tickets.resolving import resolve
from core.tickets.search import search_articles
from tests.core.conftest import HOUR, MORNING, Desk

if TYPE_CHECKING:
    from typing import Any

BODY = "Kulkas saya bocor, INV-20884. Salam, Sari Wulandari"


def drafted(desk: Desk, resolution: str = "Selang pembuangan untuk Ibu Sari diganti.") -> int:
    ticket = desk.open("Kulkas Sari bocor", body=BODY, department="service", language="id").ticket_id
    with desk.database.write() as tx:
        resolve(tx, desk.settings, desk.people["dewi"], ticket, resolution, now=MORNING + HOUR)
        return draft_from_ticket(tx, desk.people["dewi"], ticket, now=MORNING + HOUR)


def page(desk: Desk, article: int, nick: str = "catherine") -> Any:
    with desk.database.read() as tx:
        return read_article(tx, desk.people[nick], article)


def save(desk: Desk, article: int, nick: str = "dewi", **changes: Any) -> None:
    known = page(desk, article, nick)
    values = {name: getattr(known, name) for name in ("title", "body", "visibility", "language")} | changes
    with desk.database.write() as tx:
        save_article(tx, desk.people[nick], article, **values, now=MORNING + 2 * HOUR)


def publish(desk: Desk, article: int, **more: Any) -> None:
    with desk.database.write() as tx:
        publish_article(tx, desk.people["catherine"], article, **more, now=MORNING + 3 * HOUR)


def test_draft_speaks_customers_language_without_them(desk: Desk) -> None:
    found = page(desk, drafted(desk))
    assert found.language == "id"
    assert MARK.sub("[…]", found.title) == "Kulkas […] bocor"
    assert "Sari" not in found.body
    assert "20884" not in found.body
    assert "Selang pembuangan" in found.body
    assert len(found.doubts) == 4


def test_public_needs_somebodys_word(desk: Desk) -> None:
    article = drafted(desk)
    save(desk, article, visibility="public")
    with pytest.raises(Invalid) as wrong:
        publish(desk, article)
    assert wrong.value.errors[0].pointer == "/confirmed"
    publish(desk, article, confirmed=True)
    assert page(desk, article).published_version == 2


def test_what_was_typed_in_again_is_named(desk: Desk) -> None:
    article = drafted(desk)
    save(desk, article, title="Bocor", body="Tanyakan kepada Sari Wulandari.", visibility="public")
    assert page(desk, article).doubts == ("Sari Wulandari",)


def test_clean_article_is_published_at_once(desk: Desk) -> None:
    article = drafted(desk)
    save(desk, article, title="Kulkas bocor", body="Ganti selang.", visibility="public")
    publish(desk, article)
    assert page(desk, article).state == "published"


def test_every_version_is_kept(desk: Desk) -> None:
    article = drafted(desk)
    save(desk, article, title="Kulkas bocor", body="Ganti selang.")
    publish(desk, article)
    save(desk, article, body="Ganti selang dan periksa pintunya.")
    save(desk, article)  # nothing is different: no version
    with desk.database.read() as tx:
        found, versions = article_versions(tx, desk.people["dewi"], article)
    assert [version.number for version in versions] == [3, 2, 1]
    assert versions[1].body == "Ganti selang."
    assert (found.published_version, found.version) == (2, 3)


def test_found_by_words_of_either_language(desk: Desk) -> None:
    article = drafted(desk)
    with desk.database.read() as tx:
        for asked in ("leaking fridge", "kulkas bocor", "pembuangan"):
            assert [one.id for one in search_articles(tx, asked, desk.departments["service"])] == [article], asked
        assert search_articles(tx, "leaking fridge", desk.departments["billing"]) == []


def test_new_glossary_indexes_articles_anew(desk: Desk) -> None:
    article = drafted(desk)
    with desk.database.write() as tx:
        forget_all(tx)
        assert search_articles(tx, "leaking fridge", None) == []
        assert found_articles.index_articles(tx) == 1
        assert found_articles.index_articles(tx) == 0
        assert [one.id for one in search_articles(tx, "leaking fridge", None)] == [article]


def test_other_department_cannot_change_it(desk: Desk) -> None:
    article = drafted(desk)
    save(desk, article, visibility="public", title="x", body="y")
    with pytest.raises(Forbidden):
        save(desk, article, "rina", body="z")


def test_customers_find_what_was_published_for_them(desk: Desk) -> None:
    article = drafted(desk)
    save(desk, article, title="Kulkas bocor", body="Pasang kembali selangnya.", visibility="public")
    with desk.database.read() as tx:
        assert not has_public_articles(tx)
        assert find_public_articles(tx, "the fridge leaks", "en") == []
    publish(desk, article, confirmed=True)
    save(desk, article, body="Selangnya dan pompanya.")
    with desk.database.read() as tx:
        assert has_public_articles(tx)
        [found] = find_public_articles(tx, "my fridge leaks since monday", "en")
        assert (found.title, found.body, found.language) == ("Kulkas bocor", "Pasang kembali selangnya.", "id")
        assert find_public_articles(tx, "pompa", "id") == []  # a word of the text that waits
        assert [one.id for one in public_articles(tx, "en")] == [article]
