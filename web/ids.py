"""Numbers in addresses: an id that no database could hold names nothing, and is answered so."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST = 2**53 - 1  # also the largest number that JavaScript holds exactly


class IdConverter(IntegerConverter):
    """`<int:…>` of an address, up to the largest id."""

    def __init__(self, map: Any, *given: Any, **options: Any) -> None:  # noqa: A002  (werkzeug's name)
        options.setdefault("max", LARGEST)
        super().__init__(map, *given, **options)
