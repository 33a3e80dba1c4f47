"""The activities: each is one call into the core, and an error becomes a code, because nobody's text may enter a history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from core import advance as advancing
from core.advance import Standing
from core.moments import now_ms
from core.performing import TryLater
from core.performing import give_up as give_effect_up
from core.performing import perform as perform_effect
from workflows.timing import ADVANCE, ATTEMPTS_TO_ADVANCE, EFFECTS, GIVE_UP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.database import Database
    from core.settings import Settings

log = structlog.get_logger()
_AWAY = (OperationalError, InterfaceError)  # the database is away or busy: nobody's fault, tried until it is back


@dataclass(frozen=True, slots=True)
class Activities:
    """What the worker offers to Temporal."""

    settings: Settings
    database: Database

    def all(self) -> Sequence[Callable[..., Any]]:
        """Every activity: `advance`, `give_up`, and one for each kind of effect."""
        return [self.advance, self.give_up, *(self._perform(kind) for kind in EFFECTS)]

    @activity.defn(name=ADVANCE)
    def advance(self, ticket_id: int, moment: int | None) -> Standing:
        """Walk the ticket at the later of `moment` (ms) and now. The fifth failure marks it for a person's attention."""
        try:
            with self.database.write() as tx:
                standing = advancing.advance(tx, self.settings, ticket_id, max(now_ms(), moment or 0))
                advancing.nudged(tx, [(ticket_id, standing.seq)])  # the answer tells the workflow all of it
                return standing
        except _AWAY as error:
            raise _coded(error) from None
        except Exception as error:
            log.exception("advance failed", ticket=ticket_id, attempt=activity.info().attempt)
            if activity.info().attempt < ATTEMPTS_TO_ADVANCE:
                raise _coded(error) from None
            with self.database.write() as tx:
                advancing.needs_attention(tx, ticket_id, "advance_failed", now_ms())
            raise _coded(error, for_good=True) from None

    @activity.defn(name=GIVE_UP)
    def give_up(self, key: str) -> Standing:
        """Note that an effect was tried for as long as it is worth trying."""
        try:
            return give_effect_up(self.database, self.settings, key, "tried_too_long")
        except Exception as error:
            log.exception("giving up failed", effect=key)
            raise _coded(error) from None

    def _perform(self, kind: str) -> Callable[[str], Standing]:
        @activity.defn(name=kind)
        def perform(key: str) -> Standing:
            try:
                return perform_effect(self.database, self.settings, key)
            except TryLater as later:
                log.info("effect put off", effect=key, kind=kind, reason=str(later), wait=later.wait_s)
                wait = None if later.wait_s is None else timedelta(seconds=later.wait_s)
                raise ApplicationError("put off", type="TryLater", next_retry_delay=wait) from None
            except Exception as error:
                log.exception("effect failed", effect=key, kind=kind)
                raise _coded(error) from None

        return perform


def _coded(error: Exception, *, for_good: bool = False) -> ApplicationError:
    """The error without its words, which may quote what a person wrote."""
    name = type(error).__name__
    return ApplicationError(name, type=name, non_retryable=for_good)
