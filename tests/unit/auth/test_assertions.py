"""Assertions are good for one message of one method, for ten seconds, from this service alone."""

import base64
import uuid
from datetime import timedelta

import jwt
import pytest

from coupon_server.auth.assertions import LIFETIME_SECONDS, Assertions, digest
from coupon_server.auth.principals import CredentialKind, Principal
from coupon_server.auth.secrets import Keyring
from coupon_server.domain.errors import DomainError, Reason
from phoenix_coupons.v1 import RedeemCouponRequest
from support.clock import MovableClock

METHOD = "/phoenix_coupons.v1.CouponQuery/RedeemCoupon"
REQUEST = RedeemCouponRequest(code="WELCOME", user_id="alice", metadata={"b": "2", "a": "1"})
TENANT, SECRET = uuid.uuid4(), uuid.uuid4()
SIGNER = Principal(
    kind=CredentialKind.hmac,
    tenant_id=TENANT,
    tenant=str(TENANT),
    credential_id=SECRET,
    scopes=frozenset(),
    user_id=None,
    expires_at=None,
    signature="0" * 64,
    signed_key="order-1",
)


def keyring(*fillings: int) -> Keyring:
    keys = [f"key{one}:{base64.b64encode(bytes([one]) * 32).decode()}" for one in fillings]
    return Keyring.parse(",".join(keys))


def refused(assertions: Assertions, token: str, method: str = METHOD) -> bool:
    with pytest.raises(DomainError) as caught:
        assertions.verify(token, method)
    return caught.value.reason is Reason.CREDENTIAL_INVALID


def test_an_assertion_tells_what_was_verified(clock: MovableClock) -> None:
    assertions = Assertions(keyring(1), clock)
    claims = assertions.verify(assertions.issue(SIGNER, METHOD, REQUEST), METHOD)
    assert claims == (TENANT, SECRET, SIGNER.signature, "order-1", digest(REQUEST))


def test_an_assertion_is_for_its_method(clock: MovableClock) -> None:
    assertions = Assertions(keyring(1), clock)
    token = assertions.issue(SIGNER, METHOD, REQUEST)
    assert refused(assertions, token, METHOD.replace("Redeem", "Validate"))


def test_an_assertion_lives_ten_seconds(clock: MovableClock) -> None:
    assertions = Assertions(keyring(1), clock)
    token = assertions.issue(SIGNER, METHOD, REQUEST)
    clock.advance(timedelta(seconds=LIFETIME_SECONDS - 1))
    assert assertions.verify(token, METHOD)
    clock.advance(timedelta(seconds=1))
    assert refused(assertions, token)


def test_servers_with_the_same_master_keys_understand_each_other(clock: MovableClock) -> None:
    token = Assertions(keyring(1), clock).issue(SIGNER, METHOD, REQUEST)
    # In the middle of a rotation.
    assert Assertions(keyring(2, 1), clock).verify(token, METHOD)
    assert refused(Assertions(keyring(2), clock), token)


def test_no_letter_of_an_assertion_can_be_changed(clock: MovableClock) -> None:
    assertions = Assertions(keyring(1), clock)
    token = assertions.issue(SIGNER, METHOD, REQUEST)
    # The last letter of a segment may hold bits that mean nothing.
    header, payload, signature = token.split(".")
    for position in range(len(token)):
        letter = "A" if token[position] != "A" else "B"
        altered = f"{token[:position]}{letter}{token[position + 1 :]}"
        if altered.split(".")[:2] != [header, payload] or altered[-1] == signature[-1]:
            assert refused(assertions, altered), position


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_no_other_algorithm_counts(clock: MovableClock, algorithm: str) -> None:
    kept = keyring(1)
    assertions = Assertions(kept, clock)
    genuine = assertions.issue(SIGNER, METHOD, REQUEST)
    claims = jwt.decode(genuine, options={"verify_signature": False})
    [key] = kept.derived_keys("phoenix-coupons rest assertion v1").values()
    forged = jwt.encode(
        claims,
        key if algorithm == "HS512" else "",
        algorithm,
        headers={"kid": "key1"},
    )
    assert refused(assertions, forged)


@pytest.mark.parametrize("missing", ["aud", "exp", "jti", "sub", "secret", "request"])
def test_every_claim_is_required(clock: MovableClock, missing: str) -> None:
    kept = keyring(1)
    assertions = Assertions(kept, clock)
    genuine = assertions.issue(SIGNER, METHOD, REQUEST)
    claims = jwt.decode(genuine, options={"verify_signature": False})
    del claims[missing]
    [key] = kept.derived_keys("phoenix-coupons rest assertion v1").values()
    token = jwt.encode(claims, key, "HS256", headers={"kid": "key1"})
    assert refused(assertions, token)


def test_an_assertion_of_the_release_before_has_no_signed_key(clock: MovableClock) -> None:
    kept = keyring(1)
    assertions = Assertions(kept, clock)
    issued = assertions.issue(SIGNER, METHOD, REQUEST)
    claims = jwt.decode(issued, options={"verify_signature": False})
    del claims["key"]
    [key] = kept.derived_keys("phoenix-coupons rest assertion v1").values()
    token = jwt.encode(claims, key, "HS256", headers={"kid": "key1"})
    assert assertions.verify(token, METHOD).signed_key == ""


def test_a_digest_is_that_of_the_message_whatever_its_bytes() -> None:
    other = RedeemCouponRequest(code="WELCOME", user_id="alice")
    for key in ("a", "b"):
        other.metadata[key] = REQUEST.metadata[key]
    assert digest(other) == digest(REQUEST)
    other.metadata["c"] = ""
    assert digest(other) != digest(REQUEST)
