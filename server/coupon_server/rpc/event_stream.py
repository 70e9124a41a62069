"""A stream of events: each acknowledged once it is durable, in the order of receipt."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

from coupon_server.domain.errors import InvalidField
from coupon_server.rpc.calls import CHECK_SECONDS, Call, Requests
from coupon_server.rpc.errors import violations_of
from phoenix_coupons.v1 import event_ingest_pb2 as pb
from phoenix_coupons.v1.events_pb2 import EventResult

MAX_IN_FLIGHT = 256
"""The most unacknowledged events of a stream."""

Ingest = Callable[[pb.StreamEventsRequest], Awaitable[EventResult]]
"""Ingests the event of a message. Raises InvalidField, SERVICE_UNAVAILABLE."""

Acknowledgement = asyncio.Future[pb.StreamEventsResponse]


class EventStream:
    """One call of StreamEvents; `ingest` is called concurrently for its events."""

    def __init__(
        self, call: Call, requests: Requests[pb.StreamEventsRequest], ingest: Ingest
    ) -> None:
        self._call = call
        self._requests = requests
        self._ingest = ingest
        self._capacity = asyncio.Semaphore(MAX_IN_FLIGHT)
        # In order of receipt. None: there are no more.
        self._pending: asyncio.Queue[Acknowledgement | None] = asyncio.Queue()

    async def acknowledgements(self) -> AsyncGenerator[pb.StreamEventsResponse, None]:
        """Raises the error that ends the stream, after the acknowledgements of earlier events."""
        reader = asyncio.create_task(self._read())
        guard = asyncio.create_task(self._guard(reader))
        try:
            while (pending := await self._pending.get()) is not None:
                yield await pending
                self._capacity.release()
        finally:
            await self._cancel(reader, guard)

    async def _read(self) -> None:
        """Read events while there is capacity; beyond it, flow control holds the caller back."""
        try:
            async with aclosing(self._requests.each()) as received:
                async for message, refusal in received:
                    await self._capacity.acquire()
                    acknowledgement = asyncio.create_task(self._acknowledge(message, refusal))
                    self._pending.put_nowait(acknowledgement)
        except Exception as error:
            self._end(error)
        else:
            self._pending.put_nowait(None)

    async def _acknowledge(
        self, message: pb.StreamEventsRequest, refusal: InvalidField | None
    ) -> pb.StreamEventsResponse:
        try:
            if refusal is not None:
                raise refusal
            return pb.StreamEventsResponse(result=await self._ingest(message))
        except InvalidField as error:
            return pb.StreamEventsResponse(refused=_refused(message, error))

    async def _guard(self, reader: asyncio.Task[None]) -> None:
        """Stop reading when the server drains or the caller's credential is no longer valid."""
        try:
            while True:
                await self._call.check_may_go_on()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._call.draining.wait(), CHECK_SECONDS)
        except Exception as error:
            # Any error: without a guard the stream must end.
            reader.cancel()
            self._end(error)

    def _end(self, error: Exception) -> None:
        failed: Acknowledgement = asyncio.get_running_loop().create_future()
        failed.set_exception(error)
        self._pending.put_nowait(failed)

    async def _cancel(self, *tasks: asyncio.Task[None]) -> None:
        """Cancel all tasks; the caller sends unacknowledged events again."""
        left: list[asyncio.Future[Any]] = [*tasks]
        while not self._pending.empty():
            if pending := self._pending.get_nowait():
                left.append(pending)
        for future in left:
            future.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def _refused(message: pb.StreamEventsRequest, error: InvalidField) -> pb.RefusedEvent:
    is_named = all(field != "event.event_id" for field, _ in error.violations)
    return pb.RefusedEvent(
        event_id=message.event.event_id if is_named else "",
        reason=error.reason,
        message=error.message,
        field_violations=[
            pb.FieldViolation(field=field, description=rule) for field, rule in violations_of(error)
        ],
    )
