"""Long streams of requests: whether they may go on, and fields that the first message sets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField
from coupon_server.rpc.calls import CHECK_SECONDS, Call, Requests
from phoenix_coupons.v1 import coupon_jobs_pb2 as pb

M = TypeVar("M", bound=Message)


async def allowed(call: Call, requests: Requests[M]) -> AsyncGenerator[M, None]:
    """The messages of a stream, until it must end; that is seen while none comes, too."""
    async with aclosing(aiter(requests)) as messages:  # type: ignore[type-var]  # a generator
        while True:
            coming = asyncio.ensure_future(anext(messages, None))
            try:
                while not (await asyncio.wait([coming], timeout=CHECK_SECONDS))[0]:
                    await call.check_may_go_on()
            finally:
                coming.cancel()
                # It can't be closed before it has stopped.
                await asyncio.wait([coming])
            if (message := coming.result()) is None:
                return
            await call.check_may_go_on()
            yield message


def require_definition(first: pb.StartGenerationRequest | pb.ImportCouponsRequest) -> None:
    if not first.definition_id:
        raise InvalidField("definition_id", "must be set in the first message")


def check_repeated(name: str, before: object, now: object) -> None:
    """A field of a later message may repeat what the first said, or be left out."""
    if now and now != before:
        raise InvalidField(name, "must stay as it was in the first message")
