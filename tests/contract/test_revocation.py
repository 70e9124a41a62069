"""What is revoked or rotated on one server ends on every other within a second."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import grpc
import pytest

from coupon_server.auth.credential_values import new_tenant_secret
from coupon_server.auth.principals import CredentialKind, Scope
from phoenix_coupons import AsyncCouponsClient
from phoenix_coupons.v1 import (
    AuthPolicy,
    CreateApiKeyRequest,
    CreateApiKeyResponse,
    ListTenantSecretsRequest,
    RevokeApiKeyRequest,
    RevokeTenantSecretRequest,
    RotateTenantSecretRequest,
)
from support.builders import reason
from support.clock import MovableClock
from support.contract import (
    Outcome,
    Wire,
    add_key,
    rpc,
    wire,
    with_key,
)
from support.serving import Served, Tenant, serving, settings_for

KEY_KINDS = [CredentialKind.api_key, CredentialKind.admin_jwt]
SECRET_KINDS = [CredentialKind.tenant_jwt, CredentialKind.hmac]
A_SECOND = 1.0


@dataclass(frozen=True)
class Fleet:
    """Two servers over one database, and a tenant whose back office talks to the first."""

    tenant: Tenant
    admin: AsyncCouponsClient
    first: Wire
    second: Wire


@pytest.fixture
async def fleet(database_url: str) -> AsyncIterator[Fleet]:
    settings = settings_for(database_url, access_log="none")
    async with (
        serving(settings) as one,
        serving(settings) as two,
        wire(one.address) as first,
        wire(two.address) as second,
    ):
        tenant = await one.new_tenant()
        yield Fleet(tenant, await tenant.admin(), first, second)


async def call(to: Wire, tenant: Tenant, kind: CredentialKind) -> Outcome:
    """A read that the tenant's credential of this kind allows."""
    target = rpc("ListRewardItems" if kind in KEY_KINDS else "ListActiveDefinitions")
    return await to.send(target, target.minimal_request(tenant.id), tenant, kind)


async def is_accepted(to: Wire, tenant: Tenant, kind: CredentialKind) -> bool:
    outcome = await call(to, tenant, kind)
    assert outcome.code is grpc.StatusCode.OK or outcome.reason == "CREDENTIAL_INVALID"
    return outcome.code is grpc.StatusCode.OK


async def ends_within_a_second(accepted: Callable[[], Awaitable[bool]]) -> bool:
    """Whether no call that starts later than a second from now is accepted."""
    began = monotonic()
    while (started := monotonic()) < began + 5:
        if not await accepted():
            return True
        if started > began + A_SECOND:
            return False
        await asyncio.sleep(0.02)
    return False


async def begins_within_a_second(accepted: Callable[[], Awaitable[bool]]) -> bool:
    """Whether calls are accepted that start later than a second from now, if none is before."""

    async def refused() -> bool:
        return not await accepted()

    return await ends_within_a_second(refused)


def with_secret(tenant: Tenant, value: str) -> Tenant:
    """The tenant, acting by another of its secrets."""
    return replace(tenant, credentials=replace(tenant.credentials, tenant_secret=value))


async def rotate(fleet: Fleet, overlap: timedelta | None = None) -> Tenant:
    """The tenant, acting by a new secret."""
    request = RotateTenantSecretRequest(tenant_id=fleet.tenant.id)
    if overlap is not None:
        request.overlap.FromTimedelta(overlap)
    return with_secret(fleet.tenant, (await fleet.admin.tenants.RotateTenantSecret(request)).value)


@pytest.mark.parametrize("kind", KEY_KINDS)
async def test_a_revoked_key_ends_everywhere(fleet: Fleet, kind: CredentialKind) -> None:
    doomed = with_key(fleet.tenant, await add_key(fleet.tenant, Scope))
    for server in (fleet.first, fleet.second):
        assert await is_accepted(server, doomed, kind)
    await fleet.admin.tenants.RevokeApiKey(
        RevokeApiKeyRequest(tenant_id=doomed.id, key_id=str(doomed.credentials.api_key_id))
    )
    for server in (fleet.second, fleet.first):
        assert await ends_within_a_second(partial(is_accepted, server, doomed, kind))
    assert await is_accepted(fleet.second, fleet.tenant, kind)


@pytest.mark.parametrize("kind", SECRET_KINDS)
async def test_a_secret_replaced_without_overlap_ends_everywhere(
    fleet: Fleet, kind: CredentialKind
) -> None:
    old = fleet.tenant
    assert await is_accepted(fleet.second, old, kind)
    new = await rotate(fleet, timedelta(0))
    assert await is_accepted(fleet.second, new, kind)
    assert await ends_within_a_second(partial(is_accepted, fleet.second, old, kind))
    assert await is_accepted(fleet.second, new, kind)


@pytest.mark.parametrize("kind", SECRET_KINDS)
async def test_a_new_secret_holds_at_once_where_it_is_made_whatever_failed_before(
    fleet: Fleet, kind: CredentialKind
) -> None:
    assert await is_accepted(fleet.first, fleet.tenant, kind)
    forged = with_secret(fleet.tenant, new_tenant_secret())
    for number in range(5):
        assert not await is_accepted(fleet.first, forged, kind)
        new = await rotate(fleet)
        assert await is_accepted(fleet.first, new, kind), number


