import base64
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from coupon_server.auth import bearer
from coupon_server.auth.principals import CredentialKind
from coupon_server.domain.errors import DomainError, Reason

SECRET = "ts_" + "s" * 43
SUBJECT = uuid.uuid4()
NOW = 1_700_000_000.0


def signed(**claims: Any) -> str:
    payload = {"sub_type": "tenant", "sub_id": str(SUBJECT), "exp": NOW + 60} | claims
    return jwt.encode(payload, SECRET, algorithm="HS256")


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def segment(value: object) -> str:
    return encoded(json.dumps(value).encode())


def refusal(token: str) -> str:
    """Reads and verifies the token, which must fail somewhere on the way."""
    with pytest.raises(DomainError) as caught:
        check(token)
    assert caught.value.reason is Reason.CREDENTIAL_INVALID
    return caught.value.message


def check(token: str, *, require_expiry: bool = True) -> bearer.Claims:
    bearer.unverified_subject(token)
    payload = bearer.signed_payload(token, SECRET)
    if payload is None:
        raise DomainError(Reason.CREDENTIAL_INVALID, "not signed")
    return bearer.check_claims(payload, now=NOW, require_expiry=require_expiry)


@pytest.mark.parametrize(
    ("sub_type", "kind"),
    [("admin", CredentialKind.admin_jwt), ("tenant", CredentialKind.tenant_jwt)],
)
def test_subject(sub_type: str, kind: CredentialKind) -> None:
    token = signed(sub_type=sub_type, sub_id=str(SUBJECT).upper())

    assert bearer.unverified_subject(token) == (kind, SUBJECT)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub_type": "Admin"},
        {"sub_type": "user"},
        {"sub_type": ""},
        {"sub_type": None},
        {"sub_type": 1},
        {"sub_type": ["tenant"]},
        {"sub_type": {"tenant": 1}},
        {"sub_id": "acme"},
        {"sub_id": ""},
        {"sub_id": None},
        {"sub_id": SUBJECT.int},
        {"sub_id": [str(SUBJECT)]},
        {"sub_id": SUBJECT.hex},
        {"sub_id": f"{{{SUBJECT}}}"},
        {"sub_id": f" {SUBJECT}"},
    ],
)
def test_wrong_subjects(claims: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as caught:
        bearer.unverified_subject(signed(**claims))
    assert caught.value.message == "The credential is missing or not valid"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "..",
        "a.b.c",
        "é.é.é",
        "a.b.c.d",
        f"{segment({'alg': 'HS256'})}.{segment(['not an object'])}.",
        f"{segment('not an object')}.{segment({})}.",
        f"{segment({'alg': 'HS256'})}.{segment({})}.",
        segment({"alg": "HS256"}) + "." + "W1tbW1tb" * 4000 + ".",
    ],
)
def test_no_token_at_all(token: str) -> None:
    assert refusal(token) == "The credential is missing or not valid"


def test_other_algorithms_are_refused() -> None:
    payload = {"sub_type": "tenant", "sub_id": str(SUBJECT), "exp": NOW + 60}
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public_pem = rsa_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    hs256 = signed()
    body, signature = hs256.split(".")[1:]
    long_secret = SECRET.ljust(64, "s")
    tokens = {
        "none": jwt.encode(payload, "", algorithm="none"),
        "NONE": f"{segment({'alg': 'NONE'})}.{body}.",
        "empty": f"{segment({'alg': ''})}.{body}.{signature}",
        "null": f"{segment({'alg': None})}.{body}.{signature}",
        "list": f"{segment({'alg': ['HS256']})}.{body}.{signature}",
        "missing": f"{segment({'typ': 'JWT'})}.{body}.{signature}",
        "RS256": jwt.encode(payload, rsa_key, algorithm="RS256"),
        "RS256 over an HMAC": f"{segment({'alg': 'RS256', 'typ': 'JWT'})}.{body}.{signature}",
        "HS512": jwt.encode(payload, long_secret, algorithm="HS512"),
        "unsigned": f"{hs256.rpartition('.')[0]}.",
        "b64 false": f"{segment({'alg': 'HS256', 'b64': False, 'crit': ['b64']})}..{signature}",
        "unknown crit": f"{segment({'alg': 'HS256', 'crit': ['x'], 'x': 1})}.{body}.{signature}",
    }

    assert bearer.signed_payload(hs256, SECRET) is not None
    for name, token in tokens.items():
        for secret in (SECRET, long_secret, public_pem.decode()):
            assert bearer.signed_payload(token, secret) is None, name


