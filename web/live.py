"""What changed? One listener per process reads the timeline and tells every open window of the department (server-sent events)."""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.timeline import Position, follow, newest
from core.wake import Listener
from web.attendance import Attendance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.database import Database
    from core.settings import Settings
    from core.timeline import Happening

_log = structlog.get_logger("estafet.live")
HEARTBEAT_SECONDS = 15.0
MOST_STREAMS = 224  # threads − 32: pages must always find a free thread
_SWEEP_SECONDS = 5.0
_BATCH = 200
_LOOK = "event: look\ndata: {}\n\n"
_BACKLOG = 500  # happenings a window may be behind before it is told to look at everything again


@dataclass(slots=True, eq=False)
class Stream:
    """One open window: the department it may hear of (or `everything`), the ticket it shows, and what it has not been told yet."""

    department_id: int | None
    everything: bool = False
    ticket_id: int | None = None
    person_id: int | None = None
    waiting: queue.Queue[tuple[int, str]] = field(default_factory=lambda: queue.Queue(_BACKLOG))
    missed: bool = False

    def hears(self, happening: Happening) -> bool:
        """Is this happening for this window? What belongs to no department is for nobody in particular."""
        if self.everything or (happening.stream == "ticket" and happening.stream_id == self.ticket_id):
            return True
        return self.department_id is not None and happening.department_id == self.department_id


class Hub:
    """Fans out what is committed to the streams of this process. Its thread starts with the first stream."""

    def __init__(self, settings: Settings, database: Database, *, most: int = MOST_STREAMS) -> None:
        self._settings, self._database, self._most = settings, database, most
        self._streams: set[Stream] = set()
        self._token = secrets.token_hex(4)  # another process counts differently, and so does this one after a restart
        self._told = 0
        self._recent: deque[Happening] = deque(maxlen=_BACKLOG)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.attendance = Attendance(database)

    def mark(self) -> str:
        """How far this process has listened; a page carries it from before it was read until its stream is open."""
        return f"{self._token}.{self._told}" if self._thread is not None else ""

    def open(
        self,
        department_id: int | None,
        *,
        everything: bool = False,
        ticket_id: int | None = None,
        mark: str = "",
        person_id: int | None = None,
    ) -> Stream | None:
        """A new stream, or None when there are as many as the threads allow. It begins with what happened since `mark`."""
        stream = Stream(department_id, everything, ticket_id, person_id)
        with self._lock:
            if len(self._streams) >= self._most:
                return None
            self._streams.add(stream)
            self._start()
            self._catch_up(stream, mark)
        return stream

    def _catch_up(self, stream: Stream, mark: str) -> None:
        """Between reading a page and opening its stream things happen: tell them, or (not known) let the window look again."""
        token, _dot, told = mark.partition(".")
        behind = self._told - int(told) if token == self._token and told.isdecimal() else len(self._recent) + 1
        if behind > len(self._recent):
            stream.missed = True
            return
        for happening in list(self._recent)[len(self._recent) - behind :]:
            self._put(stream, happening, _message(happening))

    def close(self, stream: Stream) -> None:
        """Forget a window that has gone."""
        with self._lock:
            self._streams.discard(stream)

    @property
    def count(self) -> int:
        """How many windows are open."""
        return len(self._streams)

    def stop(self) -> None:
        """End the listener's thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _start(self) -> None:
        """Begin to listen (under the lock). The position is read before the first stream is answered, so nothing falls between."""
        if self._thread is not None and self._thread.is_alive():
            return
        listener = Listener(self._settings)
        with self._database.read() as tx:
            position = newest(tx)
        self._thread = threading.Thread(target=self._run, args=(listener, position), name="live", daemon=True)
        self._thread.start()

    def _run(self, listener: Listener, position: Position) -> None:
        try:
            while not self._stop.is_set():
                listener.wait(1.0 if self._streams else _SWEEP_SECONDS)
                position = self._look(position)
                self.attendance.keep(self._people())
        finally:
            listener.close()

    def _look(self, position: Position) -> Position:
        try:
            while True:
                with self._database.read() as tx:
                    found, position = follow(tx, position, _BATCH)
                self._tell(found)
                if len(found) < _BATCH:
                    return position
        except SQLAlchemyError as error:
            _log.warning("the live stream cannot read the timeline", error=str(error))
            self._stop.wait(1.0)
            return position

    def _tell(self, found: list[Happening]) -> None:
        if not found:
            return
        with self._lock:
            self._told += len(found)
            self._recent.extend(found)
            streams = list(self._streams)
        for happening in found:
            text = _message(happening)
            for stream in streams:
                self._put(stream, happening, text)

    def _people(self) -> set[int]:
        """Whose windows are open in this process."""
        with self._lock:
            return {stream.person_id for stream in self._streams if stream.person_id is not None}

    @staticmethod
    def _put(stream: Stream, happening: Happening, text: str) -> None:
        if not stream.hears(happening):
            return
        try:
            stream.waiting.put_nowait((happening.id, text))
        except queue.Full:
            stream.missed = True


def _message(happening: Happening) -> str:
    """What a window is told: which thing changed and how; never what it says, the window asks for that itself."""
    data = {"stream": happening.stream, "id": happening.stream_id, "seq": happening.seq, "kind": happening.kind}
    return f"id: {happening.id}\nevent: changed\ndata: {json.dumps(data)}\n\n"


def messages(hub: Hub, stream: Stream, *, resumed: bool = False, heartbeat: float = HEARTBEAT_SECONDS) -> Iterator[str]:
    """The lines of one stream until its window goes. A window that comes back is told to look at everything again."""
    try:
        look = resumed or stream.missed
        stream.missed = False
        yield "retry: 1000\n\n" + (_LOOK if look else ": welcome\n\n")
        while True:
            try:
                _, text = stream.waiting.get(timeout=heartbeat)
            except queue.Empty:
                yield ": still here\n\n"
                continue
            with suppress(queue.Empty):
                while True:
                    text += stream.waiting.get_nowait()[1]
            if stream.missed:
                stream.missed = False
                text += _LOOK
            yield text
    finally:
        hub.close(stream)
