"""The webhook receiver of `coupons dev`, which verifies, stores and prints each webhook."""

import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

PATH = "/webhooks"


_HOST = "127.0.0.1"


class WebhookReceiverError(Exception):
    """The port is not available."""


class WebhookReceiver:
    """Listens on 127.0.0.1.

    Args:
        port: 0 takes a free one. Raises WebhookReceiverError if it is taken.
        file: gets a line of JSON for each webhook: the body as it came.
        print_line: prints a line for people.
    """

    def __init__(self, port: int, file: Path, print_line: Callable[[str], None]) -> None:
        try:
            self._socket = socket.create_server((_HOST, port))
        except OSError as error:
            raise WebhookReceiverError(
                f"COUPONS_WEBHOOK_PORT: can't listen on {_HOST}:{port}"
                f" ({os.strerror(error.errno or 0)}); stop what listens there, or choose another"
                " port"
            ) from error
        self._file = file
        self._print_line = print_line
        self._secret = ""

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self._socket.getsockname()[1]}{PATH}"

    @asynccontextmanager
    async def listening(self, secret: str) -> AsyncIterator[None]:
        """Take webhooks that are signed with this secret while the block runs."""
        self._secret = secret
        application = web.Application()
        application.router.add_post(PATH, self._receive)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, self._socket).start()
            yield
        finally:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.text()
        try:
            Webhook(self._secret).verify(body, dict(request.headers))
        except WebhookVerificationError as error:
            self._print_line(f"webhook refused: {error}")
            return web.Response(status=401)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(body + "\n")
        self._print_line(f"webhook {_summary(json.loads(body))}")
        return web.Response(status=204)

    def close(self) -> None:
        self._socket.close()


def _summary(body: dict[str, object]) -> str:
    data = body["data"]
    if not isinstance(data, dict):
        return str(body["type"])
    subject = data.get("grant") or data.get("reversal") or {}
    words = (body["type"], data.get("user_id"), subject.get("reward_item", {}).get("name"))
    return "  ".join(str(word) for word in words if word)
