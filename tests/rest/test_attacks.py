"""What attackers send to the edges: refused or without effect, and nothing of it in the ledger."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from urllib.parse import quote

import grpc
import pytest

from coupon_server.auth.principals import CredentialKind
from coupon_server.rpc.rest import ext_authz_pb2
from phoenix_coupons.v1 import RedeemCouponRequest, ValidateCouponRequest
from support.builders import Shop, usage_limit
from support.clock import MovableClock
from support.contract import Headers, Wire, rpc, wire
from support.edges import Edge
from support.processes import ServerProcess
from support.rest import Rest, exchange, presenting, send, signed
from support.serving import Served, Tenant

ASSERTION = "x-coupons-assertion"
CHECK = "/envoy.service.auth.v3.Authorization/Check"
CODE = "FREE"
ALICE = b'{"user_id":"alice"}'
UNAUTHENTICATED = (401, "CREDENTIAL_INVALID")
FORBIDDEN = (403, "CREDENTIAL_NOT_ALLOWED")
REDEEM, VALIDATE = rpc("RedeemCoupon"), rpc("ValidateCoupon")


@pytest.fixture
async def target(shop: Shop) -> Shop:
    """A shop where anybody may redeem CODE any number of times."""
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    return shop


@pytest.fixture
async def untouched(target: Shop) -> AsyncIterator[Shop]:
    """`target`, where nothing may be redeemed."""
    yield target
    assert await target.ledger() == []


@pytest.fixture
async def attacker(served: Served) -> Tenant:
    """Another tenant, with genuine credentials of its own."""
    return await served.new_tenant()


@pytest.fixture
async def grpc_wire(served: Served) -> AsyncIterator[Wire]:
    async with wire(served.address) as raw:
        yield raw


def redeem_path(shop: Shop, code: str = CODE) -> str:
    return f"/v1/coupons/{shop.id}/redeem/{code}"


def redemption(shop: Shop, user_id: str = "alice") -> bytes:
    request = RedeemCouponRequest(tenant_id=shop.id, code=CODE, user_id=user_id)
    return request.SerializeToString()


async def genuine_assertion(raw: Wire, shop: Shop, verb: str = "POST") -> str:
    """What the service tells an edge of a redemption that the shop's own secret signed."""
    path = redeem_path(shop)
    request = ext_authz_pb2.CheckRequest()
    http = request.attributes.request.http
    http.method, http.path, http.raw_body = verb, path, ALICE
    http.headers.update(signed(shop.tenant, verb, path, ALICE))
    outcome = await raw.call(CHECK, request.SerializeToString())
    response = ext_authz_pb2.CheckResponse.FromString(outcome.response)
    headers = {one.header.key: one.header.value for one in response.ok_response.headers}
    return headers[ASSERTION]


# --- assertions, which edges alone may send ------------------------------------------------------


@pytest.mark.parametrize("name", [ASSERTION, "X-Coupons-Assertion", "X-COUPONS-ASSERTION"])
@pytest.mark.parametrize("times", [1, 2])
async def test_a_genuine_assertion_sent_by_a_client_is_no_credential(
    edge: Edge, untouched: Shop, grpc_wire: Wire, name: str, times: int
) -> None:
    stolen = ((name, await genuine_assertion(grpc_wire, untouched)),) * times
    answer = send(edge, "POST", redeem_path(untouched), stolen, ALICE)
    assert answer.refusal == UNAUTHENTICATED


async def test_an_assertion_beside_a_credential_changes_nothing(
    edge: Edge, untouched: Shop, grpc_wire: Wire, attacker: Tenant
) -> None:
    stolen = ((ASSERTION, await genuine_assertion(grpc_wire, untouched)),)
    path = redeem_path(untouched)
    for own in (
        presenting(attacker, CredentialKind.tenant_jwt),
        signed(attacker, "POST", path, ALICE),
    ):
        for headers in (own + stolen, stolen + own, stolen + own + stolen):
            assert send(edge, "POST", path, headers, ALICE).refusal == FORBIDDEN


async def test_a_forged_assertion_beside_a_signature_does_not_replace_the_signer(
    edge: Edge, target: Shop
) -> None:
    path = redeem_path(target)
    headers = (*signed(target.tenant, "POST", path, ALICE), (ASSERTION, "forged"))
    assert send(edge, "POST", path, headers, ALICE).status == 200
    assert len(await target.ledger()) == 1


