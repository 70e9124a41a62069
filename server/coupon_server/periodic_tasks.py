"""Work that is done again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from coupon_server.domain.errors import DomainError

FAILURE_SECONDS = 1.0
"""The least pause after a failure."""

Result = TypeVar("Result")

log = structlog.get_logger()


async def repeat(name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do `work` every so often until cancelled, whatever it raises."""
    while True:
        await attempt(name, work)
        await asyncio.sleep(seconds)


async def keep_up(name: str, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
    """Do `work` until cancelled: again at once while it says that it did something, else after
    a pause. It pauses for longer after a failure."""
    while True:
        done = await attempt(name, work)
        if done is None:
            await asyncio.sleep(max(seconds, FAILURE_SECONDS))
        elif not done:
            await asyncio.sleep(seconds)


async def attempt(name: str, work: Callable[[], Awaitable[Result]]) -> Result | None:
    """What `work` returns; None if it failed."""
    try:
        return await work()
    except (DomainError, TimeoutError) as error:
        # It passes by itself: the database does not answer, or not in time.
        log.warning("chore_failed", chore=name, cause=type(error.__cause__ or error).__name__)
    except Exception:
        log.exception("chore_failed", chore=name)
    return None
