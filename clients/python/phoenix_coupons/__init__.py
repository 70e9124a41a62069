"""Typed client of the Phoenix coupon service; messages are in `phoenix_coupons.v1`."""

from phoenix_coupons._client import AsyncCouponsClient, CouponsClient
from phoenix_coupons._credentials import (
    AdminToken,
    ApiKey,
    BearerToken,
    Credential,
    Hmac,
    TenantToken,
)
from phoenix_coupons._errors import (
    ConflictError,
    CouponsError,
    FailedPreconditionError,
    FieldViolation,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    Reason,
    UnauthenticatedError,
    UnavailableError,
)

__all__ = [
    "AdminToken",
    "ApiKey",
    "AsyncCouponsClient",
    "BearerToken",
    "ConflictError",
    "CouponsClient",
    "CouponsError",
    "Credential",
    "FailedPreconditionError",
    "FieldViolation",
    "Hmac",
    "InvalidArgumentError",
    "NotFoundError",
    "PermissionDeniedError",
    "Reason",
    "TenantToken",
    "UnauthenticatedError",
    "UnavailableError",
]
