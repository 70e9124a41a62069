"""Signed REST requests, through the edges to the ledger."""

import json
from collections.abc import Iterable
from urllib.parse import quote

import pytest

from coupon_server.auth.principals import CredentialKind
from phoenix_coupons.v1 import (
    ListTenantSecretsRequest,
    RevokeTenantSecretRequest,
    RotateTenantSecretRequest,
)
from support.builders import Shop, usage_limit
from support.contract import Headers
from support.edges import Edge
from support.processes import eventually
from support.rest import Answer, Rest, presenting, send, signed

UNAUTHENTICATED = (401, "CREDENTIAL_INVALID")
FORBIDDEN = (403, "CREDENTIAL_NOT_ALLOWED")
ALICE = b'{"user_id": "alice"}'


async def endless_code(shop: Shop) -> str:
    """A custom code that anybody may redeem any number of times."""
    code = "50%-ÜBER?"
    await shop.define(custom_code=code, limit=usage_limit("unlimited"))
    return code


def redeem_path(shop: Shop, code: str) -> str:
    return f"/v1/coupons/{shop.id}/redeem/{quote(code, safe='')}"


def validate_path(shop: Shop, code: str = "ANY") -> str:
    return f"/v1/coupons/{shop.id}/validate/{quote(code, safe='')}"


@pytest.mark.parametrize("query", ["", "?user_id=alice", "?user_id=%C3%BCn%C3%AF+%2B&"])
async def test_the_query_is_not_signed(edge: Edge, shop: Shop, query: str) -> None:
    path = validate_path(shop, await endless_code(shop))
    headers = signed(shop.tenant, "GET", path)
    assert send(edge, "GET", path + query, headers).ok["valid"]
    with_query = signed(shop.tenant, "GET", f"{path}?user_id=alice")
    assert send(edge, "GET", f"{path}?user_id=alice", with_query).refusal == UNAUTHENTICATED


@pytest.mark.parametrize("path", ["/definitions", "/user/alice", "/user/alice/redemptions"])
async def test_every_read_can_be_signed(rest: Rest, shop: Shop, path: str) -> None:
    whole = rest.query_path(path)
    headers = signed(shop.tenant, "GET", whole)
    for query in ("", "?page_size=2"):
        assert send(rest.edge, "GET", whole + query, headers).ok["total"] == 0


async def test_the_raw_body_is_signed(edge: Edge, shop: Shop) -> None:
    path = redeem_path(shop, await endless_code(shop))
    body = '{ "user_id":"ünï" ,\n "metadata":{"b":"1","a":"2"}, "reference":"7" }\n'.encode()
    headers = signed(shop.tenant, "POST", path, body)
    rewritten = json.dumps(json.loads(body)).encode()
    assert send(edge, "POST", path, headers, rewritten).refusal == UNAUTHENTICATED
    redemption = send(edge, "POST", path, headers, body).ok["redemption"]
    assert (redemption["user_id"], redemption["reference"]) == ("ünï", "7")
    assert redemption["metadata"] == {"a": "2", "b": "1"}
    [row] = await shop.ledger()
    assert row.id == redemption["id"]


async def test_the_path_is_signed_as_it_is_sent(edge: Edge, shop: Shop) -> None:
    code = await endless_code(shop)
    encoded = validate_path(shop, code)
    decoded = f"/v1/coupons/{shop.id}/validate/{code}"
    lower = encoded.replace("%C3%9C", "%c3%9c")
    for sent in (encoded, lower):
        assert send(edge, "GET", sent, signed(shop.tenant, "GET", sent)).ok["valid"]
        # As if a proxy had escaped it anew.
        assert send(edge, "GET", sent, signed(shop.tenant, "GET", encoded)).ok["valid"]
        refused = send(edge, "GET", sent, signed(shop.tenant, "GET", decoded))
        assert refused.refusal == UNAUTHENTICATED
        assert f"GET {sent}" in refused.json["error"]
    refused = send(edge, "GET", encoded, signed(shop.tenant, "GET", lower))
    assert refused.refusal == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("signed_code", "sent"),
    [("AB", "A%2542"), ("A%2542", "A%42"), ("a%2Bb", "a%20b"), ("a+b", "a%20b"), ("a", "A")],
)
def test_no_two_resources_share_a_signature(
    edge: Edge, shop: Shop, signed_code: str, sent: str
) -> None:
    path = f"/v1/coupons/{shop.id}/validate/"
    for one, other in ((signed_code, sent), (sent, signed_code)):
        headers = signed(shop.tenant, "GET", path + one)
        assert send(edge, "GET", path + other, headers).refusal == UNAUTHENTICATED