def test_changed_tokens_do_not_verify() -> None:
    header, payload, signature = signed().split(".")
    other = signed(user_id="u2").split(".")[1]

    assert bearer.signed_payload(f"{header}.{other}.{signature}", SECRET) is None
    assert bearer.signed_payload(f"{header}.{payload}.{signature[:-4]}", SECRET) is None
    assert bearer.signed_payload(f"{header}.{payload}.{signature}", SECRET[:-1] + "x") is None


def test_claims() -> None:
    assert check(signed()) == (None, NOW + 60)
    assert check(signed(user_id="u1", exp=NOW + 0.5)) == ("u1", NOW + 0.5)
    assert check(signed(nbf=NOW, iat=NOW + 999, sub=7, jti=7, iss="anyone")) == (None, NOW + 60)


def test_expiry_is_read_and_left_to_each_use() -> None:
    assert check(signed(exp=1)).expires_at == 1.0


def test_a_missing_expiry_is_named_unless_allowed() -> None:
    payload = {"sub_type": "tenant", "sub_id": str(SUBJECT)}
    token = jwt.encode(payload, SECRET, algorithm="HS256")

    assert refusal(token) == "The token has no exp claim"
    assert check(token, require_expiry=False) == (None, None)


@pytest.mark.parametrize("name", ["exp", "nbf"])
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        "",
        str(int(NOW)),
        [NOW],
        {"at": NOW},
        -1,
        float("nan"),
        float("inf"),
        float("-inf"),
        NOW * 1000,
        10**400,
    ],
    ids=lambda value: repr(value)[:12],
)
@pytest.mark.parametrize("require_expiry", [True, False])
def test_times_are_numbers_of_seconds(name: str, value: object, require_expiry: bool) -> None:
    token = signed(**{name: value})

    with pytest.raises(DomainError) as caught:
        check(token, require_expiry=require_expiry)
    assert caught.value.message == "The credential is missing or not valid"


def test_a_number_too_long_to_parse() -> None:
    head, tail = json.dumps({"sub_type": "tenant", "sub_id": str(SUBJECT)}).encode(), b"9" * 5000
    token = jwt.PyJWS().encode(head[:-1] + b', "exp": ' + tail + b"}", SECRET, "HS256")

    assert refusal(token) == "The credential is missing or not valid"


def test_not_before() -> None:
    assert check(signed(nbf=NOW))
    assert refusal(signed(nbf=NOW + 1)) == "The credential is missing or not valid"


def test_the_clock_is_the_one_given() -> None:
    assert check(signed(nbf=NOW - 1, exp=NOW + 1)).expires_at == NOW + 1 < time.time()


def test_a_token_for_another_audience_is_refused() -> None:
    assert bearer.signed_payload(signed(aud="another service"), SECRET) is None


@pytest.mark.parametrize("user_id", [None, "", 7, True, ["u1"], {"id": "u1"}, "\ud800"])
def test_a_broken_user_never_widens_the_token(user_id: object) -> None:
    assert refusal(signed(user_id=user_id)) == "The credential is missing or not valid"


HOSTILE = {
    "nested lists": b"[" * 3_000,
    "nested objects": b'{"a":' * 600,
    "a long number": b"9" * 3_000,
    "a huge exponent": b"1e" + b"9" * 3_000,
    "many names": b"{" + b",".join(b'"%d":0' % number for number in range(400)) + b"}",
    "escapes": b'"' + b"\\u0000" * 500 + b'"',
    "not UTF-8": b'{"sub_type":"\xff"}',
    "nothing": b"",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused(text: bytes) -> None:
    fields = {"alg": "HS256", "sub_type": "tenant", "sub_id": str(SUBJECT)}
    within = json.dumps(fields).encode()[:-1] + b', "x": ' + text + b"}"
    genuine = segment(fields)
    for json_text in (text, within):
        refusal(f"{encoded(json_text)}.{genuine}.AAAA")
        refusal(f"{genuine}.{encoded(json_text)}.AAAA")
