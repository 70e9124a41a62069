"""Typed client of the Phoenix coupon service; messages are in `phoenix_coupons.v1`."""

from phoenix_coupons._client import AsyncCouponsClient, CouponsClient
from phoenix_coupons._connection import ConnectionOptions
from phoenix_coupons._credentials import (
    AdminToken,
    ApiKeyCredential,
    BearerToken,
    Credential,
    Hmac,
    TenantToken,
)
from phoenix_coupons._errors import (
    ConflictError,
    CouponsError,
    FailedPreconditionError,
    InvalidArgumentError,
    InvalidField,
    NotFoundError,
    PermissionDeniedError,
    Reason,
    UnauthenticatedError,
    UnavailableError,
)
from phoenix_coupons._json import json_object
from phoenix_coupons._retries import RetryPolicy

__all__ = [
    "AdminToken",
    "ApiKeyCredential",
    "AsyncCouponsClient",
    "BearerToken",
    "ConflictError",
    "ConnectionOptions",
    "CouponsClient",
    "CouponsError",
    "Credential",
    "FailedPreconditionError",
    "Hmac",
    "InvalidArgumentError",
    "InvalidField",
    "NotFoundError",
    "PermissionDeniedError",
    "Reason",
    "RetryPolicy",
    "TenantToken",
    "UnauthenticatedError",
    "UnavailableError",
    "json_object",
]
