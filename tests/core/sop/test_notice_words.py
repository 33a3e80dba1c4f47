"""What notices are called within a sentence."""

from pathlib import Path

import core
from core.sop.notice_words import NOTICES, notice


def test_every_shipped_notice_has_a_name() -> None:
    folder = Path(core.__file__).parent / "notice_texts"
    assert {path.name.split(".")[0] for path in folder.glob("*.md")} == set(NOTICES)


def test_other_notices_keep_their_names() -> None:
    assert notice("visit_planned") == "visit planned"
