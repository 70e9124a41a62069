"""API keys beget no more than they are."""

from datetime import timedelta

from phoenix_coupons import ApiKeyCredential
from phoenix_coupons.v1 import CreateApiKeyRequest, CreateApiKeyResponse
from support.builders import reason
from support.clock import MovableClock
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
