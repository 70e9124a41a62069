"""Work that is done again and again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from coupon_server.domain.errors import DomainError

log = structlog.get_logger()


async def repeat(name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do `work` every so often until cancelled, whatever it raises."""
    while True:
        try:
            await work()
        except DomainError as error:
            log.warning("chore_failed", chore=name, cause=type(error.__cause__ or error).__name__)
        except Exception:
            log.exception("chore_failed", chore=name)
        await asyncio.sleep(seconds)
