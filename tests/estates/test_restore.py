"""A dump restored beneath running servers: nothing is decided from the state that was lost."""

import asyncio
import os
import subprocess
from pathlib import Path

import structlog

from coupon_server.domain.guessing import DEFAULT_POLICY
from coupon_server.embedded.postgres import binaries
from phoenix_coupons.v1 import GetGuessPolicyRequest, SetGuessPolicyRequest
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


async def test_limits_of_guesses_and_calls_are_those_of_the_dump(
    server: Served, database_url: str, tmp_path: Path
) -> None:
    shop = await Shop.open(await server.new_tenant())
    dump = tmp_path / "dump"
    await run("pg_dump", "--format=custom", f"--file={dump}", database_url)
    await server.limit(shop.tenant.uuid, definitions=0)
    guard = server.app.guard
    strict = (await shop.tenants.GetGuessPolicy(GetGuessPolicyRequest(tenant_id=shop.id))).policy
    strict.user.failures = 1
    await shop.tenants.SetGuessPolicy(SetGuessPolicyRequest(tenant_id=shop.id, policy=strict))
    await guard.sync()
    assert guard._policy(shop.tenant.uuid).user.failures == 1
    with structlog.testing.capture_logs() as events:
        await run("pg_restore", "--clean", "--if-exists", f"--dbname={database_url}", dump)
        await eventually(lambda: any(one["event"] == "database_changed" for one in events))
    await guard.sync()
    assert guard._policy(shop.tenant.uuid) == DEFAULT_POLICY
    await server.app.admission.poll()
    await shop.define()
