"""How calls become batches, and what becomes of batches that fail."""

import asyncio
from collections.abc import Sequence

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.services.coalescer import Coalescer, TooLarge

UNAVAILABLE = DomainError(Reason.SERVICE_UNAVAILABLE, "Try again")


class Batches:
    """Runs batches of numbers; a batch of more than `fit` is too large. Numbers can be refused."""

    def __init__(self, fit: int = 100, refused: Sequence[int] = ()) -> None:
        self._fit = fit
        self._refused = set(refused)
        self.runs: list[list[int]] = []

    async def run(self, numbers: Sequence[int]) -> Sequence[int]:
        if len(numbers) > self._fit:
            raise TooLarge
        self.runs.append([*numbers])
        if self._refused & {*numbers}:
            raise UNAVAILABLE
        return numbers


def one(_: int) -> str:
    """Every number is of one tenant."""
    return "one"


async def outcomes(batches: Batches, count: int) -> list[int | BaseException]:
    coalescer = Coalescer[int, int](batches.run, tenant_of=one, max_batch=100, max_queue=100)
    return await asyncio.gather(*map(coalescer.submit, range(count)), return_exceptions=True)


async def test_calls_at_once_are_one_batch() -> None:
    batches = Batches()
    assert await outcomes(batches, 10) == [*range(10)]
    assert batches.runs == [[*range(10)]]


async def test_a_batch_that_is_too_large_is_divided_in_its_order() -> None:
    batches = Batches(fit=3)
    assert await outcomes(batches, 10) == [*range(10)]
    assert batches.runs == [[0, 1], [2, 3, 4], [5, 6], [7, 8, 9]]


async def test_a_part_that_fails_fails_alone() -> None:
    found = await outcomes(Batches(fit=3, refused=[3]), 10)
    assert found == [0, 1, UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, *range(5, 10)]


async def test_a_part_is_answered_when_it_is_done() -> None:
    going_on = asyncio.Event()

    async def run(numbers: Sequence[int]) -> Sequence[int]:
        if len(numbers) > 1:
            raise TooLarge
        if 1 in numbers:
            await going_on.wait()
        return numbers

    coalescer = Coalescer[int, int](run, tenant_of=one, max_batch=100, max_queue=100)
    first, second = [asyncio.ensure_future(coalescer.submit(number)) for number in range(2)]
    assert await first == 0
    assert not second.done()
    going_on.set()
    assert await second == 1


async def test_a_batch_takes_calls_of_each_tenant_by_turns() -> None:
    batches = Batches()
    coalescer = Coalescer[int, int](
        batches.run, tenant_of=lambda number: number // 100, max_batch=6, max_queue=100
    )
    numbers = [*range(10), 100, 101, 200]
    await asyncio.gather(*map(coalescer.submit, numbers))
    assert batches.runs == [[0, 100, 200, 1, 101, 2], [*range(3, 9)], [9]]
    await coalescer.close()


async def test_a_queue_that_is_full_refuses_everybody() -> None:
    batches = Batches()
    coalescer = Coalescer[int, int](batches.run, tenant_of=one, max_batch=2, max_queue=3)
    outcomes = await asyncio.gather(*map(coalescer.submit, range(5)), return_exceptions=True)
    assert [isinstance(outcome, DomainError) for outcome in outcomes] == [False] * 3 + [True] * 2
