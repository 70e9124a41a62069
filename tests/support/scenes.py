"""A shop in which something happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration

from phoenix_coupons.v1 import (
    CreateApiKeyRequest,
    CreateWebhookEndpointRequest,
    ListTenantSecretsRequest,
    RotateTenantSecretRequest,
    WatchGrantsRequest,
)
from support.builders import Shop, usage_limit
from support.events import achievement, on_achievement
from support.jobs import ended_jobs


@dataclass(frozen=True)
class Scene:
    """A shop in which there is something for every path to name."""

    shop: Shop
    variables: Mapping[str, str]
    """By the names that they have in paths."""


async def set_scene(shop: Shop) -> Scene:
    definition = await shop.define(
        custom_code="50%·AUF·ALLES?",
        limit=usage_limit("unlimited"),
        valid_for=timedelta(days=30),
    )
    earned = await shop.define(name="First win", auto_generate=on_achievement())
    await shop.send(achievement("earlier", "alice"))
    redeemed = await shop.redeem(definition.config.custom_code, "alice", metadata={"till": "7"})
    cursor = await cursor_after(shop, redeemed.redemption.id)
    unused = await shop.reward_item("Unused")
    key = await shop.tenants.CreateApiKey(CreateApiKeyRequest(tenant_id=shop.id, name="till"))
    secrets = await shop.tenants.ListTenantSecrets(ListTenantSecretsRequest(tenant_id=shop.id))
    await shop.tenants.RotateTenantSecret(
        RotateTenantSecretRequest(tenant_id=shop.id, overlap=Duration(seconds=3600))
    )
    generation_id, revocation_id = await ended_jobs(shop.tenant.server.app, shop.tenant.uuid)
    endpoint = await shop.tenants.CreateWebhookEndpoint(
        CreateWebhookEndpointRequest(tenant_id=shop.id, url="https://hooks.invalid/")
    )
    return Scene(
        shop,
        {
            "tenant_id": shop.id,
            "item_id": unused.item_id,
            "id": definition.id,
            "random_codes_id": earned.id,
            "code": definition.config.custom_code,
            "user_id": "alice",
            "coupon_id": redeemed.coupon.id,
            "redemption_id": redeemed.redemption.id,
            "key_id": key.api_key.key_id,
            "secret_id": secrets.secrets[0].secret_id,
            "generation_id": generation_id,
            "revocation_id": revocation_id,
            "endpoint_id": endpoint.endpoint.endpoint_id,
            "cursor": cursor,
        },
    )


async def cursor_after(shop: Shop, event_id: str) -> str:
    """Where the stream stands after this event, once it is in it."""
    stream = shop.grants.WatchGrants(WatchGrantsRequest(tenant_id=shop.id))
    try:
        async for response in stream:
            if response.event.id == event_id:
                return response.cursor
    finally:
        # A stream that is left open takes one of the connection's places.
        stream.cancel()
    raise AssertionError
