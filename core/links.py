"""Signed addresses: the customer's request page and other doors that need no account."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, Serializer, URLSafeSerializer
from itsdangerous.encoding import base64_encode

if TYPE_CHECKING:
    from core.settings import Settings


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Whose request it is. `epoch` must still be the customer's `link_epoch`, else the link was revoked."""

    ticket_id: int
    customer_id: int
    epoch: int


class _Signing(URLSafeSerializer):
    """Signs without trying to compress first: a few numbers never get shorter, and the trial costs more than all the rest."""

    def dump_payload(self, obj: Any, *args: Any, **options: Any) -> bytes:
        return base64_encode(Serializer.dump_payload(self, obj, *args, **options))


@lru_cache(16)
def _signing(key: bytes, salt: str) -> _Signing:
    return _Signing(key, salt=salt)


def _serializer(settings: Settings) -> _Signing:
    return _signing(settings.key("request-link"), "request")


def request_link(settings: Settings, ticket_id: int, customer_id: int, epoch: int) -> str:
    """The path of a customer's request page: `/r/<signed>`."""
    return "/r/" + str(_serializer(settings).dumps([ticket_id, customer_id, epoch]))


def request_url(settings: Settings, ticket_id: int, customer_id: int, epoch: int) -> str:
    """The same as a whole address, for mails."""
    return settings.public_url + request_link(settings, ticket_id, customer_id, epoch)


def read_link(settings: Settings, signed: str) -> LinkTarget | None:
    """Whose page a signed part names; None when it was not signed by us."""
    try:
        ticket_id, customer_id, epoch = _serializer(settings).loads(signed)
        return LinkTarget(int(ticket_id), int(customer_id), int(epoch))
    except (BadData, ValueError, TypeError):
        return None


# ---- approvals and questions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepTarget:
    """Which visit of a step asks whom: a colleague's id, or somebody outside as `mail:ADDRESS`."""

    step_id: int
    voter: str


def _step_serializer(settings: Settings) -> _Signing:
    return _signing(settings.key("step-link"), "step")


def step_url(settings: Settings, step_id: int, voter: str) -> str:
    """The whole address where one person decides one visit of a step without signing in: `/a/<signed>`."""
    return f"{settings.public_url}/a/{_step_serializer(settings).dumps([step_id, voter])}"


def read_step_link(settings: Settings, signed: str) -> StepTarget | None:
    """Whom a signed part asks about which visit; None when it was not signed by us."""
    try:
        step_id, voter = _step_serializer(settings).loads(signed)
        return StepTarget(int(step_id), str(voter))
    except (BadData, ValueError, TypeError):
        return None


# ---- surveys -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SurveyTarget:
    """Which survey asks which customer. `epoch` as in `LinkTarget`."""

    step_id: int
    customer_id: int
    epoch: int


def survey_url(settings: Settings, step_id: int, customer_id: int, epoch: int) -> str:
    """The whole address where a customer answers one survey: `/s/<signed>`."""
    signed = _signing(settings.key("survey-link"), "survey").dumps([step_id, customer_id, epoch])
    return f"{settings.public_url}/s/{signed!s}"


def read_survey_link(settings: Settings, signed: str) -> SurveyTarget | None:
    """Which survey a signed part opens; None when it was not signed by us."""
    try:
        step_id, customer_id, epoch = _signing(settings.key("survey-link"), "survey").loads(signed)
        return SurveyTarget(int(step_id), int(customer_id), int(epoch))
    except (BadData, ValueError, TypeError):
        return None
