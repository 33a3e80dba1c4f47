"""Static files travel packed, under a name with their hash, for a year; nothing outside their folder is given out."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

from web.statics import FOLDER

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PACKED = {"Accept-Encoding": "gzip"}


def test_named_file_is_kept_a_year(client: FlaskClient) -> None:
    page = client.get("/signin").text
    path = re.search(r'href="(/static/estafet\.css\?v=\w+)"', page)
    assert path
    answer = client.get(path[1], headers=PACKED)
    assert "immutable" in answer.headers["Cache-Control"]
    assert gzip.decompress(answer.data) == (FOLDER / "estafet.css").read_bytes()
    assert answer.mimetype == "text/css"


def test_old_name_is_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/estafet.css?v=old")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    answer.close()


def test_nothing_outside_the_folder(client: FlaskClient) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/none.css"):
        assert client.get(path).status_code == 404, path


def test_page_is_packed(client: FlaskClient) -> None:
    answer = client.get("/signin", headers=PACKED)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"<!doctype html>" in gzip.decompress(answer.data)


def test_nothing_inline_in_templates() -> None:
    """The strict policy allows no inline script or style and no data: picture."""
    for path in FOLDER.parent.glob("templates/**/*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|data:image", text), path
