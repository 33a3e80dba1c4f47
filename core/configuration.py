"""What has been set for the whole installation, and since when? One number rises with every change, so that every process follows at once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from core.database import is_sqlite, scratch
from core.prepared import Prepared
from core.schema import Setting

if TYPE_CHECKING:
    from sqlalchemy import Connection

_s = Setting.__table__.c
_READ = Prepared(select(_s.value).where(_s.name == bindparam("name")))
_VERSION = "config_version"
_TRYING = "config_trying"
_NEVER_REACHED = 2**45


def setting(tx: Connection, name: str, default: Any = None) -> Any:
    """The value of one setting."""
    found = _READ.scalar(tx, {"name": name})
    return default if found is None else found["is"]


def put_setting(tx: Connection, name: str, value: Any) -> None:
    """Change one setting and tell every process."""
    _put(tx, name, value)
    bump(tx)


def version(tx: Connection) -> int:
    """The number that rises with every change of settings, people, teams, procedures."""
    known = scratch(tx).get(_VERSION)
    if known is None:
        known = scratch(tx)[_VERSION] = int(setting(tx, _VERSION, 0))
    return int(known)


def bump(tx: Connection) -> None:
    """Something that processes keep in memory was changed."""
    newest = int(setting(tx, _VERSION, 0)) + 1
    if scratch(tx).get(_TRYING):
        newest = _NEVER_REACHED + secrets.randbits(40)
    _put(tx, _VERSION, newest)
    scratch(tx)[_VERSION] = newest


def only_try(tx: Connection) -> None:
    """This transaction will be rolled back: what is read in it must never be taken for what is so, in this process or another."""
    scratch(tx)[_TRYING] = True
    bump(tx)


def _put(tx: Connection, name: str, value: Any) -> None:
    dialect = sqlite if is_sqlite(tx) else postgresql
    tx.execute(
        dialect.insert(Setting)
        .values(name=name, value={"is": value})
        .on_conflict_do_update(index_elements=["name"], set_={"value": {"is": value}})
    )
