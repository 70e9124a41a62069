"""A receiver of webhooks, and the calls that tests of webhooks make."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from phoenix_coupons.v1 import (
    CreateWebhookEndpointRequest,
    CreateWebhookEndpointResponse,
    DeadLetter,
    ListDeadLettersRequest,
    ListWebhookAttemptsRequest,
    WebhookAttempt,
)
from support.builders import Shop

PATIENCE = 60.0
"""Seconds. Long, because the machine may be busy with other tests."""


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook as it came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.body)["data"]
        return data

    @property
    def type(self) -> str:
        kind: str = json.loads(self.body)["type"]
        return kind

    def verify(self, secret: str) -> None:
        """As a receiver does; raises if the signature is not of this secret."""
        Webhook(secret).verify(self.body, self.headers)


Answer = Callable[[Received], Awaitable[web.StreamResponse]]


async def ok(_: Received) -> web.StreamResponse:
    return web.Response(status=204)


def status(code: int, **headers: str) -> Answer:
    async def answer(_: Received) -> web.StreamResponse:
        return web.Response(
            status=code, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    return answer


async def hang(_: Received) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


class Reset(Exception):
    """An answer that closes the connection without a word."""


@dataclass(slots=True)
class Receiver:
    """Listens on a port of this machine. `answer` may be changed at any time."""

    url: str = ""
    answer: Answer = ok
    received: list[Received] = field(default_factory=list)
    taken: list[Received] = field(default_factory=list)
    """Those that were answered with a status of the 200s."""

    def users(self, user_id: str) -> list[Received]:
        """What was taken that concerns the user."""
        return [one for one in self.taken if one.data.get("user_id") == user_id]

    async def wait(self, count: int) -> list[Received]:
        """Wait until so many were taken."""
        await until(lambda: len(self.taken) >= count)
        return self.taken

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        headers = {name.lower(): text for name, text in request.headers.items()}
        one = Received(request.path, headers, body)
        self.received.append(one)
        try:
            response = await self.answer(one)
        except Reset:
            assert request.transport is not None
            request.transport.abort()
            raise
        if 200 <= response.status < 300:
            self.taken.append(one)
        return response


@asynccontextmanager
async def receiving(answer: Answer = ok, **options: Any) -> AsyncIterator[Receiver]:
    """A receiver that listens until the block ends. `options` are those of its site."""
    receiver = Receiver(answer=answer)
    application = web.Application()
    application.router.add_post("/{tail:.*}", receiver._handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, **options)
        await site.start()
        port = runner.addresses[0][1]
        scheme = "https" if options.get("ssl_context") else "http"
        receiver.url = f"{scheme}://127.0.0.1:{port}/hooks"
        yield receiver
    finally:
        await runner.cleanup()


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 — nothing tells
            await asyncio.sleep(0.01)


async def endpoint(
    shop: Shop, url: str, *types: str, **fields: Any
) -> CreateWebhookEndpointResponse:
    """A new endpoint of the shop, with its secret."""
    return await shop.tenants.CreateWebhookEndpoint(
        CreateWebhookEndpointRequest(tenant_id=shop.id, url=url, event_types=types, **fields)
    )


async def attempts(shop: Shop, endpoint_id: str, **filters: Any) -> list[WebhookAttempt]:
    """The endpoint's delivery log, newest first."""
    request = ListWebhookAttemptsRequest(
        tenant_id=shop.id, endpoint_id=endpoint_id, page_size=1000, **filters
    )
    return list((await shop.tenants.ListWebhookAttempts(request)).attempts)


async def dead_letters(shop: Shop, endpoint_id: str) -> list[DeadLetter]:
    """The endpoint's dead letters, newest event first."""
    request = ListDeadLettersRequest(tenant_id=shop.id, endpoint_id=endpoint_id, page_size=1000)
    return list((await shop.tenants.ListDeadLetters(request)).dead_letters)