@pytest.mark.parametrize("kind", SECRET_KINDS)
async def test_two_secrets_live_during_a_rotation_and_a_third_ends_the_oldest(
    fleet: Fleet, kind: CredentialKind
) -> None:
    oldest = fleet.tenant
    older = await rotate(fleet)
    for server in (fleet.first, fleet.second):
        assert await is_accepted(server, oldest, kind)
        assert await is_accepted(server, older, kind)
    newest = await rotate(fleet)
    assert await ends_within_a_second(partial(is_accepted, fleet.second, oldest, kind))
    for server in (fleet.first, fleet.second):
        assert await is_accepted(server, older, kind)
        assert await is_accepted(server, newest, kind)
    listed = await fleet.admin.tenants.ListTenantSecrets(
        ListTenantSecretsRequest(tenant_id=oldest.id)
    )
    assert [secret.HasField("expires_at") for secret in listed.secrets] == [False, True]


@pytest.mark.parametrize("kind", SECRET_KINDS)
async def test_the_older_secret_can_be_ended_before_its_time(
    fleet: Fleet, kind: CredentialKind
) -> None:
    old, new = fleet.tenant, await rotate(fleet)
    assert await is_accepted(fleet.second, old, kind)
    secrets = (
        await fleet.admin.tenants.ListTenantSecrets(ListTenantSecretsRequest(tenant_id=old.id))
    ).secrets

    def revoke(secret_id: str) -> Awaitable[object]:
        return fleet.admin.tenants.RevokeTenantSecret(
            RevokeTenantSecretRequest(tenant_id=old.id, secret_id=secret_id)
        )

    await revoke(secrets[1].secret_id)
    assert await ends_within_a_second(partial(is_accepted, fleet.second, old, kind))
    assert await is_accepted(fleet.second, new, kind)
    assert await reason(revoke(secrets[1].secret_id)) == "TENANT_SECRET_NOT_FOUND"
    assert await reason(revoke(secrets[0].secret_id)) == "TENANT_SECRET_CURRENT"
    assert await is_accepted(fleet.second, new, kind)


@pytest.mark.parametrize("kind", SECRET_KINDS)
async def test_a_rotation_whose_secret_was_lost_is_undone(
    fleet: Fleet, kind: CredentialKind
) -> None:
    """The secret that everybody has stays good all the while, and through the next rotation."""
    used, lost = fleet.tenant, await rotate(fleet)
    assert await is_accepted(fleet.second, lost, kind)
    named = ListTenantSecretsRequest(tenant_id=used.id)
    newest = (await fleet.admin.tenants.ListTenantSecrets(named)).secrets[0]
    await fleet.admin.tenants.RevokeTenantSecret(
        RevokeTenantSecretRequest(tenant_id=used.id, secret_id=newest.secret_id)
    )
    assert await ends_within_a_second(partial(is_accepted, fleet.second, lost, kind))
    [current] = (await fleet.admin.tenants.ListTenantSecrets(named)).secrets
    assert not current.HasField("expires_at")
    renewed = await rotate(fleet)
    for server in (fleet.first, fleet.second):
        assert await is_accepted(server, used, kind)
        assert await begins_within_a_second(partial(is_accepted, server, renewed, kind))


async def test_a_secret_ends_with_its_overlap(
    server: Served, tenant: Tenant, admin: AsyncCouponsClient, clock: MovableClock
) -> None:
    request = RotateTenantSecretRequest(tenant_id=tenant.id)
    request.overlap.FromTimedelta(timedelta(seconds=60))
    new = with_secret(tenant, (await admin.tenants.RotateTenantSecret(request)).value)
    async with wire(server.address) as raw:
        for kind in SECRET_KINDS:
            assert await is_accepted(raw, tenant, kind)
        clock.advance(timedelta(seconds=60))
        for kind in SECRET_KINDS:
            assert not await is_accepted(raw, tenant, kind)
            assert await is_accepted(raw, new, kind)


async def test_a_key_ends_at_its_expiry(
    server: Served, tenant: Tenant, admin: AsyncCouponsClient, clock: MovableClock
) -> None:
    request = CreateApiKeyRequest(tenant_id=tenant.id, name="short-lived")
    request.expires_at.FromDatetime(clock.now + timedelta(seconds=60))
    made = await admin.tenants.CreateApiKey(request)
    async with wire(server.address) as raw:
        key = replace(
            tenant,
            credentials=replace(
                tenant.credentials, api_key_id=UUID(made.api_key.key_id), api_key=made.value
            ),
        )
        for kind in KEY_KINDS:
            assert await is_accepted(raw, key, kind)
        clock.advance(timedelta(seconds=60))
        for kind in KEY_KINDS:
            assert not await is_accepted(raw, key, kind)


async def test_a_key_gives_away_no_more_than_it_may_do_itself(
    server: Served, tenant: Tenant
) -> None:
    target = rpc("CreateApiKey")
    limited = with_key(tenant, await add_key(tenant, [Scope.manage]))

    async def create(*scopes: AuthPolicy.Scope.ValueType) -> Outcome:
        request = CreateApiKeyRequest(tenant_id=tenant.id, name="new", scopes=scopes)
        return await raw.send(target, request, limited)

    async with wire(server.address) as raw:
        refused = await create(AuthPolicy.manage, AuthPolicy.generate)
        assert refused.refused_with(grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED")
        for scopes in ([AuthPolicy.manage], []):
            made = CreateApiKeyResponse.FromString((await create(*scopes)).response)
            assert made.api_key.scopes == [AuthPolicy.manage]
