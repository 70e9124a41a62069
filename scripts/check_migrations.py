"""Migrates an empty database and compares it with the tables the service believes in."""

import asyncio
import sys
import tempfile
from pathlib import Path

import asyncpg

from coupon_server.database import migrations
from coupon_server.embedded.postgres import EmbeddedPostgres


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as directory,
        EmbeddedPostgres(Path(directory), durable=False) as postgres,
    ):
        asyncio.run(_create_database(postgres.url("postgres")))
        url = postgres.url("coupons")
        migrations.upgrade(url)
        differences = migrations.drift(url)
    for difference in differences:
        print(f"the migrations do not lead to: {difference}")
    return 1 if differences else 0


async def _create_database(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE DATABASE coupons")
    finally:
        await connection.close()


if __name__ == "__main__":
    sys.exit(main())
