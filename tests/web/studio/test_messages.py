"""What the studio's pages say when something cannot be done, as the catalogue has it."""

from __future__ import annotations

import html
import io
import re
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.message_catalogue import rows

from ..conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database

NUMBERS = count(1)


@pytest.fixture
def lina(signed_in: Callable[[str], FlaskClient], library: Database) -> FlaskClient:
    return signed_in("lina")


def begin(client: FlaskClient) -> str:
    answer = post(client, "/studio/new", {"title": "Refund", "name": f"refund-{next(NUMBERS)}", "department": "1"})
    return str(answer.location).removesuffix("/edit")


def upload(client: FlaskClient, content: bytes) -> Any:
    file = {"file": (io.BytesIO(content), "refund.yaml")} if content else {}
    return post(client, "/studio/new", {"title": "Refund", "department": "1", "from": "file:", **file})


def unreadable(client: FlaskClient) -> Any:
    base = begin(client)
    assert post(client, f"{base}/text", {"revision": "1", "text": "sop: ["}).status_code == 303
    return client.get(f"{base}/try")


def overtaken(client: FlaskClient) -> Any:
    answer = post(client, f"{begin(client)}/outline", {"act": "remove", "step": "finish", "revision": "7"})
    return client.get(answer.location)


ACTS: dict[str, Callable[[FlaskClient], Any]] = {
    "begin a procedure from no file": lambda lina: upload(lina, b""),
    "begin one from a file that is no text": lambda lina: upload(lina, b"sop: \xff"),
    "begin one from a file with an error": lambda lina: upload(lina, b"sop: a\n"),
    "send a form of the outline that a colleague's save has overtaken": overtaken,
    "compare version `one` with version `two`": lambda lina: lina.get("/studio/1/compare?from=one&to=two"),
    "try a draft that cannot be read": unreadable,
    "copy ticket `abc` for a dry run": lambda lina: post(
        lina, f"{begin(lina)}/try", {"do": "begin", "ticket": "abc", "script": ""}
    ),
}  # fmt: skip


def test_pages_say_what_is_wrong(lina: FlaskClient) -> None:
    wanted = dict(rows("Pages of the studio"))
    assert wanted.keys() == ACTS.keys()
    for act, said in wanted.items():
        page = " ".join(re.sub(r"<[^>]+>", " ", html.unescape(ACTS[act](lina).text)).split())
        assert said in page, act
