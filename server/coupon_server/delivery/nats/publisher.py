"""Publishes events to NATS JetStream."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from coupon_server.delivery.nats import client as nats_client
from coupon_server.delivery.services.publishing import PUBLISH_SECONDS, BrokerUnavailable

SUBJECT = "coupons.out"
"""Events of a tenant are published on `coupons.out.<tenant_id>`."""

_HEADERS = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}

log = structlog.get_logger()


class NatsBroker:
    """Publishes to a JetStream stream whose subjects include `coupons.out.*`.

    Connects lazily, and reconnects.
    """

    def __init__(
        self,
        servers: Sequence[str],
        *,
        credentials_file: Path | None = None,
        ca_file: Path | None = None,
    ) -> None:
        """`servers`: their URLs."""
        self._servers = servers
        self._credentials_file = credentials_file
        self._ca_file = ca_file
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def publish(self, tenant_id: UUID, event_id: UUID, body: bytes) -> None:
        """Return when the stream has acknowledged the event. Raises BrokerUnavailable."""
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                client = await self._connected()
                await client.jetstream(timeout=PUBLISH_SECONDS).publish(
                    f"{SUBJECT}.{tenant_id}",
                    body,
                    # The idempotency key, by which JetStream drops duplicates.
                    headers=_HEADERS | {"Nats-Msg-Id": str(event_id)},
                )
        except (NatsError, OSError, TimeoutError) as error:
            # Its text may quote the server's URL, and that a password.
            raise BrokerUnavailable(type(error).__name__) from error

    async def _connected(self) -> Client:
        async with self._connecting:
            if self._client is None or self._client.is_closed:
                self._client = await nats_client.connect(
                    self._servers,
                    credentials=self._credentials_file,
                    authorities=self._ca_file,
                    name="phoenix-coupons",
                    connect_timeout=2,
                    # No client-side buffer: it would be flushed after later events of another
                    # process.
                    pending_size=0,
                    error_cb=_log_error,
                )
            return self._client

    async def close(self) -> None:
        if self._client is not None and not self._client.is_closed:
            await self._client.close()


async def _log_error(error: Exception) -> None:
    log.debug("nats_error", cause=type(error).__name__)
