"""Which ports are free on this machine?"""

from __future__ import annotations

import socket
import time

from core.texts import _
from estafet.command import CannotRun

PATIENCE = 3.0  # seconds: a killed predecessor gives its port back within one or two


def free_port(bind: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((bind, 0))
        return int(probe.getsockname()[1])


def is_taken(port: int, bind: str = "127.0.0.1") -> bool:
    """Does somebody else use the port already (or is it not ours to open)?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return True
    return False


def claim_port(name: str, port: int, bind: str) -> None:
    """CannotRun when the port that the setting `name` asks for stays taken."""
    end = time.monotonic() + PATIENCE
    while is_taken(port, bind):
        if time.monotonic() > end:
            raise CannotRun(
                _(
                    "Port %(port)s on %(bind)s is taken by another program. Stop that one, or choose another port with %(name)s.",
                    port=port,
                    bind=bind,
                    name=name,
                )
            )
        time.sleep(0.1)


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Does somebody accept a connection there?"""
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False
