import uuid

import pytest

from coupon_server.auth.presented import (
    ASSERTION_HEADER,
    MAX_TOKEN_LENGTH,
    Bearer,
    PresentedAssertion,
    PresentedKey,
    Signature,
    read,
)
from coupon_server.domain.errors import DomainError, Reason

TENANT = "018f3b1c-0000-7000-8000-00000000abcd"
DIGEST = "0123456789abcdef" * 4
OTHER = (("user-agent", "grpc"), ("x-request-id", "1"), ("trace-bin", b"\0"), ("te", "trailers"))
TOKEN = ("authorization", "Bearer a.b.c")
API_KEY = ("x-api-key", "pk_value")
HMAC = (
    ("x-tenant-id", TENANT),
    ("x-timestamp", "1700000000"),
    ("x-signature", f"hmac-sha256={DIGEST}"),
)
Pairs = tuple[tuple[str, str | bytes], ...]


def refusal(metadata: Pairs) -> str:
    with pytest.raises(DomainError) as caught:
        read(metadata)
    assert caught.value.reason is Reason.CREDENTIAL_INVALID
    return caught.value.message


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_bearer(scheme: str) -> None:
    assert read((*OTHER, ("authorization", f"{scheme} a.b.c"))) == Bearer("a.b.c")


def test_a_token_has_a_greatest_length() -> None:
    longest = "x" * MAX_TOKEN_LENGTH
    assert read((("authorization", f"Bearer {longest}"),)) == Bearer(longest)
    assert read(((ASSERTION_HEADER, longest),)) == PresentedAssertion(longest)
    for header in (("authorization", f"Bearer {longest}x"), (ASSERTION_HEADER, f"{longest}x")):
        assert refusal((header,)) == "A token has at most 4096 characters"


def test_api_key() -> None:
    assert read((*OTHER, API_KEY)) == PresentedKey("pk_value")


def test_hmac_in_any_order_and_case() -> None:
    tenant, timestamp, _ = HMAC
    upper = ("x-signature", f"hmac-sha256={DIGEST.upper()}")
    expected = Signature(uuid.UUID(TENANT), "1700000000", DIGEST, "")

    assert read((*HMAC, *OTHER)) == expected
    assert read((upper, *OTHER, timestamp, ("x-tenant-id", tenant[1].upper()))) == expected


def test_a_signature_can_cover_one_key() -> None:
    key = ("idempotency-key", "order-1")
    assert read((*HMAC, key))[3] == "order-1"  # type: ignore[misc]  # it is a Signature
    assert read((*HMAC, key, key))[3] == ""  # type: ignore[misc]


def test_none() -> None:
    assert refusal(()) == refusal(OTHER) == "The call presents no credential"


@pytest.mark.parametrize(
    "metadata", [(TOKEN, API_KEY), (TOKEN, *HMAC), (API_KEY, *HMAC), (TOKEN, HMAC[2])]
)
def test_several_kinds(metadata: Pairs) -> None:
    assert refusal(metadata) == "The call presents several kinds of credential"


@pytest.mark.parametrize("added", [HMAC[:1], HMAC[:2]])
def test_what_gateways_add_is_no_signature(added: Pairs) -> None:
    assert read((TOKEN, *added)) == read((TOKEN,))
    assert read((*added, API_KEY)) == PresentedKey("pk_value")


@pytest.mark.parametrize("header", [TOKEN, API_KEY, *HMAC])
def test_a_header_twice(header: tuple[str, str]) -> None:
    alone = HMAC if header in HMAC else (header,)

    assert refusal((*alone, header)) == f"The header {header[0]} is given more than once"


@pytest.mark.parametrize(
    "metadata",
    [
        (("authorization", "Basic dXNlcjpwYXNz"),),
        (("authorization", "a.b.c"),),
        (("authorization", "Bearer"),),
        (("authorization", "Bearer "),),
        (("authorization", ""),),
        (("authorization", b"Bearer a.b.c"),),
        (("x-api-key", b"pk_value"),),
        HMAC[:2],
        HMAC[1:],
        (HMAC[0], HMAC[2]),
        *(
            (("x-tenant-id", tenant), *HMAC[1:])
            for tenant in (
                "",
                "acme",
                f"{{{TENANT}}}",
                TENANT.replace("-", ""),
                f"urn:uuid:{TENANT}",
            )
        ),
        *(
            (HMAC[0], ("x-timestamp", timestamp), HMAC[2])
            for timestamp in ("", "-1", "+1", " 1", "1.5", "1e9", "1_000", "١٢٣", "²", "1" * 13)
        ),
        *(
            (*HMAC[:2], ("x-signature", text))
            for text in (
                "",
                DIGEST,
                f"hmac-sha1={DIGEST}",
                f"HMAC-SHA256={DIGEST}",
                f"hmac-sha256={DIGEST[:-1]}",
                f"hmac-sha256={DIGEST}00",
                f"hmac-sha256={DIGEST[:-1]}g",
                f"hmac-sha256= {DIGEST[:-1]}",
                f"hmac-sha256=hmac-sha256={DIGEST}",
            )
        ),
    ],
)
def test_malformed(metadata: Pairs) -> None:
    assert refusal(metadata) == "The credential is missing or not valid"