async def test_an_assertion_holds_for_its_method_message_and_tenant_alone(
    untouched: Shop, grpc_wire: Wire, attacker: Tenant
) -> None:
    genuine = await genuine_assertion(grpc_wire, untouched)
    header, claims, mac = genuine.split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{claims}."
    refused = grpc.StatusCode.UNAUTHENTICATED
    for token in (f"{header}.{claims}.{mac[::-1]}", f"{header}.{claims}.", unsigned, "", "a.b.c"):
        outcome = await grpc_wire.call(REDEEM.path, redemption(untouched), ((ASSERTION, token),))
        assert outcome.code is refused, token
    own = ((ASSERTION, genuine),)
    for body in (redemption(untouched, "bob"), b"", redemption(untouched) + b"\x22\x01x"):
        outcome = await grpc_wire.call(REDEEM.path, body, own)
        assert outcome.code in (refused, grpc.StatusCode.PERMISSION_DENIED)
    validation = ValidateCouponRequest(tenant_id=untouched.id, code=CODE, user_id="alice")
    outcome = await grpc_wire.call(VALIDATE.path, validation.SerializeToString(), own)
    assert outcome.code is refused
    elsewhere = RedeemCouponRequest(tenant_id=str(attacker.id), code=CODE, user_id="alice")
    outcome = await grpc_wire.call(REDEEM.path, elsewhere.SerializeToString(), own)
    assert outcome.code in (refused, grpc.StatusCode.PERMISSION_DENIED)
    beside = own + presenting(untouched.tenant, CredentialKind.tenant_jwt)
    outcome = await grpc_wire.call(REDEEM.path, redemption(untouched), beside)
    assert outcome.code is refused
    outcome = await grpc_wire.call(REDEEM.path, redemption(untouched), own * 2)
    assert outcome.code is refused


async def test_an_assertion_lives_ten_seconds(
    server: Served, tenant: Tenant, clock: MovableClock
) -> None:
    shop = await Shop.open(tenant)
    await shop.define(custom_code=CODE, limit=usage_limit("unlimited"))
    async with wire(server.address) as raw:
        own = ((ASSERTION, await genuine_assertion(raw, shop)),)
        for seconds, code in (
            (0, grpc.StatusCode.OK),
            (9, grpc.StatusCode.OK),
            (2, grpc.StatusCode.UNAUTHENTICATED),
        ):
            clock.advance(timedelta(seconds=seconds))
            assert (await raw.call(REDEEM.path, redemption(shop), own)).code is code
    # Sent twice while it lived, it had the one effect of the signature.
    assert len(await shop.ledger()) == 1


# --- signatures and credentials ------------------------------------------------------------------


async def test_a_body_changed_behind_its_signature(edge: Edge, untouched: Shop) -> None:
    path = redeem_path(untouched)
    headers = signed(untouched.tenant, "POST", path, ALICE)
    for body in (b'{"user_id":"mallory"}', ALICE + b" ", b"", b"{}"):
        assert send(edge, "POST", path, headers, body).refusal == UNAUTHENTICATED


async def test_a_signature_for_another_path(edge: Edge, untouched: Shop, attacker: Tenant) -> None:
    path = redeem_path(untouched)
    others = ("", "/", path + "?", path + "/", path.lower(), redeem_path(untouched, "OTHER"))
    for other in others:
        headers = signed(untouched.tenant, "POST", other, ALICE)
        assert send(edge, "POST", path, headers, ALICE).refusal == UNAUTHENTICATED, other
    grpc_path = signed(untouched.tenant, "POST", REDEEM.path, ALICE)
    assert send(edge, "POST", path, grpc_path, ALICE).refusal == UNAUTHENTICATED


async def test_every_credential_header_given_twice_is_refused(edge: Edge, untouched: Shop) -> None:
    path = redeem_path(untouched)
    own = untouched.tenant
    for headers in (
        presenting(own, CredentialKind.tenant_jwt),
        presenting(own, CredentialKind.api_key),
        signed(own, "POST", path, ALICE),
    ):
        for name, value in headers:
            for other in (value, "x"):
                for twice in ((*headers, (name, other)), ((name.title(), other), *headers)):
                    assert send(edge, "POST", path, twice, ALICE).refusal == UNAUTHENTICATED, twice


