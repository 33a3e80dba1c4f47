"""Programs replay the past: the same answer as the studio's page, for the tickets that the caller may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..studio.replayed_past import make_past

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.database import Database
    from core.settings import Settings

    from .conftest import Program


def test_programs_replay_the_past(as_: Callable[[str], Program], firm: Database, settings: Settings) -> None:
    _sop, (large, small, still_open) = make_past(firm, settings)
    found = as_("lina").get("/sops/refund/replay?open=true").json
    assert (found["version"], found["looked_at"], found["unsure"]) == ("draft", 3, 0)
    told = found["summary"]
    assert (told["same"], told["different"], told["not_known"]) == (1, 1, 1)
    assert [(one["cause"], one["tickets"]) for one in told["causes"]] == [("open", 1)]
    assert (told["due"]["before"], told["work"]["steps"]) == ({"met": 2, "missed": 1}, -1)
    by_ticket = {one["ticket"]: one for one in found["tickets"]}
    assert (by_ticket[small]["verdict"], by_ticket[small]["not_known"]) == ("same", None)
    late = {one["step"]: one["late_seconds"] for one in by_ticket[small]["after"]}
    assert late["verify"] == 3600
    assert "does not hold" in " ".join(by_ticket[large]["why"])
    assert by_ticket[still_open]["not_known"]["cause"] == "open"
    same = as_("lina").get("/sops/refund/replay?version=1&which=followed&last=1").json
    assert [(one["ticket"], one["verdict"]) for one in same["tickets"]] == [(small, "same")]
    assert as_("lina").get("/sops/refund/replay?last=501").status_code == 422
    assert as_("oskar").get("/sops/service/refund/replay").status_code == 404
