"""The values of API keys and tenant secrets.

A value is a prefix that names its kind to people and to secret scanners, and 43 URL-safe
characters that carry 256 random bits.
"""

import hashlib
import re
import secrets

API_KEY_PREFIX = "pk_"
TENANT_SECRET_PREFIX = "ts_"  # noqa: S105 - a prefix, not a secret
SHOWN_CHARACTERS = 10

# The prefixes of API keys, tenant secrets, webhook secrets and JSON Web Tokens, as of words.
_SECRET = re.compile(rf"(?:^|[^A-Za-z0-9])(?:{API_KEY_PREFIX}|{TENANT_SECRET_PREFIX}|whsec_|eyJ)")

_RANDOM_BYTES = 32
_API_KEY_LENGTH = len(API_KEY_PREFIX) + 43


def new_api_key() -> str:
    """A new API key's value."""
    return API_KEY_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def new_tenant_secret() -> str:
    """A new tenant secret's value."""
    return TENANT_SECRET_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def looks_like_api_key(value: str) -> bool:
    """Whether it is worth asking for this API key."""
    return len(value) == _API_KEY_LENGTH and value.startswith(API_KEY_PREFIX) and value.isascii()


def resembles_secret(text: str) -> bool:
    """Whether a text has the prefix of a secret in it, and so must be neither logged nor echoed.

    Secrets are those of this service: `pk_…`, `ts_…`, `whsec_…`, and tokens, `eyJ…` (RFC 7519).
    """
    return _SECRET.search(text) is not None


def digest(value: str) -> bytes:
    """The SHA-256 of a value, by which it is found again.

    A fast hash is enough: 256 random bits cannot be guessed.
    """
    return hashlib.sha256(value.encode()).digest()


def shown_prefix(value: str) -> str:
    """The first characters of a value, by which people tell keys apart in lists."""
    return value[:SHOWN_CHARACTERS]
