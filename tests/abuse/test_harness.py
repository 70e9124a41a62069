"""What the other tests of abuse rely on: that the harness notices what it is there for."""

import asyncio
import time

import psutil

from support.abuse import (
    MEMORY_LIMIT,
    AbuseTarget,
    Bystander,
    Question,
    bystanding,
    longest_callback,
)
from support.processes import eventually


async def test_the_bystander_is_answered_when_nobody_attacks(
    target: AbuseTarget, bystander: Bystander
) -> None:
    with target.measured() as cost, bystander.watching() as seen:
        await eventually(lambda: seen.calls > 10)
    assert not seen.failures
    # All that the worker did.
    assert 0 < sum(seen.attacked.work) <= cost.cpu_seconds


async def test_the_bystander_notices_that_nobody_answers(
    target: AbuseTarget, quiet: Question
) -> None:
    question = await Question.of(target)
    with bystanding(quiet, question.through(1)) as lonely, lonely.watching() as seen:
        await eventually(lambda: seen.calls)
    assert seen.failures
    assert not seen.quiet.failures


def test_the_target_has_a_memory_limit(target: AbuseTarget) -> None:
    assert target.worker.rlimit(psutil.RLIMIT_DATA) == (MEMORY_LIMIT, MEMORY_LIMIT)


async def test_the_longest_callback_is_found() -> None:
    def work() -> None:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass

    with longest_callback() as longest:
        asyncio.get_running_loop().call_soon(work)
        await asyncio.sleep(0.01)
    assert longest.seconds >= 0.02
    assert "work" in longest.callback
