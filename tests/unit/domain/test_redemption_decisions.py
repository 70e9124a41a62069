"""Which reason a redemption is refused for, and how many uses are left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.coupon import Coupon, CouponSource
from coupon_server.domain.definition import (
    CodeFormat,
    CouponConfig,
    CouponDefinition,
    DefinitionStatus,
    LimitType,
    UsageLimit,
)
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.ids import new_id
from coupon_server.domain.redemption import (
    Changes,
    DefinitionCounter,
    Match,
    Provenance,
    RedemptionKind,
    Slot,
    UserCounter,
    redeem,
    refusal,
    remaining_uses,
    reversal,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
PROVENANCE = Provenance(credential_id=UUID(int=9))


def match(
    config: CouponConfig,
    *,
    status: DefinitionStatus = DefinitionStatus.ACTIVE,
    coupon: Coupon | None = None,
    issued: int = 0,
    used: int = 0,
    held: int = 0,
) -> Match:
    definition = CouponDefinition(
        tenant_id=new_id(),
        id=new_id(),
        name="Campaign",
        description="",
        config=config,
        status=status,
        created_at=NOW,
        updated_at=NOW,
    )
    return Match(definition, 1, Slot(coupon), DefinitionCounter(issued, used), UserCounter(held))


def coupon(user_id: str | None = "alice", *, used: int = 0, revoked: bool = False) -> Coupon:
    return Coupon(
        tenant_id=new_id(),
        id=new_id(),
        definition_id=new_id(),
        user_id=user_id,
        code="X",
        source=CouponSource.GENERATED,
        generation_id=None,
        generated_at=NOW,
        valid_until=None,
        used=used,
        redeemed_at=None,
        revoked_at=NOW if revoked else None,
        revoke_reason="",
    )


RANDOM = CouponConfig(UUID(int=1))
CUSTOM = CouponConfig(
    UUID(int=1), code_format=CodeFormat.CUSTOM, custom_code="NEWYEAR", code_length=0
)


def combinations(count: int) -> list[tuple[bool, ...]]:
    return list(product([False, True], repeat=count))


def mark(conditions: tuple[bool, ...]) -> str:
    return "".join("-x"[held] for held in conditions)


@pytest.mark.parametrize("conditions", combinations(8), ids=mark)
def test_of_all_reasons_that_hold_the_first_published_one_is_given(
    conditions: tuple[bool, ...],
) -> None:
    strange, archived, revoked, spent, early, late, total, capped = conditions
    limit = UsageLimit(LimitType.GLOBAL, 5) if total else UsageLimit(LimitType.PER_USER, 2)
    config = replace(
        RANDOM,
        usage_limit=limit,
        max_uses_per_user=3 if capped else None,
        starts_at=NOW + INSTANT if early else NOW,
        expires_at=NOW - INSTANT if late else NOW,
    )
    held = match(
        config,
        status=DefinitionStatus.ARCHIVED if archived else DefinitionStatus.PAUSED,
        coupon=coupon("bob" if strange else "alice", used=2 if spent else 1, revoked=revoked),
        used=5,
        held=3,
    )
    published = [
        (Reason.COUPON_NOT_ASSIGNED, strange),
        (Reason.COUPON_UNAVAILABLE, archived),
        (Reason.COUPON_REVOKED, revoked),
        # A global total is spent instead of the coupon's own allowance.
        (Reason.COUPON_ALREADY_REDEEMED, spent and not total),
        (Reason.COUPON_NOT_YET_ACTIVE, early),
        (Reason.COUPON_EXPIRED, late),
        (Reason.COUPON_LIMIT_REACHED, total or capped),
    ]
    expected = next((reason for reason, holds in published if holds), None)
    assert refusal(held, "alice", NOW) is expected


@pytest.mark.parametrize("conditions", combinations(6), ids=mark)
def test_a_custom_code_that_the_user_does_not_hold_is_claimed_or_refused_in_order(
    conditions: tuple[bool, ...],
) -> None:
    assigned_only, paused, issued_out, early, late, capped = conditions
    config = replace(
        CUSTOM,
        assigned_only=assigned_only,
        issue_limit=7 if issued_out else None,
        max_uses_per_user=1 if capped else None,
        starts_at=NOW + INSTANT if early else None,
        expires_at=NOW - INSTANT if late else None,
    )
    status = DefinitionStatus.PAUSED if paused else DefinitionStatus.ACTIVE
    offered = match(config, status=status, issued=7, held=1)
    published = [
        (Reason.COUPON_NOT_ASSIGNED, assigned_only),
        (Reason.COUPON_UNAVAILABLE, paused or issued_out),
        (Reason.COUPON_NOT_YET_ACTIVE, early),
        (Reason.COUPON_EXPIRED, late),
        (Reason.COUPON_LIMIT_REACHED, capped),
    ]
    expected = next((reason for reason, holds in published if holds), None)
    assert refusal(offered, "alice", NOW) is expected


def test_without_a_user_neither_holder_nor_per_user_limits_are_checked() -> None:
    held = match(replace(RANDOM, max_uses_per_user=1), coupon=coupon("bob"), held=1)
    assert refusal(held, None, NOW) is None
    offered = match(replace(CUSTOM, assigned_only=True), status=DefinitionStatus.PAUSED)
    assert refusal(offered, None, NOW) is None


def test_a_refusal_changes_nothing() -> None:
    held = match(RANDOM, coupon=coupon(used=1))
    changes = Changes()
    with pytest.raises(DomainError):
        redeem(held, "alice", PROVENANCE, NOW, changes)
    assert changes == Changes()
    assert held.user_counter == UserCounter(0)


@pytest.mark.parametrize("limit_type", LimitType)
@given(
    max_uses=st.integers(1, 6),
    cap=st.none() | st.integers(1, 6),
    used_by_others=st.integers(0, 7),
    used_elsewhere=st.integers(0, 7),
    custom=st.booleans(),
)
def test_remaining_uses_is_how_often_redeeming_then_succeeds(
    limit_type: LimitType,
    max_uses: int,
    cap: int | None,
    used_by_others: int,
    used_elsewhere: int,
    custom: bool,
) -> None:
    """`used_elsewhere` are the user's uses of other coupons of the definition."""
    limit = UsageLimit(limit_type, None if limit_type is LimitType.UNLIMITED else max_uses)
    offered = match(
        replace(CUSTOM if custom else RANDOM, usage_limit=limit, max_uses_per_user=cap),
        coupon=None if custom else coupon(None),
        used=used_by_others + used_elsewhere,
        held=used_elsewhere,
    )
    told = remaining_uses(offered, "alice")
    done = 0
    while done < 20 and refusal(offered, "alice", NOW) is None:
        redeem(offered, "alice", PROVENANCE, NOW, Changes())
        done += 1
        assert remaining_uses(offered, "alice") == (None if told is None else told - done)
    assert done == (20 if told is None else told)


