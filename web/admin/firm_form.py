"""A form of the firm: what was typed as values, and which field an error belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.permissions import MANAGER
from web.signin import actor

if TYPE_CHECKING:
    from core.directory import Department, Directory
    from core.errors import Invalid

PAGE = 50
LEVELS = (1, 2, 3, 4, 5)
PRIORITIES = ("urgent", "high", "medium", "low")


def errors_of(wrong: Invalid) -> dict[str, str]:
    """The errors by the fields of the form: `/mailboxes/1` stands at `mailboxes`, `/routing/by_priority/high` at `high`."""
    found: dict[str, str] = {}
    for error in wrong.errors:
        parts = error.pointer.strip("/").split("/")
        field = parts[-1] if parts[0] in {"routing", "skills"} else parts[0]
        field = f"upset_{parts[-1]}" if field == "upset" else field
        found[field] = f"{found[field]} {error.message}" if field in found else error.message
    return found


def whole(text: str | None) -> Any:
    """A number as typed: None when the field is empty; what is no number stays text, and the core says so."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None


def ids(texts: list[str]) -> list[int]:
    """The ticked boxes."""
    return [int(one) for one in texts if one.isascii() and one.isdecimal()]


def lines(text: str) -> list[str]:
    """One entry a line; commas separate, too."""
    return [one.strip() for one in text.replace(",", "\n").splitlines() if one.strip()]


def is_manager() -> bool:
    """Whoever changes everything."""
    return actor().role == MANAGER


def my_departments(firm: Directory) -> list[Department]:
    """The departments whose people and teams the reader may change."""
    return [one for one in firm.open_departments if is_manager() or one.id == actor().department_id]
