"""The installation's own words: groups that a team lead adds to the shipped glossary, written as one group a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import configuration
from core.errors import FieldError, Invalid
from core.learning.solved import forget_all
from core.learning.words import FILE, SETTING, GlossaryError, checked_groups, read_groups
from core.permissions import require

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.actors import Actor


def shipped_groups() -> list[list[str]]:
    """The groups that come with the product."""
    return read_groups(FILE.read_text("utf-8"))


def own_groups(tx: Connection) -> str:
    """The installation's groups as they are written: words with commas between them, one group a line."""
    own: dict[str, Any] = configuration.setting(tx, SETTING, {})
    return "\n".join(", ".join(group) for group in own.get("groups", []))


def save_groups(tx: Connection, actor: Actor, written: str) -> None:
    """Keep the groups, and have everything indexed by them again. Invalid: a line is no group."""
    require(actor, "write_sops")
    lines = [[word.strip() for word in line.split(",") if word.strip()] for line in written.splitlines()]
    try:
        groups = checked_groups([line for line in lines if line])
    except GlossaryError as error:
        raise Invalid(FieldError("/own", str(error))) from error
    configuration.put_setting(tx, SETTING, {"groups": groups})
    forget_all(tx)
