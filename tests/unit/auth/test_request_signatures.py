import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.auth import signature

SECRET = "ts_" + "s" * 43
PATH = "/phoenix_coupons.v1.CouponQuery/RedeemCoupon"


def test_known_answer() -> None:
    # printf 'POST\n/a/B\n1700000000\nbody' | openssl dgst -sha256 -hmac key
    assert (
        signature.sign("key", "POST", "/a/B", "1700000000", b"body")
        == "15ee19d55a2e9231f42c790a52890b43a7b3bc71ad262f73df54d67860291dbe"
    )


def test_known_answer_with_a_key() -> None:
    # printf 'POST\n/a/B\n1700000000 order-1\nbody' | openssl dgst -sha256 -hmac key
    signed = signature.sign("key", "POST", "/a/B", "1700000000", b"body", "order-1")
    assert signed == "2f702b66cc53c0ea5f8fe1f7276aa86a342fe8679a2a7045687314aa20bd2d87"
    assert signature.verify("key", signed, "POST", "/a/B", "1700000000", b"body", "order-1")
    for key, body in (("", b"body"), ("order-2", b"body"), ("", b"order-1\nbody")):
        assert not signature.verify("key", signed, "POST", "/a/B", "1700000000", body, key)


@given(
    secret=st.text(min_size=1),
    method=st.sampled_from(["GET", "POST"]),
    path=st.text(),
    timestamp=st.integers(0, 10**12).map(str),
    body=st.binary(),
)
def test_signs_the_published_text(
    secret: str, method: str, path: str, timestamp: str, body: bytes
) -> None:
    text = b"\n".join([method.encode(), path.encode(), timestamp.encode(), body])
    expected = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()

    assert signature.sign(secret, method, path, timestamp, body) == expected
    assert signature.verify(secret, expected, method, path, timestamp, body)


@pytest.mark.parametrize(
    ("secret", "method", "path", "timestamp", "body"),
    [
        ("ts_other", "POST", PATH, "1700000000", b"body"),
        (SECRET, "GET", PATH, "1700000000", b"body"),
        (SECRET, "POST", PATH.lower(), "1700000000", b"body"),
        (SECRET, "POST", PATH, "1700000001", b"body"),
        (SECRET, "POST", PATH, "01700000000", b"body"),
        (SECRET, "POST", PATH, "1700000000", b"body\n"),
        (SECRET, "POST", PATH, "1700000000", b""),
    ],
)
def test_a_signature_holds_for_nothing_else(
    secret: str, method: str, path: str, timestamp: str, body: bytes
) -> None:
    signed = signature.sign(SECRET, "POST", PATH, "1700000000", b"body")

    assert not signature.verify(secret, signed, method, path, timestamp, body)


def test_a_truncated_signature_does_not_verify() -> None:
    signed = signature.sign(SECRET, "POST", PATH, "1700000000", b"body")

    assert not signature.verify(SECRET, signed[:-2], "POST", PATH, "1700000000", b"body")
    assert not signature.verify(SECRET, "", "POST", PATH, "1700000000", b"body")


@pytest.mark.parametrize(
    ("offset", "fresh"),
    [(-301, False), (-300, True), (0, True), (300, True), (300.5, False), (10**9, False)],
)
def test_timestamps_are_fresh_within_300_seconds(offset: float, fresh: bool) -> None:
    assert signature.is_fresh("1700000000", 1_700_000_000 + offset) is fresh
