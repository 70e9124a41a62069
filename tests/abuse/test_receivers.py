"""Receivers of webhooks that are hostile: what they send costs the sender little, and in little
pieces."""

import asyncio
import gc
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from coupon_server.delivery.domain.targets import Ports
from coupon_server.delivery.domain.webhooks import AttemptResult, DeliveryError
from coupon_server.delivery.http import bounded_stream as webhook_stream
from coupon_server.delivery.http import client as webhook_http
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.domain.clock import utc_now
from coupon_server.domain.ids import new_id
from phoenix_coupons.v1 import TestWebhookEndpointRequest as EndpointTest
from phoenix_coupons.v1 import WebhookAttempt
from support.abuse import (
    MIB,
    SCALE,
    AbuseTarget,
    Bystander,
    Figures,
    abuse_target,
    attacked,
    longest_callback,
    measured,
)
from support.builders import Shop, usage_limit
from support.certificates import Authority
from support.hostile_receivers import HOSTILE, Hostile, Listener, listening, named
from support.webhooks import attempts, endpoint, receiving

CALLBACK_SECONDS = 0.020
"""The most CPU time that a callback of the loop may take."""

ATTEMPT_SECONDS = 0.150
"""The most CPU time that a webhook may take in all."""

PATIENCE = 60.0
"""Seconds."""

IN_FLIGHT = 64
"""How many calls of a back office a tenant may have: the default of `admin_in_flight`."""

TOGETHER = 4 * SCALE
"""Webhooks that are sent at the same time."""

SECRETS = ["whsec_" + "A" * 43 + "="]
PORTS = Ports.parse("1-65535")


@pytest.fixture(autouse=True)
def no_garbage_collection() -> Iterator[None]:
    """What a collection takes hangs on all that the process has, not on the receiver."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def send(url: str, sender: WebhookSender, times: int = 1) -> list[AttemptResult]:
    tenant_id = new_id()
    sent = [sender.send(tenant_id, url, SECRETS, new_id(), "{}") for _ in range(times)]
    return await asyncio.gather(*sent)


def sender_for(hostile: Hostile) -> WebhookSender:
    """One that waits only for a receiver that is to be waited for in vain, however busy the machine
    is."""
    timeout = 0.6 if hostile.outcomes == {DeliveryError.TIMEOUT} else PATIENCE
    return WebhookSender(utc_now, allow_private=True, ports=PORTS, timeout=timeout)


def url_of(listener: Listener, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listener.port}/hooks"


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
async def test_a_hostile_receiver_costs_little(hostile: Hostile, figures: Figures) -> None:
    with listening(hostile.attack) as listener:
        url = url_of(listener, "https" if hostile.encrypted else "http")
        sender = sender_for(hostile)
        # What a first webhook loads and compiles.
        await send(url, sender)
        before = time.thread_time()
        with longest_callback() as longest:
            results = await send(url, sender, TOGETHER)
        spent = (time.thread_time() - before) / TOGETHER
    figures.add(hostile.name, callback_ms=longest.seconds * 1000, attempt_ms=spent * 1000)
    assert {result.error for result in results} <= hostile.outcomes
    assert longest.seconds <= CALLBACK_SECONDS, longest.callback
    assert spent <= ATTEMPT_SECONDS


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """TLS of a server whose certificate is trusted."""
    authority = Authority(tmp_path / "authority")
    made = authority.issue("localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.private_key)
    return context


@pytest.mark.parametrize(
    "hostile",
    named(["endless informational answers", "endless headers", "single bytes", "a body"]),
    ids=lambda hostile: hostile.name,
)
async def test_a_hostile_receiver_costs_little_over_tls(
    hostile: Hostile, trusted: ssl.SSLContext
) -> None:
    with listening(hostile.attack, trusted) as listener:
        sender = sender_for(hostile)
        await send(url_of(listener, "https"), sender)
        with longest_callback() as longest:
            results = await send(url_of(listener, "https"), sender, TOGETHER)
    assert {result.error for result in results} <= hostile.outcomes
    assert longest.seconds <= CALLBACK_SECONDS, longest.callback


async def test_what_is_read_of_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, so that it does not hang on what the machine is able to do."""
    received: list[int] = []
    receive = webhook_stream.PlainStream.receive

    async def counted(stream: webhook_stream.PlainStream) -> bytes:
        data = await receive(stream)
        received.append(len(data))
        return data

    monkeypatch.setattr(webhook_stream.PlainStream, "receive", counted)
    for hostile in HOSTILE:
        if hostile.outcomes == {DeliveryError.TIMEOUT}:
            continue
        received.clear()
        with listening(hostile.attack) as listener:
            url = url_of(listener, "https" if hostile.encrypted else "http")
            await send(url, sender_for(hostile))
        most = webhook_http.MAX_HEAD_BYTES + webhook_stream.READ_BYTES
        assert sum(received) < (webhook_stream.MAX_BYTES + 1 if hostile.encrypted else most)
        assert max(received, default=0) <= webhook_stream.READ_BYTES
        assert len(received) <= webhook_stream.MAX_READS


