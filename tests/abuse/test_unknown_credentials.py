"""Floods of credentials that are unknown, or do not fit: whoever is known does not feel them."""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import grpc
import pytest

from coupon_server.auth.authenticator import RETRY_SECONDS
from coupon_server.auth.credential_values import new_api_key, new_tenant_secret
from coupon_server.auth.principals import CredentialKind, Scope
from support.abuse import MIB, SCALE, AbuseTarget, Bystander, Figures, attacked
from support.contract import Wire, add_key, headers, rpc, wire, with_key
from support.databases import ask
from support.serving import Tenant

CALLS = 400 * SCALE
AT_ONCE = 256
FIRST_SEEN = 5

READS = {
    CredentialKind.api_key: rpc("ListRewardItems"),
    CredentialKind.admin_jwt: rpc("ListRewardItems"),
    CredentialKind.tenant_jwt: rpc("ListActiveDefinitions"),
    CredentialKind.hmac: rpc("ListActiveDefinitions"),
}

Forge = Callable[[Tenant], Tenant]
"""Another credential than the tenant's, at each call."""


def stranger(tenant: Tenant) -> Tenant:
    """Nobody."""
    made = replace(
        tenant.credentials,
        tenant_id=uuid.uuid4(),
        api_key_id=uuid.uuid4(),
        api_key=new_api_key(),
        tenant_secret=new_tenant_secret(),
    )
    return replace(tenant, credentials=made)


def forger(tenant: Tenant) -> Tenant:
    """Somebody who knows the tenant's ids and none of its secrets."""
    made = replace(tenant.credentials, api_key=new_api_key(), tenant_secret=new_tenant_secret())
    return replace(tenant, credentials=made)


FLOODS = {
    "unknown API keys": (stranger, CredentialKind.api_key),
    "admin JWTs of unknown keys": (stranger, CredentialKind.admin_jwt),
    "tenant JWTs of unknown tenants": (stranger, CredentialKind.tenant_jwt),
    "HMAC of unknown tenants": (stranger, CredentialKind.hmac),
    "forged admin JWTs": (forger, CredentialKind.admin_jwt),
    "forged tenant JWTs": (forger, CredentialKind.tenant_jwt),
    "forged HMAC": (forger, CredentialKind.hmac),
}
BOUNDED_BY_TIME = {"forged admin JWTs", "forged tenant JWTs", "forged HMAC"}
"""Floods that name one tenant or key, about which the database is asked so often and no more."""


async def is_refused(raw: Wire, tenant: Tenant, kind: CredentialKind) -> bool:
    target = READS[kind]
    body = target.minimal_request(tenant.id).SerializeToString()
    outcome = await raw.call(target.path, body, headers(tenant, kind, target.path, body))
    if outcome.code is grpc.StatusCode.OK:
        return False
    assert outcome.refused_with(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID")
    return True


async def flood(raw: Wire, tenant: Tenant, forge: Forge, kind: CredentialKind) -> None:
    """`CALLS` calls, `AT_ONCE` at a time, all of which must be refused."""
    left = iter(range(CALLS))

    async def caller() -> None:
        for _ in left:
            assert await is_refused(raw, forge(tenant), kind)

    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))


async def first_seen(raw: Wire, tenant: Tenant) -> None:
    """Keys that are made meanwhile, each of which must be let in at its first call."""
    for number in range(FIRST_SEEN):
        known = with_key(tenant, await add_key(tenant, Scope))
        kind = (CredentialKind.api_key, CredentialKind.admin_jwt)[number % 2]
        assert not await is_refused(raw, known, kind)


class Transactions:
    """How many transactions the database has committed, which sessions report once a second."""

    def __init__(self, target: AbuseTarget, raw: Wire, tenant: Tenant) -> None:
        self._url = target.database_url
        self._raw = raw
        self._tenant = tenant

    async def committed(self) -> int:
        await asyncio.sleep(1.1)
        # A session reports with the next thing it does.
        for kind in READS:
            assert await is_refused(self._raw, stranger(self._tenant), kind)
        return int(
            await ask(
                self._url,
                "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
            )
        )


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_of_credentials_that_do_not_hold(
    target: AbuseTarget, bystander: Bystander, figures: Figures, name: str
) -> None:
    forge, kind = FLOODS[name]
    tenant = (await target.new_shop()).tenant
    async with wire(target.address) as raw, wire(target.address) as other:
        transactions = Transactions(target, raw, tenant)
        # What a server of its own makes once: connections, caches.
        assert not await is_refused(raw, tenant, kind)
        before, started = await transactions.committed(), time.monotonic()
        with attacked(target, bystander, figures, f"flood of {name}", ahead=AT_ONCE) as attack:
            await asyncio.gather(flood(raw, tenant, forge, kind), first_seen(other, tenant))
        committed = await transactions.committed() - before
        seconds = time.monotonic() - started
    assert attack.cost.peak_growth_bytes < 64 * MIB
    # The bystander, keys that are made and seen first, polls, and notes of the keys' use.
    others = 2 * attack.seen.calls + 10 * FIRST_SEEN + 6 * seconds + 20
    allowed = 3 * seconds / RETRY_SECONDS if name in BOUNDED_BY_TIME else CALLS / 2
    assert committed <= others + allowed
