"""The clients: generated stubs over a channel that knows the service's manners."""

import json
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import grpc
import grpc.aio
from google.protobuf.descriptor import ServiceDescriptor

from phoenix_coupons._channel import AsyncChannel, BlockingChannel, Preparation
from phoenix_coupons._credentials import Credential
from phoenix_coupons.v1 import (
    CouponAdminStub,
    CouponJobsStub,
    CouponQueryStub,
    EventIngestStub,
    GrantDeliveryStub,
    TenantAdminStub,
    coupon_admin_pb2,
    coupon_jobs_pb2,
    coupon_query_pb2,
    event_ingest_pb2,
    grant_delivery_pb2,
    tenant_admin_pb2,
)

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_admin_pb2_grpc import CouponAdminAsyncStub
    from phoenix_coupons.v1.coupon_jobs_pb2_grpc import CouponJobsAsyncStub
    from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryAsyncStub
    from phoenix_coupons.v1.event_ingest_pb2_grpc import EventIngestAsyncStub
    from phoenix_coupons.v1.grant_delivery_pb2_grpc import GrantDeliveryAsyncStub
    from phoenix_coupons.v1.tenant_admin_pb2_grpc import TenantAdminAsyncStub

_SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    file.DESCRIPTOR.services_by_name[name]
    for file, name in (
        (coupon_admin_pb2, "CouponAdmin"),
        (coupon_jobs_pb2, "CouponJobs"),
        (coupon_query_pb2, "CouponQuery"),
        (event_ingest_pb2, "EventIngest"),
        (grant_delivery_pb2, "GrantDelivery"),
        (tenant_admin_pb2, "TenantAdmin"),
    )
)
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [{}],
            # UNAVAILABLE is safe to retry whatever the call: mutations carry a request_id.
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        },
        {
            # But not streams of requests: a retry of gRPC leaves out messages that the first
            # attempt was about to send. Without a policy of their own they have none.
            "name": [
                {"service": service.full_name, "method": method.name}
                for service in _SERVICES
                for method in service.methods
                if method.client_streaming
            ]
        },
    ]
}
_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    # As much as servers of earlier releases send; those of today keep to the default of 4 MiB.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    # As much as the service receives: gRPC keeps 256 KiB, and retries no larger request.
    ("grpc.per_rpc_retry_buffer_size", 4 * 1024 * 1024),
    # Notices a dead connection before the system does; servers allow no ping without calls.
    ("grpc.keepalive_time_ms", 30_000),
    # How long it waits for an answer: the second in recent releases of gRPC, before that the first.
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
]


class CouponsClient:
    """The service from ordinary, blocking code. Safe to share between threads.

    `admin`, `jobs`, `query`, `events`, `grants` and `tenants` are the generated stubs of
    CouponAdmin, CouponJobs, CouponQuery, EventIngest, GrantDelivery and TenantAdmin; their
    calls raise `CouponsError`. Calls that fail with UNAVAILABLE are tried up to 4 times within
    their timeout; to that end, a mutation without a `request_id` is given one. Streams
    are iterators of messages; they have no default timeout, and one of requests is not tried again.

    Args:
        address: `host:port`, or any gRPC target.
        credential: `ApiKey` or `AdminToken` for `admin`, `jobs` and `tenants`
            (`AdminToken` where `jobs` takes a stream of requests); `TenantToken` or
            `Hmac` for `query`, `events` and `grants`; `BearerToken` for either.
        timeout: seconds that a call with one request and one response may take with all
            its retries, unless the call says otherwise.
        tls: `grpc.ssl_channel_credentials(...)`. Default: no encryption, for a
            trusted network only.
    """

    def __init__(
        self,
        address: str,
        credential: Credential,
        *,
        timeout: float = 5.0,
        tls: grpc.ChannelCredentials | None = None,
    ) -> None:
        self._channel = (
            grpc.insecure_channel(address, _OPTIONS)
            if tls is None
            else grpc.secure_channel(address, tls, _OPTIONS)
        )
        # Stubs use nothing of a channel but its four kinds of methods.
        channel = cast(
            "grpc.Channel", BlockingChannel(self._channel, Preparation(credential, timeout))
        )
        self.admin = CouponAdminStub(channel)
        self.jobs = CouponJobsStub(channel)
        self.query = CouponQueryStub(channel)
        self.events = EventIngestStub(channel)
        self.grants = GrantDeliveryStub(channel)
        self.tenants = TenantAdminStub(channel)

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncCouponsClient:
    """The service from asyncio: `CouponsClient` with calls to await.

    Make it inside the running event loop that will use it.
    """

    def __init__(
        self,
        address: str,
        credential: Credential,
        *,
        timeout: float = 5.0,
        tls: grpc.ChannelCredentials | None = None,
    ) -> None:
        self._channel = (
            grpc.aio.insecure_channel(address, _OPTIONS)
            if tls is None
            else grpc.aio.secure_channel(address, tls, _OPTIONS)
        )
        channel = cast(
            "grpc.aio.Channel", AsyncChannel(self._channel, Preparation(credential, timeout))
        )
        self.admin: CouponAdminAsyncStub = CouponAdminStub(channel)
        self.jobs: CouponJobsAsyncStub = CouponJobsStub(channel)
        self.query: CouponQueryAsyncStub = CouponQueryStub(channel)
        self.events: EventIngestAsyncStub = EventIngestStub(channel)
        self.grants: GrantDeliveryAsyncStub = GrantDeliveryStub(channel)
        self.tenants: TenantAdminAsyncStub = TenantAdminStub(channel)

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
