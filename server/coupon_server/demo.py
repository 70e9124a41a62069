"""The demo tenant of `coupons dev`: enough to redeem a coupon at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from coupon_server.auth.principals import Scope
from coupon_server.auth.secrets import SecretUnreadable
from coupon_server.bootstrap import App, open_app
from coupon_server.database.transactions import Transaction
from coupon_server.domain.definition import CodeFormat, CouponConfig, LimitType, UsageLimit
from coupon_server.domain.errors import DomainError
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
    """Make the demo tenant unless there is one, and return credentials that work.

    `previous` are the variables of dev.env as an earlier call wrote them; where they no
    longer hold, the tenant gets new credentials. Its webhooks go to `webhook_url`.
    """
    async with open_app(settings) as app:
        demo = await _seed_tenant(app, previous)
        secret = previous.get("COUPONS_WEBHOOK_SECRET", "")
        return replace(demo, webhook_secret=await _endpoint(app, demo, webhook_url, secret))


async def _seed_tenant(app: App, previous: Mapping[str, str]) -> Demo:
    tenants = await app.credentials.list_tenants()
    tenant_id = next((one.tenant_id for one in tenants if one.name == TENANT_NAME), None)
    if tenant_id is not None and (kept := await _still_valid(app, tenant_id, previous)):
        return kept
    async with app.database.transaction() as transaction:
        if tenant_id is None:
            return await _create(app, transaction)
        return await _renew(app, transaction, tenant_id)


async def _endpoint(app: App, demo: Demo, url: str, secret: str) -> str:
    """See to it that the tenant's webhooks go to the receiver; return the secret they have."""
    page = await app.webhooks.list_endpoints(demo.tenant_id, PageRequest(1_000))
    found = next((one for one in page.items if one.description == RECEIVER), None)
    async with app.database.transaction() as transaction:
        if found is None:
            made = await app.webhooks.create(
                transaction, demo.tenant_id, url=url, description=RECEIVER, event_types=()
            )
            return made.secret
        if found.url != url:
            found = await app.webhooks.update(
                transaction, found, url=url, description=RECEIVER, event_types=found.event_types
            )
        if app.webhooks.signs_with(found, secret):
            return secret
        rotated = await app.webhooks.rotate_secret(
            transaction, demo.tenant_id, found.endpoint_id, timedelta(0)
        )
        return rotated.secret


async def _still_valid(app: App, tenant_id: UUID, previous: Mapping[str, str]) -> Demo | None:
    """The credentials of dev.env, if the tenant can still use them."""
    key = previous.get("COUPONS_ADMIN_API_KEY", "")
    secret = previous.get("COUPONS_TENANT_SECRET", "")
    try:
        principal = await app.authenticator.authenticate([("x-api-key", key)], "", b"")
        live = await app.stored_credentials.tenant_secrets(tenant_id)
    except (DomainError, SecretUnreadable):
        return None
    if principal.tenant_id != tenant_id or secret not in [one.value for one in live]:
        return None
    return Demo(tenant_id, principal.credential_id, key, secret)


async def _renew(app: App, transaction: Transaction, tenant_id: UUID) -> Demo:
    key = await app.credentials.create_api_key(
        transaction, tenant_id, name="demo", scopes=frozenset(Scope)
    )
    secret = await app.credentials.rotate_secret(transaction, tenant_id, timedelta(0))
    return _demo(tenant_id, key, secret)


async def _create(app: App, transaction: Transaction) -> Demo:
    made = await app.credentials.create_tenant(transaction, TENANT_NAME)
    tenant_id = made.tenant.tenant_id
    item = await app.rewards.create(
        transaction,
        tenant_id,
        name="100 gems",
        description="A hundred gems for the shop",
        reward_type="virtual_currency",
        payload={"currency": "gems", "amount": 100.0},
    )
    personal = await app.definitions.create(
        transaction,
        tenant_id,
        name="Loyalty reward",
        description="A code of their own for loyal users",
        config=CouponConfig(reward_item_id=item.item_id, code_prefix="REWARD"),
    )
    await app.definitions.create(
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
    await app.generation.generate(
        transaction, tenant_id, personal.id, user_ids=["alice", "bob"], quantity=0
    )
    return _demo(tenant_id, made.api_key, made.secret)


def _demo(tenant_id: UUID, key: NewApiKey, secret: NewSecret) -> Demo:
    return Demo(tenant_id, key.key.key_id, key.value, secret.value)
