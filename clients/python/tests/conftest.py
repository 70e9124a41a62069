"""A service that answers as a test says, and both clients to call it with."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from google.protobuf.message import Message

from phoenix_coupons import AsyncCouponsClient, CouponsClient, Credential
from support.recorded_service import Service, running

Call = Callable[..., Awaitable[Any]]

STREAMS = ("WatchGrants", "StreamEvents", "ImportCoupons")
"""The methods with a stream of answers that tests call."""


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as recorder:
        yield recorder


@pytest.fixture(params=["blocking", "async"])
def call(request: pytest.FixtureRequest, service: Service) -> Call:
    """Make one call, `"query.RedeemCoupon"`, through either client; collect streams."""

    async def call_async(
        credential: Credential, path: str, message: Message, *, client: Any = None, **options: Any
    ) -> Any:
        stub, method = path.split(".")
        async with AsyncCouponsClient(service.address, credential, **client or {}) as opened:
            result = getattr(getattr(opened, stub), method)(message, **options)
            return [one async for one in result] if method in STREAMS else await result

    async def call_blocking(
        credential: Credential, path: str, message: Message, *, client: Any = None, **options: Any
    ) -> Any:
        def run() -> Any:
            stub, method = path.split(".")
            with CouponsClient(service.address, credential, **client or {}) as opened:
                result = getattr(getattr(opened, stub), method)(message, **options)
                return list(result) if method in STREAMS else result

        return await asyncio.to_thread(run)

    return call_async if request.param == "async" else call_blocking
