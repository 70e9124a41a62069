"""What the rules refuse, and why.

A `DomainError` carries a stable reason; which gRPC code goes with it is decided in
`coupon_server.rpc.errors` alone.
"""

from enum import StrEnum, auto


class Reason(StrEnum):
    """The stable reasons; their meaning is documented at `ErrorReason` in the contract."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name

    COUPON_NOT_FOUND = auto()
    COUPON_NOT_YET_ACTIVE = auto()
    COUPON_EXPIRED = auto()
    COUPON_ALREADY_REDEEMED = auto()
    COUPON_LIMIT_REACHED = auto()
    COUPON_REVOKED = auto()
    COUPON_NOT_ASSIGNED = auto()
    COUPON_UNAVAILABLE = auto()
    REQUEST_ID_REUSED = auto()
    INVALID_FIELD = auto()
    MALFORMED_MESSAGE = auto()
    INVALID_PAGE_TOKEN = auto()
    CREDENTIAL_INVALID = auto()
    CREDENTIAL_NOT_ALLOWED = auto()
    TOO_MANY_ATTEMPTS = auto()
    RATE_LIMITED = auto()
    QUOTA_EXCEEDED = auto()
    REWARD_ITEM_NOT_FOUND = auto()
    REWARD_ITEM_IN_USE = auto()
    DEFINITION_NOT_FOUND = auto()
    DEFINITION_ARCHIVED = auto()
    DEFINITION_PAUSED = auto()
    DEFINITION_EXPIRED = auto()
    DEFINITION_FIELD_FIXED = auto()
    LIMIT_BELOW_USAGE = auto()
    ETAG_MISMATCH = auto()
    CODE_TAKEN = auto()
    KEY_SPACE_TOO_SMALL = auto()
    ISSUE_LIMIT_REACHED = auto()
    REDEMPTION_NOT_FOUND = auto()
    REDEMPTION_NOT_REVERSIBLE = auto()
    API_KEY_NOT_FOUND = auto()
    TENANT_SECRET_NOT_FOUND = auto()
    TENANT_SECRET_CURRENT = auto()
    SECRET_NOT_SHOWN_AGAIN = auto()
    WEBHOOK_ENDPOINT_NOT_FOUND = auto()
    WEBHOOK_ENDPOINT_LIMIT_REACHED = auto()
    WEBHOOK_EVENT_NOT_FOUND = auto()
    TRIGGER_LIMIT_REACHED = auto()
    GENERATION_NOT_FOUND = auto()
    REVOCATION_NOT_FOUND = auto()
    TOO_MANY_JOBS = auto()
    TOO_MANY_STREAMS = auto()
    INTERNAL_FAULT = auto()
    SERVICE_UNAVAILABLE = auto()
    PATH_NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    BODY_TOO_LARGE = auto()
    DEADLINE_EXCEEDED = auto()


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
    `Retry-After` (RFC 9110). None: what the reason implies, which is mostly that waiting does not
    help.
    """

    def __init__(
        self, reason: Reason, message: str, *, retry_after: float | None = None, **metadata: str
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.metadata = metadata


class InvalidField(DomainError):
    """Request fields that broke a rule: pairs of the field's path and the rule."""

    def __init__(self, field: str, rule: str, *more: tuple[str, str]) -> None:
        super().__init__(Reason.INVALID_FIELD, f"{field}: {rule}")
        self.violations = [(field, rule), *more]

    def within(self, resource: str) -> "InvalidField":
        """The same of a resource that a request carries in the field `resource`."""
        first, *more = [(f"{resource}.{field}", rule) for field, rule in self.violations]
        return InvalidField(*first, *more)


class TenantNotFound(InvalidField):
    """An operator names a tenant that does not exist. A call cannot: a credential has a tenant."""

    def __init__(self) -> None:
        super().__init__("tenant", "does not exist")


def coupon_refused(reason: Reason) -> DomainError:
    """The error for one of the published coupon reasons."""
    return DomainError(reason, COUPON_MESSAGES[reason])
