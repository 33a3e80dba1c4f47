"""Which ports are free on this machine?"""

from __future__ import annotations

import random
import socket
import time

from core.texts import _
from estafet.command import CannotRun

PATIENCE = 3.0  # seconds: a killed predecessor gives its port back within one or two


# Not from here, but from 32768 on, systems take the near ends of outgoing connections: one of those would take a port between the choice and its use.
_QUIET = range(16_000, 32_000)


def free_port(bind: str = "127.0.0.1") -> int:
    """A port that nobody uses at this moment, drawn at random from those that no outgoing connection will be given."""
    while is_taken(port := random.choice(_QUIET), bind):  # noqa: S311 (chance, not secrecy)
        pass
    return port


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
