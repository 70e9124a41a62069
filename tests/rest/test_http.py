"""What HTTP promises of both edges, whoever answers: the service, or the edge by itself."""

import gzip
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from coupon_server.auth.principals import CredentialKind
from support import edges
from support.bindings import BINDINGS
from support.builders import Shop
from support.contract import Headers
from support.documents import ROOT
from support.edges import Edge
from support.processes import PATIENCE, ServerProcess
from support.rest import Rest, accepted, exchange, presenting, send, signed

MALFORMED = (400, "MALFORMED_MESSAGE")


def raw(edge: Edge, *lines: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to a request of these lines."""
    head, _, body = exchange(edge, "\r\n".join((*lines, "", "")).encode()).partition(b"\r\n\r\n")
    status, *headers = head.decode().split("\r\n")
    named = (line.partition(": ") for line in headers)
    return int(status.split()[1]), {name.lower(): value for name, _, value in named}, body


# --- HEAD ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_head_of_health(edge: Edge, path: str) -> None:
    answer = send(edge, "HEAD", path)
    assert (answer.status, answer.body) == (200, b"")


def test_head_is_wherever_get_is(rest: Rest) -> None:
    for binding in BINDINGS:
        if binding.verb == "GET":
            target = binding.path({"tenant_id": rest.tenant.id})
            headers = accepted(rest.tenant, binding)
            get = send(rest.edge, "GET", target, headers)
            head = send(rest.edge, "HEAD", target, headers)
            assert (head.status, head.body) == (get.status, b""), binding


def test_a_signature_of_a_head_is_none_of_a_get(edge: Edge, shop: Shop) -> None:
    path = f"/v1/coupons/{shop.id}/definitions"
    for sent, method, status in (("HEAD", "HEAD", 200), ("HEAD", "GET", 401), ("GET", "HEAD", 401)):
        assert send(edge, sent, path, signed(shop.tenant, method, path)).status == status


# --- the contract -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["openapi.json", "openapi-3.0.json"])
def test_the_contract_is_served(edge: Edge, name: str) -> None:
    answer = send(edge, "GET", f"/{name}")
    assert answer.ok == json.loads((ROOT / "gateway/internal/reference" / name).read_text())
    assert answer.header("content-type") == "application/json"
    head = send(edge, "HEAD", f"/{name}")
    assert (head.status, head.body) == (200, b"")
    other = send(edge, "POST", f"/{name}")
    assert (other.refusal, other.header("allow")) == ((405, "METHOD_NOT_ALLOWED"), "GET, HEAD")


# --- what is refused, and by whom -------------------------------------------------------------


def many(count: int) -> Iterable[str]:
    return (f"x-{number}: 1" for number in range(count))


def test_two_hundred_headers_are_enough(edge: Edge) -> None:
    found, _, _ = raw(edge, "GET /v1/x HTTP/1.1", "host: a", *many(150))
    assert found == 404
    for count in (300, 900):
        found, _, body = raw(edge, "GET /v1/x HTTP/1.1", "host: a", *many(count))
        assert found == 431
        assert b"200 headers" in body


def assert_malformed(answer: tuple[int, dict[str, str], bytes], status: int, word: str) -> None:
    found, headers, body = answer
    error = json.loads(body)
    assert (found, error["code"]) == (status, "MALFORMED_MESSAGE")
    assert word in error["error"]
    [info] = error["details"]
    assert (info["reason"], info["domain"]) == ("MALFORMED_MESSAGE", "coupons.phoenix")
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("target", ["/v1/x", "/health"])
def test_another_protocol_is_refused(edge: Edge, target: str) -> None:
    lines = (f"GET {target} HTTP/1.1", "host: a", "connection: keep-alive, Upgrade")
    assert_malformed(raw(edge, *lines, "upgrade: websocket"), 400, "protocol")
    # HTTP/2, which a client offers on the chance that it is understood.
    status, _, _ = raw(edge, *lines, "upgrade: h2c", "http2-settings: AAMAAABkAAQ")
    assert status in (200, 404)


def test_an_unknown_coding_of_the_transfer_is_refused(envoy: Edge) -> None:
    lines = ("POST /v1/x HTTP/1.1", "host: a", "transfer-encoding: gzip")
    assert_malformed(raw(envoy, *lines), 501, "Transfer-Encoding")


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /v1/x HTTP/1.1\r\nhost: a\r\nx-rest: ",
        b"POST /v1/x HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{",
    ],
    ids=["headers", "body"],
)
def test_a_request_that_does_not_arrive_in_time_is_408(
    service: ServerProcess, tmp_path: Path, begun: bytes
) -> None:
    """At Envoy; the Go gateway has a test of its own, for bodies."""
    with edges.envoy(service.port, tmp_path, arrival_seconds=1) as edge:
        head, _, body = exchange(edge, begun, b"}]}", PATIENCE).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    error = json.loads(body)
    assert (error["code"], error["error"]) == (
        "DEADLINE_EXCEEDED",
        "The request did not arrive in time",
    )


def test_more_than_16_kib_of_headers_are_refused(edge: Edge) -> None:
    for target in ("/v1/x", "/health"):
        padded = raw(edge, f"GET {target} HTTP/1.1", "host: a", "x-padding: " + "x" * 20_000)
        assert_malformed(padded, 431, "16 KiB")
    fitting = raw(edge, "GET /v1/x HTTP/1.1", "host: a", "x-padding: " + "x" * 12_000)
    assert fitting[0] == 404


def test_a_header_with_an_underscore_is_ignored(edge: Edge) -> None:
    """Some servers take it for the one with a hyphen."""
    status, _, body = raw(edge, "GET /v1/x HTTP/1.1", "host: a", "x_request_id: theirs")
    assert (status, json.loads(body)["code"]) == (404, "PATH_NOT_FOUND")


def test_what_an_edge_answers_by_itself_has_an_id(edge: Edge) -> None:
    for target, verb in (("/health", "POST"), ("/v1/x", "GET"), ("/ready", "GET")):
        answer = send(edge, verb, target, (("x-request-id", "mine"),))
        assert answer.header("x-request-id") == "mine"
        assert answer.header("cache-control") == "no-store"
        assert send(edge, verb, target).header("x-request-id")


def test_an_unauthenticated_request_gets_a_challenge(edge: Edge) -> None:
    answer = send(edge, "GET", "/v1/coupons/x/definitions")
    assert answer.status == 401
    assert answer.header("www-authenticate") == 'Bearer realm="coupons"'


def test_a_tenant_id_that_a_proxy_adds_is_no_credential(rest: Rest) -> None:
    for kind, path in (
        (CredentialKind.tenant_jwt, f"/v1/coupons/{rest.tenant.id}/definitions"),
        (CredentialKind.api_key, f"/v1/tenants/{rest.tenant.id}/rewards"),
    ):
        headers = (*presenting(rest.tenant, kind), ("x-tenant-id", rest.tenant.id))
        assert send(rest.edge, "GET", path, headers).status == 200


def test_a_field_that_is_malformed_is_named(rest: Rest) -> None:
    for refused, field in (
        (rest.admin("POST", "/rewards", {"nmae": "x"}), "nmae"),
        (rest.admin("POST", "/coupons", {"config": {"code_length": "x"}}), "config.code_length"),
        (rest.admin("GET", "/redemptions?start_time=now"), "start_time"),
        (rest.admin("GET", "/redemptions?page_size=x"), "page_size"),
    ):
        assert refused.refusal == MALFORMED
        [violations] = [one for one in refused.json["details"] if "field_violations" in one]
        assert [one["field"] for one in violations["field_violations"]] == [field]


@pytest.mark.parametrize("instant", ["2026-01-01T00:00:00.1234567890Z", "2026-01-01t00:00:00z"])
def test_timestamps_in_the_query_are_written_as_in_bodies(rest: Rest, instant: str) -> None:
    assert rest.admin("GET", f"/redemptions?start_time={instant}").refusal == MALFORMED


# --- codings ------------------------------------------------------------------------------------


def test_a_coded_body_is_refused(rest: Rest) -> None:
    body = gzip.compress(b'{"name": "Gems", "reward_type": "x"}')
    answer = rest.admin("POST", "/rewards", body, [("content-encoding", "gzip")])
    assert answer.refusal == (415, "MALFORMED_MESSAGE")
    assert answer.header("accept-encoding") == "identity"
    plain = rest.admin(
        "POST",
        "/rewards",
        {"name": "Gems", "reward_type": "x"},
        [("content-encoding", "identity")],
    )
    assert plain.status == 200


GZIP: Headers = (("accept-encoding", "br, gzip;q=0.5"),)


def test_long_answers_are_compressed_for_those_who_want_it(rest: Rest) -> None:
    text = "x" * 3000
    made = rest.admin(
        "POST", "/rewards", {"name": "Gems", "description": text[:2000], "reward_type": "x"}, GZIP
    )
    # It has an ETag, which names the very bytes.
    assert made.header("content-encoding") is None
    assert made.header("etag")
    listed = rest.admin("GET", "/rewards", None, GZIP)
    assert listed.header("content-encoding") == "gzip"
    assert "accept-encoding" in (listed.header("vary") or "").lower()
    assert json.loads(gzip.decompress(listed.body)) == rest.admin("GET", "/rewards").ok
    for unwanted in ((), (("accept-encoding", "gzip;q=0"),), (("accept-encoding", "identity"),)):
        assert rest.admin("GET", "/rewards", None, unwanted).header("content-encoding") is None
    assert send(rest.edge, "GET", "/health", GZIP).header("content-encoding") is None


# --- HTTP/2 -------------------------------------------------------------------------------------


def curl(*arguments: str) -> str:
    program = ["curl", "-sS", "--http2-prior-knowledge", *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout


def test_http_2_without_tls(rest: Rest) -> None:
    body, _, version = curl("-w", "|%{http_version}", f"{rest.edge.url}/health").partition("|")
    assert (json.loads(body), version) == ({"status": "ok"}, "2")
    [(name, token)] = presenting(rest.tenant, CredentialKind.api_key)
    rewards = f"{rest.edge.url}/v1/tenants/{rest.tenant.id}/rewards"
    head = curl("-I", "-H", f"{name}: {token}", rewards)
    assert head.startswith("HTTP/2 200")
    assert "ratelimit" in head
