"""Each plugin is loaded and checked by itself, in a process of its own: a broken one is one line, and everything else starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from core.plugins.asking import TEMPORARY
from core.plugins.publishing import Found, without_doubles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.plugins.asking import Caller
    from core.plugins.discovery import Source

MOST_TRIES = 3


def read_sources(caller: Caller, sources: Sequence[Source]) -> list[Found]:
    """What every plugin declares, or why it cannot be used."""
    with ThreadPoolExecutor(max_workers=4) as threads:
        return without_doubles(threads.map(lambda source: read_source(caller, source), sources))


def read_source(caller: Caller, source: Source) -> Found:
    """What one plugin declares, or why it cannot be used."""
    wire = source.wire()
    if source.problem:
        return Found(source.name, source.version, wire, error=source.problem)
    with caller.slot(source.name):
        answer = caller.ask(wire, {"do": "describe"})
        for _turn in range(MOST_TRIES):
            if answer.how != TEMPORARY:
                break
            answer = caller.ask(wire, {"do": "describe"})  # a busy machine: its process did not start in time
    if not answer.ok:
        return Found(source.name, source.version, wire, error=" ".join(answer.detail.split())[:500] or answer.how)
    said = answer.value
    return Found(
        source.name,
        source.version,
        wire,
        tuple(said["actions"]),
        tuple(said["declared"]),
        tuple(said["hooks"]),
        said["offers"],
    )
