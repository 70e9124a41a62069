"""Work that is done again and again, and fails now and then."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import structlog

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.periodic_tasks import run_task


async def failing(error: Exception) -> str:
    raise error


async def late() -> str:
    async with asyncio.timeout(0):
        await asyncio.sleep(1)
    return "in time"


@pytest.mark.parametrize(
    ("work", "cause"),
    [
        (lambda: failing(DomainError(Reason.SERVICE_UNAVAILABLE, "no")), "DomainError"),
        (late, "CancelledError"),
    ],
)
async def test_what_passes_by_itself_is_a_warning(
    work: Callable[[], Awaitable[str]], cause: str
) -> None:
    with structlog.testing.capture_logs() as events:
        assert await run_task("poll", work) is None
    assert events == [
        {"event": "periodic_task_failed", "log_level": "warning", "task": "poll", "cause": cause}
    ]


async def test_anything_else_is_an_error_with_its_trace() -> None:
    def work() -> Awaitable[str]:
        return failing(KeyError("x"))

    with structlog.testing.capture_logs() as events:
        assert await run_task("poll", work) is None
    assert [(one["log_level"], one["exc_info"]) for one in events] == [("error", True)]
