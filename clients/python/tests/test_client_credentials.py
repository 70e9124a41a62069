"""What each credential sends, and what none of them shows."""

import jwt
import pytest

from phoenix_coupons import (
    AdminToken,
    ApiKey,
    BearerToken,
    Credential,
    Hmac,
    TenantToken,
    _credentials,
)

TENANT = "0198c2f0-0000-7000-8000-000000000001"
SECRET = "ts_" + "s" * 43


def claims_of(credential: Credential) -> dict[str, object]:
    ((name, value),) = credential.metadata("/p.S/M", b"")
    assert name == "authorization"
    token = str(value).removeprefix("Bearer ")
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    return dict(jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False}))


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (AdminToken("key-1", SECRET), {"sub_type": "admin", "sub_id": "key-1"}),
        (TenantToken(TENANT, SECRET), {"sub_type": "tenant", "sub_id": TENANT}),
        (
            TenantToken(TENANT, SECRET, user_id="ada"),
            {"sub_type": "tenant", "sub_id": TENANT, "user_id": "ada"},
        ),
    ],
)
def test_tokens_claim_what_the_service_expects(
    credential: Credential, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_credentials, "time", lambda: 1000.5)
    assert claims_of(credential) == {**expected, "iat": 1000, "exp": 1600}


def test_a_token_is_reused_until_a_fifth_of_its_lifetime_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credential = AdminToken("key-1", SECRET, lifetime=100)
    expiries = []
    for now in (0.0, 79.0, 80.0):
        monkeypatch.setattr(_credentials, "time", lambda now=now: now)
        expiries.append(claims_of(credential)["exp"])
    assert expiries == [100, 100, 180]


def test_a_signature_covers_method_time_and_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_credentials, "time", lambda: 1700000000.9)
    credential = Hmac(TENANT, SECRET)
    headers = dict(credential.metadata("/p.S/M", b"body"))
    assert headers["x-timestamp"] == "1700000000"
    assert headers["x-signature"] == (
        "hmac-sha256=5bba148393095dd216eb30eeca06946994928249de1af5cc7ec134a97de5c4ac"
    )
    assert dict(credential.metadata("/p.S/N", b"body")) != headers
    assert dict(credential.metadata("/p.S/M", b"bodz")) != headers


def test_ready_made_values_are_sent_as_they_are() -> None:
    assert ApiKey("pk_x").metadata("/p.S/M", b"") == (("x-api-key", "pk_x"),)
    assert BearerToken("a.b.c").metadata("/p.S/M", b"") == (("authorization", "Bearer a.b.c"),)


@pytest.mark.parametrize(
    "credential",
    [
        ApiKey(SECRET),
        BearerToken(SECRET),
        AdminToken("key-1", SECRET),
        TenantToken(TENANT, SECRET),
        Hmac(TENANT, SECRET),
    ],
    ids=lambda credential: type(credential).__name__,
)
def test_no_representation_shows_the_secret(credential: Credential) -> None:
    credential.metadata("/p.S/M", b"")
    assert SECRET not in f"{credential!r} {credential!s}"


@pytest.mark.parametrize("value", ["", "pk_x\n", "pk x", "pk_é"])
@pytest.mark.parametrize("kind", [ApiKey, BearerToken])
def test_values_that_are_no_header_are_refused_unseen(kind: type[ApiKey], value: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII") as raised:
        kind(value)
    assert not value or value not in str(raised.value)


@pytest.mark.parametrize("lifetime", [0, 0.999, -1, float("nan"), float("inf")])
def test_a_lifetime_is_at_least_a_second(lifetime: float) -> None:
    with pytest.raises(ValueError, match="lifetime must be at least 1 second, and finite"):
        AdminToken("key-1", SECRET, lifetime=lifetime)


def test_an_empty_user_is_refused() -> None:
    with pytest.raises(ValueError, match="user_id must not be empty"):
        TenantToken(TENANT, SECRET, user_id="")
