"""How long may each activity take, and how is it tried again? One table, by the activity's type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy

ADVANCE, GIVE_UP, DELIVER_FACTS = "advance", "give_up", "deliver_facts"
TAKE_DELIVERY, RENEW_BOX, KEEP_WEBHOOKS, LOOK_OUTSIDE = "take_delivery", "renew_box", "keep_webhooks", "look_outside"
PLUGIN_QUEUE = "estafet-plugins"  # polled by the plugin host alone
ATTEMPTS_TO_ADVANCE = 5  # then a person must look at the ticket


class Limits(TypedDict):
    """The options of `workflow.execute_activity` that this table decides."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta | None
    retry_policy: RetryPolicy


@dataclass(frozen=True, slots=True)
class Kind:
    """`attempt` must be longer than `core.effects.PERFORM_SECONDS`; `altogether` is how long it is worth trying (None: for ever)."""

    attempt: timedelta
    first_wait: timedelta
    longest_wait: timedelta
    altogether: timedelta | None = None

    def limits(self) -> Limits:
        return Limits(
            start_to_close_timeout=self.attempt,
            schedule_to_close_timeout=self.altogether,
            retry_policy=RetryPolicy(
                initial_interval=self.first_wait, backoff_coefficient=2.0, maximum_interval=self.longest_wait
            ),
        )


# Recovery after a worker was killed waits for the end of its attempt: short where only the database is asked.
_DATABASE = Kind(
    attempt=timedelta(seconds=4), first_wait=timedelta(milliseconds=200), longest_wait=timedelta(seconds=5)
)
_OUTSIDE = Kind(
    attempt=timedelta(seconds=45),
    first_wait=timedelta(seconds=1),
    longest_wait=timedelta(minutes=30),
    altogether=timedelta(days=1),
)

EFFECTS: dict[str, Kind] = {
    # Mail servers are away for a weekend: RFC 5321 asks to try for four to five days.
    "send_mail": Kind(
        attempt=timedelta(seconds=45),
        first_wait=timedelta(seconds=2),
        longest_wait=timedelta(minutes=30),
        altogether=timedelta(days=4),
    ),
    "call_plugin": _OUTSIDE,
    "deliver_webhook": _OUTSIDE,
    # Asked once; whatever comes back decides. Only a host that dies is asked again, and nobody waits for it longer than half a minute.
    "choose_agent": Kind(
        attempt=timedelta(seconds=45),
        first_wait=timedelta(seconds=1),
        longest_wait=timedelta(seconds=5),
        altogether=timedelta(minutes=5),
    ),
    # Only the database is asked: tried again soon, and for as long as it takes.
    "tell_parent": Kind(
        attempt=timedelta(seconds=45), first_wait=timedelta(milliseconds=200), longest_wait=timedelta(seconds=30)
    ),
}
_FACTS = Kind(  # the plugin host says itself how long to wait, and gives an event up by parking it
    attempt=timedelta(seconds=60), first_wait=timedelta(seconds=1), longest_wait=timedelta(seconds=60)
)
_CHORES = Kind(  # whoever gives up is started again by the next look at what is left to do
    attempt=timedelta(seconds=60),
    first_wait=timedelta(seconds=1),
    longest_wait=timedelta(seconds=20),
    altogether=timedelta(minutes=5),
)


def limits(activity: str) -> Limits:
    """The limits of an activity; a kind of effect that this version does not know is treated like other outside calls."""
    if activity == DELIVER_FACTS:
        return _FACTS.limits()
    if activity in {TAKE_DELIVERY, RENEW_BOX, KEEP_WEBHOOKS, LOOK_OUTSIDE}:
        return _CHORES.limits()
    kind = _DATABASE if activity in {ADVANCE, GIVE_UP} else EFFECTS.get(activity, _OUTSIDE)
    return kind.limits()
