"""Typed client of the Phoenix coupon service; messages are in `phoenix_coupons.v1`."""

from phoenix_coupons._client import AsyncCouponsClient, CouponsClient
from phoenix_coupons._connection import ConnectionOptions
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
from phoenix_coupons._retries import RetryPolicy

__all__ = [
    "AdminToken",
    "ApiKey",
    "AsyncCouponsClient",
    "BearerToken",
    "ConflictError",
    "ConnectionOptions",
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
    "RetryPolicy",
    "TenantToken",
    "UnauthenticatedError",
    "UnavailableError",
]
