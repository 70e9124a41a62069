"""Gathers concurrent calls into batches, like a database's group commit.

A batch starts when none is running and the event loop brings no more calls; calls that arrive
while it runs make up the next. There is no timer: an idle server adds hardly any latency, and a
busy one fills its batches. Waiting calls are in a fair queue: a batch takes calls round robin, one
of each tenant, so that a tenant with many calls delays the others by no more than their share. When
the queue is full, the tenant with most calls loses one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from coupon_server.domain.errors import DomainError, Reason

Item = TypeVar("Item")
Result = TypeVar("Result")

IDLE_ITERATIONS = 8
"""Iterations of the event loop without a new call that end the gathering of a batch. An idle server
spends microseconds on them; a busy one's batches become several times as large."""


class TooLarge(Exception):
    """Raised by `run` for a batch of several items that must be split in two."""


class _Queue(Generic[Item, Result]):
    """The waiting items of one tenant."""

    __slots__ = ("items", "tenant")

    def __init__(self, tenant: Hashable) -> None:
        self.tenant = tenant
        self.items: deque[tuple[Item, asyncio.Future[Result]]] = deque()


RunBatch = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]


class Coalescer(Generic[Item, Result]):
    """Runs submitted items in batches, one batch at a time.

    `max_batch` bounds a batch, `max_queue` the waiting items. Beyond it `submit` sheds load: it
    raises SERVICE_UNAVAILABLE for an item of the tenant with most of them, so that calls cannot
    pile up before a slow database.
    """

    def __init__(
        self,
        run: RunBatch[Item, Result],
        *,
        tenant_of: Callable[[Item], Hashable],
        max_batch: int,
        max_queue: int,
        newest_first: Hashable = None,
    ) -> None:
        """`newest_first`: the tenant whose newest items are taken first and whose oldest are shed;
        those of all others are taken in order."""
        self._newest_first = newest_first
        self._run = run
        self._tenant_of = tenant_of
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._queues: dict[Hashable, _Queue[Item, Result]] = {}
        self._round_robin: deque[_Queue[Item, Result]] = deque()
        """The non-empty queues, the next one first."""
        self._size = 0
        self._runner: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """The item's own result, or its own exception.

        A caller that is cancelled while it waits is left out of the batch; a batch that runs is not
        cancelled.
        """
        tenant = self._tenant_of(item)
        if self._size >= self._max_queue:
            self._make_room(tenant)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        queue = self._queues.get(tenant)
        if queue is None:
            queue = self._queues[tenant] = _Queue(tenant)
            self._round_robin.append(queue)
        queue.items.append((item, future))
        self._size += 1
        if self._runner is None:
            self._runner = asyncio.create_task(self._run_all())
        return await future

    def _make_room(self, tenant: Hashable) -> None:
        """Shed an item of the fullest queue, or raise if that is the tenant's own."""
        fullest = max(self._queues.values(), key=lambda queue: len(queue.items))
        own = self._queues.get(tenant)
        if fullest.tenant == self._newest_first:
            _, future = fullest.items.popleft()
        elif own is not None and len(own.items) + 1 >= len(fullest.items):
            raise _too_many()
        else:
            _, future = fullest.items.pop()
        self._size -= 1
        if not fullest.items:
            self._round_robin.remove(fullest)
            del self._queues[fullest.tenant]
        if not future.done():
            future.set_exception(_too_many())

    async def close(self) -> None:
        """Wait until everything submitted has its result."""
        if self._runner is not None:
            await self._runner

    async def _run_all(self) -> None:
        try:
            await self._gather()
            while batch := self._next_batch():
                await self._run_batch(batch)
                await self._gather()
        finally:
            self._runner = None

    async def _gather(self) -> None:
        """Yield to the event loop for as long as it brings items for the next batch.

        A gRPC server accepts calls one by one, in several iterations each: a batch that started
        with the first would miss those about to arrive.
        """
        idle = 0
        while idle < IDLE_ITERATIONS and self._size < self._max_batch:
            before = self._size
            await asyncio.sleep(0)
            idle = idle + 1 if self._size == before else 0

    def _next_batch(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        while self._size and len(batch) < self._max_batch:
            queue = self._round_robin[0]
            is_stack = queue.tenant == self._newest_first
            entry = queue.items.pop() if is_stack else queue.items.popleft()
            self._size -= 1
            if queue.items:
                self._round_robin.rotate(-1)
            else:
                del self._round_robin[0], self._queues[queue.tenant]
            if not entry[1].done():
                batch.append(entry)
        return batch

    async def _run_batch(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._run([item for item, _ in batch])
        except DomainError as error:
            # The batch as a whole failed, for example because the database does not answer.
            results = [error] * len(batch)
        except TooLarge:
            # Each half commits and answers by itself.
            half = len(batch) // 2
            await self._run_batch(batch[:half])
            await self._run_batch(batch[half:])
            return
        except Exception as error:
            if len(batch) > 1:
                # One bad item must fail alone.
                for entry in batch:
                    await self._run_batch([entry])
                return
            results = [error]
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)


def _too_many() -> DomainError:
    return DomainError(Reason.SERVICE_UNAVAILABLE, "Too many calls are waiting")
