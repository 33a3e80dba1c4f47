"""What comes in from outside and what goes there: webhooks and what they mean, messages of a channel, wishes because of a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.plugins.labels import Label
from core.plugins.values import Ticket


@dataclass(frozen=True, slots=True)
class Webhook:
    """A door at `/hooks/PLUGIN/NAME` through which the other side tells news. Without a right signature nothing passes.

    `secret` names the setting that holds the secret, `header` the one that carries the signature: an HMAC of the body as `encoding`, behind
    `prefix` (such as `sha256=`), or with `token` the secret itself. `with_url`: the callback's address is appended to the body before signing
    (Trello). `delivery_header` names a header whose value is the same in every repetition of one delivery (without it the body tells);
    `timestamp_header` one with the moment of sending in seconds since 1970: `TIMESTAMP.BODY` is signed then, and older ones than five minutes
    are refused.
    """

    name: str
    secret: str
    header: str
    algorithm: Literal["hmac-sha256", "hmac-sha1", "token"] = "hmac-sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    with_url: bool = False
    delivery_header: str | None = None
    timestamp_header: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came through a webhook, its signature checked. Names of `headers` are in small letters; signatures and cookies are left out."""

    id: int
    webhook: str
    headers: Mapping[str, str]
    body: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote at a thing outside. `id` is the other side's: each becomes one comment, however often it is told.

    `public` ones are shown as what the other side's own customers see too; they stay internal here.
    """

    id: str
    author: str
    text: str
    at: datetime | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known now of a thing outside; applied to every ticket that this plugin has linked to `ref`.

    `values` are laid over the result of the step that waits for it, and its `until` is judged. `title`, `url` and `state` are shown; None
    leaves them. `at` is when the other side changed it: what is older than what is known is ignored (new comments are not). `done`
    completes an open task that is linked, `gone` ends the link and says so on the ticket. `changes` are the ticket's new subject, priority,
    tags (`add_tags` and `drop_tags` leave the others), topic, product or status, and `due` of the open step that it stands for (an aware
    datetime; None takes it away).
    """

    ref: str
    values: Mapping[str, Any] = field(default_factory=dict)
    title: str | None = None
    url: str | None = None
    state: str | None = None
    at: datetime | None = None
    done: bool | None = None
    gone: bool = False
    comments: tuple[Comment, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message. `content` is its bytes in base64."""

    name: str
    content_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer wrote through a plugin's channel. It joins the ticket of (`channel`, `thread`), or opens one.

    `id` is the other side's name of the message (taken once); `sender` is how they are reached there, `name` how they are called. A new
    ticket goes to `department`, or to the first one.
    """

    channel: str
    id: str
    thread: str
    sender: str
    name: str
    text: str
    at: datetime | None = None
    attachments: tuple[File, ...] = ()
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to a customer who wrote through a plugin's channel. `key` is the same in every attempt."""

    key: str
    channel: str
    thread: str
    to: str
    text: str
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Channel:
    """A way on which customers write and are answered. `replies`: answers go back the same way (else by mail). `title` is a label."""

    name: str
    title: Label
    replies: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """An action that a plugin wants because of a fact: planned once for (event, plugin, place in the list), whatever comes twice.

    One is the desk's own and done at once: `desk.upset` with `points` (1 to 10) says that the customer seems upset, as its own signs do.
    """

    action: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
