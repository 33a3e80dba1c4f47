"""The demo desk stands as if three weeks of work lay behind it, and keeps the product's promises."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from core.advance import advance
from core.database import Database
from core.demo import DemoAccounts, fill, known_accounts
from core.demo.files import attachments
from core.demo.reading import StoryError, read_stories, seconds
from core.directory import directory
from core.estimates import first_answer
from core.links import read_link
from core.moments import to_ms
from core.organisation import token_hash
from core.people import sign_in
from core.schema import (
    Article,
    Attachment,
    CaughtMail,
    Customer,
    Effect,
    Event,
    Handover,
    Membership,
    Message,
    MessageBody,
    Person,
    PersonLoad,
    StepVisit,
    Ticket,
    Token,
)
from core.tickets.rows import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from core.settings import Settings

NOON = to_ms(datetime.fromisoformat("2026-11-24T11:00:00+07:00"))  # a Tuesday
_t = Ticket.__table__.c


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[Database, Settings, DemoAccounts]]:
    """The demo, filled once for the tests that only look at it."""
    from shutil import copy

    from core.settings import read_settings

    settings = read_settings({"ESTAFET_HOME": str(tmp_path_factory.mktemp("demo")), "ESTAFET_SECRET_KEY": "x" * 40})
    copy(sqlite_template, settings.home / "estafet.db")
    database = Database(settings)
    accounts = fill(database, settings, now=NOON)
    assert accounts is not None
    yield database, settings, accounts
    database.close()


@pytest.fixture
def tx(desk: tuple[Database, Settings, DemoAccounts]) -> Iterator[Connection]:
    with desk[0].read() as connection:
        yield connection


def count(tx: Connection, *conditions: Any) -> int:
    return int(tx.execute(select(func.count()).where(*conditions)).scalar_one())


def test_every_status_is_present(tx: Connection) -> None:
    assert set(tx.execute(select(_t.status)).scalars()) == set(STATUSES)


def test_channels_priorities_languages_vary(tx: Connection) -> None:
    assert {"email", "form", "phone", "chat", "portal", "api"} <= set(tx.execute(select(_t.channel)).scalars())
    assert {1, 2, 3, 4} == set(tx.execute(select(_t.priority)).scalars())
    assert {"en", "id"} == set(tx.execute(select(_t.language)).scalars())
    assert count(tx, _t.id > 0) >= 40


def test_every_ticket_has_one_holder(tx: Connection) -> None:
    firm = directory(tx)
    for row in tx.execute(select(_t.id, _t.holder_id, _t.team_id, _t.department_id)):
        team = firm.teams[row.team_id]
        assert team.department_id == row.department_id
        assert row.holder_id is None or row.holder_id in firm.people
    assert 3 <= count(tx, _t.holder_id.is_(None), _t.status.not_in(["resolved", "closed"])) <= 6


def test_loads_are_true_and_kept(tx: Connection) -> None:
    load = PersonLoad.__table__.c
    for person, open_n in tx.execute(select(load.person_id, load.open_n)).all():
        held = count(tx, _t.holder_id == person, _t.status.not_in(["resolved", "closed"]))
        assert held == open_n


def test_nothing_is_walked_twice(desk: tuple[Database, Settings, DemoAccounts]) -> None:
    database, settings, _accounts = desk

    def state(tx: Connection) -> list[Any]:
        visits = [tuple(row) for row in tx.execute(select(StepVisit.__table__).order_by(StepVisit.__table__.c.id))]
        return [*(tuple(row) for row in tx.execute(select(Ticket.__table__).order_by(_t.id))), *visits]

    with database.read() as tx:
        before = state(tx)
    with database.write() as tx:
        for ticket in tx.execute(select(_t.id).order_by(_t.id)).scalars().all():
            advance(tx, settings, ticket, NOON)
    with database.read() as tx:
        assert state(tx) == before


def test_no_timer_is_overdue(tx: Connection) -> None:
    assert count(tx, _t.alarm_at <= NOON) == 0
    assert count(tx, _t.status == "closed", _t.want_seq > _t.nudged_seq) == 0


def test_nothing_old_is_still_to_be_sent(tx: Connection) -> None:
    effect, mail = Effect.__table__.c, CaughtMail.__table__.c
    assert set(tx.execute(select(effect.state)).scalars()) == {"done"}
    assert count(tx, mail.id > 0) == count(tx, effect.key != "")
    assert tx.execute(select(func.max(mail.at))).scalar_one() <= NOON
    assert count(tx, effect.ended_at < effect.planned_at) == 0
    assert count(tx, effect.ended_at > effect.planned_at + 60_000) == 0


def test_timelines_run_forward_without_gaps(tx: Connection) -> None:
    event = Event.__table__.c
    query = (
        select(event.stream_id, event.seq, event.at)
        .where(event.stream == "ticket")
        .order_by(event.stream_id, event.seq)
    )
    for before, after in pairwise(tx.execute(query).all()):
        if before.stream_id == after.stream_id:
            assert after.seq == before.seq + 1
            assert after.at >= before.at
    assert tx.execute(select(func.max(event.at))).scalar_one() <= NOON


def test_work_is_done_in_opening_hours(tx: Connection) -> None:
    calendar = directory(tx).calendars["lentera"]
    event = Event.__table__.c
    by_people = select(event.at).where(event.stream == "ticket", event.actor_kind == "person")
    minute = 60_000  # the stroke of closing time, some seconds before opening
    for at in tx.execute(by_people).scalars():
        assert calendar.is_open(at - minute) or calendar.is_open(at + minute)


def test_no_run_needs_attention(tx: Connection) -> None:
    assert set(tx.execute(select(_t.attention)).scalars()) == {None}


def test_first_answer_is_measured(tx: Connection) -> None:
    service = directory(tx).department("service")
    assert service is not None
    estimate = first_answer(tx, directory(tx), service.id)
    assert estimate.measured
    assert 300 <= estimate.seconds <= 7200


def test_stories_show_the_product(tx: Connection) -> None:
    """A baton on offer, overdue steps, a merged pair, a reopened ticket, articles, a mail that came back, files that are real."""
    message, article = Message.__table__.c, Article.__table__.c
    assert count(tx, Handover.__table__.c.state == "offered") == 1
    assert count(tx, Handover.__table__.c.state == "accepted") == 1
    assert 3 <= count(tx, _t.due_at < NOON, _t.status.not_in(["resolved", "closed"])) <= 12
    assert count(tx, _t.merged_into.is_not(None)) == 1
    assert count(tx, _t.reopened > 0) >= 1
    assert count(tx, article.state == "published") == 3
    assert count(tx, article.state == "draft") >= 3
    assert count(tx, message.delivery == "undelivered") == 1
    assert count(tx, message.direction == "internal") >= 15
    assert count(tx, Attachment.__table__.c.id > 0) >= 15
    assert count(tx, Customer.__table__.c.email.like("%lentera%")) == 0


def test_some_runs_are_long(tx: Connection) -> None:
    step = StepVisit.__table__.c
    lengths = tx.execute(select(func.count()).where(step.kind != "sop").group_by(step.ticket_id)).scalars().all()
    assert sum(1 for n in lengths if n > 5) >= 20


def test_mails_write_amounts_and_dates_for_people(tx: Connection) -> None:
    text, template = MessageBody.__table__.c.text, Message.__table__.c.template
    query = select(template, text).join(MessageBody, MessageBody.__table__.c.message_id == Message.__table__.c.id)
    told: dict[str, list[str]] = {}
    for row in tx.execute(query.where(template.is_not(None))):
        told.setdefault(row.template, []).append(row.text)
    assert any("Rp 1.890.000" in one for one in told["refund_sent"])
    assert any("26 November 2026" in one for one in told["delayed"])
    assert not any("Money(" in one or "${" in one or "None" in one for all_ in told.values() for one in all_)


def test_accounts_sign_in(desk: tuple[Database, Settings, DemoAccounts]) -> None:
    database, _settings, accounts = desk
    assert [one.role for one in accounts.accounts] == ["manager", "lead", "agent", "light"]
    with database.read() as tx:
        for account in accounts.accounts:
            assert sign_in(tx, account.email, account.password) is not None
        token = Token.__table__.c
        assert count(tx, token.hash == token_hash(accounts.api_token)) == 1
        assert count(tx, Membership.__table__.c.person_id > 0) >= 11
        assert set(tx.execute(select(Person.__table__.c.availability)).scalars()) == {
            "online",
            "busy",
            "away",
            "offline",
        }
    assert known_accounts(database) == accounts


def test_links_in_mails_open_the_request(desk: tuple[Database, Settings, DemoAccounts]) -> None:
    database, settings, _accounts = desk
    with database.read() as tx:
        text = MessageBody.__table__.c.text
        body = tx.execute(select(text).where(text.like("%/r/%")).limit(1)).scalar_one()
    signed = next(word for word in body.split() if "/r/" in word).rsplit("/r/", 1)[1]
    assert read_link(settings, signed) is not None


def test_second_fill_changes_nothing(desk: tuple[Database, Settings, DemoAccounts]) -> None:
    database, settings, _accounts = desk
    with database.read() as tx:
        before = count(tx, _t.id > 0)
    assert fill(database, settings, now=NOON + 1) is None
    with database.read() as tx:
        assert count(tx, _t.id > 0) == before


@pytest.mark.parametrize(
    "moment",
    ["2026-11-22T23:40:00+07:00", "2026-11-23T08:01:00+07:00", "2027-01-02T03:00:00+07:00"],
    ids=["Sunday night", "Monday morning", "after a holiday"],
)
def test_demo_fills_at_any_hour(database: Database, settings: Settings, moment: str) -> None:
    now = to_ms(datetime.fromisoformat(moment))
    assert fill(database, settings, now=now) is not None
    with database.read() as tx:
        assert {"open", "in_progress", "pending_customer", "closed"} <= set(tx.execute(select(_t.status)).scalars())
        assert count(tx, _t.alarm_at <= now) == 0
        assert count(tx, _t.last_at > now) == 0


def test_demo_fills_on_postgres(postgres: Database, postgres_settings: Settings) -> None:
    accounts = fill(postgres, postgres_settings, now=NOON)
    assert known_accounts(postgres) == accounts
    with postgres.read() as tx:
        assert set(tx.execute(select(_t.status)).scalars()) == set(STATUSES)


def test_without_demo_nothing_is_known(database: Database) -> None:
    assert known_accounts(database) is None


def test_stories_have_own_names() -> None:
    keys = [story.key for story in read_stories()]
    assert len(keys) == len(set(keys))


def test_wrong_length_of_time_is_explained() -> None:
    with pytest.raises(StoryError, match="no length of time"):
        seconds("1h")


def test_files_are_what_they_say() -> None:
    png, pdf, txt = attachments(["a.png", {"name": "b.pdf", "lines": ["Nota (1)", "Rp 1.000"]}, "c.txt"])
    assert png.content.startswith(b"\x89PNG")
    assert pdf.content.startswith(b"%PDF-1.4")
    assert pdf.content.rstrip().endswith(b"%%EOF")
    assert txt.content == b"c.txt\n"
