"""The issue limits of definitions."""

from coupon_server.domain.definition import CouponDefinition
from coupon_server.domain.errors import DomainError, Reason


def has_room(limit: int | None, existing: int, count: int = 1) -> bool:
    """Whether a limit of coupons, if there is one, lets `count` more be made."""
    return limit is None or existing + count <= limit


def check_issue_limit(definition: CouponDefinition, issued: int, count: int) -> None:
    """Refuse `count` more coupons than the `issued` ones (ISSUE_LIMIT_REACHED)."""
    limit = definition.config.issue_limit
    if not has_room(limit, issued, count):
        raise _issue_limit_reached("issue_limit", max(0, (limit or 0) - issued))


def check_issue_limit_per_user(
    definition: CouponDefinition, user_id: str, given: int, count: int
) -> None:
    """Refuse a user who was `given` coupons `count` more (ISSUE_LIMIT_REACHED)."""
    if not has_room(definition.config.issue_limit_per_user, given, count):
        raise _issue_limit_reached("issue_limit_per_user", 0, user_id=user_id)


def _issue_limit_reached(field: str, left: int, **metadata: str) -> DomainError:
    error = DomainError(
        Reason.ISSUE_LIMIT_REACHED,
        f"config.{field} is reached: {left} more coupons can be made",
        field=f"config.{field}",
        left=str(left),
    )
    error.metadata |= metadata
    return error
