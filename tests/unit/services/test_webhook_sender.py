"""Sending one webhook: to an address that was checked, and to no other."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.delivery.domain.targets import Ports, Target, is_public
from coupon_server.delivery.domain.webhooks import AttemptResult, DeliveryError
from coupon_server.delivery.http import resolver as names
from coupon_server.delivery.http import sender as webhook_sender
from coupon_server.delivery.http.client import AddressRefused, HttpClient
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.domain.clock import utc_now
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.ids import new_id
from support.certificates import Authority
from support.webhooks import Receiver, hang, ok, receiving, status, until

# A date as `Retry-After` may have one, but for its numbers.
DATE = r"[A-Z][a-z]{2}, \d{1,9} [A-Z][a-z]{2} \d{1,9} \d{1,9}:\d{1,9}:\d{1,9} ([+-]\d{1,9}|GMT)"

SECRETS = ["whsec_" + "A" * 43 + "=", "whsec_" + "B" * 43 + "="]
TENANT = new_id()
PUBLIC = "93.184.216.34"


class Names:
    """A resolver of the test's own, whose answers are used up one by one."""

    def __init__(self, *answers: str | OSError) -> None:
        self._answers = list(answers)

    def __call__(self, host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, OSError):
            raise answer
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in answer.split()
        ]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def send(
    url: str,
    *names: str | OSError,
    allow_private: bool = False,
    seconds: float = 2,
    event_id: UUID | None = None,
) -> AttemptResult:
    sender = sender_for(*names, allow_private=allow_private, timeout=seconds)
    return await sender.send(TENANT, url, SECRETS, event_id or new_id(), '{"a":"ü"}')


def sender_for(*names: str | OSError, **options: Any) -> WebhookSender:
    defaults: dict[str, Any] = {
        "allow_private": False,
        "ports": Ports.parse("1-65535"),
        "timeout": 2,
    }
    lookup = Names(*names) if names else None
    return WebhookSender(utc_now, **(defaults | {"lookup": lookup} | options))


async def check(url: str, *names: str | OSError) -> None:
    await sender_for(*names).check(TENANT, url)


async def test_a_webhook_is_signed_with_every_secret(receiver: Receiver) -> None:
    event_id = new_id()
    result = await send(receiver.url, allow_private=True, event_id=event_id)
    assert result == AttemptResult(DeliveryError.NONE, 204, result.latency)
    [received] = receiver.received
    assert received.body == '{"a":"ü"}'
    assert received.id == str(event_id)
    for secret in SECRETS:
        received.verify(secret)
    assert "cookie" not in received.headers
    assert "accept-encoding" not in received.headers


@pytest.mark.parametrize(
    "addresses",
    [
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        f"{PUBLIC} 127.0.0.1",
    ],
)
async def test_a_name_of_a_private_address_is_refused(addresses: str) -> None:
    with pytest.raises(InvalidField, match="must lead to a public address"):
        await check("https://hooks.example/", addresses)
    if " " not in addresses:
        result = await send("https://hooks.example/", addresses)
        assert result.error is DeliveryError.ADDRESS


async def test_a_name_that_changes_its_answer_is_refused(receiver: Receiver) -> None:
    """Public when it is checked, private when it is connected to."""
    port = receiver.url.rsplit(":", 1)[1].partition("/")[0]
    sender = sender_for(PUBLIC, "127.0.0.1")
    await sender.check(TENANT, f"https://hooks.example:{port}/")
    result = await sender.send(TENANT, f"https://hooks.example:{port}/", SECRETS, new_id(), "{}")
    assert result.error is DeliveryError.ADDRESS
    assert not receiver.received


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "::ffff:7f00:1", "127.1"]
)
async def test_the_address_is_checked_even_if_the_url_slips_through(
    host: str, receiver: Receiver
) -> None:
    """What connects is an address, whatever spelling led to it."""
    client = HttpClient(names.Names(), is_public, timeout=2)
    port = int(receiver.url.rsplit(":", 1)[1].partition("/")[0])
    with pytest.raises(AddressRefused):
        await client.post(TENANT, Target(False, host, port, "/"), b"{}", {})
    assert not receiver.received


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://hooks.example/", "https://a@b/"])
async def test_a_url_that_is_stored_is_held_to_todays_rules(url: str) -> None:
    result = await send(url, PUBLIC)
    assert result.error is DeliveryError.ADDRESS


