"""What a call is named in logs, and in the `x-request-id` that goes back to its caller."""

import re

import uuid_utils

from coupon_server.auth.credential_values import resembles_secret
from coupon_server.auth.presented import Metadata

REQUEST_ID = "x-request-id"
_FIT = re.compile(r"[A-Za-z0-9._-]{1,64}")


def call_id(metadata: Metadata) -> str:
    """The caller's `x-request-id` if it is fit for a log and no secret, else a new UUID."""
    for key, value in metadata:
        if key == REQUEST_ID and isinstance(value, str) and _fit(value):
            return value
    return str(uuid_utils.uuid7())


def _fit(value: str) -> bool:
    return _FIT.fullmatch(value) is not None and not resembles_secret(value)