async def test_a_credential_means_nothing_anywhere_else(edge: Edge, untouched: Shop) -> None:
    token = presenting(untouched.tenant, CredentialKind.tenant_jwt)[0][1]
    path = redeem_path(untouched)
    for headers in (
        (("cookie", f"authorization={token}"),),
        (("proxy-authorization", token),),
        (("grpc-metadata-authorization", token),),
        (("grpcgateway-authorization", token),),
        (("x-forwarded-authorization", token),),
        (("authorization", token.removeprefix("Bearer ")),),
        (("authorization", f"Basic {token}"),),
        (("grpc-metadata-x-api-key", untouched.tenant.credentials.api_key),),
    ):
        assert send(edge, "POST", path, headers, ALICE).refusal == UNAUTHENTICATED, headers
    in_query = f"?access_token={token.removeprefix('Bearer ')}"
    read = f"/v1/coupons/{untouched.id}/definitions"
    assert send(edge, "GET", read + in_query).refusal[0] in (400, 401)


# --- paths ---------------------------------------------------------------------------------------


def disguised(shop: Shop, stranger: str) -> Iterator[str]:
    """Targets by which something might be taken for a redemption in the shop."""
    tenant, path = shop.id, redeem_path(shop)
    yield f"/{path}"
    yield f"//evil.example{path}"
    yield path.replace("/coupons/", "//coupons/")
    yield path.replace("/redeem/", "/redeem//")
    yield path.replace("/v1/", "/V1/")
    yield path.replace("redeem", "Redeem")
    yield path.replace("redeem", "%72edeem")
    yield path.replace("redeem", "redeem;x=1")
    yield f"{path}/"
    yield f"{path}%2F"
    yield f"{path}/."
    yield f"/.{path}"
    yield path.replace("/redeem/", "/./redeem/")
    yield path.replace("/redeem/", "/validate/../redeem/")
    yield path.replace("/redeem/", "/validate/%2e%2e/redeem/")
    yield path.replace("/redeem/", "/validate%2F..%2Fredeem%2F")
    yield path.replace("/redeem/", "%2Fredeem/")
    yield path.replace("/redeem/", "\\redeem\\")
    yield path.replace("/redeem/", "%5Credeem%5C")
    yield path.replace(tenant, f"{stranger}/../{tenant}")
    yield path.replace(tenant, f"{stranger}%2F..%2F{tenant}")
    yield path.replace(tenant, f"{stranger},{tenant}")
    yield path.replace(tenant, f"{tenant}%00")
    yield path.replace(tenant, "{tenant_id}")
    yield f"{path}%00"
    yield f"{path};jsessionid=1"
    yield f"{path}%23"
    yield f"{path}%3F"
    yield f"{path}%20HTTP/1.1"
    yield f"{path}%0d%0aauthorization:x"
    yield "/phoenix_coupons.v1.CouponQuery/RedeemCoupon"
    yield f"/health/..{path}"
    yield f"/health%2F..{path}"


async def test_no_other_path_leads_there(edge: Edge, untouched: Shop, attacker: Tenant) -> None:
    for path in disguised(untouched, attacker.id):
        for tenant in (untouched.tenant, attacker):
            bearer = presenting(tenant, CredentialKind.tenant_jwt)
            for headers in (bearer, signed(tenant, "POST", path, ALICE)):
                answer = send(edge, "POST", path, headers, ALICE)
                assert answer.status in (400, 401, 403, 404, 405), (path, answer)


async def test_a_target_in_absolute_form_is_its_path(
    edge: Edge, target: Shop, attacker: Tenant
) -> None:
    absolute = f"http://evil.example{redeem_path(target)}"
    foreign = presenting(attacker, CredentialKind.tenant_jwt)
    assert send(edge, "POST", absolute, foreign, ALICE).refusal == FORBIDDEN
    headers = signed(target.tenant, "POST", absolute, ALICE)
    assert send(edge, "POST", absolute, headers, ALICE).refusal == UNAUTHENTICATED
    assert await target.ledger() == []


