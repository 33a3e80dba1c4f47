"""Drafts: saved again and again, never over a colleague's save, published when they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from core import configuration
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from core.procedures import find_published
from core.schema import SopVersion
from core.studio import publishing
from core.studio.drafts import NewSop, create_sop, discard_draft, find_draft, library_texts, open_draft, save_draft
from core.studio.health import health
from core.studio.publishing import ask_for_review, deprecate, publish_draft, readiness, retire, send_back
from core.timeline import stream_page
from core.upgrading import downgrade, upgrade

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings
    from tests.core.conftest import Desk  # type: ignore[import-not-found]

NOW = 1_795_485_600_000
WHY = "A first version, tried by hand"


def begin(desk: Desk, name: str = "refund", who: str = "catherine") -> int:
    with desk.database.write() as tx:
        return create_sop(tx, desk.people[who], NewSop(name, "Refund", desk.departments["service"]), now=NOW).sop_id


def test_new_sops_begin_with_a_draft(desk: Desk) -> None:
    sop_id = begin(desk)
    with desk.database.read() as tx:
        draft = find_draft(tx, sop_id)
        assert draft is not None
        ready = readiness(tx, draft)
    assert draft.text.startswith("sop: refund\ntitle: Refund\ndepartment: service\n")
    assert ready.checked.errors == ()
    assert (draft.state, draft.revision, draft.changed_by) == ("draft", 1, "Catherine")


def test_every_library_text_can_be_copied(sqlite_desk: Desk) -> None:
    with sqlite_desk.database.write() as tx:
        for n, text in enumerate(library_texts().values()):
            new = NewSop(f"copy-{n}", "A copy", sqlite_desk.departments["service"], text)
            draft = create_sop(tx, sqlite_desk.people["mira"], new, now=NOW)
            assert f"sop: copy-{n}\n" in draft.text
            assert "department: service" in draft.text


def test_second_save_is_refused(desk: Desk) -> None:
    sop_id = begin(desk)
    mira, catherine = desk.people["mira"], desk.people["catherine"]
    with desk.database.write() as tx:
        text = open_draft(tx, catherine, sop_id, now=NOW).text
        assert save_draft(tx, catherine, sop_id, 1, text=text + "# hers\n", now=NOW).revision == 2
    with desk.database.write() as tx, pytest.raises(Conflict, match="Catherine saved this draft"):
        save_draft(tx, mira, sop_id, 1, text=text + "# his\n", now=NOW)
    with desk.database.read() as tx:
        found = find_draft(tx, sop_id)
    assert found is not None
    assert found.text.endswith("# hers\n")


def test_names_are_checked_at_once(sqlite_desk: Desk) -> None:
    begin(sqlite_desk)
    with sqlite_desk.database.write() as tx, pytest.raises(Invalid) as wrong:
        create_sop(tx, sqlite_desk.people["mira"], NewSop("Refund Large", " ", None), now=NOW)
    assert {error.pointer for error in wrong.value.errors} == {"/name", "/title"}
    with sqlite_desk.database.write() as tx, pytest.raises(Invalid, match="already"):
        create_sop(tx, sqlite_desk.people["mira"], NewSop("refund", "x", sqlite_desk.departments["service"]), now=NOW)


def test_leads_write_for_their_department(sqlite_desk: Desk) -> None:
    with sqlite_desk.database.write() as tx:
        with pytest.raises(Forbidden, match="another department"):
            create_sop(
                tx, sqlite_desk.people["catherine"], NewSop("x", "X", sqlite_desk.departments["billing"]), now=NOW
            )
        with pytest.raises(Forbidden):
            create_sop(tx, sqlite_desk.people["dewi"], NewSop("x", "X", sqlite_desk.departments["service"]), now=NOW)


def publish(desk: Desk, sop_id: int, who: str = "catherine", revision: int = 1) -> int:
    with desk.database.write() as tx:
        return publish_draft(tx, desk.people[who], sop_id, revision, reason=WHY, now=NOW)


def test_published_versions_are_numbered(desk: Desk) -> None:
    sop_id = begin(desk)
    assert publish(desk, sop_id) == 1
    with desk.database.write() as tx:
        draft = open_draft(tx, desk.people["catherine"], sop_id, now=NOW)
        save_draft(tx, desk.people["catherine"], sop_id, draft.revision, text=draft.text + "# two\n", now=NOW)
    assert publish(desk, sop_id, revision=2) == 2
    with desk.database.read() as tx:
        found = find_published(tx, "refund", desk.departments["service"])
        states = tx.execute(
            select(SopVersion.number, SopVersion.state).where(SopVersion.sop_id == sop_id).order_by(SopVersion.id)
        )
        assert list(states) == [(1, "deprecated"), (2, "published")]
        assert [event.kind for event in stream_page(tx, "sop", sop_id)] == ["sop.drafted", "sop.published"] * 2
    assert found is not None
    assert found.number == 2


def test_little_coverage_needs_a_reason(sqlite_desk: Desk) -> None:
    sop_id = begin(sqlite_desk)
    with sqlite_desk.database.write() as tx, pytest.raises(Refused, match="0 %"):
        publish_draft(tx, sqlite_desk.people["catherine"], sop_id, 1, now=NOW)


CASES = """sop: refund
cases:
  - case: it is resolved
    when:
      - {after: PT1H, complete: finish, by: dewi, fields: {resolution: Done}}
    expect: {path: [finish], ends: {as: completed, after: PT1H}}