def test_a_claimed_coupon_belongs_to_the_claimer_within_the_same_batch() -> None:
    offered = match(
        replace(RANDOM, usage_limit=UsageLimit(LimitType.PER_USER, 5)), coupon=coupon(None)
    )
    changes = Changes()
    redeem(offered, "alice", PROVENANCE, NOW, changes)
    with pytest.raises(DomainError) as caught:
        redeem(offered, "bob", PROVENANCE, NOW, changes)
    assert caught.value.reason is Reason.COUPON_NOT_ASSIGNED
    assert len(changes.redemptions) == 1


def test_valid_for_of_a_claimed_custom_code_runs_from_its_first_redemption() -> None:
    offered = match(replace(CUSTOM, valid_for=timedelta(days=7)))
    _, claimed = redeem(offered, "alice", PROVENANCE, NOW, Changes())
    assert claimed.source is CouponSource.CLAIMED
    assert claimed.generated_at == NOW
    assert claimed.valid_until == NOW + timedelta(days=7)


def test_a_reversal_names_what_it_takes_back_and_cannot_be_reversed() -> None:
    held = match(RANDOM, coupon=coupon())
    original, _ = redeem(held, "alice", PROVENANCE, NOW, Changes())
    row = reversal(original, UUID(int=7), "returned", NOW + INSTANT)
    assert row.kind is RedemptionKind.REVERSAL
    assert row.reverses_id == original.id
    assert (row.coupon_id, row.user_id, row.reference) == (original.coupon_id, "alice", "returned")
    assert row.credential_id == UUID(int=7)
    with pytest.raises(DomainError) as caught:
        reversal(row, UUID(int=7), "again", NOW)
    assert caught.value.reason is Reason.REDEMPTION_NOT_REVERSIBLE
