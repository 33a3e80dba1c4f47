"""A procedure of 200 steps stays a page that a browser can take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..conftest import post
from .test_pages import begin, revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from core.database import Database


def test_many_steps_stay_small(signed_in: Callable[[str], FlaskClient], library: Database) -> None:
    lina = signed_in("lina")
    base = begin(lina, title="Large")
    steps = "".join(f"  - step_{n}: {{task: Do part {n}, due: {{business: PT2H}}}}\n" for n in range(200))
    text = f"sop: large\ndepartment: service\ndo:\n{steps}"
    assert post(lina, f"{base}/text", {"text": text, "revision": revision(lina, base)}).status_code == 303
    page = lina.get(f"{base}/edit", headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert len(page.data) < 300_000
    moved = {"act": "move", "step": "step_7", "place": "after:step_150", "revision": revision(lina, base)}
    assert post(lina, f"{base}/outline", moved).status_code == 303
    assert "step_150" in lina.get(f"{base}/download").text
