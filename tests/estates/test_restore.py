"""A dump restored beneath running servers: nothing is decided from the state that was lost."""

import asyncio
import os
import subprocess
from pathlib import Path

import structlog

from coupon_server.embedded.postgres import binaries
from support.builders import Shop, outcome, usage_limit
from support.processes import eventually
from support.serving import Served


async def run(program: str, *arguments: str | Path) -> None:
    command = [binaries() / program, *arguments]
    environ = {"PATH": os.defpath}
    await asyncio.to_thread(subprocess.run, command, check=True, env=environ)


async def test_limits_are_not_decided_from_the_state_that_was_lost(
    server: Served, database_url: str, tmp_path: Path
) -> None:
    shop = await Shop.open(await server.new_tenant())
    definition = await shop.define(custom_code="FEW", limit=usage_limit("global", 2))
    dump = tmp_path / "dump"
    await run("pg_dump", "--format=custom", f"--file={dump}", database_url)
    await shop.change(definition, limit=usage_limit("global", 100))
    # The server remembers this revision of the definition.
    assert await outcome(shop.redeem("FEW", "alice")) == ""
    with structlog.testing.capture_logs() as events:
        await run("pg_restore", "--clean", "--if-exists", f"--dbname={database_url}", dump)
        await eventually(lambda: any(one["event"] == "database_changed" for one in events))
        # The change after the restore gets the number of the one that was lost.
        await shop.change(definition, limit=usage_limit("global", 3))
        outcomes = [await outcome(shop.redeem("FEW", f"user{number}")) for number in range(6)]
    assert outcomes.count("") == 3
    assert len(await shop.ledger()) == 3
