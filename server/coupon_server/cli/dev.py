"""`coupons dev`: the whole service on one machine, for development."""

import asyncio
import base64
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import asyncpg
import click
import structlog

from coupon_server.cli.serve import load_settings, workers_option
from coupon_server.database import migrations
from coupon_server.demo import Demo, seed_demo
from coupon_server.embedded.envoy import EmbeddedEnvoy, EmbeddedEnvoyError
from coupon_server.embedded.postgres import EmbeddedPostgres, EmbeddedPostgresError
from coupon_server.embedded.webhook_receiver import WebhookReceiver, WebhookReceiverError
from coupon_server.rpc.rest.descriptors import descriptor_set
from coupon_server.rpc.server import SERVICES
from coupon_server.settings import DevSettings, Settings
from coupon_server.supervisor import Supervisor, SupervisorError
from phoenix_coupons_cli import env_files

_STATE = Path(".coupons")
_DATABASE = "coupons"

log = structlog.get_logger()


@click.command()
@workers_option
def dev(workers: int | None) -> None:
    """Start PostgreSQL, the service and its REST edge, with a demo tenant.

    \b
    Keeps everything in .coupons/ in this directory: the database, the master key
    (server.env) and the credentials of the demo tenant (dev.env), where the other
    commands find them. Delete .coupons/ to begin anew. Settings of `coupons serve`
    hold here too, but for the database and the master key; COUPONS_REST_PORT (8080)
    is the port of the REST edge, COUPONS_WEBHOOK_PORT (8090) that of a receiver, which
    shows the demo tenant's webhooks and keeps them in webhooks.jsonl. Ctrl-C stops all
    of it.

    \b
    Examples:
      coupons dev
      COUPONS_GRPC_PORT=50052 COUPONS_REST_PORT=8081 coupons dev --workers 1
    """
    try:
        _STATE.mkdir(mode=0o700, exist_ok=True)
        with EmbeddedPostgres(_STATE / "postgres") as postgres:
            settings = load_settings(DevSettings, _environ(postgres), workers)
            asyncio.run(_ensure_database(postgres))
            migrations.upgrade(settings.database_url.get_secret_value())
            with (
                closing(_receiver(settings)) as receiver,
                EmbeddedEnvoy(
                    _STATE / "envoy", descriptor_set(SERVICES), settings.rest_port
                ) as edge,
            ):
                previous = env_files.read(_STATE / "dev.env")
                demo = asyncio.run(seed_demo(settings, previous, receiver.url))
                sys.exit(asyncio.run(_serve(settings, postgres, edge, receiver, demo)))
    except (
        EmbeddedPostgresError,
        EmbeddedEnvoyError,
        WebhookReceiverError,
        SupervisorError,
        OSError,
    ) as error:
        raise click.ClickException(str(error)) from error


def _receiver(settings: DevSettings) -> WebhookReceiver:
    return WebhookReceiver(settings.webhook_port, _STATE / "webhooks.jsonl", click.echo)


def _environ(postgres: EmbeddedPostgres) -> dict[str, str]:
    return {
        "COUPONS_REFLECTION": "true",
        "COUPONS_WEBHOOK_ALLOW_PRIVATE": "true",
        **os.environ,
        **_server_env(),
        "COUPONS_DATABASE_URL": postgres.url(_DATABASE),
    }


def _server_env() -> dict[str, str]:
    """The master key, made at the first start; what it encrypted is lost without it."""
    path = _STATE / "server.env"
    if not path.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        env_files.write(path, {"COUPONS_MASTER_KEYS": f"dev:{key}"})
    return env_files.read(path)


async def _ensure_database(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.url("postgres"))
    try:
        await connection.execute(f'CREATE DATABASE "{_DATABASE}"')
    except asyncpg.DuplicateDatabaseError:
        log.debug("database_exists", database=_DATABASE)
    finally:
        await connection.close()


async def _serve(
    settings: DevSettings,
    postgres: EmbeddedPostgres,
    edge: EmbeddedEnvoy,
    receiver: WebhookReceiver,
    demo: Demo,
) -> int:
    # At once, lest the credentials get lost with a start that fails.
    _write_dev_env(settings, settings.grpc_port, edge, demo)
    supervisor = Supervisor(settings)
    tasks = [
        asyncio.create_task(_stop_with(name, part.poll, supervisor))
        for name, part in (("postgres", postgres), ("envoy", edge))
    ]

    def announce(port: int) -> None:
        tls = settings.tls_certificate_file is not None
        edge.start((_reachable(settings.grpc_host), port), tls=tls)
        tasks.append(asyncio.create_task(_welcome_when_ready(settings, port, edge, demo)))

    try:
        async with receiver.listening(demo.webhook_secret):
            exit_code = await supervisor.run(announce)
    finally:
        for task in tasks:
            task.cancel()
    return exit_code if postgres.poll() is None and edge.poll() is None else 1


async def _welcome_when_ready(
    settings: DevSettings, port: int, edge: EmbeddedEnvoy, demo: Demo
) -> None:
    # In a thread, so that the supervisor goes on meanwhile.
    while not await asyncio.to_thread(edge.is_ready):  # noqa: ASYNC110 — nothing else tells
        await asyncio.sleep(0.05)
    _write_dev_env(settings, port, edge, demo)
    click.echo(_welcome(_address(settings, port), edge, demo))


async def _stop_with(
    name: str, exit_code: Callable[[], int | None], supervisor: Supervisor
) -> None:
    while exit_code() is None:  # noqa: ASYNC110 — the end of a process sets no event
        await asyncio.sleep(0.5)
    log.error("child_ended", program=name, exit_code=exit_code(), log=str(_STATE / name))
    supervisor.stop()


def _write_dev_env(settings: Settings, port: int, edge: EmbeddedEnvoy, demo: Demo) -> None:
    variables = {
        "COUPONS_GRPC_ADDRESS": _address(settings, port),
        "COUPONS_REST_URL": edge.url,
        "COUPONS_DATABASE_URL": settings.database_url.get_secret_value(),
        "COUPONS_TENANT_ID": str(demo.tenant_id),
        "COUPONS_ADMIN_API_KEY_ID": str(demo.api_key_id),
        "COUPONS_ADMIN_API_KEY": demo.api_key,
        "COUPONS_TENANT_SECRET": demo.tenant_secret,
        "COUPONS_WEBHOOK_SECRET": demo.webhook_secret,
    }
    env_files.write(_STATE / "dev.env", variables)


def _reachable(host: str) -> str:
    """Where a client on this machine finds a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _address(settings: Settings, port: int) -> str:
    host = _reachable(settings.grpc_host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _welcome(address: str, edge: EmbeddedEnvoy, demo: Demo) -> str:
    coupons = "coupons" if shutil.which("coupons") else os.path.relpath(sys.argv[0])
    code = demo.code
    return f"""
The coupon service is at {address}, as REST at {edge.url}; Ctrl-C stops it.
Credentials of the demo tenant are in {_STATE / "dev.env"}, where these commands find them:

  {coupons} definitions list
  {coupons} validate {code} --user alice
  {coupons} redeem {code} --user alice

Webhooks of the tenant are shown here as they arrive.
"""
