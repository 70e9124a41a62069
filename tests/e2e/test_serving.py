"""`coupons serve` through what happens to it: deaths, signals, wrong settings, TLS."""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import grpc
import grpc.aio
import psutil
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from grpc_health.v1 import health_pb2, health_pb2_grpc

from phoenix_coupons import (
    ApiKeyCredential,
    AsyncCouponsClient,
    UnauthenticatedError,
    UnavailableError,
)
from phoenix_coupons.v1 import ListRewardItemsRequest
from support.builders import Shop
from support.certificates import EITHER, Authority
from support.databases import ask
from support.processes import (
    coupons,
    eventually,
    new_shop,
    serving,
    until,
    variables,
)

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
IDLE_MEMORY = 128 * 1024 * 1024


@contextlib.asynccontextmanager
async def row_lock(database_url: str, table: str) -> AsyncIterator[None]:
    """Hold the rows of a table, so that a redemption waits."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT FROM {table} FOR UPDATE")
            yield
    finally:
        await connection.close()


async def waiting(database_url: str) -> None:
    """Return when a statement waits for a lock."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    await eventually(lambda: asyncio.run(ask(database_url, query)))


def test_a_background_worker_is_replaced_or_left_out(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "log", workers=1) as server:
        [before] = server.background_workers()
        before.kill()
        until(lambda: bool(server.events("worker_restarted")))
        [after] = server.background_workers()
        assert after.pid != before.pid
    with serving(database_url, tmp_path / "log", workers=1, background="false") as server:
        assert (len(server.workers()), server.background_workers()) == (1, [])


def test_workers_open_as_many_files_as_the_system_lets_them(
    database_url: str, tmp_path: Path
) -> None:
    own = soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        with serving(database_url, tmp_path / "log", workers=1) as server:
            for worker in (*server.workers(), *server.background_workers()):
                assert worker.rlimit(psutil.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, own)


async def test_dead_workers_are_replaced_and_serve(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "log", workers=2) as server:
        async with new_shop(database_url, server.address) as shop:
            before = server.workers()
            for worker in before:
                worker.kill()
            await eventually(lambda: len(server.events("worker_restarted")) == 2)
            assert not {worker.pid for worker in before} & {one.pid for one in server.workers()}
            await shop.define()
        assert server.stop() == 0


async def test_sigterm_lets_calls_in_flight_finish(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "log", workers=1) as server:
        async with (
            new_shop(database_url, server.address) as shop,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
            assert (await watch.read()).status == SERVING
            code = await shop.code_for(await shop.define(), "alice")
            async with row_lock(database_url, "coupons"):
                in_flight = asyncio.create_task(shop.redeem(code, "alice"))
                await waiting(database_url)
                server.process.send_signal(signal.SIGTERM)
                assert (await watch.read()).status == NOT_SERVING
                await eventually(lambda: refused_by(server.port))
            assert (await in_flight).redemption.code == code
        assert server.process.wait(20) == 0
    assert await ask(database_url, "SELECT count(*) FROM redemptions") == 1


def refused_by(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


async def test_a_call_that_outlasts_the_drain_is_cut_off(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "log", workers=1, drain_seconds=1) as server:
        async with new_shop(database_url, server.address) as shop:
            code = await shop.code_for(await shop.define(), "alice")
            async with row_lock(database_url, "coupons"):
                in_flight = asyncio.create_task(shop.redeem(code, "alice"))
                await waiting(database_url)
                server.process.send_signal(signal.SIGTERM)
                with pytest.raises(UnavailableError):
                    await in_flight
            assert server.process.wait(20) == 0


async def test_workers_end_with_a_supervisor_that_was_killed(
    database_url: str, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path / "log", workers=2) as server:
        workers = server.workers()
        server.process.kill()
        assert not psutil.wait_procs(workers, timeout=20)[1]


async def test_an_idle_worker_is_small(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path / "log", workers=1) as server:
        async with new_shop(database_url, server.address) as shop:
            code = await shop.code_for(await shop.define(), "alice")
            await shop.redeem(code, "alice")
            for _ in range(100):
                await shop.validate(code, "alice")
        [worker] = server.workers()
        assert worker.memory_info().rss < IDLE_MEMORY


def test_a_taken_port_is_named(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = coupons("serve", environ=variables(database_url, grpc_port=port))
    assert ended.returncode == 1
    assert f"another program listens on 127.0.0.1:{port}" in ended.stderr


def test_each_wrong_setting_gets_a_line() -> None:
    wrong = {"grpc_port": "banana", "workers": 0, "reflection": "maybe", "drain_seconds": -1}
    ended = coupons("serve", environ=variables("mysql://u:hidden@h/d", **wrong))
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "Error: the settings are not valid",
        "COUPONS_DATABASE_URL: must look like postgresql://user:password@host:5432/database",
        'COUPONS_GRPC_PORT: must be between 0 and 65535, is "banana"',
        'COUPONS_WORKERS: must be between 1 and 64, is "0"',
        'COUPONS_REFLECTION: must be true or false, is "maybe"',
        'COUPONS_DRAIN_SECONDS: must be between 0 and 3600, is "-1"',
    ]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:hidden@127.0.0.1:1/d", "does not answer"),
        ("{url}_missing", "does not exist"),
    ],
)
def test_an_unusable_database_is_told_in_one_line(
    database_url: str, url: str, message: str
) -> None:
    ended = coupons("serve", environ=variables(url.format(url=database_url)))
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("Error: the database of COUPONS_DATABASE_URL ")
    assert message in line


