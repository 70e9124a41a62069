"""Where coupons and redemptions come from, and what is queued for delivery."""

from datetime import timedelta

import asyncpg

from phoenix_coupons.v1 import Coupon, ListTenantSecretsRequest
from support.builders import Shop, reason, usage_limit
from support.clock import MovableClock


async def test_a_coupon_tells_how_it_came_about(shop: Shop) -> None:
    definition = await shop.define(custom_code="SALE")
    generation = await shop.generate(definition, "alice")
    claimed = await shop.redeem("SALE", "bob")
    made = await shop.coupon(generation.coupons[0].id)
    assert made.source == Coupon.Source.generated
    assert made.generation_id == generation.generation_id
    assert claimed.coupon.source == Coupon.Source.claimed
    assert claimed.coupon.generation_id == ""
    assert made.definition_name == definition.name
    assert made.coupon_type == Coupon.CouponType.reward
    assert made.reward_item == shop.item
    assert made.tenant_id == shop.id


async def test_a_redemption_keeps_reference_metadata_and_the_acting_credential(
    shop: Shop, clock: MovableClock
) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    notes = {"channel": "app", "ünï": "✓ \n tab\t", "empty": ""}
    redeemed = await shop.redeem(f" {code.lower()} ", "alice", reference="order-7", metadata=notes)
    [secret] = (
        await shop.tenants.ListTenantSecrets(ListTenantSecretsRequest(tenant_id=shop.id))
    ).secrets
    [row] = await shop.ledger()
    assert row.id == redeemed.redemption.id
    assert row.reference == "order-7"
    assert dict(row.metadata) == notes
    assert row.code == code
    assert row.credential_id == secret.secret_id
    assert row.reward_item == redeemed.reward_item == shop.item
    assert row.redeemed_at.ToDatetime(tzinfo=clock.now.tzinfo) == clock.now
    reversal = (await shop.reverse(row.id)).reversal
    assert reversal.credential_id == str(shop.tenant.credentials.api_key_id)


_OUTBOX = """
SELECT o.event_type, o.user_id, o.subject_id::text, o.occurred_at,
    o.xmin = r.xmin AS same_transaction
FROM outbox o JOIN redemptions r ON r.tenant_id = o.tenant_id AND r.id = o.subject_id
WHERE o.tenant_id = $1 AND o.event_type = 'coupon.redeemed'
ORDER BY o.occurred_at
"""


async def test_each_redemption_queues_one_event_in_its_own_transaction(
    shop: Shop, clock: MovableClock, database_url: str
) -> None:
    definition = await shop.define(limit=usage_limit("per_user", 2))
    code = await shop.code_for(definition, "alice")
    rows = [(await shop.redeem(code, "alice", request_id="first")).redemption]
    await shop.redeem(code, "alice", request_id="first")
    clock.advance(timedelta(seconds=1))
    rows.append((await shop.redeem(code, "alice")).redemption)
    assert await reason(shop.redeem(code, "alice")) == "COUPON_ALREADY_REDEEMED"
    connection = await asyncpg.connect(database_url)
    events = await connection.fetch(_OUTBOX, shop.tenant.uuid)
    await connection.close()
    assert [dict(event) for event in events] == [
        {
            "event_type": "coupon.redeemed",
            "user_id": "alice",
            "subject_id": row.id,
            "occurred_at": row.redeemed_at.ToDatetime(tzinfo=clock.now.tzinfo),
            "same_transaction": True,
        }
        for row in rows
    ]


async def test_events_have_the_provenance_of_their_coupon(shop: Shop, database_url: str) -> None:
    definition = await shop.define()
    unclaimed = (await shop.generate(definition, quantity=3)).coupons[0]
    made = await shop.generate(definition, "alice", "bob")
    first, second = made.coupons
    redemption = (await shop.redeem(first.code, "alice")).redemption
    reversal = (await shop.reverse(redemption.id)).reversal
    for _ in range(2):
        await shop.revoke(second.id)
    await shop.revoke(unclaimed.id)
    connection = await asyncpg.connect(database_url)
    events = await connection.fetch(
        "SELECT event_type, user_id, subject_id::text FROM outbox WHERE tenant_id = $1",
        shop.tenant.uuid,
    )
    await connection.close()
    assert sorted(tuple(event) for event in events) == sorted(
        [
            ("coupon.issued", "alice", first.id),
            ("coupon.issued", "bob", second.id),
            ("coupon.redeemed", "alice", redemption.id),
            ("redemption.reversed", "alice", reversal.id),
            ("coupon.revoked", "bob", second.id),
        ]
    )
