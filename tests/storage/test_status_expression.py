"""A coupon's status in SQL is the domain's."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from coupon_server.database import tables
from coupon_server.database.tables import tenants
from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.coupon import Coupon, CouponFilter, CouponSource, CouponStatus
from coupon_server.domain.definition import (
    CouponConfig,
    CouponDefinition,
    DefinitionStatus,
    LimitType,
    UsageLimit,
)
from coupon_server.domain.ids import new_id
from coupon_server.domain.paging import PageRequest
from coupon_server.domain.rewards import RewardItem
from coupon_server.storage import coupons, definitions, issuing, rewards
from coupon_server.storage.issuing import KeySpace, NewCoupon

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)

MOMENTS = st.none() | st.sampled_from(
    [NOW + timedelta(microseconds=offset) for offset in (-1, 0, 1)]
)
LIMITS = st.one_of(
    st.builds(UsageLimit, st.just(LimitType.PER_USER), st.integers(1, 3)),
    st.builds(UsageLimit, st.just(LimitType.GLOBAL), st.integers(1, 3)),
    st.just(UsageLimit(LimitType.UNLIMITED, None)),
)
COUPONS = st.builds(
    Coupon,
    tenant_id=st.just(UUID(int=0)),
    id=st.builds(new_id),
    definition_id=st.just(UUID(int=0)),
    user_id=st.none(),
    code=st.builds(lambda: str(new_id())),
    source=st.sampled_from(CouponSource),
    generation_id=st.none(),
    generated_at=st.just(NOW),
    valid_until=MOMENTS,
    used=st.integers(0, 4),
    redeemed_at=st.none(),
    revoked_at=st.none() | st.just(NOW),
    revoke_reason=st.just(""),
)


async def add_definition(
    transaction: Transaction, limit: UsageLimit, expires_at: datetime | None
) -> CouponDefinition:
    """A definition of a tenant of its own."""
    tenant_id, item_id = new_id(), new_id()
    await transaction.execute(insert(tenants).values(tenant_id=tenant_id, name="", created_at=NOW))
    await rewards.add(
        transaction, RewardItem(tenant_id, item_id, 1, "Gems", "", "currency", None, NOW, NOW)
    )
    definition = CouponDefinition(
        tenant_id=tenant_id,
        id=new_id(),
        name="Campaign",
        description="",
        config=CouponConfig(item_id, usage_limit=limit, expires_at=expires_at),
        status=DefinitionStatus.ACTIVE,
        created_at=NOW,
        updated_at=NOW,
    )
    await definitions.add(transaction, definition)
    return definition


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(limit=LIMITS, expires_at=MOMENTS, made=st.lists(COUPONS, min_size=1, max_size=20))
async def test_filters_and_statistics_see_the_status_that_the_domain_computes(
    database: Database, limit: UsageLimit, expires_at: datetime | None, made: list[Coupon]
) -> None:
    expected = {coupon.id: coupon.status(limit, expires_at, NOW) for coupon in made}
    async with database.transaction() as transaction:
        definition = await add_definition(transaction, limit, expires_at)
        tenant_id = definition.tenant_id
        for coupon in made:
            coupon.tenant_id, coupon.definition_id = tenant_id, definition.id
        space = KeySpace.of(definition)
        await issuing.issue(transaction, [NewCoupon(coupon, space) for coupon in made], NOW)
        for coupon in made:
            await transaction.execute(
                update(tables.coupons)
                .where(tables.coupons.c.id == coupon.id)
                .values(used=coupon.used, revoked_at=coupon.revoked_at)
            )
        for status in CouponStatus:
            wanted = CouponFilter(tenant_id, NOW, status=status)
            page = await coupons.fetch_list(transaction, wanted, PageRequest(100))
            assert {coupon.id for coupon in page.items} == {
                coupon_id for coupon_id, one in expected.items() if one is status
            }
        counted = await coupons.count_by_status(transaction, tenant_id, definition.id, NOW)
        assert counted == Counter(expected.values())
        await transaction.rollback()
