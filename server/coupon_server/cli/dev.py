"""`coupons dev`: the whole service on one machine, for development."""

import asyncio
import base64
import os
import secrets
import shutil
import sys
from pathlib import Path

import asyncpg
import click
import structlog

from coupon_server.cli import env_files
from coupon_server.cli.serve import load_settings, workers_option
from coupon_server.demo import Demo, seed_demo
from coupon_server.embedded.postgres import EmbeddedPostgres, EmbeddedPostgresError
from coupon_server.settings import Settings
from coupon_server.storage import migrations
from coupon_server.supervisor import Supervisor, SupervisorError

_STATE = Path(".coupons")
_DATABASE = "coupons"

log = structlog.get_logger()


@click.command()
@workers_option
def dev(workers: int | None) -> None:
    """Start PostgreSQL and the service, with a demo tenant.

    \b
    Keeps everything in .coupons/ in this directory: the database, the master key
    (server.env) and the credentials of the demo tenant (dev.env), where the other
    commands find them. Delete .coupons/ to begin anew. Settings of `coupons serve`
    hold here too, but for the database and the master key. Ctrl-C stops all of it.

    \b
    Examples:
      coupons dev
      COUPONS_GRPC_PORT=50052 coupons dev --workers 1
    """
    try:
        _STATE.mkdir(mode=0o700, exist_ok=True)
        with EmbeddedPostgres(_STATE / "postgres") as postgres:
            settings = load_settings(_environ(postgres), workers)
            asyncio.run(_ensure_database(postgres))
            migrations.upgrade(settings.sqlalchemy_url)
            demo = asyncio.run(seed_demo(settings, env_files.read(_STATE / "dev.env")))
            _write_dev_env(settings, settings.grpc_port, demo)
            sys.exit(asyncio.run(_serve(settings, postgres, demo)))
    except (EmbeddedPostgresError, SupervisorError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _environ(postgres: EmbeddedPostgres) -> dict[str, str]:
    return {
        "COUPONS_REFLECTION": "true",
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


async def _serve(settings: Settings, postgres: EmbeddedPostgres, demo: Demo) -> int:
    def announce(port: int) -> None:
        _write_dev_env(settings, port, demo)
        click.echo(_welcome(settings, port, demo))

    supervisor = Supervisor(settings)
    watch = asyncio.create_task(_stop_with(postgres, supervisor))
    try:
        exit_code = await supervisor.run(announce)
    finally:
        watch.cancel()
    return exit_code if postgres.poll() is None else 1


async def _stop_with(postgres: EmbeddedPostgres, supervisor: Supervisor) -> None:
    while postgres.poll() is None:  # noqa: ASYNC110 — the end of a process sets no event
        await asyncio.sleep(0.5)
    log.error("postgresql_ended", exit_code=postgres.poll())
    supervisor.stop()


def _write_dev_env(settings: Settings, port: int, demo: Demo) -> None:
    variables = {
        "COUPONS_GRPC_ADDRESS": _address(settings, port),
        "COUPONS_DATABASE_URL": settings.database_url.get_secret_value(),
        "COUPONS_TENANT_ID": str(demo.tenant_id),
        "COUPONS_ADMIN_API_KEY_ID": str(demo.api_key_id),
        "COUPONS_ADMIN_API_KEY": demo.api_key,
        "COUPONS_TENANT_SECRET": demo.tenant_secret,
    }
    env_files.write(_STATE / "dev.env", variables)


def _address(settings: Settings, port: int) -> str:
    """Where a client on this machine finds the service."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.grpc_host, settings.grpc_host)  # noqa: S104
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _welcome(settings: Settings, port: int, demo: Demo) -> str:
    coupons = "coupons" if shutil.which("coupons") else os.path.relpath(sys.argv[0])
    code = demo.code
    return f"""
The coupon service is at {_address(settings, port)}; Ctrl-C stops it.
Credentials of the demo tenant are in {_STATE / "dev.env"}, where these commands find them:

  {coupons} definitions list
  {coupons} validate {code} --user alice
  {coupons} redeem {code} --user alice
"""