def test_the_method_is_signed(edge: Edge, shop: Shop) -> None:
    path = validate_path(shop)
    assert send(edge, "POST", path, signed(shop.tenant, "POST", path), b"").ok["valid"] is False
    answer = send(edge, "POST", path, signed(shop.tenant, "GET", path), b"")
    assert answer.refusal == UNAUTHENTICATED


UNSIGNED: list[Headers] = [
    (),
    (("x-request-id", "another"),),
    (("content-type", "text/plain"), ("user-agent", "another")),
]


async def replay(edges: Iterable[Edge], shop: Shop, path: str, body: bytes) -> list[Answer]:
    headers = signed(shop.tenant, "POST", path, body)
    return [
        send(edge, "POST", path, headers + unsigned, body)
        for edge in edges
        for unsigned in UNSIGNED
    ]


@pytest.mark.parametrize("body", [ALICE, b'{"user_id": "alice", "request_id": "order-1"}'])
async def test_a_replay_has_one_effect_whatever_unsigned_headers_it_has(
    envoy: Edge, gateway: Edge, shop: Shop, body: bytes
) -> None:
    path = redeem_path(shop, await endless_code(shop))
    answers = await replay((envoy, gateway), shop, path, body)
    [row] = await shop.ledger()
    assert {answer.ok["redemption"]["id"] for answer in answers} == {row.id}


REUSED = (400, "REQUEST_ID_REUSED")


async def test_a_key_is_one_redemption_however_it_is_signed(edge: Edge, shop: Shop) -> None:
    path = redeem_path(shop, await endless_code(shop))

    def redeem(age: int, key: str, *, is_signed: bool, body: bytes = ALICE) -> Answer:
        headers = signed(
            shop.tenant, "POST", path, body, age=age, signed_key=key if is_signed else ""
        )
        unsigned = () if is_signed else (("idempotency-key", key),)
        return send(edge, "POST", path, headers + unsigned, body)

    first, again, signed_along = (
        redeem(age, "one", is_signed=is_signed).ok["redemption"]["id"]
        for age, is_signed in ((9, False), (8, False), (7, True))
    )
    assert first == again == signed_along
    for is_signed in (False, True):
        other_body = redeem(6, "one", is_signed=is_signed, body=b'{"user_id": "bob"}')
        assert other_body.refusal == REUSED
    headers = signed(shop.tenant, "POST", path, ALICE, age=4)
    with_keys = [
        send(edge, "POST", path, (*headers, ("idempotency-key", key)), ALICE)
        for key in ("one", "two")
    ]
    assert with_keys[0].ok["redemption"]["id"] == first
    assert with_keys[1].refusal == REUSED
    same_second = {
        redeem(5, key, is_signed=True).ok["redemption"]["id"] for key in ("two", "three")
    }
    assert len(same_second | {first}) == len(await shop.ledger()) == 3


async def test_a_signed_key_cannot_be_changed(edge: Edge, shop: Shop) -> None:
    path = redeem_path(shop, await endless_code(shop))
    headers = signed(shop.tenant, "POST", path, ALICE, signed_key="one")
    for unsigned in ((), (("idempotency-key", "two"),)):
        answer = send(edge, "POST", path, headers[:-1] + unsigned, ALICE)
        assert answer.refusal == UNAUTHENTICATED


async def test_two_signatures_are_two_redemptions(edge: Edge, shop: Shop) -> None:
    path = redeem_path(shop, await endless_code(shop))
    for age in (0, 1):
        headers = signed(shop.tenant, "POST", path, ALICE, age=age)
        assert send(edge, "POST", path, headers, ALICE).status == 200
    assert len(await shop.ledger()) == 2


