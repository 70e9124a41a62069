"""The roles of docs/operations.md can do what they have to, and no more."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from coupon_server.database import grants, migrations
from coupon_server.domain.clock import utc_now
from coupon_server.domain.events import MAX_OCCURRENCES
from coupon_server.embedded.postgres import EmbeddedPostgres, binaries
from coupon_server.operations import create_tenant, reencrypt_secrets, tenant_limits
from coupon_server.services import retention
from coupon_server.storage import event_batch, request_answers
from phoenix_coupons.v1 import (
    CouponDefinition,
    CreateApiKeyRequest,
    GetTenantUsageRequest,
    RevokeApiKeyRequest,
    RotateTenantSecretRequest,
)
from support.builders import Shop, reason
from support.documents import ROOT, blocks
from support.events import on_rank, rank
from support.jobs import Jobs, line
from support.processes import CLEAN, coupons
from support.serving import Served, Tenant, serving, settings_for

DATABASE, OWNER, SERVER = "coupons", "coupons_owner", "coupons_server"


@pytest.fixture
def roles(cluster: EmbeddedPostgres) -> Iterator[dict[str, str]]:
    """The database's URL for each role, made by the statements that the document shows."""
    prepare, grant, _ = statements()
    asyncio.run(execute(cluster.url("postgres"), prepare))
    address = urlsplit(cluster.url(DATABASE))
    place = f"{address.hostname}:{address.port}/{DATABASE}"
    urls = {
        OWNER: f"postgresql://{OWNER}:replace-this@{place}",
        SERVER: f"postgresql://{SERVER}:replace-this-too@{place}",
    }
    migrations.upgrade(urls[OWNER])
    asyncio.run(execute(urls[OWNER], grant))
    yield urls
    drop = f"DROP DATABASE {DATABASE} WITH (FORCE); DROP ROLE {SERVER}; DROP ROLE {OWNER}"
    asyncio.run(execute(cluster.url("postgres"), drop))


def statements() -> list[str]:
    """What the document shows: two for the roles, and one for whoever wants to know more."""
    shown = blocks(ROOT / "docs/operations.md")
    return [block.text for block in shown if block.language == "sql"]


async def execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        # One by one: a database can't be made or dropped inside a transaction.
        for statement in statements.split(";"):
            if statement.strip():
                await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def served(roles: dict[str, str]) -> AsyncIterator[Served]:
    async with serving(settings_for(roles[SERVER])) as served:
        yield served


async def test_the_serving_role_suffices_to_serve(roles: dict[str, str], served: Served) -> None:
    tenant = Tenant(served, await create_tenant(settings_for(roles[OWNER]), "Acme"))
    await served.app.database.check()
    shop = await Shop.open(tenant)
    definition = await shop.define()
    code = await shop.code_for(definition, "alice")
    redeemed = await shop.redeem(code, "alice", request_id="order-1")
    await shop.define(auto_generate=on_rank(3))
    for week in range(MAX_OCCURRENCES + 1):
        assert (await shop.send(rank(f"e{week}", "alice", 1, f"week {week}"))).issued
    assert (await shop.progress("alice"))[0].earned
    await shop.reverse(redeemed.redemption.id)
    await shop.revoke(redeemed.coupon.id)
    await work_in_bulk(await Jobs.of(shop), definition)
    await shop.archive(await shop.pause(definition))
    client = await tenant.admin()
    key = await client.tenants.CreateApiKey(CreateApiKeyRequest(tenant_id=tenant.id, name="second"))
    await client.tenants.RevokeApiKey(
        RevokeApiKeyRequest(tenant_id=tenant.id, key_id=key.api_key.key_id)
    )
    await client.tenants.RotateTenantSecret(RotateTenantSecretRequest(tenant_id=tenant.id))
    await served.app.note_key_use()
    await shop.tenants.GetTenantUsage(GetTenantUsageRequest(tenant_id=tenant.id))
    await tenant_limits(settings_for(roles[OWNER]), tenant.uuid, {"api_keys": 5})
    await served.app.admission.poll()
    await served.app.admission.flush()
    await retention.trim_use(served.app.database, utc_now)
    await retention.trim_ledger(served.app.database, utc_now, timedelta())
    everything = utc_now() + timedelta(days=1)
    assert await request_answers.trim(served.app.database, everything, 100)
    assert await event_batch.trim(served.app.database, everything, 100)
    assert await reencrypt_secrets(settings_for(roles[OWNER])) == 0


async def work_in_bulk(jobs: Jobs, definition: CouponDefinition) -> None:
    """Every kind of long job, one that breaks off, and files."""
    await jobs.generate(definition, ["ada", "bob"])
    twice = jobs.generate(definition, ["carol"], ["carol"])
    assert await reason(twice) == "INVALID_FIELD"
    await jobs.revoke(definition_id=definition.id)
    await jobs.cancel((await jobs.generate(definition, ["dora"])).id)
    await jobs.work_off()
    await jobs.steps.trim()
    [imported] = await jobs.load(definition, [line(1, "old", "ada")])
    assert imported.imported == 1
    assert await jobs.export()
    assert await jobs.export_ledger()


def test_the_documented_grants_are_those_of_the_command() -> None:
    _, shown, _ = statements()
    documented = [
        " ".join(statement.split()) for statement in shown.split(";") if statement.strip()
    ]
    assert documented == list(grants.statements(SERVER))


def test_a_restore_without_owners_and_grants_serves_after_the_command(
    roles: dict[str, str], tmp_path: Path
) -> None:
    """Everything that a role had is gone, with the grants to everybody."""
    dump = tmp_path / "dump"
    dumped, restored = ["--format=custom", f"--file={dump}"], ["--no-owner", "--no-acl", str(dump)]
    for program, arguments in (
        ("pg_dump", dumped),
        ("pg_restore", ["--clean", "--if-exists", *restored]),
    ):
        command: list[str | Path] = [binaries() / program, f"--dbname={roles[OWNER]}", *arguments]
        subprocess.run(command, check=True, env={"PATH": os.defpath})
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(execute(roles[SERVER], "SELECT FROM coupons"))
    environ = CLEAN | {"COUPONS_DATABASE_URL": roles[OWNER]}
    granted = coupons("migrate", "--grant-to", SERVER, environ=environ)
    assert granted.returncode == 0, granted.stderr
    asyncio.run(serve_with(roles))


async def serve_with(roles: dict[str, str]) -> None:
    async with serving(settings_for(roles[SERVER])) as served:
        await test_the_serving_role_suffices_to_serve(roles, served)


async def test_the_serving_role_can_do_no_more(roles: dict[str, str]) -> None:
    with pytest.raises(Exception, match="permission denied for table tenants"):
        await create_tenant(settings_for(roles[SERVER]), "Acme")
    for statement in (
        "UPDATE redemptions SET user_id = 'mallory'",
        "UPDATE tenant_limits SET value = 0",
        "DELETE FROM redemptions",
        "TRUNCATE outbox",
        "CREATE TABLE mine ()",
        "ALTER TABLE redemptions DISABLE TRIGGER append_only",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(roles[SERVER], statement)


async def test_the_serving_role_can_ask_whose_backlog_it_is(roles: dict[str, str]) -> None:
    *_, ask = statements()
    await execute(roles[SERVER], ask)
