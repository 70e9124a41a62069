"""Connections to NATS servers, for what is consumed there and what is published."""

import re
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nkeys
from nats.aio.client import Client
from nats.errors import Error, SecureConnRequiredError

PING_SECONDS = 20
"""How often the servers are asked whether they are there. After two questions without an answer
the connection is given up, and made anew."""

_TOKEN = re.compile(rb"BEGIN NATS USER JWT.*\n(\S+)\n")
_SEED = re.compile(rb"BEGIN USER NKEY SEED.*\n(\S+)\n")


class CredentialsUnusable(Error):
    """A file that should have a user's credentials has none."""


async def connect(
    servers: Sequence[str], *, credentials: Path | None, authorities: Path | None, **options: Any
) -> Client:
    """A connection that comes back by itself whenever the servers do.

    `servers`: URLs. `credentials`: as `nsc` writes them. `authorities`: the certificates (PEM)
    that a server's is signed with. Raises CredentialsUnusable and other nats.errors.Error, OSError,
    ssl.SSLError.
    """
    if credentials is not None:
        _check_credentials(credentials)
    needs_tls = authorities is not None or any(one.startswith("tls://") for one in servers)
    client = _Client(credentials, needs_tls=needs_tls)
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


def _check_credentials(file: Path) -> None:
    """Raises CredentialsUnusable: the library would go on looking for a token that is missing."""
    content = file.read_bytes()
    seed = _SEED.search(content)
    if seed is None or not _TOKEN.search(content):
        raise CredentialsUnusable
    try:
        nkeys.from_seed(seed[1])
    except (nkeys.NkeysError, ValueError):
        raise CredentialsUnusable from None


class _Client(Client):
    """Tells its credentials to nobody who does not speak TLS where that is needed.

    The library leaves TLS to what the server says, or whoever is in between. It reads the
    credentials anew for each connection, so they are checked for each.
    """

    def __init__(self, credentials: Path | None, *, needs_tls: bool) -> None:
        super().__init__()
        self._credentials = credentials
        self._needs_tls = needs_tls

    def _connect_command(self) -> bytes:
        if self._needs_tls and not self._server_info.get("tls_required"):
            raise SecureConnRequiredError
        if self._credentials is not None:
            _check_credentials(self._credentials)
        return super()._connect_command()