async def test_grpc_is_not_spoken_here(edge: Edge, untouched: Shop) -> None:
    message = redemption(untouched)
    frame = b"\0" + len(message).to_bytes(4, "big") + message
    own = presenting(untouched.tenant, CredentialKind.tenant_jwt)
    for kind in (
        "application/grpc",
        "application/grpc+proto",
        "application/grpc-web",
        "APPLICATION/GRPC",
    ):
        for path in (redeem_path(untouched), REDEEM.path, CHECK, "/grpc.health.v1.Health/Check"):
            headers = (*own, ("content-type", kind), ("te", "trailers"))
            answer = send(edge, "POST", path, headers, frame)
            # To what it takes for a gRPC client, Envoy says no in gRPC.
            assert answer.status >= 400 or answer.header("grpc-status") not in (None, "0"), answer


# --- headers that steer others -------------------------------------------------------------------

STEERING: list[Headers] = [
    (("x-http-method-override", "DELETE"),),
    (("x-http-method", "DELETE"), ("x-method-override", "DELETE")),
    (("x-original-url", "/v1/nowhere"), ("x-rewrite-url", "/v1/nowhere")),
    (("x-envoy-original-path", "/v1/nowhere"), ("x-envoy-internal", "true")),
    (("x-envoy-upstream-rq-timeout-ms", "1"), ("x-envoy-upstream-rq-per-try-timeout-ms", "1")),
    (
        ("x-envoy-retry-on", "5xx"),
        ("x-envoy-max-retries", "9"),
        ("x-envoy-hedge-on-per-try-timeout", "true"),
    ),
    (("grpc-timeout", "1n"),),
    (("grpc-encoding", "gzip"), ("grpc-accept-encoding", "gzip")),
    (("grpc-metadata-idempotency-key", "a"), ("grpc-metadata-x-coupons-assertion", "a")),
    (("te", "trailers, gzip"),),
    (("accept-encoding", "gzip, br"), ("accept", "application/grpc")),
    (("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "a")),
    (("x-forwarded-client-cert", "By=a;Hash=b"), ("forwarded", "for=127.0.0.1")),
    (("connection", "keep-alive, x-tenant-id"),),
    (("range", "bytes=0-1"), ("if-none-match", "*")),
]


@pytest.mark.parametrize("headers", STEERING, ids=lambda headers: headers[0][0])
def test_headers_for_others_have_no_effect(rest: Rest, headers: Headers) -> None:
    item = {"name": "Gems", "reward_type": "currency"}
    created = rest.admin("POST", "/rewards", item, headers).ok
    path = f"/rewards/{created['item_id']}"
    assert rest.admin("GET", path, None, headers).ok == created
    changed = rest.admin("PATCH", path, {"name": "Coins"}, headers).ok
    assert changed["name"] == "Coins"
    assert rest.admin("GET", "/rewards").ok["total"] == 2


async def test_no_header_makes_a_get_a_post(rest: Rest, untouched: Shop) -> None:
    for name in ("x-http-method-override", "x-http-method", "x-method-override"):
        answer = rest.query("GET", f"/redeem/{CODE}", None, [(name, "POST")])
        assert answer.refusal == (405, "METHOD_NOT_ALLOWED")
    form = [("content-type", "application/x-www-form-urlencoded")]
    answer = send(rest.edge, "POST", rest.query_path("/user/alice"), tuple(form), b"page_size=1")
    assert answer.refusal == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\r\nx-api-key: b", "a\0b"], ids=ascii)
async def test_header_values_with_line_ends_are_refused(
    edge: Edge, untouched: Shop, value: str
) -> None:
    head = f"GET {redeem_path(untouched)} HTTP/1.1\r\nhost: a\r\nx-request-id: {value}\r\n\r\n"
    said = exchange(edge, head.encode())
    assert said.startswith(b"HTTP/1.1 4")
    assert b"\r\nx-api-key:" not in said.lower()


# --- one request hidden in another ---------------------------------------------------------------

OPENING = "POST /v1/nowhere HTTP/1.1\r\nhost: a\r\n"
LAST = b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
SMUGGLING = {
    "two lengths": OPENING + "content-length: 0\r\ncontent-length: {length}\r\n\r\n{hidden}",
    "a list of lengths": OPENING + "content-length: 0, {length}\r\n\r\n{hidden}",
    "a signed length": OPENING + "content-length: +0\r\n\r\n{hidden}",
    "a negative length": OPENING + "content-length: -1\r\n\r\n{hidden}",
    "length and chunks": OPENING
    + "content-length: {beyond}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
    "chunks and length": OPENING
    + "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n{hex}\r\n{hidden}\r\n0\r\n\r\n",
    "a length": OPENING + "content-length: {length}\r\n\r\n{hidden}",
    "chunks": OPENING + "transfer-encoding: chunked\r\n\r\n{hex}\r\n{hidden}\r\n0\r\n\r\n",
    "two codings": OPENING
    + "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n{hidden}",
    "an unknown coding": OPENING
    + "transfer-encoding: xchunked\r\ncontent-length: {length}\r\n\r\n{hidden}",
    "a space before the colon": OPENING
    + "transfer-encoding : chunked\r\ncontent-length: {beyond}\r\n\r\n0\r\n\r\n{hidden}",
    "a vertical tab": OPENING
    + "transfer-encoding:\x0bchunked\r\ncontent-length: {beyond}\r\n\r\n0\r\n\r\n{hidden}",
    "a chunk of no size": OPENING + "transfer-encoding: chunked\r\n\r\n\r\n{hidden}",
    "a chunk of a wrong size": OPENING + "transfer-encoding: chunked\r\n\r\n1\r\n{hidden}",
    "a huge chunk": OPENING + "transfer-encoding: chunked\r\n\r\n1{hex:0>16}\r\n{hidden}",
    "a body of a GET": "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{hidden}",
}


@pytest.mark.parametrize("name", SMUGGLING)
async def test_a_hidden_request_has_no_effect(edge: Edge, untouched: Shop, name: str) -> None:
    [(header, token)] = presenting(untouched.tenant, CredentialKind.tenant_jwt)
    hidden = (
        f"POST {redeem_path(untouched)} HTTP/1.1\r\nhost: a\r\n{header}: {token}\r\n"
        f"content-length: {len(ALICE)}\r\n\r\n{ALICE.decode()}"
    )
    length = len(hidden)
    text = SMUGGLING[name].format(
        hidden=hidden, length=length, beyond=length + 5, hex=f"{length:x}"
    )
    said = exchange(edge, text.encode() + LAST, b'{"status":"ok"}')
    assert said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5", b"HTTP/1.1 200")), said
    assert b"redemption" not in said


async def test_a_body_cut_short_has_no_effect(edge: Edge, untouched: Shop) -> None:
    [(header, token)] = presenting(untouched.tenant, CredentialKind.tenant_jwt)
    for length in ("content-length: 99", "transfer-encoding: chunked"):
        body = ALICE if length.startswith("c") else b"%x\r\n%b\r\n" % (len(ALICE), ALICE)
        head = f"POST {redeem_path(untouched)} HTTP/1.1\r\nhost: a\r\n{header}: {token}\r\n{length}"
        exchange(edge, head.encode() + b"\r\n\r\n" + body)


# --- what is told --------------------------------------------------------------------------------


async def test_no_log_has_secrets_or_users(
    rest: Rest, target: Shop, service: ServerProcess
) -> None:
    own = target.tenant.credentials
    token = presenting(target.tenant, CredentialKind.tenant_jwt)[0][1].removeprefix("Bearer ")
    user = "a-user-by-name"
    body = json.dumps({"user_id": user, "reference": "a-reference"}).encode()
    path = redeem_path(target)
    for headers in (
        signed(target.tenant, "POST", path, body),
        presenting(target.tenant, CredentialKind.tenant_jwt),
        presenting(target.tenant, CredentialKind.api_key),
        signed(target.tenant, "POST", path, b"other"),
    ):
        send(rest.edge, "POST", path, headers, body)
        send(rest.edge, "POST", f"{path}%2F{quote(user)}", headers, body)
    told = rest.edge.log.read_text() + service.log.read_text()
    signature = signed(target.tenant, "POST", path, body)[2][1]
    for secret in (
        own.api_key,
        own.tenant_secret,
        token,
        signature,
        user,
        "a-reference",
        ASSERTION,
    ):
        assert secret not in told
