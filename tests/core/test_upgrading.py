"""The schema goes up and down with data in the tables, by one process at a time, and says what is wrong in a sentence."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from core.database import Database
from core.schema import Base
from core.upgrading import UpgradeError, downgrade, newest, status, upgrade
from tests.conftest import settings_in

if TYPE_CHECKING:
    from pathlib import Path

    from core.settings import Settings
    from tests.core.conftest import Desk


def counts(settings: Settings) -> dict[str, int]:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if not name.startswith(("search", "sqlite_"))]
        found = {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
    engine.dispose()
    return found


def test_data_survives_down_and_up(desk: Desk) -> None:
    desk.open()
    desk.perform_all(desk.open("TV mati").ticket_id)
    desk.database.close()
    before = counts(desk.settings)
    if newest() != "0001":
        downgrade(desk.settings, "0001")
        upgrade(desk.settings)
    after = counts(desk.settings)
    assert before.pop("clock") == 2  # clocks are no data of their own: the next walk begins them again
    before["reckoning"] = 1  # the upgrade has them begun in the background
    assert {name: after[name] for name in before if name in after} == before


def test_schema_can_be_taken_down(any_settings: Settings) -> None:
    downgrade(any_settings, "base")
    assert set(counts(any_settings)) <= {"alembic_version"}
    upgrade(any_settings)
    assert status(any_settings) == (newest(), newest())


@pytest.mark.filterwarnings("ignore:Did not recognize type")  # xid8 and tsvector are written by hand
def test_migrations_make_the_mapped_tables(any_settings: Settings) -> None:
    """What the migrations build is what the classes say: no column, index or constraint is forgotten in either."""
    engine = create_engine(any_settings.database_url)

    def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
        return not (
            kind in {"table", "index"} and (name or "").removeprefix("ix_").startswith(("search", "message_search"))
        ) and name not in {
            "xid",
            "ix_event_xid",
        }

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_two_starts_upgrade_once(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    wrong: list[Exception] = []

    def start() -> None:
        try:
            upgrade(settings)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert status(settings) == (newest(), newest())


def test_newer_database_is_refused(settings: Settings, database: Database) -> None:
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UpgradeError, match="newer than this program"):
        upgrade(settings)