@pytest.fixture(scope="module")
async def target(
    target_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AbuseTarget]:
    """A service that may send webhooks to this machine, in the background as well."""
    log = tmp_path_factory.mktemp("target") / "log"
    settings = {"webhook_allow_private": "true", "background": "true"}
    async with abuse_target(target_database, log, **settings) as started:
        yield started


FLOODS = named(
    [
        "endless informational answers",
        "endless headers",
        "endless the shortest headers",
        "endless a status line",
        "single bytes of answers",
        "endless early hints",
    ]
)


async def test_tests_of_hostile_receivers_starve_nobody(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    """A test of an endpoint is sent by the worker that serves calls."""
    hostile = await target.new_shop()
    with ExitStack() as listeners:
        endpoints = [
            await endpoint(hostile, url_of(listeners.enter_context(listening(flood.attack))))
            for flood in FLOODS
        ]
        requests = [
            EndpointTest(tenant_id=hostile.id, endpoint_id=made.endpoint.endpoint_id)
            for made in endpoints
        ]

        async def test_all(times: int) -> list[WebhookAttempt]:
            tests = [hostile.tenants.TestWebhookEndpoint(request) for request in requests * times]
            return [tested.attempt for tested in await asyncio.gather(*tests)]

        await test_all(1)
        name = "tests of endpoints whose receivers flood"
        # All are under way at once, and a webhook costs as much as three calls.
        with attacked(target, bystander, figures, name, ahead=3 * IN_FLIGHT) as attack:
            tested = await test_all(10 * SCALE)
            attack.note(attempts=len(tested))
    assert {attempt.error for attempt in tested} == {WebhookAttempt.Error.response}
    spent = attack.cost.cpu_seconds / (len(tested) + attack.seen.calls)
    assert spent <= ATTEMPT_SECONDS
    assert attack.cost.peak_growth_bytes <= 64 * MIB


async def test_deliveries_to_hostile_receivers_hold_up_no_other_tenant(
    target: AbuseTarget, bystander: Bystander, figures: Figures
) -> None:
    hostile, good = await target.new_shop(), await target.new_shop()
    [background] = target.server.background_workers()
    users = [f"user-{number}" for number in range(20 * SCALE)]
    for shop in (hostile, good):
        await shop.define(custom_code="ALL", limit=usage_limit("unlimited"))
    with ExitStack() as listeners:
        made = [
            await endpoint(hostile, url_of(listeners.enter_context(listening(flood.attack))))
            for flood in FLOODS
        ]
        async with receiving() as receiver:
            await endpoint(good, receiver.url, "coupon.redeemed")
            name = "webhooks to receivers that flood"
            with measured(background) as cost, attacked(target, bystander, figures, name) as attack:
                await redeem_all(hostile, users)
                await redeem_all(good, users)
                await receiver.wait(len(users))
                for one in made:
                    await attempted(hostile, one.endpoint.endpoint_id)
                attack.note(webhooks=2 * len(users))
    assert cost.peak_growth_bytes <= 64 * MIB
    assert psutil.pid_exists(background.pid)


async def redeem_all(shop: Shop, users: list[str]) -> None:
    await asyncio.gather(*(shop.redeem("ALL", user) for user in users))


async def attempted(shop: Shop, endpoint_id: str) -> None:
    """Wait until a webhook to the endpoint has failed for what its receiver sent."""
    async with asyncio.timeout(60):
        while not (logged := await attempts(shop, endpoint_id)):  # noqa: ASYNC110 — nothing tells
            await asyncio.sleep(0.1)
    assert {attempt.error for attempt in logged} == {WebhookAttempt.Error.response}
