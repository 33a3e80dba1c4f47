"""The same request twice is carried out once, also at the same moment, and whatever was killed in between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from core import idempotency
from core.schema import Idempotency, Message, Ticket

from .conftest import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.database import Database

    from .conftest import Program

BODY = {"subject": "Printer", "body": "broken", "customer": {"email": "ana@example.com"}}


def count(database: Database, table: Any) -> int:
    with database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def test_repetition_gets_same_answer(any_as: Callable[[str], Program], any_database: Database) -> None:
    dewi = any_as("dewi")
    first = dewi.post("/tickets", BODY, key="order 7")
    again = dewi.post("/tickets", BODY, key="order 7")
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert count(any_database, Ticket) == 1


def test_other_body_is_refused(dewi: Program) -> None:
    dewi.post("/tickets", BODY, key="k")
    answer = dewi.post("/tickets", {**BODY, "subject": "Other"}, key="k")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/Idempotency-Key"


def test_other_address_is_another_request(dewi: Program) -> None:
    made = ask(dewi)
    base = f"/tickets/{made['id']}"
    assert dewi.post(f"{base}/messages", {"body": "a", "visibility": "internal"}, key="k").status_code == 201
    assert dewi.post("/tickets", BODY, key="k").status_code == 422


def test_keys_are_each_persons_own(as_: Callable[[str], Program], dewi: Program) -> None:
    mine = dewi.post("/tickets", BODY, key="k").get_json()
    other = as_("lina").post("/tickets", BODY, key="k").get_json()
    assert mine["id"] != other["id"]


def test_failure_is_not_kept(dewi: Program) -> None:
    assert dewi.post("/tickets", {**BODY, "department": "sales"}, key="k").status_code == 422
    assert dewi.post("/tickets", BODY, key="k").status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "line\tbreak"])
def test_odd_key_is_refused(dewi: Program, key: str) -> None:
    assert dewi.post("/tickets", BODY, key=key).status_code == 422


def test_simultaneous_duplicates_make_one(any_as: Callable[[str], Program], any_database: Database) -> None:
    dewi = any_as("dewi")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: dewi.post("/tickets", BODY, key="same"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert count(any_database, Ticket) == 1


def test_crash_before_commit_leaves_nothing(dewi: Program, firm: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and what was done under it are one transaction: either both are there or neither."""
    keep = idempotency.keep

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(idempotency, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        dewi.post("/tickets", BODY, key="k")
    assert (count(firm, Ticket), count(firm, Idempotency)) == (0, 0)
    monkeypatch.setattr(idempotency, "keep", keep)
    assert dewi.post("/tickets", BODY, key="k").status_code == 201


def test_reply_leaves_once(dewi: Program, firm: Database) -> None:
    made = ask(dewi)
    before = count(firm, Message)
    for _ in range(3):
        assert dewi.post(f"/tickets/{made['id']}/messages", {"body": "Hello"}, key="r").status_code == 201
    assert count(firm, Message) == before + 1


def test_old_answers_are_forgotten(dewi: Program, firm: Database) -> None:
    dewi.post("/tickets", BODY, key="k")
    with firm.write() as tx:
        assert idempotency.forget_old(tx, 0) == 0
        assert idempotency.forget_old(tx, 2**60) == 1
    assert count(firm, Idempotency) == 0
