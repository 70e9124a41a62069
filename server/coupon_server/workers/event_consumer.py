"""Consumes events from a NATS JetStream stream, and acknowledges each after it is durable.

A message that can never be an event is dead-lettered: published to a dead-letter subject with the
reason, then acknowledged.
"""

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, Header, RetentionPolicy, StreamConfig

from coupon_server.delivery.nats import client as nats_client
from coupon_server.domain.errors import DomainError, Reason

EVENTS = "coupons.events"
"""Messages come with a tenant's id behind it: `coupons.events.<tenant_id>`."""
DEAD_LETTERS = "coupons.dead"
"""The dead-letter subject, with the same suffix."""

REASON, MESSAGE = "coupons-reason", "coupons-message"
"""The headers of a dead letter that state why."""

_PUBLISHABLE = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""Header names that the client library can send; it can receive others."""

MAX_HEADER_BYTES = 65_535
"""The most that JetStream stores."""

BATCH = 128
FETCHES = 2
"""Concurrent loops: one fetches a batch while another ingests one."""

FETCH_SECONDS = 1.0
ACK_WAIT_SECONDS = 30.0
"""After so long without an acknowledgement a message is delivered again, to any consumer."""

MAX_ACK_PENDING = 10_000
RETRY_SECONDS = 2.0
MAX_FAULTS = 10
"""Unexpected errors in one process after which a message is dead-lettered."""

DEAD_LETTER_AGE_SECONDS = 30 * 86_400.0
CONNECT_SECONDS = 5.0

log = structlog.get_logger()

Ingest = Callable[[str, Mapping[str, str], bytes], Awaitable[object]]
"""Ingests the event in a message: the tenant's id (the subject's suffix), headers, payload. Raises
DomainError."""


@dataclass(frozen=True)
class Broker:
    """The NATS servers (URLs), streams and durable consumer; those missing are created."""

    servers: list[str]
    stream: str = "COUPONS_EVENTS"
    dead_stream: str = "COUPONS_DEAD"
    consumer: str = "coupons"
    credentials: Path | None = None
    authorities: Path | None = None


class BrokerNotReady(Exception):
    """The broker can't be used, or not any more; the text tells an operator why.

    `part` is the field of `Broker` that causes it, if one does; the text continues after its name.
    """

    def __init__(self, part: str | None, why: str) -> None:
        super().__init__(why)
        self.part = part


async def consume(
    broker: Broker, ingest: Ingest, *, ready: Callable[[], None], stop: asyncio.Event
) -> None:
    """Consume events until `stop` is set; calls `ready` once it has started.

    Any number of processes may consume at once. Raises BrokerNotReady.
    """
    async with _connected(broker) as client:
        await _prepare(client.jetstream(), broker)
        consumer = _Consumer(client, broker, ingest)
        ready()
        await asyncio.gather(*(consumer.run(stop) for _ in range(FETCHES)))


@asynccontextmanager
async def _connected(broker: Broker) -> AsyncIterator[Client]:
    _check_authorities(broker)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            client = await nats_client.connect(
                broker.servers,
                credentials=broker.credentials,
                authorities=broker.authorities,
                name="coupons consume",
                error_cb=_log_error,
                disconnected_cb=_log_disconnected,
                reconnected_cb=_log_reconnected,
            )
    except nats_client.CredentialsUnusable:
        raise BrokerNotReady(
            "credentials", "must be a user's credentials, as `nsc` writes them"
        ) from None
    except (OSError, nats.errors.Error, TimeoutError):
        raise BrokerNotReady("servers", "does not answer, or refuses") from None
    try:
        yield client
    finally:
        await client.close()


def _check_authorities(broker: Broker) -> None:
    if broker.authorities is not None:
        try:
            ssl.create_default_context(cafile=broker.authorities)
        except ssl.SSLError:
            raise BrokerNotReady("authorities", "must be certificates in PEM") from None


async def _log_error(error: Exception) -> None:
    log.warning("broker_error", cause=type(error).__name__)


async def _log_disconnected() -> None:
    log.warning("broker_disconnected")


async def _log_reconnected() -> None:
    log.info("broker_reconnected")


async def _prepare(jetstream: JetStreamContext, broker: Broker) -> None:
    """Create the streams and the consumer that are missing."""
    try:
        await _ensure_stream(
            jetstream,
            StreamConfig(
                name=broker.stream,
                subjects=[f"{EVENTS}.*"],
                # Acknowledged messages are deleted.
                retention=RetentionPolicy.WORK_QUEUE,
            ),
        )
        await _ensure_stream(
            jetstream,
            StreamConfig(
                name=broker.dead_stream,
                subjects=[f"{DEAD_LETTERS}.*"],
                max_age=DEAD_LETTER_AGE_SECONDS,
            ),
        )
        await _ensure_consumer(jetstream, broker)
    except (nats.errors.Error, TimeoutError) as error:
        raise BrokerNotReady(
            None,
            f"the streams {broker.stream} and {broker.dead_stream}, or the consumer"
            f" {broker.consumer}, can be neither used nor made: {type(error).__name__}",
        ) from None


async def _ensure_stream(jetstream: JetStreamContext, config: StreamConfig) -> None:
    try:
        await jetstream.stream_info(config.name or "")
    except nats.js.errors.NotFoundError:
        await jetstream.add_stream(config)


async def _ensure_consumer(jetstream: JetStreamContext, broker: Broker) -> None:
    try:
        await jetstream.consumer_info(broker.stream, broker.consumer)
    except nats.js.errors.NotFoundError:
        await jetstream.add_consumer(
            broker.stream,
            ConsumerConfig(
                durable_name=broker.consumer,
                filter_subject=f"{EVENTS}.*",
                ack_wait=ACK_WAIT_SECONDS,
                max_ack_pending=MAX_ACK_PENDING,
            ),
        )


class _Consumer:
    """Fetches messages, and acknowledges, requeues (nak) or dead-letters each."""

    def __init__(self, client: Client, broker: Broker, ingest: Ingest) -> None:
        self._client = client
        self._jetstream = client.jetstream()
        self._broker = broker
        self._ingest = ingest
        # By sequence in the stream. The broker's delivery count would include outages and killed
        # consumers.
        self._faults: Counter[int] = Counter()

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and ingest batch after batch until `stop` is set.

        Raises BrokerNotReady when the connection is closed for good.
        """
        subscription = await self._jetstream.pull_subscribe_bind(
            consumer=self._broker.consumer, stream=self._broker.stream
        )
        while not stop.is_set():
            try:
                messages = await subscription.fetch(BATCH, timeout=FETCH_SECONDS)
            except TimeoutError:
                continue  # no message in time
            except (nats.errors.Error, OSError) as error:
                if self._client.is_closed:
                    # The library does not reconnect after an error that the broker closes for.
                    raise BrokerNotReady(
                        None, "the broker has closed the connection; its log says why"
                    ) from None
                log.warning("broker_error", cause=type(error).__name__)
                await asyncio.sleep(FETCH_SECONDS)
                continue
            await asyncio.gather(*map(self._handle, messages))

    async def _handle(self, message: Msg) -> None:
        try:
            await self._answer(message)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            # The broker redelivers it.
            log.warning("broker_error", cause=type(error).__name__)

    async def _answer(self, message: Msg) -> None:
        _, _, tenant = message.subject.rpartition(".")
        sequence = message.metadata.sequence.stream
        try:
            await self._ingest(tenant, message.headers or {}, message.data)
        except DomainError as error:
            if error.reason is Reason.SERVICE_UNAVAILABLE:
                await message.nak(RETRY_SECONDS)
            else:
                await self._dead_letter(message, error.reason, error.message)
        except Exception:
            log.exception("event_fault", stream_sequence=sequence)
            if self._count_fault(sequence) < MAX_FAULTS:
                await message.nak(RETRY_SECONDS)
            else:
                await self._dead_letter(
                    message, Reason.INTERNAL_FAULT, "An unexpected fault occurred"
                )
                del self._faults[sequence]
        else:
            self._faults.pop(sequence, None)
            await message.ack()

    def _count_fault(self, sequence: int) -> int:
        """Count a fault of a message; return how many there are."""
        self._faults[sequence] += 1
        if len(self._faults) > MAX_ACK_PENDING:
            # More than can be unacknowledged: another process has settled the oldest.
            del self._faults[next(iter(self._faults))]
        return self._faults[sequence]

    async def _dead_letter(self, message: Msg, reason: Reason, text: str) -> None:
        sequence = message.metadata.sequence.stream
        _, _, tenant = message.subject.rpartition(".")
        own = {
            REASON: reason.value,
            MESSAGE: text.encode("ascii", "replace").decode(),
            # The idempotency key of retries.
            Header.MSG_ID.value: f"{self._broker.stream}.{sequence}",
        }
        headers = _forwarded(message.headers or {}) | own
        payload = message.data
        # The broker closes the connection for a message that is too large. So drop the headers, or
        # the payload: otherwise this message would block all others for ever.
        if _size(headers) > MAX_HEADER_BYTES:
            headers = own
        if _size(headers) + len(payload) > self._client.max_payload:
            payload = b""
        await self._jetstream.publish(f"{DEAD_LETTERS}.{tenant}", payload, headers=headers)
        log.warning(
            "event_dead_lettered", reason=reason, tenant_id=tenant, stream_sequence=sequence
        )
        await message.ack()


def _forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a message that its dead letter keeps."""
    return {
        name: value
        for name, value in headers.items()
        # Without the broker's own headers, which are instructions to it.
        if _PUBLISHABLE.fullmatch(name) and not name.lower().startswith("nats-")
    }


def _size(headers: Mapping[str, str]) -> int:
    """The bytes of headers, which count towards the broker's limit of a message."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return len(f"NATS/1.0\r\n{lines}\r\n".encode())
