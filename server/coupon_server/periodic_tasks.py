"""Periodic tasks: loops that log a failed run and continue."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from coupon_server.domain.errors import DomainError

FAILURE_SECONDS = 1.0
"""The shortest pause after a failed run."""

Result = TypeVar("Result")

log = structlog.get_logger()


async def periodic(name: str, seconds: float, task: Callable[[], Awaitable[object]]) -> None:
    """Run the task, pause, and so on until cancelled."""
    while True:
        await run_task(name, task)
        await asyncio.sleep(seconds)


async def continuous(name: str, idle_seconds: float, task: Callable[[], Awaitable[int]]) -> None:
    """Run the task until cancelled: again at once while it returns work done, else after a pause,
    which is longer after a failure."""
    while True:
        done = await run_task(name, task)
        if done is None:
            await asyncio.sleep(max(idle_seconds, FAILURE_SECONDS))
        elif not done:
            await asyncio.sleep(idle_seconds)


async def run_task(name: str, task: Callable[[], Awaitable[Result]]) -> Result | None:
    """Run the task once and return its result; None if it failed, which is logged."""
    try:
        return await task()
    except (DomainError, TimeoutError) as error:
        # Transient: the database does not answer, or not in time.
        cause = type(error.__cause__ or error).__name__
        log.warning("periodic_task_failed", task=name, cause=cause)
    except Exception:
        log.exception("periodic_task_failed", task=name)
    return None
