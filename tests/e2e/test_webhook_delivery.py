"""Webhooks by real processes, which are killed, in front of receivers that fail."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web

from phoenix_coupons import CouponsError
from phoenix_coupons.v1 import WatchGrantsRequest, WebhookAttempt
from support.builders import Shop, usage_limit
from support.mortal_worker import STEPS
from support.processes import new_shop, variables
from support.processes import serving as serving_process
from support.scale import sized
from support.serving import serving, settings_for
from support.webhooks import Received, Receiver, Reset, attempts, endpoint, ok, receiving, until

USERS = [f"user-{number}" for number in range(5)]
BACKLOG = sized(20_000, 100_000)
FAILED = WebhookAttempt.Outcome.failed
KILLING = [step for step in STEPS if step != "never"]


@contextmanager
def background(database_url: str, step: str = "never", number: int = 1) -> Iterator[Any]:
    """A background worker that ends at a step."""
    environ = variables(database_url, webhook_allow_private=True)
    command = [sys.executable, "-m", "support.mortal_worker", step, str(number)]
    tests = Path(__file__).parents[1]
    with subprocess.Popen(
        command, env=environ, cwd=tests, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    """A shop of a service that serves, but does nothing in the background."""
    settings = settings_for(database_url, webhook_allow_private=True)
    async with serving(settings) as served:
        made = await Shop.open(await served.new_tenant())
        await made.define(limit=usage_limit("unlimited"), custom_code="ALL")
        yield made


async def redeem(shop: Shop, times: int) -> list[str]:
    """So many redemptions by each user, in turn; returns their ids."""
    return [(await shop.redeem("ALL", user)).redemption.id for _ in range(times) for user in USERS]


def assert_in_order(receiver: Receiver, ids: list[str]) -> None:
    """Each user's events were taken in order, a repeat before what follows."""
    assert {one.id for one in receiver.taken} == set(ids)
    for user in USERS:
        places = [ids.index(one.id) for one in receiver.users(user)]
        assert places == sorted(places)


@pytest.mark.parametrize("step", KILLING)
async def test_nothing_is_lost_when_a_sender_is_killed(
    shop: Shop, database_url: str, step: str
) -> None:
    async with receiving() as receiver:
        made = await endpoint(shop, receiver.url, "coupon.redeemed")
        ids = await redeem(shop, 6)
        # At the seventh, or before anything at all is sent.
        with background(database_url, step, 1 if step == "before_claim" else 7) as process:
            await until(lambda: process.poll() is not None)
            assert process.returncode == -9
        with background(database_url):
            await until(lambda: {one.id for one in receiver.taken} == set(ids))
        assert_in_order(receiver, ids)
        repeated = Counter(one.id for one in receiver.taken)
        # Those that were on their way, and nothing else; none but after it was sent.
        assert len(receiver.taken) - len(ids) <= len(USERS)
        if step == "before_claim":
            assert len(receiver.taken) == len(ids)
        if step == "after_send":
            assert repeated.most_common(1)[0][1] == 2
        for one in receiver.taken:
            one.verify(made.secret)


async def fail_somehow(one: Received) -> web.StreamResponse:
    """Answers as an endpoint does that fails in every way at times."""
    match random.randrange(8):
        case 0:
            return web.Response(status=500)
        case 1:
            await asyncio.sleep(3)
        case 2:
            return web.Response(status=503, headers={"retry-after": "0"})
        case 3:
            await asyncio.sleep(0.3)
        case 4:
            raise Reset
    return await ok(one)


async def test_nothing_is_lost_whatever_fails(shop: Shop, database_url: str) -> None:
    """Two senders at a time, one of which is killed every second; a receiver that fails."""
    async with receiving(fail_somehow) as receiver:
        made = await endpoint(shop, receiver.url, "coupon.redeemed")
        ids = await redeem(shop, sized(8, 20))
        kills = 0
        with ExitStack() as running:
            workers = [running.enter_context(background(database_url)) for _ in range(2)]
            while {one.id for one in receiver.taken} != set(ids):
                await asyncio.sleep(1.5)
                if kills < sized(2, 6):
                    workers.pop(0).kill()
                    kills += 1
                    workers.append(running.enter_context(background(database_url)))
        assert_in_order(receiver, ids)
        # An answer is lost with the sender that waits for it, or comes too late.
        failed = await attempts(shop, made.endpoint.endpoint_id, outcome=FAILED)
        late = sum(one.error == WebhookAttempt.Error.timeout for one in failed)
        assert kills
        assert len(receiver.taken) - len(ids) <= kills * len(USERS) + late
        kinds = {WebhookAttempt.Error.Name(one.error) for one in failed}
        assert kinds >= {"status", "timeout", "connection"}


