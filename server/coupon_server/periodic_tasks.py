"""Periodic tasks: loops that log a failed run and continue, and are restarted if they end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from coupon_server.domain.errors import DomainError, cause_of

FAILURE_SECONDS = 1.0
"""The shortest pause after a failed run of a continuous loop, and before a loop is restarted."""

STABLE_SECONDS = 5.0
"""How long a restarted loop must go on to count as well."""

Result = TypeVar("Result")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Loop:
    """An endless piece of work. `run` starts it, and restarts it when it has ended."""

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]


def periodic(name: str, seconds: float, task: Callable[[], Awaitable[object]]) -> Loop:
    """Run the task, pause, and so on until cancelled."""

    async def run() -> None:
        while True:
            await run_task(name, task)
            await asyncio.sleep(seconds)

    return Loop(name, run)


def continuous(name: str, idle_seconds: float, task: Callable[[], Awaitable[int]]) -> Loop:
    """Run the task until cancelled: again at once while it returns work done, else after a pause,
    which is longer after a failure."""

    async def run() -> None:
        while True:
            done = await run_task(name, task)
            if done is None:
                await asyncio.sleep(max(idle_seconds, FAILURE_SECONDS))
            elif not done:
                await asyncio.sleep(idle_seconds)

    return Loop(name, run)


Report = Callable[[bool], Awaitable[None]]
"""Told whether every loop goes on, whenever that changes."""


async def unreported(_: bool) -> None:
    """For loops whose end nobody but the log is told."""


@asynccontextmanager
async def running(*loops: Loop, report: Report = unreported) -> AsyncIterator[None]:
    """Run these loops while the block runs. One that ends is reported and restarted."""
    ended: set[str] = set()
    tasks = [asyncio.create_task(_keep(loop, ended, report)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep(loop: Loop, ended: set[str], report: Report) -> None:
    while True:
        recovery = asyncio.create_task(_recover(loop.name, ended, report))
        try:
            await loop.run()
            log.error("periodic_task_ended", task=loop.name)
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            log.exception("periodic_task_ended", task=loop.name)
        except Exception:
            log.exception("periodic_task_ended", task=loop.name)
        finally:
            recovery.cancel()
        ended.add(loop.name)
        await run_task("report", partial(report, False))
        await asyncio.sleep(FAILURE_SECONDS)


async def _recover(name: str, ended: set[str], report: Report) -> None:
    """Report a restarted loop as healthy once it has gone on for a while."""
    await asyncio.sleep(STABLE_SECONDS)
    if name in ended:
        ended.discard(name)
        if not ended:
            await run_task("report", partial(report, True))


def _is_cancelled() -> bool:
    """Whether a CancelledError means this task, rather than something that it waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def run_task(name: str, task: Callable[[], Awaitable[Result]]) -> Result | None:
    """Run the task once and return its result; None if it failed, which is logged."""
    try:
        return await task()
    except (DomainError, TimeoutError) as error:
        # Transient: the database does not answer, or not in time.
        cause = cause_of(error)
        log.warning("periodic_task_failed", task=name, cause=cause)
    except asyncio.CancelledError:
        if _is_cancelled():
            raise
        log.exception("periodic_task_failed", task=name)
    except Exception:
        log.exception("periodic_task_failed", task=name)
    return None
