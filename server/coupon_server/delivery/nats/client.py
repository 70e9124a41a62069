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

_STORED = b"$JS.ACK."
"""Where a message of a stream is acknowledged, which a server puts there; its answers lack it."""


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
    """Trusts neither whoever answers nor what others have published as far as the library does."""

    def __init__(self, credentials: Path | None, *, needs_tls: bool) -> None:
        super().__init__()
        self._credentials = credentials
        self._needs_tls = needs_tls

    def _connect_command(self) -> bytes:
        """Tell no credentials without the TLS that is wanted, which the library does if asked to.

        The file is read anew for each connection, so it is checked for each.
        """
        if self._needs_tls and not self._server_info.get("tls_required"):
            raise SecureConnRequiredError
        if self._credentials is not None:
            _check_credentials(self._credentials)
        return super()._connect_command()

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        """Take in a message, as one that can be read and is not the server's own."""
        if reply.startswith(_STORED):
            subject = subject.decode(errors="replace").encode()
            # None if there are none, whatever the library says.
            headers = headers and _without_status(headers)
        await super()._process_msg(sid, subject, reply, data, headers)


def _without_status(headers: bytes) -> bytes:
    """The headers of a message without the status that only a server may give it.

    The library would take it for an answer and pass over it; and it reads no further when there
    is not even a first line.
    """
    _, *lines = headers.split(b"\r\n")
    kept = [line for line in lines if line and line.partition(b":")[0].strip().lower() != b"status"]
    return b"\r\n".join([b"NATS/1.0", *kept, b"", b""])
