"""Delivers webhooks: leases lanes that are due, sends their events, records the outcomes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

import structlog

from coupon_server.auth.secrets import Keyring, SecretUnreadable
from coupon_server.database.connection_budget import LEASES, RESULTS
from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import Database
from coupon_server.delivery.domain.delivered_events import DeliverableEvent
from coupon_server.delivery.domain.retries import (
    CIRCUIT_FAILURES,
    circuit_open_until,
    next_attempt_at,
)
from coupon_server.delivery.domain.webhooks import AttemptResult, DeliveryError, LoggedAttempt
from coupon_server.delivery.http.sender import TIMEOUT_SECONDS, WebhookSender
from coupon_server.delivery.storage import outbox_events, webhook_lanes
from coupon_server.delivery.storage.outbox_events import UnreadableEvent
from coupon_server.delivery.storage.webhook_lanes import DueEndpoint, EndpointKey, LeasedLane
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, cause_of
from coupon_server.domain.ids import new_id_at

LEASE = timedelta(seconds=2 * TIMEOUT_SECONDS)
"""How long a process holds the lease on a lane. Longer than an attempt can take, so that only the
lease of a process that died expires."""

MAX_PER_ENDPOINT = 8
"""The most webhooks in flight from one process to one endpoint."""

MAX_PER_TENANT = 64
"""The most webhooks in flight from one process for one tenant. From half of it on, each of the
tenant's endpoints gets one at a time, so that slow ones do not starve its others."""

MAX_IN_FLIGHT = 1_024
"""The most webhooks in flight from one process. From half of it on, an endpoint gets one at a time,
so that it takes hundreds of slow ones to starve the others."""

_RECORD_RETRY_SECONDS = 0.5

log = structlog.get_logger()

Render = Callable[[DeliverableEvent], str]
"""Renders an event as the body of a webhook: deterministic for each event."""