async def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    async with receiving(status(307, location=receiver.url)) as first:
        result = await send(first.url, allow_private=True)
    assert (result.error, result.status_code) == (DeliveryError.REDIRECT, 307)
    assert not receiver.received


async def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, receiver.url)
    async with receiving() as other:
        assert (await send(other.url, allow_private=True)).delivered
    assert not receiver.received


async def test_a_name_that_does_not_resolve_may_do_so_later() -> None:
    await check("https://hooks.example/", socket.gaierror("unknown"))
    result = await send("https://hooks.example/", socket.gaierror("unknown"))
    assert (result.error, result.status_code) == (DeliveryError.NAME, None)


async def test_an_endpoint_that_hangs_times_out() -> None:
    async with receiving(hang) as receiver:
        result = await send(receiver.url, allow_private=True, seconds=0.3)
    assert result.error is DeliveryError.TIMEOUT
    assert result.latency.total_seconds() >= 0.3


async def test_an_endpoint_that_drips_times_out() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _number in range(1000):
            writer.write(b"H")
            await asyncio.sleep(0.05)

    async with raw_server(drip) as url:
        result = await send(url, allow_private=True, seconds=0.5)
    assert result.error is DeliveryError.TIMEOUT


@asynccontextmanager
async def raw_server(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


async def test_a_name_that_hangs_takes_one_thread(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many webhooks wait for it, and however often they gave up."""
    monkeypatch.setattr(names, "MAX_LOOKUPS", 3)
    answers = threading.Event()

    def lookup(host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
        if host.startswith("hangs"):
            answers.wait(30)
            raise OSError
        return Names("127.0.0.1")(host, port, family)

    sender = sender_for(allow_private=True, timeout=0.2, lookup=lookup)
    try:
        for _ in range(3):
            slow = [
                sender.send(TENANT, f"http://hangs-{number % 2}.example/", SECRETS, new_id(), "{}")
                for number in range(20)
            ]
            results = await asyncio.gather(*slow)
            assert {result.error for result in results} == {DeliveryError.TIMEOUT}
            url = receiver.url.replace("127.0.0.1", "hooks.example")
            assert (await sender.send(TENANT, url, SECRETS, new_id(), "{}")).delivered
    finally:
        answers.set()


async def test_names_that_hang_leave_room_for_other_tenants(receiver: Receiver) -> None:
    answers = threading.Event()

    def lookup(host: str, port: int, family: int) -> Sequence[tuple[Any, ...]]:
        if host.startswith("hangs"):
            answers.wait(30)
            raise OSError
        return Names("127.0.0.1")(host, port, family)

    sender = sender_for(allow_private=True, lookup=lookup)
    slow = [
        asyncio.create_task(
            sender.send(TENANT, f"http://hangs-{number}.example/", SECRETS, new_id(), "{}")
        )
        for number in range(names.MAX_TENANT_LOOKUPS)
    ]
    try:
        await until(lambda: len(sender._names._running) == names.MAX_TENANT_LOOKUPS)
        url = receiver.url.replace("127.0.0.1", "hooks.example")
        result = await sender.send(TENANT, url, SECRETS, new_id(), "{}")
        assert result.error is DeliveryError.NAME
        assert (await sender.send(new_id(), url, SECRETS, new_id(), "{}")).delivered
    finally:
        answers.set()
    assert {(await one).error for one in slow} == {DeliveryError.NAME}
    await until(lambda: not sender._names._started)
    assert (await sender.send(TENANT, url, SECRETS, new_id(), "{}")).delivered


async def test_of_thousands_of_addresses_a_few_count() -> None:
    many = " ".join([PUBLIC] * 4_000)
    found = await names.Names(Names(many)).resolve(TENANT, "hooks.example")
    assert found == [(socket.AF_INET, PUBLIC)] * names.MAX_ADDRESSES


async def test_the_next_address_is_tried(receiver: Receiver) -> None:
    url = receiver.url.replace("127.0.0.1", "hooks.example")
    # Nobody listens on the first: the receiver is on one address of this machine alone.
    result = await send(url, "127.0.0.2 ::1 127.0.0.1", allow_private=True)
    assert result.delivered


async def test_one_address_that_is_private_refuses_all(receiver: Receiver) -> None:
    port = receiver.url.rsplit(":", 1)[1].partition("/")[0]
    result = await send(f"https://hooks.example:{port}/", f"127.0.0.1 {PUBLIC}")
    assert result.error is DeliveryError.ADDRESS
    assert not receiver.received


async def test_a_webhook_goes_to_an_allowed_port_alone(receiver: Receiver) -> None:
    ports = Ports.parse("80,443")
    sender = sender_for(allow_private=True, ports=ports)
    result = await sender.send(TENANT, receiver.url, SECRETS, new_id(), "{}")
    assert result.error is DeliveryError.ADDRESS
    with pytest.raises(InvalidField, match="must have a port that webhooks may go to: 80,443"):
        await sender.check(TENANT, receiver.url)
    assert not receiver.received


async def test_a_webhook_is_sent_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path / "authority")
    made = authority.issue("localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.private_key)
    async with receiving(ok, ssl_context=context) as receiver:
        assert (await send(receiver.url, allow_private=True)).delivered
        url = receiver.url.replace("127.0.0.1", "localhost")
        assert (await send(url, "127.0.0.1", allow_private=True)).delivered
        # Another host's certificate.
        url = receiver.url.replace("127.0.0.1", "hooks.example")
        assert (await send(url, "127.0.0.1", allow_private=True)).error is DeliveryError.TLS
    assert len(receiver.received) == 2
    assert {one.headers["host"].partition(":")[0] for one in receiver.received} == {
        "127.0.0.1",
        "localhost",
    }


async def test_a_large_webhook_arrives(receiver: Receiver) -> None:
    sender = sender_for(allow_private=True)
    body = "ü" * 200_000
    assert (await sender.send(TENANT, receiver.url, SECRETS, new_id(), body)).delivered
    [received] = receiver.received
    assert received.body == body


@given(st.one_of(st.text(max_size=80), st.from_regex(DATE, fullmatch=True)))
def test_no_retry_after_does_harm(header: str) -> None:
    found = webhook_sender._retry_after(header, utc_now())
    assert found is None or found >= timedelta(0)


async def test_what_cannot_be_reached_or_read_fails(unused_tcp_port: int) -> None:
    refused = await send(f"http://127.0.0.1:{unused_tcp_port}/", allow_private=True)
    assert refused.error is DeliveryError.CONNECTION


@pytest.fixture
def unused_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", DeliveryError.CONNECTION),
        (b"SSH-2.0-OpenSSH\r\n\r\n", DeliveryError.RESPONSE),
        (b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n", DeliveryError.RESPONSE),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000 + b"\r\n\r\n", DeliveryError.RESPONSE),
    ],
)
async def test_an_answer_that_is_no_http_fails(answer: bytes, error: DeliveryError) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)
        writer.close()

    async with raw_server(serve) as url:
        result = await send(url, allow_private=True)
    assert result.error is error


async def test_the_body_of_an_answer_is_not_read() -> None:
    """This one has no end."""

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()

    async with raw_server(flood) as url:
        result = await send(url, allow_private=True, seconds=10)
    assert result.delivered


async def test_a_certificate_of_an_unknown_authority_fails(tmp_path: Path) -> None:
    made = Authority(tmp_path / "authority").issue("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.private_key)
    async with receiving(ok, ssl_context=context) as receiver:
        result = await send(receiver.url, allow_private=True)
        assert result.error is DeliveryError.TLS
        assert not receiver.received


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("soon", None), ("-5", None), ("9" * 30, 10**6), (None, None)],
)
async def test_retry_after_is_read(header: str | None, seconds: int | None) -> None:
    headers = {} if header is None else {"retry-after": header}
    async with receiving(status(503, **headers)) as receiver:
        result = await send(receiver.url, allow_private=True)
    assert result.error is DeliveryError.STATUS
    found = result.retry_after
    assert (None if found is None else found.total_seconds()) == seconds
