"""What the plugin host offers to Temporal: calls, facts and chores of plugins. An error becomes a code: nobody's text enters a history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from core.advance import Standing
from core.performing import TryLater
from core.plugins import facts
from core.plugins.arriving import take_delivery
from core.plugins.asking import Busy
from core.plugins.calling import call
from core.plugins.choosing import ask_who
from core.plugins.keeping import keep_webhooks, look_outside
from core.plugins.panels import renew_box
from workflows.timing import DELIVER_FACTS, KEEP_WEBHOOKS, LOOK_OUTSIDE, RENEW_BOX, TAKE_DELIVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.database import Database
    from core.plugins.asking import Caller
    from core.settings import Settings
    from workflows.plugin_pool import PluginPool

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HostActivities:
    """What the plugin host offers to Temporal. An error becomes a code: nobody's text enters a history."""

    settings: Settings
    database: Database
    pool: PluginPool

    def all(self) -> Sequence[Callable[..., Any]]:
        return [
            self.call_plugin,
            self.send_message,
            self.choose_agent,
            self.deliver_facts,
            self.take_delivery,
            self.renew_box,
            self.keep_webhooks,
            self.look_outside,
        ]

    @activity.defn(name="call_plugin")
    def call_plugin(self, key: str) -> Standing:
        """Perform one call of a procedure, a person, or a fact."""
        return self._perform(key)

    @activity.defn(name="send_message")
    def send_message(self, key: str) -> Standing:
        """Hand an answer to the channel on which the customer wrote."""
        return self._perform(key)

    @activity.defn(name="choose_agent")
    def choose_agent(self, key: str) -> Standing:
        """Ask a plugin who gets a ticket."""
        return self._perform(key, ask_who)

    def _perform(self, key: str, how: Callable[..., Standing] = call) -> Standing:
        try:
            return how(self.database, self.settings, self.pool, key)
        except TryLater as later:
            log.info("call put off", effect=key, reason=str(later), wait=later.wait_s)
            raise _put_off("TryLater", later.wait_s) from None
        except Exception as error:
            log.exception("call failed", effect=key)
            raise _put_off(type(error).__name__, None) from None

    @activity.defn(name=DELIVER_FACTS)
    def deliver_facts(self, plugin: str) -> bool:
        """Hand a plugin its next events."""
        return self._turn(facts.deliver, plugin)

    @activity.defn(name=TAKE_DELIVERY)
    def take_delivery(self, plugin: str) -> bool:
        """Turn the next webhook of a plugin into news, and apply them."""
        return self._turn(take_delivery, plugin)

    @activity.defn(name=RENEW_BOX)
    def renew_box(self, plugin: str) -> bool:
        """Ask a plugin for a box that somebody looks at."""
        return self._turn(renew_box, plugin)

    @activity.defn(name=KEEP_WEBHOOKS)
    def keep_webhooks(self, plugin: str) -> bool:
        """Let a plugin register or repair its webhooks."""
        return self._turn(keep_webhooks, plugin)

    @activity.defn(name=LOOK_OUTSIDE)
    def look_outside(self, plugin: str) -> bool:
        """Ask a plugin how the things stand that nobody told us about."""
        return self._turn(look_outside, plugin)

    def _turn(self, chore: Callable[[Database, Settings, Caller, str], bool], plugin: str) -> bool:
        try:
            return chore(self.database, self.settings, self.pool, plugin)
        except facts.NotTaken as refusal:
            log.info("not taken", plugin=plugin, reason=str(refusal), wait=refusal.wait_s)
            raise _put_off("NotTaken", refusal.wait_s) from None
        except Busy:
            raise _put_off("Busy", 1.0) from None
        except Exception as error:
            log.exception("chore failed", plugin=plugin)
            raise _put_off(type(error).__name__, None) from None


def _put_off(code: str, wait: float | None) -> ApplicationError:
    return ApplicationError(code, type=code, next_retry_delay=None if wait is None else timedelta(seconds=wait))
