"""API keys beget no more than they are."""

import asyncio
from datetime import timedelta

from coupon_server.auth.principals import Scope
from phoenix_coupons import ApiKeyCredential, CouponsError
from phoenix_coupons.v1 import CreateApiKeyRequest, CreateApiKeyResponse, RevokeApiKeyRequest
from support.builders import reason
from support.clock import MovableClock
from support.contract import add_key, with_key
from support.serving import Tenant


async def create(
    tenant: Tenant, value: str, clock: MovableClock, days: int | None
) -> CreateApiKeyResponse:
    """A key made with the key `value`, to end in so many days."""
    client = await tenant.server.client(ApiKeyCredential(value))
    request = CreateApiKeyRequest(tenant_id=tenant.id, name="another")
    if days is not None:
        request.expires_at.FromDatetime(clock() + timedelta(days=days))
    return await client.tenants.CreateApiKey(request)


async def test_a_key_does_not_outlive_the_key_that_made_it(
    tenant: Tenant, clock: MovableClock
) -> None:
    first = tenant.credentials.api_key
    endless = await create(tenant, first, clock, None)
    assert not endless.api_key.HasField("expires_at")
    mortal = await create(tenant, first, clock, 7)
    assert await reason(create(tenant, mortal.value, clock, 8)) == "CREDENTIAL_NOT_ALLOWED"
    heir = await create(tenant, mortal.value, clock, None)
    assert heir.api_key.expires_at == mortal.api_key.expires_at
    shorter = await create(tenant, mortal.value, clock, 6)
    assert shorter.api_key.expires_at.seconds < mortal.api_key.expires_at.seconds


async def test_a_key_can_end_with_time_itself(tenant: Tenant, clock: MovableClock) -> None:
    client = await tenant.admin()
    request = CreateApiKeyRequest(tenant_id=tenant.id, name="another")
    request.expires_at.FromJsonString("9999-12-31T23:59:59.999999Z")
    lasting = await client.tenants.CreateApiKey(request)
    heir = await create(tenant, lasting.value, clock, 7)
    assert (await create(tenant, heir.value, clock, 6)).value


async def revoke(tenant: Tenant, key_id: str) -> None:
    client = await tenant.admin()
    await client.tenants.RevokeApiKey(RevokeApiKeyRequest(tenant_id=tenant.id, key_id=key_id))


async def test_the_last_key_that_can_make_another_stays(
    tenant: Tenant, clock: MovableClock
) -> None:
    first = str(tenant.credentials.api_key_id)
    assert await reason(revoke(tenant, first)) == "API_KEY_LAST"
    await add_key(tenant, [Scope.read, Scope.generate])
    mortal = await create(tenant, tenant.credentials.api_key, clock, 1)
    clock.advance(timedelta(days=2))
    assert await reason(revoke(tenant, first)) == "API_KEY_LAST"
    # One that has expired is none to keep.
    await revoke(tenant, mortal.api_key.key_id)
    await create(tenant, tenant.credentials.api_key, clock, None)
    await revoke(tenant, first)


async def test_of_the_last_two_keys_revoked_at_once_one_stays(tenant: Tenant) -> None:
    for _ in range(10):
        pair = [await add_key(tenant, Scope) for _ in range(2)]
        app = tenant.server.app
        async with app.database.transaction() as transaction:
            await app.credentials.revoke_api_key(
                transaction, tenant.uuid, tenant.credentials.api_key_id
            )
        clients = [await with_key(tenant, key).admin() for key in pair]
        outcomes = await asyncio.gather(
            *(
                client.tenants.RevokeApiKey(
                    RevokeApiKeyRequest(tenant_id=tenant.id, key_id=str(key.key.key_id))
                )
                for client, key in zip(clients, pair, strict=True)
            ),
            return_exceptions=True,
        )
        [refusal] = [outcome for outcome in outcomes if isinstance(outcome, CouponsError)]
        assert refusal.reason == "API_KEY_LAST"
        tenant = with_key(tenant, pair[outcomes.index(refusal)])
