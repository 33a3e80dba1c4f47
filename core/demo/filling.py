"""An empty database becomes the demo desk, in one transaction: the firm, its customers, its procedures, and what happened in eight weeks."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core import estimates
from core.configuration import put_setting, setting
from core.demo.firm import Firm, build_firm
from core.demo.playing import Play
from core.demo.reading import read_firm, read_stories
from core.demo.weeks import solve_weeks
from core.moments import now_ms
from core.organisation import is_empty, issue_token
from core.people import hash_password
from core.texts import speaking

if TYPE_CHECKING:
    from core.database import Database
    from core.settings import Settings

_SETTING = "demo_accounts"
_SHOWN = ("manager", "lead", "agent", "light")  # one account of each role is shown to whoever tries the desk
_DAYS_BEFORE = 60


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """With which address and password one signs in as somebody of this role."""

    role: str
    email: str
    password: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DemoAccounts:
    """One account of each role, and the manager's token for the API."""

    accounts: tuple[DemoAccount, ...]
    api_token: str


def fill(database: Database, settings: Settings, *, now: int | None = None) -> DemoAccounts | None:
    """Build the demo desk as it stands at the moment `now` (ms). A database in which somebody works is left alone: None."""
    now = now or now_ms()
    password = _password(settings)
    hashed = hash_password(password)  # the same password for everybody: hashed once
    with speaking("id"), database.write() as tx:
        if not is_empty(tx):
            return None
        firm = build_firm(tx, read_firm(), hashed, began=now - _DAYS_BEFORE * 86_400_000)
        Play(tx, settings, firm, now).perform(read_stories(), read_firm()["presence"])
        solve_weeks(tx, firm, now)
        manager = next(actor for actor in firm.people.values() if actor.role == "manager")
        assert manager.id is not None
        token = issue_token(tx, manager.id, "demo", now=now)
        found = DemoAccounts(_accounts(firm, password), token)
        put_setting(tx, _SETTING, {"accounts": [asdict(one) for one in found.accounts], "api_token": token})
    estimates.forget()
    return found


def known_accounts(database: Database) -> DemoAccounts | None:
    """The accounts that `fill` made; None when this is no demo."""
    with database.read() as tx:
        kept: dict[str, Any] | None = setting(tx, _SETTING)
    if kept is None:
        return None
    return DemoAccounts(tuple(DemoAccount(**one) for one in kept["accounts"]), kept["api_token"])


def _password(settings: Settings) -> str:
    """Easy to type, the same at every start, and another one in every installation."""
    letters = base64.b32encode(settings.key("demo-password")).decode().lower()
    return f"lentera-{letters[:4]}-{letters[4:8]}"


def _accounts(firm: Firm, password: str) -> tuple[DemoAccount, ...]:
    """The first person of each role, as `firm.yaml` lists them."""
    first = {role: next(actor for actor in firm.people.values() if actor.role == role) for role in _SHOWN}
    return tuple(DemoAccount(role, firm.emails[actor.name], password, actor.name) for role, actor in first.items())