"""


def test_full_coverage_needs_no_reason(sqlite_desk: Desk) -> None:
    sop_id = begin(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        save_draft(tx, sqlite_desk.people["catherine"], sop_id, 1, cases=CASES, now=NOW)
        assert publish_draft(tx, sqlite_desk.people["catherine"], sop_id, 2, now=NOW) == 1


@pytest.mark.parametrize(
    ("text", "cases", "why"),
    [
        ("sop: refund\ndo: [{a: {tsk: x}}]\n", "", "1 error"),
        ("sop: other\ndo: [{a: {resolve: {}}}]\n", "", "copy it to rename it"),
        ("sop: refund\ndepartment: billing\ndo: [{a: {resolve: {}}}]\n", "", "belongs to another one"),
        (None, CASES.replace("path: [finish]", "path: [start]"), "1 test case fails"),
        (None, "cases: 7", "cannot be read"),
    ],
)
def test_wrong_drafts_are_not_published(sqlite_desk: Desk, text: str | None, cases: str, why: str) -> None:
    sop_id = begin(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        save_draft(tx, sqlite_desk.people["catherine"], sop_id, 1, text=text, cases=cases, now=NOW)
        with pytest.raises(Refused, match=why):
            publish_draft(tx, sqlite_desk.people["catherine"], sop_id, 2, reason=WHY, now=NOW)


def test_second_person_publishes(desk: Desk) -> None:
    sop_id = begin(desk)
    with desk.database.write() as tx:
        configuration.put_setting(tx, publishing.SECOND_PERSON, True)
        ask_for_review(tx, desk.people["catherine"], sop_id, 1, note="Please look", now=NOW)
        with pytest.raises(Forbidden, match="second person"):
            publish_draft(tx, desk.people["catherine"], sop_id, 1, reason=WHY, now=NOW)
    assert publish(desk, sop_id, "mira") == 1


def test_saving_ends_a_review(sqlite_desk: Desk) -> None:
    sop_id = begin(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        draft = ask_for_review(tx, sqlite_desk.people["catherine"], sop_id, 1, now=NOW)
        assert draft.state == "in_review"
        assert send_back(tx, sqlite_desk.people["mira"], sop_id, 1, now=NOW).state == "draft"
        ask_for_review(tx, sqlite_desk.people["catherine"], sop_id, 1, now=NOW)
        assert (
            save_draft(tx, sqlite_desk.people["mira"], sop_id, 1, text=draft.text + "# x\n", now=NOW).state == "draft"
        )


def test_what_was_reviewed_is_published(sqlite_desk: Desk) -> None:
    sop_id = begin(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        draft = open_draft(tx, sqlite_desk.people["catherine"], sop_id, now=NOW)
        save_draft(tx, sqlite_desk.people["catherine"], sop_id, 1, text=draft.text + "# x\n", now=NOW)
        with pytest.raises(Conflict):
            publish_draft(tx, sqlite_desk.people["mira"], sop_id, 1, reason=WHY, now=NOW)


def test_deprecated_versions_retire(sqlite_desk: Desk) -> None:
    sop_id = begin(sqlite_desk)
    publish(sqlite_desk, sop_id)
    with sqlite_desk.database.write() as tx:
        with pytest.raises(Refused, match="deprecated"):
            retire(tx, sqlite_desk.people["catherine"], sop_id, 1, now=NOW)
        deprecate(tx, sqlite_desk.people["catherine"], sop_id, now=NOW)
        assert find_published(tx, "refund", sqlite_desk.departments["service"]) is None
        retire(tx, sqlite_desk.people["catherine"], sop_id, 1, now=NOW)


def test_versions_in_use_do_not_retire(sqlite_desk: Desk) -> None:
    opened = sqlite_desk.open(department="service")
    with sqlite_desk.database.write() as tx:
        standard = find_published(tx, "standard")
        assert standard is not None
        deprecate(tx, sqlite_desk.people["mira"], standard.sop_id, now=NOW)
        with pytest.raises(Refused, match="1 ticket still follows"):
            retire(tx, sqlite_desk.people["mira"], standard.sop_id, 1, now=NOW)
        assert health(tx)[standard.sop_id].runs == 1
    assert opened.ticket_id


def test_discarding_the_first_draft_removes_the_sop(sqlite_desk: Desk) -> None:
    sop_id = begin(sqlite_desk)
    with sqlite_desk.database.write() as tx:
        assert discard_draft(tx, sqlite_desk.people["catherine"], sop_id, now=NOW)
        with pytest.raises(NotFound):
            open_draft(tx, sqlite_desk.people["catherine"], sop_id, now=NOW)


def test_migration_goes_back_and_forth(any_settings: Settings, any_database: Database) -> None:
    any_database.close()
    downgrade(any_settings, "0001")
    upgrade(any_settings)
