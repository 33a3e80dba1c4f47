"""What was sent, without the characters that no database keeps: NUL, and half of a surrogate pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

from core.tickets.messages import clean

if TYPE_CHECKING:
    from collections.abc import Iterator


class Sent(ImmutableMultiDict[str, Any]):
    """The values of a form or of an address. Nobody types such a character: a browser's paste or a program brings it."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = mapping.items(multi=True) if isinstance(mapping, ImmutableMultiDict) else mapping
        super().__init__([(name, clean(v) if isinstance(v, str) else v) for name, v in pairs or ()])


class CleanRequest(Request):
    """A request whose forms and addresses hold only what can be kept."""

    parameter_storage_class = Sent


def unkeepable(body: Any) -> Iterator[str]:
    """JSON pointers of the texts in a body that no database keeps."""
    waiting = [("", body)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, str) and clean(value) != value:
            yield pointer
        elif isinstance(value, dict):
            waiting += [(f"{pointer}/{_escaped(name)}", inner) for name, inner in value.items()]
            waiting += [(pointer, name) for name in value]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{i}", inner) for i, inner in enumerate(value)]


def _escaped(name: str) -> str:
    return clean(name).replace("~", "~0").replace("/", "~1")
