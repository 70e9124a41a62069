"""`coupons consume` at a real NATS server."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from coupon_server.workers.event_consumer import MAX_HEADER_BYTES, MESSAGE, REASON
from phoenix_coupons.v1 import Event
from phoenix_coupons_cli.command import Exit
from support.builders import Shop
from support.certificates import Authority
from support.cloud_events import Mode, cloud_event, message
from support.databases import ask
from support.earning import Season
from support.events import achievement, on_achievement, streak
from support.nats import NatsServer, nats_server
from support.nats_users import Operator
from support.processes import ServerProcess, coupons, eventually, started, variables
from support.scale import sized

EVENTS = sized(2_000, 10_000)
TIMES = 3
PUBLISHERS = 4
KILLED = sized(3, 6)

CONSUMER_MAY = (
    "$JS.API.STREAM.INFO.COUPONS_EVENTS",
    "$JS.API.STREAM.INFO.COUPONS_DEAD",
    "$JS.API.CONSUMER.INFO.COUPONS_EVENTS.coupons",
    "$JS.API.CONSUMER.MSG.NEXT.COUPONS_EVENTS.coupons",
    "$JS.ACK.COUPONS_EVENTS.coupons.>",
    "coupons.dead.*",
)
"""What a consumer has to publish to, once the streams are there."""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "broker") as server:
        yield server


@contextmanager
def consuming(
    database_url: str, broker: NatsServer, log: Path, *options: str
) -> Iterator[ServerProcess]:
    """`coupons consume`, ready."""
    command = ("consume", "--nats", broker.url, *options)
    with started(*command, log=log, environ=variables(database_url)) as process:
        yield process


async def ready(consumer: ServerProcess) -> None:
    def is_ready() -> bool:
        assert consumer.process.poll() is None, consumer.log.read_text()
        return bool(consumer.events("consumer_ready"))

    await eventually(is_ready)


@pytest.fixture
async def consumer(
    shared_database: str, broker: NatsServer, tmp_path: Path
) -> AsyncIterator[ServerProcess]:
    with consuming(shared_database, broker, tmp_path / "consumer") as process:
        await ready(process)
        yield process


@pytest.fixture
async def client(broker: NatsServer) -> AsyncIterator[Client]:
    async with await nats.connect(broker.url) as connected:
        yield connected


@pytest.fixture
def jetstream(client: Client) -> JetStreamContext:
    return client.jetstream()


async def publish(
    jetstream: JetStreamContext, tenant_id: str, event: Event, mode: Mode = "structured"
) -> None:
    headers, body = message(cloud_event(event), mode)
    await jetstream.publish(f"coupons.events.{tenant_id}", body, headers=headers)


async def consumed(jetstream: JetStreamContext) -> None:
    """Return when every message is answered."""
    for _ in range(600):
        state = (await jetstream.stream_info("COUPONS_EVENTS")).state
        if state.messages == 0:
            return
        await asyncio.sleep(0.1)
    pytest.fail("there are messages left")


@pytest.mark.parametrize("mode", ["structured", "binary"])
async def test_an_event_earns_a_coupon_and_is_acknowledged(
    shop: Shop, consumer: ServerProcess, jetstream: JetStreamContext, mode: Mode
) -> None:
    await shop.define(auto_generate=on_achievement())
    for _ in range(2):
        await publish(jetstream, shop.id, achievement("é 1", "ada"), mode)
    await consumed(jetstream)
    [coupon] = await shop.coupons(user_id="ada")
    assert coupon.definition_name == "Campaign"
    # The same event by a call.
    assert (await shop.send(achievement("é 1", "ada"))).duplicate


async def test_what_cannot_be_an_event_is_parked_with_the_reason(
    shop: Shop, consumer: ServerProcess, jetstream: JetStreamContext
) -> None:
    await shop.define(auto_generate=on_achievement())
    late = achievement("in an hour", "ada")
    late.occurred_at.seconds += 3600
    stranger = "01900000-0000-7000-8000-000000000000"
    sent: list[tuple[str, dict[str, str], bytes, str, str]] = [
        (shop.id, {}, b"not json", "MALFORMED_MESSAGE", "not a CloudEvent"),
        (shop.id, *message(cloud_event(late), "binary"), "INVALID_FIELD", "occurred_at"),
        (shop.id, *message(cloud_event(streak("e", "", 1)), "structured"), "MALFORMED_MESSAGE", ""),
        (stranger, *message(cloud_event(achievement("e", "ada")), "binary"), "INVALID_FIELD", ""),
        ("nobody", *message(cloud_event(achievement("e", "ada")), "binary"), "INVALID_FIELD", ""),
        (shop.id.upper(), *message(cloud_event(late), "binary"), "INVALID_FIELD", "subject"),
    ]
    for tenant, headers, body, _, _ in sent:
        own = {"Nats-Expected-Stream": "COUPONS_EVENTS"}
        await jetstream.publish(f"coupons.events.{tenant}", body, headers=headers | own)
    await publish(jetstream, shop.id, achievement("good", "bob"))
    await consumed(jetstream)

    parked = await read(jetstream, "COUPONS_DEAD", len(sent))
    by_body = {(one.subject, one.data): one.headers or {} for one in parked}
    for tenant, headers, body, reason, told in sent:
        found = by_body[f"coupons.dead.{tenant}", body]
        assert found[REASON] == reason
        assert told in found[MESSAGE]
        assert found.items() >= headers.items()
    assert [coupon.user_id for coupon in await shop.coupons()] == ["bob"]
    assert len(consumer.events("event_dead_lettered")) == len(sent)


async def test_what_can_hardly_be_parked_is_in_nobodys_way(
    shop: Shop, consumer: ServerProcess, client: Client, jetstream: JetStreamContext
) -> None:
    await shop.define(auto_generate=on_achievement())
    subject = f"coupons.events.{shop.id}"
    # As large as it may be, before the reason comes to it.
    await jetstream.publish(subject, b"x" * client.max_payload)
    header = b"long: " + b"x" * (MAX_HEADER_BYTES - 20) + b"\r\n"
    await publish_bare(client, subject, header, b"")
    # A name that the library would not publish.
    await publish_bare(client, subject, b"a/b: c\r\nd: e\r\n", b"not json")
    await publish(jetstream, shop.id, achievement("good", "ada"))
    await consumed(jetstream)

    parked = await read(jetstream, "COUPONS_DEAD", 3)
    assert {one.data for one in parked} == {b"", b"not json"}
    assert all((one.headers or {})[REASON] == "MALFORMED_MESSAGE" for one in parked)
    assert [(one.headers or {}).get("d") for one in parked if one.data] == ["e"]
    assert not consumer.events("broker_disconnected")
    assert [coupon.user_id for coupon in await shop.coupons()] == ["ada"]


async def test_what_a_publisher_says_is_not_taken_for_what_the_broker_says(
    shop: Shop, consumer: ServerProcess, client: Client, jetstream: JetStreamContext
) -> None:
    await shop.define(auto_generate=on_achievement())
    subject = f"coupons.events.{shop.id}".encode()
    for header in (b"Status: 404\r\n", b"Status: 409\r\nDescription: Consumer Deleted\r\n"):
        await publish_bare(client, subject.decode(), header, b"not json")
    # An answer to a request for messages; what is no text; what is no header at all.
    for block in (b"NATS/1.0 503\r\n\r\n", b"NATS/1.0 \xff\xfe\xfd\r\n\r\n", b"NATS/1.0", b"?"):
        await publish_block(client, subject, block, b"not json")
    await publish_block(client, b"coupons.events.\xff", b"NATS/1.0\r\n\r\n", b"not json")
    await publish(jetstream, shop.id, achievement("good", "ada"))
    await consumed(jetstream)

    parked = await read(jetstream, "COUPONS_DEAD", 7)
    assert {one.data for one in parked} == {b"not json"}
    assert {one.subject for one in parked} == {f"coupons.dead.{shop.id}", "coupons.dead.\ufffd"}
    assert not consumer.events("broker_disconnected")
    assert [coupon.user_id for coupon in await shop.coupons()] == ["ada"]


async def publish_bare(client: Client, subject: str, header: bytes, payload: bytes) -> None:
    """Publish headers that the library would refuse, as others do."""
    await publish_block(client, subject.encode(), b"NATS/1.0\r\n" + header + b"\r\n", payload)


async def publish_block(client: Client, subject: bytes, block: bytes, payload: bytes) -> None:
    """Publish whatever as a block of headers."""
    sizes = f"{len(block)} {len(block) + len(payload)}".encode()
    await client._send_command(b"HPUB " + subject + b" " + sizes + b"\r\n")
    await client._send_command(block + payload + b"\r\n")
    await client.flush()


async def read(jetstream: JetStreamContext, stream: str, count: int) -> list[Msg]:
    subscription = await jetstream.pull_subscribe(
        "coupons.dead.*", stream=stream, config=ConsumerConfig()
    )
    found: list[Msg] = []
    while len(found) < count:
        found += await subscription.fetch(count - len(found), timeout=10)
    info = await jetstream.stream_info(stream)
    assert info.state.messages == count
    return found


async def test_events_wait_for_a_database_and_a_broker_that_are_away(
    shop: Shop,
    broker: NatsServer,
    consumer: ServerProcess,
    jetstream: JetStreamContext,
    shared_database: str,
) -> None:
    await shop.define(auto_generate=on_achievement())
    name = shared_database.rpartition("/")[2]
    other = shared_database.replace(name, "postgres")
    await ask(other, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        await ask(
            other,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1",
            name,
        )
        await publish(jetstream, shop.id, achievement("e1", "ada"))
        await asyncio.sleep(1)
        assert (await jetstream.stream_info("COUPONS_EVENTS")).state.messages == 1
    finally:
        await ask(other, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await consumed(jetstream)
    broker.stop()
    await broker.start()
    await eventually(lambda: consumer.events("broker_reconnected"))
    await publish(jetstream, shop.id, achievement("e2", "bob"))
    await consumed(jetstream)
    assert {coupon.user_id for coupon in await shop.coupons()} == {"ada", "bob"}


async def test_sigterm_ends_it_when_what_it_fetched_is_answered(
    shop: Shop, consumer: ServerProcess, jetstream: JetStreamContext
) -> None:
    await asyncio.gather(
        *(publish(jetstream, shop.id, achievement(f"e{n}", "ada")) for n in range(500))
    )
    assert await asyncio.to_thread(consumer.stop) == 0
    info = await jetstream.consumer_info("COUPONS_EVENTS", "coupons")
    assert info.num_ack_pending == 0


async def test_one_of_several_brokers_will_do(
    shared_database: str, broker: NatsServer, tmp_path: Path
) -> None:
    urls = {"COUPONS_NATS_URL": f"nats://127.0.0.1:1, {broker.url}"}
    environ = variables(shared_database) | urls
    with started("consume", log=tmp_path / "consumer", environ=environ) as process:
        await ready(process)
        assert process.stop() == 0


def test_a_broker_that_is_not_there_is_named(shared_database: str) -> None:
    ended = coupons("consume", "--nats", "nats://127.0.0.1:1", environ=variables(shared_database))
    assert ended.returncode == Exit.UNREACHABLE
    assert "the broker of --nats does not answer" in ended.stderr


async def test_tls_and_a_password(shop: Shop, shared_database: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    issued = authority.issue("broker")
    options = ["--tls", "--tlscert", str(issued.certificate), "--tlskey", str(issued.private_key)]
    options += ["--user", "coupons", "--pass", "secret-word"]
    async with nats_server(tmp_path / "broker", *options) as broker:
        url = f"tls://coupons:secret-word@127.0.0.1:{broker.port}"
        environ = variables(shared_database) | {"COUPONS_NATS_URL": url}
        log = tmp_path / "consumer"
        trusting = ("consume", "--ca", str(authority.certificate))
        with started(*trusting, log=log, environ=environ) as process:
            await ready(process)
            assert process.stop() == 0
        assert "secret-word" not in log.read_text()
        # By the variables alone, of which the publisher has the same.
        several = {
            "COUPONS_NATS_URL": f"tls://127.0.0.1:1, {url}",
            "COUPONS_NATS_CA_FILE": str(authority.certificate),
        }
        with started("consume", log=log, environ=environ | several) as process:
            await ready(process)
            assert process.stop() == 0
        untrusting = coupons("consume", environ=environ)
        assert untrusting.returncode == Exit.UNREACHABLE
        assert "secret-word" not in untrusting.stderr


async def test_credentials_may_be_confined_to_what_is_needed(
    shop: Shop, shared_database: str, tmp_path: Path
) -> None:
    await shop.define(auto_generate=on_achievement())
    operator = Operator()
    inbox = ("_INBOX.>",)
    maker = operator.user(tmp_path / "maker.creds")
    backend = operator.user(
        tmp_path / "backend.creds", publish=[f"coupons.events.{shop.id}"], subscribe=inbox
    )
    consumer = operator.user(tmp_path / "consumer.creds", publish=CONSUMER_MAY, subscribe=inbox)
    options = operator.configure(tmp_path / "config")
    async with nats_server(tmp_path / "broker", *options) as broker:
        for number, credentials in enumerate((maker, consumer)):
            # The first one makes the streams.
            log = tmp_path / f"consumer {number}"
            used = ("--credentials", str(credentials))
            with consuming(shared_database, broker, log, *used) as process:
                await ready(process)
                async with await nats.connect(broker.url, user_credentials=str(backend)) as client:
                    jetstream = client.jetstream()
                    await publish(jetstream, shop.id, achievement(f"e{number}", f"user {number}"))
                    await jetstream.publish(f"coupons.events.{shop.id}", b"rubbish")
                await eventually(partial(process.events, "event_dead_lettered"))
                assert process.stop() == 0
                assert not process.events("broker_error")
        async with await nats.connect(broker.url, user_credentials=str(maker)) as client:
            await consumed(client.jetstream())
    assert len(await shop.coupons()) == 2


async def test_a_file_without_credentials_is_named(
    broker: NatsServer, shared_database: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.creds"
    wrong.write_text("secret-word")
    command = ("consume", "--nats", broker.url, "--credentials", str(wrong))
    ended = coupons(*command, environ=variables(shared_database))
    assert ended.returncode == Exit.UNREACHABLE
    assert "--credentials must be a user's credentials" in ended.stderr
    assert "secret-word" not in ended.stderr


@pytest.mark.timeout(300)
async def test_events_published_thrice_to_consumers_that_are_killed_issue_exactly_what_is_due(
    shop: Shop, shared_database: str, broker: NatsServer, tmp_path: Path
) -> None:
    season = await Season.open(shop, EVENTS, seed=3)
    chance = random.Random(4)
    sent = season.events * TIMES
    chance.shuffle(sent)
    with ExitStack() as running:

        def start(number: int) -> ServerProcess:
            log = tmp_path / f"consumer {number}"
            return running.enter_context(consuming(shared_database, broker, log))

        consumers = [start(0), start(1)]
        await asyncio.gather(*map(ready, consumers))
        publishing = asyncio.create_task(publish_all(broker, shop.id, sent))
        for number in range(KILLED):
            await asyncio.sleep(chance.uniform(0.2, 1))
            consumers.pop(0).process.kill()
            consumers.append(start(number + 2))
        await publishing
        async with await nats.connect(broker.url) as client:
            await consumed(client.jetstream())
    await season.check(shared_database)


async def publish_all(broker: NatsServer, tenant_id: str, events: Sequence[Event]) -> None:
    """From four connections, in both modes."""

    async def publish_some(some: Sequence[Event], mode: Mode) -> None:
        async with await nats.connect(broker.url) as client:
            jetstream = client.jetstream()
            for start in range(0, len(some), 100):
                await asyncio.gather(
                    *(publish(jetstream, tenant_id, one, mode) for one in some[start : start + 100])
                )

    await asyncio.gather(
        *(
            publish_some(events[n::PUBLISHERS], "structured" if n % 2 else "binary")
            for n in range(PUBLISHERS)
        )
    )
