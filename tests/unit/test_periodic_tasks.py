"""Work that is done again and again, and fails now and then."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
import structlog

from coupon_server import periodic_tasks
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.periodic_tasks import Loop, periodic, run_task, running


async def failing(error: Exception) -> Any:
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


async def abandoned() -> None:
    """Waits for something that is cancelled, as a closed connection's answer is."""
    await asyncio.get_running_loop().create_future()


async def cancelled_within() -> None:
    inner = asyncio.create_task(abandoned())
    asyncio.get_running_loop().call_soon(inner.cancel)
    await inner


@pytest.mark.parametrize(
    "body",
    [
        lambda: failing(OSError(28, "No space left on device")),
        lambda: failing(RecursionError()),
        lambda: failing(MemoryError()),
        cancelled_within,
    ],
)
async def test_a_loop_goes_on_whatever_its_body_raises(
    body: Callable[[], Awaitable[object]],
) -> None:
    runs = asyncio.Semaphore(0)

    async def work() -> None:
        runs.release()
        await body()

    async with asyncio.timeout(60), running(periodic("poll", 0, work)):
        for _ in range(3):
            await runs.acquire()


async def test_a_cancelled_loop_ends() -> None:
    loop = asyncio.create_task(periodic("poll", 0, abandoned).run())
    await asyncio.sleep(0)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic_tasks, "FAILURE_SECONDS", 0)
    monkeypatch.setattr(periodic_tasks, "STABLE_SECONDS", 0.01)


async def returning() -> None:
    pass


@pytest.mark.usefixtures("_hurry")
@pytest.mark.parametrize(
    "end",
    [returning, lambda: failing(KeyError("x")), cancelled_within],
    ids=["returns", "fails", "is cancelled"],
)
async def test_a_loop_that_ends_is_reported_and_begun_again(
    end: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    reports: asyncio.Queue[bool] = asyncio.Queue()
    begun = 0

    async def run() -> None:
        nonlocal begun
        begun += 1
        await (end() if begun == 1 else abandoned())

    with structlog.testing.capture_logs() as events:
        async with asyncio.timeout(60), running(Loop("poll", run), report=reports.put):
            assert [await reports.get(), await reports.get()] == [False, True]
    assert begun == 2
    [event] = events
    assert (event["event"], event["log_level"], event["task"]) == (
        "periodic_task_ended",
        "error",
        "poll",
    )
