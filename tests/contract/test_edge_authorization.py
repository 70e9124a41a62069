"""What the service tells a REST edge of a request (ext_authz), and what that is worth."""

import json
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from coupon_server.auth import signature
from coupon_server.auth.peers import PEER_HEADER
from coupon_server.rpc.rest import ext_authz_pb2 as pb
from phoenix_coupons import TenantToken
from phoenix_coupons.v1 import RedeemCouponRequest, RedeemCouponResponse
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.contract import LEAKS, rpc, wire
from support.serving import Served, Tenant, serving, settings_for

CHECK = "/envoy.service.auth.v3.Authorization/Check"
REDEEM = rpc("RedeemCoupon")
ASSERTION = "x-coupons-assertion"
MEBIBYTE = 1024 * 1024


async def check(
    server: Served, method: str, path: str, body: bytes = b"", **headers: str
) -> pb.CheckResponse:
    """Ask about a request; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    http = pb.AttributeContext.HttpRequest(method=method, path=path, headers=named, raw_body=body)
    request = pb.CheckRequest(
        attributes=pb.AttributeContext(request=pb.AttributeContext.Request(http=http))
    )
    return await ask(server, request.SerializeToString())


async def ask(server: Served, request: bytes) -> pb.CheckResponse:
    async with wire(server.address) as raw:
        outcome = await raw.call(CHECK, request, ())
    assert outcome.code is grpc.StatusCode.OK
    return pb.CheckResponse.FromString(outcome.response)


def signed(
    tenant: Tenant, method: str, path: str, body: bytes = b"", at: datetime | None = None
) -> dict[str, str]:
    timestamp = str(int((at or datetime.now(UTC)).timestamp()))
    secret = tenant.credentials.tenant_secret
    digest = signature.sign(secret, method, path, timestamp, body)
    return {
        "x_tenant_id": tenant.id,
        "x_timestamp": timestamp,
        "x_signature": f"hmac-sha256={digest}",
    }


def code(answer: pb.CheckResponse) -> str:
    """Why a request was denied."""
    assert answer.status.code == grpc.StatusCode.PERMISSION_DENIED.value[0]
    body = json.loads(answer.denied_response.body)
    assert body.keys() == {"error", "code", "details"}
    assert LEAKS.search(answer.denied_response.body) is None
    return f"{answer.denied_response.status.code} {body['code']}"


def set_headers(answer: pb.CheckResponse) -> dict[str, str]:
    assert answer.WhichOneof("http_response") == "ok_response", answer
    overwrite = pb.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
    assert all(one.append_action == overwrite for one in answer.ok_response.headers)
    return {one.header.key: one.header.value for one in answer.ok_response.headers}


def redeem_path(tenant: Tenant, entered: str) -> str:
    return f"/v1/coupons/{tenant.id}/redeem/{entered}"


async def test_other_credentials_pass_for_the_call_to_present(
    server: Served, tenant: Tenant
) -> None:
    path = f"/v1/tenants/{tenant.id}/rewards"
    answer = await check(
        server,
        "GET",
        path,
        x_api_key=tenant.credentials.api_key,
        x_coupons_assertion="y",
        content_type="application/json",
        grpc_timeout="1n",
        x_forwarded_for="10.0.0.1",
    )
    assert set_headers(answer).keys() == {"x-request-id"}
    removed = {ASSERTION, "x-tenant-id", "x-timestamp", "x-signature"}
    # What no call needs is no call's.
    removed |= {"grpc-timeout", "x-forwarded-for"}
    assert set(answer.ok_response.headers_to_remove) == removed


async def test_the_peer_of_a_users_token_is_passed_to_the_call(
    database_url: str, clock: MovableClock
) -> None:
    async with serving(settings_for(database_url, trusted_hops=2), clock) as server:
        tenant = await server.new_tenant()
        path = f"/v1/coupons/{tenant.id}/validate/X"
        secret = tenant.credentials.tenant_secret
        user, backend = (
            f"Bearer {TenantToken(tenant.id, secret, user_id=user_id).token()}"
            for user_id in ("alice", None)
        )

        async def peer(forwarded_for: str, **headers: str) -> str:
            answer = await check(server, "GET", path, b"", x_forwarded_for=forwarded_for, **headers)
            removed = set(answer.ok_response.headers_to_remove)
            assert "x-forwarded-for" in removed
            header = set_headers(answer).get(PEER_HEADER)
            assert (PEER_HEADER in removed) is (header is None and "x_coupons_peer" in headers)
            return server.app.peers.read([(PEER_HEADER, header)]) if header else ""

        own = await peer("192.0.2.1, 10.0.0.1", authorization=user)
        assert own
        # What a client puts before it, or claims itself, changes nothing.
        forged = "203.0.113.7, 192.0.2.1, 10.0.0.9"
        assert await peer(forged, authorization=user, x_coupons_peer="1.a.b") == own
        assert await peer("192.0.2.1, 192.0.2.2", authorization=user) == own
        assert await peer("192.0.2.2, 10.0.0.1", authorization=user) != own
        # The address of a backend is not that of its users.
        assert await peer("192.0.2.1, 10.0.0.1", authorization=backend, x_coupons_peer="1") == ""


async def test_the_edge_is_told_of_the_answers_body(server: Served, tenant: Tenant) -> None:
    item = "payload?,created_at?,updated_at?"
    for verb, path, told in (
        ("GET", "rewards/x", {"response_body": "reward_item", "answer_shape": item}),
        ("GET", "rewards", {"answer_shape": f"reward_items:2;{item}"}),
        ("DELETE", "rewards/x", {}),
    ):
        key = tenant.credentials.api_key
        answer = await check(server, verb, f"/v1/tenants/{tenant.id}/{path}", x_api_key=key)
        assert dict(answer.dynamic_metadata) == told


async def test_a_signed_request_becomes_a_call(server: Served, tenant: Tenant) -> None:
    shop = await Shop.open(tenant)
    entered = await shop.code_for(await shop.define(limit=usage_limit("unlimited")), "alice")
    body = json.dumps({"user_id": "alice"}).encode()
    path = redeem_path(tenant, entered)
    answer = await check(
        server, "POST", path, body, **signed(tenant, "POST", path, body), x_coupons_assertion="mine"
    )
    assertion = set_headers(answer)[ASSERTION]
    assert ASSERTION not in answer.ok_response.headers_to_remove
    message = RedeemCouponRequest(tenant_id=tenant.id, code=entered, user_id="alice")
    calls = [
        (REDEEM.path, message, grpc.StatusCode.OK),
        # Replayed: one effect.
        (REDEEM.path, message, grpc.StatusCode.OK),
        (REDEEM.path, _changed(message, user_id="bob"), grpc.StatusCode.UNAUTHENTICATED),
        (REDEEM.path, _changed(message, request_id="x"), grpc.StatusCode.UNAUTHENTICATED),
        (rpc("ValidateCoupon").path, message, grpc.StatusCode.UNAUTHENTICATED),
    ]
    async with wire(server.address) as raw:
        for method, sent, expected in calls:
            outcome = await raw.call(method, sent.SerializeToString(), ((ASSERTION, assertion),))
            assert outcome.code is expected, (method, sent)
            if expected is grpc.StatusCode.OK:
                redeemed = RedeemCouponResponse.FromString(outcome.response)
                assert redeemed.coupon.redemption_count == 1


def _changed(message: RedeemCouponRequest, **fields: str) -> RedeemCouponRequest:
    changed = RedeemCouponRequest()
    changed.CopyFrom(message)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


async def test_an_assertion_ends_with_its_time(
    server: Served, tenant: Tenant, clock: MovableClock
) -> None:
    path = f"/v1/coupons/{tenant.id}/definitions"
    answer = await check(server, "GET", path, b"", **signed(tenant, "GET", path))
    assertion = ((ASSERTION, set_headers(answer)[ASSERTION]),)
    listed = rpc("ListActiveDefinitions")
    request = listed.minimal_request(tenant.id).SerializeToString()
    async with wire(server.address) as raw:
        assert (await raw.call(listed.path, request, assertion)).code is grpc.StatusCode.OK
        clock.advance(timedelta(seconds=10))
        outcome = await raw.call(listed.path, request, assertion)
    assert outcome.code is grpc.StatusCode.UNAUTHENTICATED


async def test_what_a_signature_covers(server: Served, tenant: Tenant) -> None:
    body = b'{"user_id": "alice"}'
    path = redeem_path(tenant, "caf%C3%A9")
    headers = signed(tenant, "POST", path, body)
    for escaped in (path, redeem_path(tenant, "%63af%c3%a9")):
        assert ASSERTION in set_headers(await check(server, "POST", escaped, body, **headers))
    reads = f"/v1/coupons/{tenant.id}/definitions"
    over_the_query = signed(tenant, "GET", f"{reads}?page_size=1")
    over_the_path = signed(tenant, "GET", reads)
    refused = [
        await check(server, "POST", path, body + b" ", **headers),
        await check(server, "POST", path.replace("redeem", "validate"), body, **headers),
        await check(server, "POST", path, body, **headers | {"x_tenant_id": "not-a-uuid"}),
        await check(server, "POST", path, body, **headers | {"x_timestamp": "1"}),
        await check(server, "POST", path, body, **headers | {"authorization": "Bearer x"}),
        await check(server, "POST", path, body, x_signature=headers["x_signature"]),
        await check(server, "GET", f"{reads}?page_size=1", b"", **over_the_query),
    ]
    assert {code(answer) for answer in refused} == {"401 CREDENTIAL_INVALID"}
    allowed = await check(server, "GET", f"{reads}?page_size=1", b"", **over_the_path)
    assert ASSERTION in set_headers(allowed)


async def test_what_is_not_of_the_contract_is_denied(server: Served, tenant: Tenant) -> None:
    rewards = f"/v1/tenants/{tenant.id}/rewards"
    assert code(await check(server, "GET", "/v1/nothing")) == "404 PATH_NOT_FOUND"
    assert code(await check(server, "GET", rewards + "/")) == "404 PATH_NOT_FOUND"
    key = tenant.credentials.api_key
    for body in (b"{", b'{"x": 1}', rb'{"\ud800": 1}', rb'{"\ud800": 1, "\ud800": 2}'):
        # Who calls is asked before what they want.
        assert code(await check(server, "POST", rewards, body)) == "401 CREDENTIAL_INVALID"
        denied = await check(server, "POST", rewards, body, x_api_key=key)
        assert code(denied) == "400 MALFORMED_MESSAGE"
    large = b"{" + b" " * MEBIBYTE
    assert code(await check(server, "POST", rewards, large)) == "413 BODY_TOO_LARGE"
    denied = await check(server, "PUT", rewards)
    assert code(denied) == "405 METHOD_NOT_ALLOWED"
    headers = {one.header.key: one.header.value for one in denied.denied_response.headers}
    assert headers["allow"] == "GET, HEAD, POST"


async def test_a_body_may_come_as_text(server: Served, tenant: Tenant) -> None:
    """As from an Envoy without `pack_as_bytes`."""
    http = pb.AttributeContext.HttpRequest(
        method="POST",
        path=f"/v1/tenants/{tenant.id}/rewards",
        headers={"x-api-key": tenant.credentials.api_key},
        body='{"unknown": 1}',
    )
    request = pb.CheckRequest(
        attributes=pb.AttributeContext(request=pb.AttributeContext.Request(http=http))
    )
    assert code(await ask(server, request.SerializeToString())) == "400 MALFORMED_MESSAGE"


@pytest.mark.parametrize(
    "request_bytes", [b"\xff", b"\x0a\xff", b"", b"\x0a\x06\x22\x04\x12\x02\x12\x00"]
)
async def test_a_question_that_makes_no_sense_lets_nothing_pass(
    server: Served, request_bytes: bytes
) -> None:
    assert code(await ask(server, request_bytes)).startswith("4")


async def test_the_call_keeps_its_id(server: Served, tenant: Tenant) -> None:
    path = f"/v1/tenants/{tenant.id}/rewards"
    key = tenant.credentials.api_key
    answer = await check(server, "GET", path, x_request_id="order-17", x_api_key=key)
    assert set_headers(answer)["x-request-id"] == "order-17"
    denied = await check(server, "PUT", path, x_request_id="order-17")
    headers = {one.header.key: one.header.value for one in denied.denied_response.headers}
    assert headers["x-request-id"] == "order-17"


async def test_a_fault_lets_nothing_pass_and_tells_nothing(
    server: Served, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("SELECT secret FROM tenant_secrets")

    monkeypatch.setattr("coupon_server.rpc.rest.authorization.transcode", fail)
    key = tenant.credentials.api_key
    answer = await check(server, "GET", f"/v1/tenants/{tenant.id}/rewards", x_api_key=key)
    assert code(answer) == "500 INTERNAL_FAULT"


async def test_what_a_call_could_not_carry_is_refused(server: Served, tenant: Tenant) -> None:
    path = f"/v1/tenants/{tenant.id}/rewards"
    long_path = f"{path}?page_token={'x' * 7168}"
    key = tenant.credentials.api_key
    for answer in (
        await check(server, "GET", path, x_api_key="x" * 7168),
        await check(server, "GET", long_path, x_api_key=key),
        await check(server, "GET", path, x_api_key="caf\u00e9"),
        await check(server, "GET", path, x_api_key=key, idempotency_key="a\tb"),
    ):
        assert code(answer) == "400 MALFORMED_MESSAGE"
    # What no call carries may be as long as it likes.
    set_headers(await check(server, "GET", path, x_api_key=key, cookie="x" * 9000))


async def test_a_denied_request_is_in_the_log(
    server: Served, tenant: Tenant, capfd: pytest.CaptureFixture[str]
) -> None:
    await check(server, "GET", f"/v1/tenants/{tenant.id}/rewards", x_request_id="denied-17")
    logged = capfd.readouterr()
    [line] = [one for one in (logged.out + logged.err).splitlines() if "denied-17" in one]
    assert "UNAUTHENTICATED" in line
    assert CHECK in line
