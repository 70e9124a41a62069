"""Connections to NATS servers, for what is consumed there and what is published."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.errors import SecureConnRequiredError

PING_SECONDS = 20
"""How often the servers are asked whether they are there. After two questions without an answer
the connection is given up, and made anew."""


async def connect(
    servers: Sequence[str], *, credentials: Path | None, authorities: Path | None, **options: Any
) -> Client:
    """A connection that comes back by itself whenever the servers do.

    `servers`: URLs. `credentials`: as `nsc` writes them. `authorities`: the certificates (PEM)
    that a server's is signed with. Raises nats.errors.Error, OSError, ssl.SSLError.
    """
    needs_tls = authorities is not None or any(one.startswith("tls://") for one in servers)
    client = _Client(needs_tls=needs_tls)
    await client.connect(
        list(servers),
        max_reconnect_attempts=-1,
        ping_interval=PING_SECONDS,
        max_outstanding_pings=2,
        user_credentials=None if credentials is None else str(credentials),
        tls=None if authorities is None else ssl.create_default_context(cafile=authorities),
        **options,
    )
    return client


class _Client(Client):
    """Tells its credentials to nobody who does not speak TLS where that is needed.

    The library leaves TLS to what the server says, or whoever is in between.
    """

    def __init__(self, *, needs_tls: bool) -> None:
        super().__init__()
        self._needs_tls = needs_tls

    def _connect_command(self) -> bytes:
        if self._needs_tls and not self._server_info.get("tls_required"):
            raise SecureConnRequiredError
        return super()._connect_command()