class WebhookDelivery:
    """Sends webhooks that are due. Any number of processes may: one at a time leases a lane.

    `outcomes` counts attempts, by `delivered` or the error.
    """

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        sender: WebhookSender,
        render: Render,
        clock: Clock,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._sender = sender
        self._render = render
        self._clock = clock
        self._in_flight: Counter[EndpointKey] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished = asyncio.Event()
        self.outcomes: Counter[str] = Counter()

    async def start_due(self) -> int:
        """Lease due lanes, within the limits in flight, and start to send; return how many."""
        now = self._clock()
        # An attempt that starts later could outlive the lease on its lane.
        start_before = monotonic() + LEASE.total_seconds() - TIMEOUT_SECONDS
        async with self._database.driver_connection(LEASES) as connection:
            due = await webhook_lanes.due_endpoints(connection, now)
        capacity = self._capacity(due)
        if not capacity:
            return 0
        async with self._database.driver_transaction(LEASES) as connection:
            leased = await webhook_lanes.lease(connection, capacity, now, now + LEASE)
            keys = [(lane.tenant_id, lane.sequence) for lane in leased]
            events = await outbox_events.fetch_events(connection, keys)
        for lane in leased:
            self._start(lane, events.get((lane.tenant_id, lane.sequence)), start_before)
        return len(leased)

    def _capacity(self, due: Iterable[DueEndpoint]) -> dict[EndpointKey, int]:
        """How many more webhooks may be in flight to each endpoint now."""
        capacity = {}
        available = MAX_IN_FLIGHT - len(self._tasks)
        tenants = Counter[UUID]()
        for (tenant_id, _), count in self._in_flight.items():
            tenants[tenant_id] += count
        for endpoint in due:
            tenant_id, _ = endpoint.key
            available_to_tenant = MAX_PER_TENANT - tenants[tenant_id]
            scarce = available < MAX_IN_FLIGHT // 2 or available_to_tenant <= MAX_PER_TENANT // 2
            maximum = 1 if scarce or endpoint.failures >= CIRCUIT_FAILURES else MAX_PER_ENDPOINT
            free = min(maximum - self._in_flight[endpoint.key], available, available_to_tenant)
            if free > 0:
                capacity[endpoint.key] = free
                available -= free
                tenants[tenant_id] += free
        return capacity

    def _start(
        self,
        lane: LeasedLane,
        event: DeliverableEvent | UnreadableEvent | None,
        start_before: float,
    ) -> None:
        self._in_flight[lane.endpoint] += 1
        task = asyncio.create_task(self._deliver(lane, event, start_before))
        self._tasks.add(task)

        def done(_: object) -> None:
            self._tasks.discard(task)
            self._in_flight[lane.endpoint] -= 1
            if not self._in_flight[lane.endpoint]:
                del self._in_flight[lane.endpoint]
            self._finished.set()

        task.add_done_callback(done)

    async def wait_for_capacity(self, seconds: float) -> None:
        """Wait until a webhook in flight has ended, or for so long."""
        self._finished.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._finished.wait()
        except TimeoutError:
            return

    async def finish(self, seconds: float) -> None:
        """Wait for webhooks in flight, then cancel the rest, which are sent again later."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(
        self,
        lane: LeasedLane,
        event: DeliverableEvent | UnreadableEvent | None,
        start_before: float,
    ) -> None:
        try:
            if event is None:
                await self._skip(lane)
            elif monotonic() > start_before:
                log.warning("webhook_lease_expired", **_log_context(lane))
            else:
                await self._attempt(lane, event)
        except DomainError as error:
            log.warning("webhook_record_failed", cause=cause_of(error), **_log_context(lane))
        except Exception:
            log.exception("webhook_failed", **_log_context(lane))

    async def _skip(self, lane: LeasedLane) -> None:
        """Advance the lane past an event that has been trimmed."""
        async with self._database.driver_transaction(RESULTS) as connection:
            last_sequence = await webhook_lanes.lock_leased(connection, lane)
            if last_sequence is not None:
                await webhook_lanes.advance(connection, lane, last_sequence, self._clock())

    async def _attempt(self, lane: LeasedLane, event: DeliverableEvent | UnreadableEvent) -> None:
        now = self._clock()
        prepared = self._prepared(lane, event, now)
        if prepared is None:
            # Logged for the tenant, and retried and dead-lettered like any other failure, so that
            # it neither goes unseen nor blocks the user's later events for ever.
            result = AttemptResult(DeliveryError.INTERNAL, None, timedelta(0))
        else:
            secrets, body = prepared
            result = await self._sender.send(lane.tenant_id, lane.url, secrets, event.id, body)
        self.outcomes[result.error or "delivered"] += 1
        attempt = LoggedAttempt(
            lane.tenant_id,
            new_id_at(now),
            lane.endpoint_id,
            event.id,
            event.type,
            lane.attempts,
            result,
            now,
        )
        await self._record_with_retries(lane, attempt)

    def _prepared(
        self, lane: LeasedLane, event: DeliverableEvent | UnreadableEvent, now: datetime
    ) -> tuple[list[str], str] | None:
        """The secrets and the body of a webhook; None: it cannot be built, which is logged."""
        if isinstance(event, UnreadableEvent):
            log.error("webhook_failed", exc_info=event.cause, **_log_context(lane))
            return None
        try:
            secrets = live_secrets(
                self._keyring,
                lane.endpoint,
                lane.ciphertext,
                lane.previous_ciphertext,
                lane.previous_until,
                now,
            )
            return secrets, self._render(event)
        except SecretUnreadable as error:
            log.error("webhook_secret_unreadable", cause=str(error), **_log_context(lane))  # noqa: TRY400
        except Exception:
            log.exception("webhook_failed", **_log_context(lane))
        return None

    async def _record_with_retries(self, lane: LeasedLane, attempt: LoggedAttempt) -> None:
        """Record the attempt; retry while the lease lasts.

        An attempt that cannot be recorded is sent again.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + TIMEOUT_SECONDS / 2
        while True:
            try:
                return await self._record(lane, attempt)
            except DomainError:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(_RECORD_RETRY_SECONDS)

    async def _record(self, lane: LeasedLane, attempt: LoggedAttempt) -> None:
        async with self._database.driver_transaction(RESULTS) as connection:
            # The lock order: the endpoint's row before the lane's.
            failures = await self._update_failures(connection, lane.endpoint, attempt.result)
            last_sequence = await webhook_lanes.lock_leased(connection, lane)
            await webhook_lanes.log_attempt(connection, attempt)
            if attempt.result.delivered:
                await webhook_lanes.set_delivered(connection, lane, attempt.event_id, self._clock())
            if last_sequence is None:
                return
            if attempt.result.delivered:
                await webhook_lanes.advance(connection, lane, last_sequence, self._clock())
            else:
                await self._fail(connection, lane, last_sequence, attempt, failures)

    async def _update_failures(
        self, connection: DriverConnection, endpoint: EndpointKey, result: AttemptResult
    ) -> int:
        """Count consecutive failures of the endpoint; return how many there are."""
        if result.delivered:
            await webhook_lanes.reset_failures(connection, endpoint)
            return 0
        if result.error is DeliveryError.INTERNAL:
            # Not the endpoint's failure: its circuit stays closed.
            return 0
        return await webhook_lanes.count_failure(connection, endpoint)

    async def _fail(
        self,
        connection: DriverConnection,
        lane: LeasedLane,
        last_sequence: int,
        attempt: LoggedAttempt,
        failures: int,
    ) -> None:
        now, result = self._clock(), attempt.result
        if result.gone:
            await webhook_lanes.disable(connection, lane.endpoint, now)
        if (until := circuit_open_until(failures, now)) is not None:
            await webhook_lanes.back_off(connection, lane.endpoint, until)
        retry_at = next_attempt_at(lane.attempts, lane.first_attempt_at, result.retry_after, now)
        if retry_at is None:
            await webhook_lanes.dead_letter(
                connection, lane, attempt.event_id, attempt.event_type, result, now
            )
            await webhook_lanes.advance(connection, lane, last_sequence, now)
        else:
            await webhook_lanes.postpone(connection, lane, retry_at)


def _log_context(lane: LeasedLane) -> dict[str, str]:
    """The ids that a log event names; the URL may hold a token."""
    return {"tenant_id": str(lane.tenant_id), "endpoint_id": str(lane.endpoint_id)}


def live_secrets(
    keyring: Keyring,
    endpoint: tuple[UUID, UUID],
    ciphertext: bytes,
    previous_ciphertext: bytes | None,
    previous_until: datetime | None,
    now: datetime,
) -> list[str]:
    """The secrets with which the endpoint's webhooks are signed now, the newest first."""
    live = [keyring.decrypt(ciphertext, *endpoint)]
    if previous_ciphertext and previous_until and now < previous_until:
        live.append(keyring.decrypt(previous_ciphertext, *endpoint))
    return live