@pytest.mark.parametrize(
    ("age", "accepted"), [(290, True), (-290, True), (310, False), (-310, False), (10**9, False)]
)
def test_the_window(edge: Edge, shop: Shop, age: int, accepted: bool) -> None:
    path = validate_path(shop)
    answer = send(edge, "GET", path, signed(shop.tenant, "GET", path, age=age))
    assert (answer.status == 200) is accepted
    if not accepted:
        assert answer.refusal == UNAUTHENTICATED
        assert "x-timestamp" in answer.json["error"]


async def test_another_tenants_secret_or_path(edge: Edge, shop: Shop) -> None:
    other = await shop.tenant.server.new_tenant()
    path = validate_path(shop)
    assert send(edge, "GET", path, signed(other, "GET", path)).refusal == FORBIDDEN
    tenant, timestamp, signature = signed(other, "GET", path)
    claimed = (("x-tenant-id", shop.id), timestamp, signature)
    assert send(edge, "GET", path, claimed).refusal == UNAUTHENTICATED
    stranger = (("x-tenant-id", "0198c2f0-5a3b-7c1d-8e2f-000000000001"), timestamp, signature)
    assert send(edge, "GET", path, stranger).refusal == UNAUTHENTICATED
    assert tenant == ("x-tenant-id", other.id)


async def test_rotated_secrets(edge: Edge, shop: Shop) -> None:
    path = validate_path(shop)
    listed = await shop.tenants.ListTenantSecrets(ListTenantSecretsRequest(tenant_id=shop.id))
    rotated = await shop.tenants.RotateTenantSecret(RotateTenantSecretRequest(tenant_id=shop.id))

    def status(secret: str) -> int:
        return send(edge, "GET", path, signed(shop.tenant, "GET", path, secret=secret)).status

    before = shop.tenant.credentials.tenant_secret
    assert status(before) == status(rotated.value) == 200
    await shop.tenants.RevokeTenantSecret(
        RevokeTenantSecretRequest(tenant_id=shop.id, secret_id=listed.secrets[0].secret_id)
    )
    await eventually(lambda: status(before) == 401)
    assert status(rotated.value) == 200


@pytest.mark.parametrize("kind", [CredentialKind.tenant_jwt, CredentialKind.api_key])
def test_a_signature_beside_another_credential_is_refused(
    edge: Edge, shop: Shop, kind: CredentialKind
) -> None:
    path = validate_path(shop)
    both = signed(shop.tenant, "GET", path) + presenting(shop.tenant, kind)
    answer = send(edge, "GET", path, both)
    assert answer.refusal == UNAUTHENTICATED
    assert answer.json["error"] == "The call presents several kinds of credential"


def test_a_signature_is_no_key_to_the_back_office(edge: Edge, shop: Shop) -> None:
    path = f"/v1/tenants/{shop.id}/rewards"
    assert send(edge, "GET", path, signed(shop.tenant, "GET", path)).refusal == FORBIDDEN


@pytest.mark.parametrize("missing", range(3))
def test_half_a_signature_is_refused(edge: Edge, shop: Shop, missing: int) -> None:
    path = validate_path(shop)
    headers = list(signed(shop.tenant, "GET", path))
    del headers[missing]
    assert send(edge, "GET", path, tuple(headers)).refusal == UNAUTHENTICATED


@pytest.mark.parametrize(
    "spoilt",
    [
        ("x-signature", "hmac-sha256=" + "0" * 64),
        ("x-signature", "hmac-sha256="),
        ("x-signature", "0" * 64),
        ("x-timestamp", "now"),
        ("x-timestamp", "-1"),
        ("x-timestamp", "1e9"),
        ("x-timestamp", "9" * 400),
        ("x-tenant-id", "me"),
        ("x-tenant-id", ""),
    ],
    ids=lambda header: f"{header[0]}={header[1][:20]}",
)
def test_spoilt_headers_are_refused(edge: Edge, shop: Shop, spoilt: tuple[str, str]) -> None:
    path = validate_path(shop)
    headers = tuple((dict(signed(shop.tenant, "GET", path)) | dict([spoilt])).items())
    assert send(edge, "GET", path, headers).refusal == UNAUTHENTICATED