async def test_several_senders_do_no_work_twice(shop: Shop, database_url: str) -> None:
    async with receiving() as receiver:
        made = await endpoint(shop, receiver.url, "coupon.redeemed")
        with ExitStack() as running:
            for _ in range(3):
                running.enter_context(background(database_url))
            ids = await redeem(shop, sized(20, 60))
            await until(lambda: len(receiver.taken) >= len(ids))
            logged: list[object] = []
            while len(logged) < len(ids):
                logged = list(await attempts(shop, made.endpoint.endpoint_id))
        assert len(receiver.received) == len(ids)
        assert_in_order(receiver, ids)


async def test_a_backlog_of_a_dead_endpoint_delays_no_other(shop: Shop, database_url: str) -> None:
    async with receiving() as receiver:
        # The event that everybody's lane has.
        await shop.redeem("ALL", "alice")
        assert await shop.tenant.server.app.background.sequencer.run_once() == 1
        dead = await endpoint(shop, "http://127.0.0.1:1025/dead", "coupon.redeemed")
        connection = await asyncpg.connect(database_url)
        await connection.execute(
            """
            INSERT INTO webhook_lanes (tenant_id, endpoint_id, user_id, next_sequence,
                last_sequence, waiting_since, claimed, attempts, next_attempt_at)
            SELECT $1, $2, 'dead-' || n, 1, 1, now(), false, 0, now() - interval '1 hour'
            FROM generate_series(1, $3) n
            """,
            shop.tenant.uuid,
            dead.endpoint.endpoint_id,
            BACKLOG,
        )
        await endpoint(shop, receiver.url, "coupon.redeemed")
        with background(database_url) as process:
            ready = await asyncio.to_thread(process.stdout.readline)
            assert ready == b"ready\n"
            for _ in range(20):
                count = len(receiver.taken)
                await shop.redeem("ALL", "alice")
                await until(lambda: len(receiver.taken) > count)  # noqa: B023
        # While most of the backlog had not had its turn.
        [lanes] = await connection.fetch(
            """
            SELECT count(*) AS all, count(*) FILTER (WHERE attempts > 0) AS tried
            FROM webhook_lanes WHERE user_id LIKE 'dead-%'
            """
        )
        assert lanes["all"] == BACKLOG
        assert 0 < lanes["tried"] < BACKLOG / 2
        await connection.close()


async def opened(shop: Shop, request: WatchGrantsRequest) -> Any:
    """The stream, once a worker serves."""
    while True:
        call: Any = shop.grants.WatchGrants(request)
        try:
            assert (await call.read()).HasField("heartbeat")
        except CouponsError as error:
            assert error.code.name == "UNAVAILABLE"  # noqa: PT017
            await asyncio.sleep(0.2)
        else:
            return call


async def test_a_reader_goes_on_after_a_kill_and_ends_with_the_server(
    database_url: str, tmp_path: Path
) -> None:
    with serving_process(database_url, tmp_path / "log", workers=1) as server:
        async with new_shop(database_url, server.address) as shop:
            await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
            ids = await redeem(shop, 2)
            request = WatchGrantsRequest(tenant_id=shop.id)
            seen: list[str] = []
            while len(seen) < len(ids):
                try:
                    async for response in shop.grants.WatchGrants(request):
                        request.cursor = response.cursor
                        if not response.HasField("event"):
                            continue
                        seen.append(response.event.id)
                        # Once: the worker that follows sends a heartbeat before the next event.
                        if len(seen) == 3:
                            server.workers()[0].kill()
                        if len(seen) == len(ids):
                            break
                except CouponsError as error:
                    assert error.code.name == "UNAVAILABLE"  # noqa: PT017
                    await asyncio.sleep(0.2)
            assert seen == ids
            call = await opened(shop, request)
            ending = asyncio.create_task(asyncio.to_thread(server.stop))
            with pytest.raises(CouponsError) as caught:
                async for _ in call:
                    pass
            assert caught.value.reason == "SERVICE_UNAVAILABLE"
            assert await ending == 0
