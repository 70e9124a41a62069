"""The errors of the rules.

A `DomainError` carries a stable reason; the contract says which gRPC code goes with it.
"""

from coupon_server.domain.reasons import Reason as Reason

COUPON_MESSAGES: dict[Reason, str] = {
    Reason.COUPON_NOT_FOUND: "Coupon not found",
    Reason.COUPON_NOT_YET_ACTIVE: "Coupon not yet active",
    Reason.COUPON_EXPIRED: "Coupon has expired",
    Reason.COUPON_ALREADY_REDEEMED: "Coupon has already been redeemed",
    Reason.COUPON_LIMIT_REACHED: "Coupon usage limit reached",
    Reason.COUPON_REVOKED: "Coupon has been revoked",
    Reason.COUPON_NOT_ASSIGNED: "Coupon is not assigned to this user",
    Reason.COUPON_UNAVAILABLE: "Coupon is no longer available",
}
"""The published words for why a coupon cannot be redeemed."""


class DomainError(Exception):
    """A request that the rules refuse.

    `message` is shown to the caller: it holds no secret, no SQL and no fact of another
    tenant. `metadata` goes into `google.rpc.ErrorInfo.metadata`.

    `retry_after`: seconds after which another try may succeed, for `google.rpc.RetryInfo` and
    `Retry-After` (RFC 9110). None: what the reason implies, which but for load and limits is that
    waiting does not help.
    """

    def __init__(
        self, reason: Reason, message: str, *, retry_after: float | None = None, **metadata: str
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.metadata = metadata


class Unavailable(DomainError):
    """A transient error of something that the service needs: a retry may succeed.

    `cause` is for the log; the caller is not told.
    """

    def __init__(self, cause: str = "") -> None:
        super().__init__(Reason.SERVICE_UNAVAILABLE, "The service cannot answer now")
        self.cause = cause


def cause_of(error: BaseException) -> str:
    """Why it happened, for the log."""
    if isinstance(error, Unavailable) and error.cause:
        return error.cause
    return type(error.__cause__ or error).__name__


class InvalidField(DomainError):
    """Request fields that broke a rule: pairs of the field's path and the rule."""

    def __init__(self, field: str, rule: str, *more: tuple[str, str]) -> None:
        super().__init__(Reason.INVALID_FIELD, f"{field}: {rule}")
        self.violations = [(field, rule), *more]

    def within(self, resource: str) -> "InvalidField":
        """The same of a resource that a request carries in the field `resource`."""
        first, *more = [(f"{resource}.{field}", rule) for field, rule in self.violations]
        return InvalidField(*first, *more)

    def without(self, resource: str) -> "InvalidField":
        """The reverse, for a caller who sends the resource alone."""
        first, *more = [
            (field.removeprefix(f"{resource}."), rule) for field, rule in self.violations
        ]
        return InvalidField(*first, *more)


class TenantNotFound(InvalidField):
    """An operator names a tenant that does not exist. A call cannot: a credential has a tenant."""

    def __init__(self) -> None:
        super().__init__("tenant", "does not exist")


def coupon_refused(reason: Reason) -> DomainError:
    """The error for one of the published coupon reasons."""
    return DomainError(reason, COUPON_MESSAGES[reason])
