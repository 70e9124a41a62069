"""Seeds the demo tenant of `coupons dev`, with coupons to redeem."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from coupon_server.assemblies.demo import Seeder, open_seeder
from coupon_server.auth.principals import Scope
from coupon_server.auth.secrets import SecretUnreadable
from coupon_server.database.transactions import Transaction
from coupon_server.domain.definition import CodeFormat, CouponConfig, LimitType, UsageLimit
from coupon_server.domain.paging import PageRequest
from coupon_server.services.credentials import NewApiKey, NewSecret
from coupon_server.settings import Settings

TENANT_NAME = "Demo"
RECEIVER = "The receiver of `coupons dev`"
CUSTOM_CODE = "WELCOME"
"""Anyone can redeem it any number of times."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo tenant's credentials, and a code to try."""

    tenant_id: UUID
    api_key_id: UUID
    api_key: str
    tenant_secret: str
    webhook_secret: str = ""
    code: str = CUSTOM_CODE


async def seed_demo(settings: Settings, previous: Mapping[str, str], webhook_url: str) -> Demo:
    """Create the demo tenant unless it exists, and return valid credentials.

    `previous` are the variables of dev.env as an earlier call wrote them. Credentials there that
    are no longer valid are replaced. The tenant's webhooks go to `webhook_url`.
    """
    async with open_seeder(settings) as seeder:
        demo = await _seed_tenant(seeder, previous)
        secret = previous.get("COUPONS_WEBHOOK_SECRET", "")
        return replace(demo, webhook_secret=await _endpoint(seeder, demo, webhook_url, secret))


async def _seed_tenant(seeder: Seeder, previous: Mapping[str, str]) -> Demo:
    tenants = await seeder.credentials.list_tenants()
    tenant_id = next((tenant.tenant_id for tenant in tenants if tenant.name == TENANT_NAME), None)
    if tenant_id is not None and (demo := await _still_valid(seeder, tenant_id, previous)):
        return demo
    async with seeder.database.transaction() as transaction:
        if tenant_id is None:
            return await _create(seeder, transaction)
        return await _renew(seeder, transaction, tenant_id)


async def _endpoint(seeder: Seeder, demo: Demo, url: str, secret: str) -> str:
    """Create or update the tenant's webhook endpoint; return its secret."""
    page = await seeder.webhooks.list_endpoints(demo.tenant_id, PageRequest(1_000))
    endpoint = next((item for item in page.items if item.description == RECEIVER), None)
    async with seeder.database.transaction() as transaction:
        if endpoint is None:
            created = await seeder.webhooks.create(
                transaction, demo.tenant_id, url=url, description=RECEIVER, event_types=()
            )
            return created.secret
        if endpoint.url != url:
            endpoint = await seeder.webhooks.update(
                transaction,
                endpoint,
                url=url,
                description=RECEIVER,
                event_types=endpoint.event_types,
            )
        if seeder.webhooks.signs_with(endpoint, secret):
            return secret
        rotated = await seeder.webhooks.rotate_secret(
            transaction, demo.tenant_id, endpoint.endpoint_id, timedelta(0)
        )
        return rotated.secret


async def _still_valid(seeder: Seeder, tenant_id: UUID, previous: Mapping[str, str]) -> Demo | None:
    """The credentials of dev.env, if the tenant can still use them."""
    key = previous.get("COUPONS_ADMIN_API_KEY", "")
    secret = previous.get("COUPONS_TENANT_SECRET", "")
    try:
        key_id = UUID(previous.get("COUPONS_ADMIN_API_KEY_ID", ""))
        has_key = await seeder.credentials.api_key_value(tenant_id, key_id) == key
        has_secret = secret in await seeder.credentials.secret_values(tenant_id)
    except (ValueError, SecretUnreadable):
        return None
    return Demo(tenant_id, key_id, key, secret) if has_key and has_secret else None


async def _renew(seeder: Seeder, transaction: Transaction, tenant_id: UUID) -> Demo:
    key = await seeder.credentials.create_api_key(
        transaction, tenant_id, name="demo", scopes=frozenset(Scope)
    )
    secret = await seeder.credentials.rotate_secret(transaction, tenant_id, timedelta(0))
    return _demo(tenant_id, key, secret)


async def _create(seeder: Seeder, transaction: Transaction) -> Demo:
    tenant = await seeder.credentials.create_tenant(transaction, TENANT_NAME)
    tenant_id = tenant.tenant.tenant_id
    item = await seeder.rewards.create(
        transaction,
        tenant_id,
        name="100 gems",
        description="A hundred gems for the shop",
        reward_type="virtual_currency",
        payload={"currency": "gems", "amount": 100.0},
    )
    personal = await seeder.definitions.create(
        transaction,
        tenant_id,
        name="Loyalty reward",
        description="A code of their own for loyal users",
        config=CouponConfig(reward_item_id=item.item_id, code_prefix="REWARD"),
    )
    await seeder.definitions.create(
        transaction,
        tenant_id,
        name="Welcome",
        description="One code for everybody",
        config=CouponConfig(
            reward_item_id=item.item_id,
            code_format=CodeFormat.CUSTOM,
            custom_code=CUSTOM_CODE,
            usage_limit=UsageLimit(LimitType.UNLIMITED, None),
        ),
    )
    await seeder.generation.generate(
        transaction, tenant_id, personal.id, user_ids=["alice", "bob"], quantity=0
    )
    return _demo(tenant_id, tenant.api_key, tenant.secret)


def _demo(tenant_id: UUID, key: NewApiKey, secret: NewSecret) -> Demo:
    return Demo(tenant_id, key.key.key_id, key.value, secret.value)
