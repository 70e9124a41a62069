"""What each credential sends, and what none of them shows."""

from collections.abc import Callable

import jwt
import pytest

from phoenix_coupons import (
    AdminToken,
    ApiKeyCredential,
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


@pytest.mark.parametrize(
    ("lifetime", "times", "expiries"),
    [
        # A tenth of the lifetime is left at 90.
        (100, (0.0, 90.0, 90.1), (100, 100, 190)),
        # A second of a short one, whose `exp` is floored.
        (5, (0.9, 4.0, 4.1), (5, 5, 9)),
        # The clock was set back: the token's `iat` is in the future.
        (100, (1000.0, 500.0), (1100, 600)),
    ],
)
def test_a_token_is_renewed_before_it_expires(
    monkeypatch: pytest.MonkeyPatch, lifetime: float, times: tuple[float], expiries: tuple[int]
) -> None:
    credential = AdminToken("key-1", SECRET, lifetime=lifetime)
    found = []
    for now in times:
        monkeypatch.setattr(_credentials, "time", lambda now=now: now)
        found.append(claims_of(credential)["exp"])
    assert found == [*expiries]


@pytest.mark.parametrize("lifetime", [5, 5.5, 7, 60])
def test_no_token_is_sent_in_the_last_second_of_its_life(
    monkeypatch: pytest.MonkeyPatch, lifetime: float
) -> None:
    credential = TenantToken(TENANT, SECRET, lifetime=lifetime)
    for tenth in range(1000):
        now = 1_000.0 + tenth / 10
        monkeypatch.setattr(_credentials, "time", lambda now=now: now)
        assert int(str(claims_of(credential)["exp"])) - now >= 1


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
    assert ApiKeyCredential(SECRET).metadata("/p.S/M", b"") == (("x-api-key", SECRET),)
    assert BearerToken("a.b.c").metadata("/p.S/M", b"") == (("authorization", "Bearer a.b.c"),)


@pytest.mark.parametrize(
    "credential",
    [
        ApiKeyCredential(SECRET),
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
@pytest.mark.parametrize("kind", [ApiKeyCredential, BearerToken])
def test_values_that_are_no_header_are_refused_unseen(
    kind: type[ApiKeyCredential], value: str
) -> None:
    with pytest.raises(ValueError, match="printable ASCII") as raised:
        kind(value)
    assert not value or value not in str(raised.value)


@pytest.mark.parametrize("lifetime", [0, 4.999, -1, float("nan"), float("inf")])
def test_a_lifetime_is_at_least_five_seconds(lifetime: float) -> None:
    with pytest.raises(ValueError, match="lifetime must be at least 5 seconds, and finite"):
        AdminToken("key-1", SECRET, lifetime=lifetime)


@pytest.mark.parametrize("secret", ["", "s" * 15])
@pytest.mark.parametrize(
    "make",
    [
        ApiKeyCredential,
        lambda secret: AdminToken("key-1", secret),
        lambda secret: TenantToken(TENANT, secret),
        lambda secret: Hmac(TENANT, secret),
    ],
    ids=["ApiKeyCredential", "AdminToken", "TenantToken", "Hmac"],
)
def test_a_secret_that_is_too_short_is_refused(
    make: Callable[[str], Credential], secret: str
) -> None:
    with pytest.raises(ValueError, match=r"must have at least 16 characters|not empty") as raised:
        make(secret)
    assert not secret or secret not in str(raised.value)
    make("s" * 16)


def test_an_empty_user_is_refused() -> None:
    with pytest.raises(ValueError, match="user_id must not be empty"):
        TenantToken(TENANT, SECRET, user_id="")
