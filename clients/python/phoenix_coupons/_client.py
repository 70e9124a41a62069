"""The clients: generated stubs over a channel that knows the service's manners."""

from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import grpc
import grpc.aio

from phoenix_coupons._channel import AsyncChannel, BlockingChannel, Preparation
from phoenix_coupons._connection import ConnectionOptions, channel_arguments
from phoenix_coupons._credentials import Credential
from phoenix_coupons._retries import RetryPolicy
from phoenix_coupons.v1 import (
    CouponAdminStub,
    CouponJobsStub,
    CouponQueryStub,
    EventIngestStub,
    GrantDeliveryStub,
    TenantAdminStub,
)

if TYPE_CHECKING:
    from phoenix_coupons.v1.coupon_admin_pb2_grpc import CouponAdminAsyncStub
    from phoenix_coupons.v1.coupon_jobs_pb2_grpc import CouponJobsAsyncStub
    from phoenix_coupons.v1.coupon_query_pb2_grpc import CouponQueryAsyncStub
    from phoenix_coupons.v1.event_ingest_pb2_grpc import EventIngestAsyncStub
    from phoenix_coupons.v1.grant_delivery_pb2_grpc import GrantDeliveryAsyncStub
    from phoenix_coupons.v1.tenant_admin_pb2_grpc import TenantAdminAsyncStub

_DEFAULT_RETRIES = RetryPolicy()
_DEFAULT_CONNECTION = ConnectionOptions()
_OPTIONS = channel_arguments(_DEFAULT_CONNECTION)


class CouponsClient:
    """The service from ordinary, blocking code. Safe to share between threads.

    `admin`, `jobs`, `query`, `events`, `grants` and `tenants` are the generated stubs of
    CouponAdmin, CouponJobs, CouponQuery, EventIngest, GrantDelivery and TenantAdmin; their
    calls raise `CouponsError`. Calls that fail with UNAVAILABLE are tried up to 4 times within
    their timeout; to that end, a mutation without a `request_id` is given one. Streams
    are iterators of messages; they have no default timeout, and one of requests is not tried again.

    Args:
        address: `host:port`, or any gRPC target.
        credential: `ApiKeyCredential` or `AdminToken` for `admin`, `jobs` and `tenants`
            (`AdminToken` where `jobs` takes a stream of requests); `TenantToken` or
            `Hmac` for `query`, `events` and `grants`; `BearerToken` for either.
        timeout: seconds that a call with one request and one response may take with all
            its retries, unless the call says otherwise.
        tls: `grpc.ssl_channel_credentials(...)`. Default: no encryption, for a
            trusted network only.
        retries: how often, and how soon, calls are tried again.
        connection: when a connection is made anew, and when it is taken for dead.

    Raises:
        ValueError: the timeout is not above 0, or not finite.
    """

    def __init__(
        self,
        address: str,
        credential: Credential,
        *,
        timeout: float = 5.0,
        tls: grpc.ChannelCredentials | None = None,
        retries: RetryPolicy = _DEFAULT_RETRIES,
        connection: ConnectionOptions = _DEFAULT_CONNECTION,
    ) -> None:
        preparation = Preparation(credential, timeout, retries)
        options = channel_arguments(connection)
        bare = (
            grpc.insecure_channel(address, options)
            if tls is None
            else grpc.secure_channel(address, tls, options)
        )
        self._channel = BlockingChannel(bare, preparation)
        # Stubs use nothing of a channel but its four kinds of methods.
        channel = cast("grpc.Channel", self._channel)
        self.admin = CouponAdminStub(channel)
        self.jobs = CouponJobsStub(channel)
        self.query = CouponQueryStub(channel)
        self.events = EventIngestStub(channel)
        self.grants = GrantDeliveryStub(channel)
        self.tenants = TenantAdminStub(channel)

    def close(self) -> None:
        """Close the connection, once; calls under way fail, as later ones do, with CANCELLED."""
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
        retries: RetryPolicy = _DEFAULT_RETRIES,
        connection: ConnectionOptions = _DEFAULT_CONNECTION,
    ) -> None:
        preparation = Preparation(credential, timeout, retries)
        options = channel_arguments(connection)
        bare = (
            grpc.aio.insecure_channel(address, options)
            if tls is None
            else grpc.aio.secure_channel(address, tls, options)
        )
        self._channel = AsyncChannel(bare, preparation)
        channel = cast("grpc.aio.Channel", self._channel)
        self.admin: CouponAdminAsyncStub = CouponAdminStub(channel)
        self.jobs: CouponJobsAsyncStub = CouponJobsStub(channel)
        self.query: CouponQueryAsyncStub = CouponQueryStub(channel)
        self.events: EventIngestAsyncStub = EventIngestStub(channel)
        self.grants: GrantDeliveryAsyncStub = GrantDeliveryStub(channel)
        self.tenants: TenantAdminAsyncStub = TenantAdminStub(channel)

    async def close(self) -> None:
        """Close the connection, once; calls under way fail, as later ones do, with CANCELLED."""
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
