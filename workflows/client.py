"""The one module that makes clients of Temporal, from the standard TEMPORAL_* environment."""

from __future__ import annotations

import atexit
import os
import socket
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.settings import Settings

TASK_QUEUE = "estafet"
RPC_TIMEOUT = timedelta(seconds=5)

# A process that made a client and ends quickly can abort at exit (temporalio/sdk-python#300).
atexit.register(time.sleep, 0.1)


async def connect(settings: Settings, *, lazy: bool = False, environ: Mapping[str, str] | None = None) -> Client:
    """A client of the Temporal that `settings` name. A lazy one connects at its first call, and again whenever it must.

    `environ`: where to find the TEMPORAL_* values, when they are no longer in the process's own environment.
    """
    env = os.environ if environ is None else environ
    profile = ClientConfigProfile.load(
        disable_file=not env.get("TEMPORAL_CONFIG_FILE"), override_env_vars=None if environ is None else environ
    )
    options = profile.to_client_connect_config()
    return await Client.connect(
        settings.temporal_address or options.get("target_host") or "127.0.0.1:7233",
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key,
        tls=options.get("tls") or settings.temporal_tls or settings.temporal_api_key is not None,
        rpc_metadata=options.get("rpc_metadata", {}),
        identity=f"estafet {os.getpid()}@{socket.gethostname()}",
        lazy=lazy,
    )
