"""HMAC signatures of requests (RFC 2104, with SHA-256).

What is signed is `METHOD\\nPATH\\nTIMESTAMP\\nBODY`. Over gRPC these are `POST`, the full
method path, and the request message's exact bytes on the wire.
"""

import hashlib
import hmac

WINDOW_SECONDS = 300
"""How far a timestamp may lie from the server's clock, in either direction."""


def sign(secret: str, method: str, path: str, timestamp: str, body: bytes) -> str:
    """The signature as 64 lower-case hex digits. `timestamp` is the header's exact text."""
    text = f"{method}\n{path}\n{timestamp}\n".encode() + body
    return hmac.digest(secret.encode(), text, hashlib.sha256).hex()


def verify(
    secret: str, signature: str, method: str, path: str, timestamp: str, body: bytes
) -> bool:
    """Whether `signature` (lower-case hex) was made with `secret`; in constant time."""
    return hmac.compare_digest(sign(secret, method, path, timestamp, body), signature)


def is_fresh(timestamp: str, now: float) -> bool:
    """Whether a timestamp (decimal digits, unix seconds) is within the window around `now`."""
    return abs(now - int(timestamp)) <= WINDOW_SECONDS
