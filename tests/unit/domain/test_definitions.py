"""How a definition is completed, and which changes of it are refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.definition import (
    CodeFormat,
    CouponConfig,
    CouponDefinition,
    DefinitionStatus,
    LimitType,
    Usage,
    UsageLimit,
    check_change,
    needs_usage,
)
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.ids import new_id
from coupon_server.domain.triggers import AutoGenerate, TriggerConfig, TriggerKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ITEM = UUID(int=1)
TRIGGER = AutoGenerate(
    True, TriggerKind.ACHIEVEMENT_COMPLETED, TriggerConfig(achievement_id="first-win")
)
RANDOM = CouponConfig(ITEM)
CUSTOM = CouponConfig(
    ITEM, code_format=CodeFormat.CUSTOM, custom_code="NEWYEAR", code_length=0
).normalized()


def definition(config: CouponConfig = RANDOM) -> CouponDefinition:
    return CouponDefinition(
        tenant_id=new_id(),
        id=new_id(),
        name="Campaign",
        description="",
        config=config,
        status=DefinitionStatus.ACTIVE,
        created_at=NOW,
        updated_at=NOW,
    )


# --- defaults


def test_a_limit_is_once_for_each_user_by_default() -> None:
    assert UsageLimit.parse(None, None) == UsageLimit(LimitType.PER_USER, 1)
    assert UsageLimit.parse(LimitType.PER_USER, None) == UsageLimit(LimitType.PER_USER, 1)
    assert UsageLimit.parse(None, 3) == UsageLimit(LimitType.PER_USER, 3)


def test_a_global_limit_needs_max_uses_and_an_unlimited_one_refuses_it() -> None:
    assert UsageLimit.parse(LimitType.GLOBAL, 9).max_uses == 9
    assert UsageLimit.parse(LimitType.UNLIMITED, None).max_uses is None
    for limit_type, max_uses in ((LimitType.GLOBAL, None), (LimitType.UNLIMITED, 1)):
        with pytest.raises(InvalidField, match="max_uses"):
            UsageLimit.parse(limit_type, max_uses)


def test_random_codes_have_8_characters_by_default() -> None:
    assert replace(RANDOM, code_length=0).normalized().code_length == 8
    assert replace(RANDOM, code_length=12).normalized().code_length == 12


def test_a_custom_code_that_is_handed_out_is_for_its_holders_alone() -> None:
    assert not CUSTOM.normalized().assigned_only
    assert replace(CUSTOM, auto_generate=TRIGGER).normalized().assigned_only
    assert not replace(RANDOM, auto_generate=TRIGGER).normalized().assigned_only


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (replace(RANDOM, custom_code="X"), "custom_code"),
        (replace(RANDOM, assigned_only=True), "assigned_only"),
        (replace(CUSTOM, code_prefix="X"), "code_prefix"),
        (replace(CUSTOM, code_length=8), "code_length"),
        (replace(CUSTOM, custom_code=""), "custom_code"),
        (replace(RANDOM, starts_at=NOW, expires_at=NOW - timedelta(seconds=1)), "expires_at"),
    ],
)
def test_fields_that_do_not_go_together_are_refused(config: CouponConfig, field: str) -> None:
    with pytest.raises(InvalidField, match=field):
        config.normalized()


def test_a_definition_may_be_valid_for_a_single_instant() -> None:
    assert replace(RANDOM, starts_at=NOW, expires_at=NOW).normalized().expires_at == NOW


@given(
    prefix=st.text(alphabet="Ａbß", max_size=5),
    custom=st.booleans(),
    code=st.text(alphabet="Ａbß", min_size=1, max_size=5),
    trigger=st.sampled_from([None, TRIGGER]),
)
def test_completing_what_is_complete_changes_nothing(
    prefix: str, custom: bool, code: str, trigger: AutoGenerate | None
) -> None:
    config = (
        replace(CUSTOM, custom_code=code, auto_generate=trigger)
        if custom
        else replace(RANDOM, code_prefix=prefix, auto_generate=trigger)
    )
    once = config.normalized()
    assert once.normalized() == once


# --- status


def test_pausing_can_be_undone_and_archiving_cannot() -> None:
    active = definition()
    paused = active.with_status(DefinitionStatus.PAUSED, NOW)
    resumed = paused.with_status(DefinitionStatus.ACTIVE, NOW)
    archived = resumed.with_status(DefinitionStatus.ARCHIVED, NOW)
    assert [one.revision for one in (active, paused, resumed, archived)] == [1, 2, 3, 4]
    assert archived.archived_at == NOW
    for status in (DefinitionStatus.ACTIVE, DefinitionStatus.PAUSED):
        with pytest.raises(DomainError) as caught:
            archived.with_status(status, NOW)
        assert caught.value.reason is Reason.DEFINITION_ARCHIVED


@pytest.mark.parametrize("status", DefinitionStatus)
def test_the_status_it_has_changes_nothing(status: DefinitionStatus) -> None:
    there = replace(definition(), status=status)
    assert there.with_status(status, NOW + timedelta(days=1)) is there


@pytest.mark.parametrize(
    ("status", "expires_in", "reason"),
    [
        (DefinitionStatus.ACTIVE, None, None),
        (DefinitionStatus.ACTIVE, timedelta(0), None),
        (DefinitionStatus.ACTIVE, timedelta(microseconds=-1), Reason.DEFINITION_EXPIRED),
        (DefinitionStatus.PAUSED, None, Reason.DEFINITION_PAUSED),
        (DefinitionStatus.ARCHIVED, timedelta(days=-1), Reason.DEFINITION_ARCHIVED),
    ],
)
def test_coupons_are_made_of_active_definitions_that_have_not_expired(
    status: DefinitionStatus, expires_in: timedelta | None, reason: Reason | None
) -> None:
    expires_at = None if expires_in is None else NOW + expires_in
    made = replace(definition(replace(RANDOM, expires_at=expires_at)), status=status)
    if reason is None:
        made.check_generates(NOW)
        return
    with pytest.raises(DomainError) as caught:
        made.check_generates(NOW)
    assert caught.value.reason is reason


# --- changes

FIXED: list[tuple[str, CouponConfig, CouponConfig]] = [
    ("config.code_format", RANDOM, CUSTOM),
    ("config.custom_code", CUSTOM, replace(CUSTOM, custom_code="OTHER")),
    ("config.case_sensitive", RANDOM, replace(RANDOM, case_sensitive=True)),
    (
        "config.usage_limit.limit_type",
        RANDOM,
        replace(RANDOM, usage_limit=UsageLimit(LimitType.GLOBAL, 9)),
    ),
]
FREE: dict[str, Any] = {
    "reward_item_id": UUID(int=2),
    "code_prefix": "NEW",
    "code_length": 12,
    "starts_at": NOW,
    "expires_at": NOW,
    "usage_limit": UsageLimit(LimitType.PER_USER, 5),
    "valid_for": timedelta(days=1),
    "max_uses_per_user": 1,
    "issue_limit": 5,
    "issue_limit_per_user": 1,
    "auto_generate": TRIGGER,
}


@pytest.mark.parametrize(("field", "before", "after"), FIXED)
def test_what_gives_coupons_their_meaning_is_fixed_once_there_is_one(
    field: str, before: CouponConfig, after: CouponConfig
) -> None:
    assert needs_usage(before, after)
    check_change(before, after, Usage(issued=0, used=0))
    with pytest.raises(DomainError) as caught:
        check_change(before, after, Usage(issued=1, used=0))
    assert caught.value.reason is Reason.DEFINITION_FIELD_FIXED
    assert caught.value.metadata == {"field": field}


@pytest.mark.parametrize("field", FREE)
def test_everything_else_can_change_while_coupons_are_used(field: str) -> None:
    check_change(RANDOM, replace(RANDOM, **{field: FREE[field]}), Usage(issued=5, used=1))


@given(used=st.integers(0, 20), limit=st.integers(1, 20), kind=st.sampled_from(LimitType))
def test_max_uses_never_goes_below_what_is_used(used: int, limit: int, kind: LimitType) -> None:
    bounded = kind is not LimitType.UNLIMITED
    before = replace(RANDOM, usage_limit=UsageLimit(kind, 20 if bounded else None))
    after = replace(RANDOM, usage_limit=UsageLimit(kind, limit if bounded else None))
    if not bounded or limit >= used:
        check_change(before, after, Usage(issued=1, used=used))
        return
    with pytest.raises(DomainError) as caught:
        check_change(before, after, Usage(issued=1, used=used))
    assert caught.value.reason is Reason.LIMIT_BELOW_USAGE
    assert caught.value.metadata == {"field": "config.usage_limit.max_uses", "used": str(used)}


@given(issued=st.integers(0, 20), limit=st.integers(1, 20))
def test_the_issue_limit_never_goes_below_what_is_issued(issued: int, limit: int) -> None:
    after = replace(RANDOM, issue_limit=limit)
    if limit >= issued:
        check_change(RANDOM, after, Usage(issued, used=0))
        return
    with pytest.raises(DomainError) as caught:
        check_change(RANDOM, after, Usage(issued, used=0))
    assert caught.value.reason is Reason.LIMIT_BELOW_USAGE
    assert caught.value.metadata["field"] == "config.issue_limit"


@pytest.mark.parametrize("field", FREE)
def test_usage_is_counted_only_when_a_limit_falls(field: str) -> None:
    after = replace(RANDOM, **{field: FREE[field]})
    # FREE raises max_uses, and sets an issue_limit where there was none.
    assert needs_usage(RANDOM, after) is (field == "issue_limit")


@pytest.mark.parametrize(
    ("before", "after", "counted"), [(5, 4, True), (5, 5, False), (5, 6, False)]
)
def test_a_raised_limit_needs_no_count(before: int, after: int, counted: bool) -> None:
    def config(limit: int) -> CouponConfig:
        return replace(RANDOM, usage_limit=UsageLimit(LimitType.GLOBAL, limit))

    assert needs_usage(config(before), config(after)) is counted
