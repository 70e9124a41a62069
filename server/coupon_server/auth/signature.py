"""HMAC signatures of requests (RFC 2104, with SHA-256).

What is signed is `METHOD\\nPATH\\nTIMESTAMP\\nBODY`, or `METHOD\\nPATH\\nTIMESTAMP KEY\\nBODY` if
the signature covers the request's `Idempotency-Key`. Over gRPC method and path are `POST` and the
full method path, and the body is the request message's exact bytes on the wire.
"""

import hashlib
import hmac

WINDOW_SECONDS = 300
"""How far a timestamp may lie from the server's clock, in either direction."""


def sign(
    secret: str, method: str, path: str, timestamp: str, body: bytes, idempotency_key: str = ""
) -> str:
    """The signature as 64 lower-case hex digits. `timestamp` is the header's exact text, and so is
    `idempotency_key`; empty: the signature covers none."""
    # Decimal digits end at the space, so no text is signed in both forms.
    time = f"{timestamp} {idempotency_key}" if idempotency_key else timestamp
    text = f"{method}\n{path}\n{time}\n".encode() + body
    return hmac.digest(secret.encode(), text, hashlib.sha256).hex()


def verify(
    secret: str,
    signature: str,
    method: str,
    path: str,
    timestamp: str,
    body: bytes,
    idempotency_key: str = "",
) -> bool:
    """Whether `signature` (lower-case hex) was made with `secret`; in constant time."""
    expected = sign(secret, method, path, timestamp, body, idempotency_key)
    return hmac.compare_digest(expected, signature)


def is_fresh(timestamp: str, now: float) -> bool:
    """Whether a timestamp (decimal digits, unix seconds) is within the window around `now`."""
    return abs(now - int(timestamp)) <= WINDOW_SECONDS