async def test_tls_by_settings(database_url: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "servers")
    with serving(database_url, tmp_path / "log", workers=1, **tls_of(authority)) as server:
        async with new_shop(database_url, server.address, tls=trusting(authority)) as shop:
            await shop.define()
            for wrong in (None, trusting(Authority(tmp_path / "strangers"))):
                with pytest.raises(UnavailableError):
                    await list_items(shop, server.address, wrong)


async def test_mutual_tls_by_settings(database_url: str, tmp_path: Path) -> None:
    authority, clients = Authority(tmp_path / "servers"), Authority(tmp_path / "clients")
    settings = tls_of(authority) | {"tls_client_ca_file": clients.certificate}
    mine = trusting(authority, clients)
    with serving(database_url, tmp_path / "log", workers=1, **settings) as server:
        async with new_shop(database_url, server.address, tls=mine) as shop:
            await shop.define()
            strangers = Authority(tmp_path / "strangers")
            for wrong in (trusting(authority), trusting(authority, strangers)):
                with pytest.raises(UnavailableError):
                    await list_items(shop, server.address, wrong)


async def test_mutual_tls_wants_certificates_for_clients(database_url: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "servers")
    settings = tls_of(authority) | {"tls_client_ca_file": authority.certificate}
    wrong = trusting(authority, authority, usages=())
    with serving(database_url, tmp_path / "log", workers=1, **settings) as server:
        async with new_shop(
            database_url, server.address, tls=trusting(authority, authority)
        ) as shop:
            await shop.define()
            with pytest.raises(UnauthenticatedError):
                await list_items(shop, server.address, wrong)
            # gRPC itself refuses those that name other usages.
            wrong_usage = trusting(authority, authority, (ExtendedKeyUsageOID.SERVER_AUTH,))
            with pytest.raises(UnavailableError):
                await list_items(shop, server.address, wrong_usage)
        async with grpc.aio.secure_channel(server.address, wrong) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def tls_of(authority: Authority) -> dict[str, object]:
    issued = authority.issue("server")
    return {
        "tls_certificate_file": issued.certificate,
        "tls_private_key_file": issued.private_key,
    }


def trusting(
    authority: Authority,
    signer: Authority | None = None,
    usages: Sequence[x509.ObjectIdentifier] = EITHER,
) -> grpc.ChannelCredentials:
    """Credentials of a client whose own certificate comes from `signer`."""
    roots = authority.certificate.read_bytes()
    if signer is None:
        return grpc.ssl_channel_credentials(roots)
    own = signer.issue("client", usages)
    return grpc.ssl_channel_credentials(
        roots, own.private_key.read_bytes(), own.certificate.read_bytes()
    )


async def list_items(shop: Shop, address: str, tls: grpc.ChannelCredentials | None) -> None:
    key = ApiKeyCredential(shop.tenant.credentials.api_key)
    async with AsyncCouponsClient(address, key, tls=tls) as client:
        await client.admin.ListRewardItems(ListRewardItemsRequest(tenant_id=shop.id))
