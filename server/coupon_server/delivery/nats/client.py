"""Connections to NATS servers, for consuming and for publishing."""

import re
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nkeys
from nats.aio.client import Client
from nats.errors import Error, SecureConnRequiredError

PING_SECONDS = 20
"""The ping interval. After two pings without a pong the client reconnects."""

_TOKEN = re.compile(rb"BEGIN NATS USER JWT.*\n(\S+)\n")
_SEED = re.compile(rb"BEGIN USER NKEY SEED.*\n(\S+)\n")

_STORED = b"$JS.ACK."
"""Prefix of the reply subject of a message that JetStream delivers; responses of the server itself
lack it."""


class CredentialsUnusable(Error):
    """The credentials file holds no usable token and seed."""


async def connect(
    servers: Sequence[str], *, credentials: Path | None, authorities: Path | None, **options: Any
) -> Client:
    """A connection that reconnects for as long as it takes.

    `servers`: URLs. `credentials`: as `nsc` writes them. `authorities`: the certificates (PEM)
    that a server's is signed with. Raises CredentialsUnusable and other nats.errors.Error, OSError,
    ssl.SSLError.
    """
    if credentials is not None:
        _check_credentials(credentials)
    needs_tls = authorities is not None or any(server.startswith("tls://") for server in servers)
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
    """Raises CredentialsUnusable: the library would loop for ever over a file without a token."""
    content = file.read_bytes()
    seed = _SEED.search(content)
    if seed is None or not _TOKEN.search(content):
        raise CredentialsUnusable
    try:
        nkeys.from_seed(seed[1])
    except (nkeys.NkeysError, ValueError):
        raise CredentialsUnusable from None


class _Client(Client):
    """The library's client, hardened against servers without TLS and forged status headers."""

    def __init__(self, credentials: Path | None, *, needs_tls: bool) -> None:
        super().__init__()
        self._credentials = credentials
        self._needs_tls = needs_tls

    def _connect_command(self) -> bytes:
        """Refuse to send credentials over a connection without the required TLS.

        The library reads the file for each connection, so each connection checks it.
        """
        if self._needs_tls and not self._server_info.get("tls_required"):
            raise SecureConnRequiredError
        if self._credentials is not None:
            _check_credentials(self._credentials)
        return super()._connect_command()

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        """Sanitise subject and headers of a stream's message before the library parses them."""
        if reply.startswith(_STORED):
            subject = subject.decode(errors="replace").encode()
            # None without headers, whatever the library's annotation says.
            headers = headers and _without_status(headers)
        await super()._process_msg(sid, subject, reply, data, headers)


def _without_status(headers: bytes) -> bytes:
    """The headers of a message without the status that only a server may give it.

    The library would treat such a message as a status response and drop it; and its read loop
    ends at headers without a first line.
    """
    _, *lines = headers.split(b"\r\n")
    kept = [line for line in lines if line and line.partition(b":")[0].strip().lower() != b"status"]
    return b"\r\n".join([b"NATS/1.0", *kept, b"", b""])
