"""The words for codes: statuses, priorities, channels, roles, kinds of step. Each is translated when it is shown."""

from __future__ import annotations

from core.clocks import words as clock_words
from core.sop import code_words, notice_words
from core.sop.code_words import CHANNELS, STATUSES
from core.texts import N_, _

PRIORITY_CODES = {1: "urgent", 2: "high", 3: "medium", 4: "low"}
PRIORITIES = {number: code_words.PRIORITIES[code] for number, code in PRIORITY_CODES.items()}
CHANNEL_ICONS = {
    "email": "mail",
    "chat": "chat",
    "whatsapp": "chat",
    "social": "chat",
    "phone": "phone",
    "form": "form",
    "web": "form",
    "portal": "form",
    "api": "bolt",
    "flow": "bolt",
}
AVAILABILITIES = {"online": N_("Online"), "busy": N_("Busy"), "away": N_("Away"), "offline": N_("Offline")}
ROLES = {"manager": N_("Manager"), "lead": N_("Team lead"), "agent": N_("Agent"), "light": N_("Light agent")}
ORDERS = {
    "fifo": N_("first in, first out"),
    "urgency": N_("most urgent first"),
    "vip_lane": N_("VIP lane, then first in, first out"),
}
DUE_KINDS = {
    "first_response": N_("first response"),
    "next_response": N_("next response"),
    "resolution": N_("resolution"),
    "step": N_("step"),
    "promise": N_("promise"),
}
STEP_STATES = {
    "open": N_("open"),
    "done": N_("done"),
    "skipped": N_("skipped"),
    "expired": N_("timed out"),
    "cancelled": N_("cancelled"),
    "failed": N_("failed"),
}
EFFECT_STATES = {
    "planned": N_("planned"),
    "attempting": N_("under way"),
    "done": N_("done"),
    "failed": N_("failed"),
    "unknown": N_("outcome unknown"),
}
SOP_STATES = {
    "draft": N_("draft"),
    "in_review": N_("in review"),
    "published": N_("published"),
    "deprecated": N_("deprecated"),
    "retired": N_("retired"),
}
MODES = {"strict": N_("strict"), "guided": N_("guided"), "advisory": N_("advisory")}
STEP_KINDS = {
    "assign": N_("Assign"),
    "task": N_("Task"),
    "approval": N_("Approval"),
    "collaborate": N_("Question"),
    "notify": N_("Message"),
    "call": N_("Action"),
    "set": N_("Set"),
    "resolve": N_("Resolve"),
    "document": N_("Write down"),
    "survey": N_("Survey"),
    "wait": N_("Wait"),
    "switch": N_("Decide"),
    "fork": N_("Side by side"),
    "run": N_("Sub-procedure"),
    "do": N_("Phase"),
    "end": N_("End"),
    "jump": N_("Jump"),
}

REFUSALS = {
    "missing": N_("the signature was missing"),
    "wrong": N_("the signature did not fit"),
    "old": N_("it was signed too long ago"),
    "large": N_("it was larger than 1 MB"),
    "unset": N_("the secret is not set yet"),
    "unreadable": N_("it was no text"),
    "limited": N_("too many wrong signatures came from one address"),
}


def _say(table: dict[str, str], code: str | None) -> str:
    return "" if code is None else _(table[code]) if code in table else code


def status(code: str | None) -> str:
    """The words for a ticket's status."""
    return _say(STATUSES, code)


def priority(number: int) -> str:
    """The words for a priority."""
    return _(PRIORITIES.get(number, "Medium"))


def channel(code: str | None) -> str:
    """The words for a channel; a plugin's own channel is called by its name."""
    return _say(CHANNELS, code)


def channel_icon(code: str | None) -> str:
    """The icon of a channel."""
    return CHANNEL_ICONS.get(code or "", "bolt")


def availability(code: str | None) -> str:
    """The words for online, busy, away, offline."""
    return _say(AVAILABILITIES, code)


def refusal(code: str | None) -> str:
    """Why a webhook was refused."""
    return _say(REFUSALS, code)


def role(code: str | None) -> str:
    """The words for a role."""
    return _say(ROLES, code)


def order(code: str | None) -> str:
    """The words for the order of a queue."""
    return _say(ORDERS, code)


def due_kind(code: str | None) -> str:
    """What a due moment is the due moment of; an own metric of the firm is called by its name."""
    return _say(DUE_KINDS, code).replace("_", " ")


def metric(name: str) -> str:
    """What a clock measures; an own metric of the firm is called by its name."""
    return clock_words.metric(name)


def step_state(code: str | None) -> str:
    """The words for the state of a step's visit."""
    return _say(STEP_STATES, code)


def notice(code: str) -> str:
    """The words for a notice, by the name of its template."""
    return notice_words.notice(code)


def step_kind(code: str | None) -> str:
    """The words for a kind of step."""
    return _say(STEP_KINDS, code)


def effect_state(code: str | None) -> str:
    """The words for the state of an effect."""
    return _say(EFFECT_STATES, code)


def sop_state(code: str | None) -> str:
    """The words for the state of a version."""
    return _say(SOP_STATES, code)


def mode(code: str | None) -> str:
    """The words for the mode of a procedure."""
    return _say(MODES, code)


def initials(name: str) -> str:
    """The two letters that stand for a person in a `.face`."""
    parts = name.split()
    return ((parts[0][:1] + parts[-1][:1]) if len(parts) > 1 else name[:2]).upper()


def alert_hows() -> list[tuple[str, str]]:
    """How somebody is told of an alert."""
    return [("page", _("in the page")), ("mail", _("by mail at once")), ("digest", _("in the digest"))]


def script_words() -> dict[str, str]:
    """The words that the scripts of a page put together themselves; `{name}` is filled by them."""
    return {
        "d": _("%(d)s d", d="{d}"),
        "dh": _("%(d)s d %(h)s h", d="{d}", h="{h}"),
        "h": _("%(h)s h", h="{h}"),
        "hm": _("%(h)s h %(m)s min", h="{h}", m="{m}"),
        "m": _("%(m)s min", m="{m}"),
        "s": _("%(s)s s", s="{s}"),
        "late": _("%(span)s late", span="{span}"),
        "just_now": _("just now"),
        "min_ago": _("%(n)s min ago", n="{n}"),
        "h_ago": _("%(n)s h ago", n="{n}"),
        "chosen": _("%(n)s selected", n="{n}"),
        "changed": _("The list has changed, show"),
        "new_since": _("new since you began writing"),
        "live": _("Live."),
        "not_live": _("Not live. What you see may be old; what you write is kept."),
    }
