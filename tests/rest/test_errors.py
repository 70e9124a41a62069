"""Errors over REST: one shape, the status of the gRPC code, and what goes with each."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from coupon_server.auth.principals import CredentialKind
from coupon_server.database import migrations
from coupon_server.embedded.postgres import EmbeddedPostgres
from support import edges
from support.builders import Shop
from support.databases import ask, new_database
from support.edges import Edge
from support.processes import ServerProcess, eventually, new_shop, serving
from support.rest import Answer, Rest, presenting, send
from support.serving import Served

TOO_LONG = 1024 * 1024 + 1


def detail(answer: Answer, name: str) -> dict[str, Any]:
    """The one detail of this type."""
    kind = f"type.googleapis.com/google.rpc.{name}"
    [found] = [one for one in answer.json["details"] if one["@type"] == kind]
    assert isinstance(found, dict)
    return found


def assert_refused(answer: Answer, status: int, reason: str) -> None:
    assert answer.refusal == (status, reason)
    info = detail(answer, "ErrorInfo")
    assert (info["reason"], info["domain"]) == (reason, "coupons.phoenix")
    assert answer.header("cache-control") == "no-store"


# --- each gRPC code ------------------------------------------------------------------------------


def test_fields_of_a_resource_are_named_as_in_the_body(rest: Rest, shop: Shop) -> None:
    """Which is the resource alone, whatever it is called in the request that an edge makes."""
    path = f"/rewards/{shop.item.item_id}"
    for content, field, reason in (
        ({"name": ""}, "name", "INVALID_FIELD"),
        ({"name": 1}, "name", "MALFORMED_MESSAGE"),
        ({"payload": {"text": "x" * 20_000}}, "payload", "INVALID_FIELD"),
    ):
        answer = rest.admin("PATCH", path, content)
        assert answer.refusal == (400, reason)
        [violation] = answer.json["details"][1]["field_violations"]
        assert violation["field"] == field
        assert f"{field}: {violation['description']}" in answer.json["error"]
        assert "reward_item" not in answer.body.decode()


def test_invalid_argument_names_fields_and_rules(rest: Rest) -> None:
    answer = rest.admin("POST", "/rewards", {"name": "", "reward_type": "x" * 65})
    assert_refused(answer, 400, "INVALID_FIELD")
    violations = detail(answer, "BadRequest")["field_violations"]
    assert [one["field"] for one in violations] == ["name", "reward_type"]
    assert violations[0]["description"] == "must be at least 1 characters"
    assert {*violations[0]} == {"field", "description", "reason"}
    assert "name: must be at least 1 characters" in answer.json["error"]


async def test_failed_precondition_is_400(rest: Rest, shop: Shop) -> None:
    code = await shop.code_for(await shop.define(), "alice")
    assert rest.query("POST", f"/redeem/{code}", {"user_id": "alice"}).status == 200
    answer = rest.query("POST", f"/redeem/{code}", {"user_id": "alice"})
    assert_refused(answer, 400, "COUPON_ALREADY_REDEEMED")
    assert answer.json["error"] == "Coupon has already been redeemed"


async def test_an_error_has_the_metadata_of_its_reason(rest: Rest, shop: Shop) -> None:
    definition = await shop.define(code_length=4)
    answer = rest.admin("POST", f"/coupons/{definition.id}/generate", {"quantity": 10})
    assert_refused(answer, 400, "KEY_SPACE_TOO_SMALL")
    assert detail(answer, "ErrorInfo")["metadata"] == {"required_code_length": "5"}


def test_unauthenticated_is_401(rest: Rest) -> None:
    assert_refused(
        send(rest.edge, "GET", rest.query_path("/definitions")), 401, "CREDENTIAL_INVALID"
    )


async def test_permission_denied_is_403(rest: Rest, served: Served) -> None:
    stranger = presenting(await served.new_tenant(), CredentialKind.api_key)
    answer = send(rest.edge, "GET", f"/v1/tenants/{rest.tenant.id}/rewards", stranger)
    assert_refused(answer, 403, "CREDENTIAL_NOT_ALLOWED")


def test_not_found_is_404(rest: Rest) -> None:
    answer = rest.query("POST", "/redeem/NOPE", {"user_id": "alice"})
    assert_refused(answer, 404, "COUPON_NOT_FOUND")
    assert answer.json["error"] == "Coupon not found"


async def test_already_exists_and_aborted_are_409(rest: Rest, shop: Shop) -> None:
    definition = await shop.define(custom_code="NEWYEAR")
    config = {
        "reward_item_id": shop.item.item_id,
        "code_format": "custom",
        "custom_code": "newyear",
    }
    taken = rest.admin("POST", "/coupons", {"name": "Again", "config": config})
    assert_refused(taken, 409, "CODE_TAKEN")
    stale = rest.admin("PATCH", f"/coupons/{definition.id}", {"name": "x", "etag": "v99"})
    assert_refused(stale, 409, "ETAG_MISMATCH")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/rewards", "GET, HEAD, POST"),
        ("/rewards/any", "DELETE, GET, HEAD, PATCH"),
        ("/coupons/any/pause", "POST"),
        # As a literal, and as a coupon's id.
        ("/issued-coupons/revoke", "GET, HEAD, POST"),
    ],
)
def test_other_methods_are_405_and_tell_those_allowed(rest: Rest, path: str, allowed: str) -> None:
    for verb in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - {
        *allowed.split(", ")
    }:
        answer = rest.admin(verb, path)
        assert_refused(answer, 405, "METHOD_NOT_ALLOWED")
        assert answer.header("allow") == allowed
    if "HEAD" not in allowed:
        head = rest.admin("HEAD", path)
        assert (head.status, head.header("allow"), head.body) == (405, allowed, b"")


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v2/tenants", "/index.html", "/favicon.ico"])
def test_other_paths_are_404(edge: Edge, path: str) -> None:
    assert_refused(send(edge, "GET", path), 404, "PATH_NOT_FOUND")


async def test_a_body_above_1_mib_is_413(rest: Rest, shop: Shop) -> None:
    answer = rest.admin("POST", "/rewards", b" " * TOO_LONG)
    assert answer.refusal == (413, "BODY_TOO_LARGE")
    largest = b'{"name":"Gems","reward_type":"x"}'.ljust(TOO_LONG - 1)
    assert rest.admin("POST", "/rewards", largest).ok["name"] == "Gems"


def test_headers_above_16_kib_are_refused(rest: Rest) -> None:
    padded = [("x-padding", "x" * 40_000)]
    assert rest.admin("GET", "/rewards", None, padded).status == 431


# --- health --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/health", "/ready", "/health?x=1", "/ready?x=1"])
def test_health(edge: Edge, path: str) -> None:
    answer = send(edge, "GET", path)
    assert answer.ok == {"status": "ok"}
    assert answer.header("cache-control") == "no-store"
    for verb in ("POST", "DELETE"):
        other = send(edge, verb, path)
        assert (other.status, other.header("allow")) == (405, "GET, HEAD")


# --- when the service can't ----------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """A service of a test's own, behind an edge that waits for two seconds at most."""

    database_url: str
    service: ServerProcess
    rest: Rest
    shop: Shop

    def redeem(self, code: str) -> Answer:
        return self.rest.query("POST", f"/redeem/{code}", {"user_id": "alice"})

    def state(self, path: str) -> int:
        return send(self.rest.edge, "GET", path).status


@asynccontextmanager
async def open_site(
    database_url: str, directory: Path, gateway_program: Path | None
) -> AsyncIterator[Site]:
    """`gateway_program`: none for Envoy."""
    with serving(database_url, directory / "log", workers=1) as service:
        edge = (
            edges.gateway(gateway_program, service.port, directory, request_timeout_seconds=2)
            if gateway_program
            else edges.envoy(service.port, directory, request_timeout_seconds=2)
        )
        async with new_shop(database_url, service.address) as shop:
            with edge as running:
                yield Site(database_url, service, Rest(running, shop.tenant), shop)


def program(request: pytest.FixtureRequest) -> Path | None:
    if request.param == "envoy":
        return None
    built: Path = request.getfixturevalue("gateway_program")
    return built


@pytest.fixture(scope="module")
def site_database(cluster: EmbeddedPostgres, template: str) -> Iterator[str]:
    with new_database(cluster.url("postgres"), template) as url:
        yield url


@pytest.fixture(scope="module", params=["envoy", "gateway"])
async def site(
    request: pytest.FixtureRequest, site_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """One for tests that leave it as they found it."""
    directory = tmp_path_factory.mktemp("site")
    async with open_site(site_database, directory, program(request)) as site:
        yield site


async def test_a_service_that_says_nothing_is_503_or_504(site: Site) -> None:
    code = await site.shop.code_for(await site.shop.define(), "alice")
    workers = site.service.workers()
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    try:
        assert site.redeem(code).refusal in (
            (503, "SERVICE_UNAVAILABLE"),
            (504, "DEADLINE_EXCEEDED"),
        )
        await eventually(lambda: site.state("/ready") == 503)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)
    await eventually(lambda: site.state("/ready") == 200)


async def test_a_call_that_takes_too_long_is_504(site: Site) -> None:
    code = await site.shop.code_for(await site.shop.define(), "alice")
    async with changing(site.database_url, "SELECT FROM coupons FOR UPDATE"):
        assert site.redeem(code).refusal == (504, "DEADLINE_EXCEEDED")


async def test_a_fault_is_500_and_tells_nothing(site: Site) -> None:
    await ask(site.database_url, "ALTER TABLE reward_item_versions RENAME COLUMN name TO gone")
    answer = site.rest.admin("GET", "/rewards")
    await ask(site.database_url, "ALTER TABLE reward_item_versions RENAME COLUMN gone TO name")
    assert_refused(answer, 500, "INTERNAL_FAULT")
    assert answer.json["error"] == "An unexpected fault occurred"
    assert site.service.events("fault")[-1]["request_id"] == answer.header("x-request-id")


@asynccontextmanager
async def changing(database_url: str, statement: str) -> AsyncIterator[None]:
    """A transaction that holds what the statement locks."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute(statement)
            yield
    finally:
        await connection.close()


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """One that may be stopped."""
    with EmbeddedPostgres(tmp_path / "postgres", durable=False) as postgres:
        # It runs an event loop of its own.
        await asyncio.to_thread(migrations.upgrade, postgres.url("postgres"))
        yield postgres


@pytest.fixture(params=["envoy", "gateway"])
async def lost_site(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, tmp_path: Path
) -> AsyncIterator[Site]:
    async with open_site(postgres.url("postgres"), tmp_path, program(request)) as site:
        yield site


async def test_what_is_gone_is_503_until_it_is_back(
    lost_site: Site, postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    site, port = lost_site, lost_site.service.port
    code = await site.shop.code_for(await site.shop.define(), "alice")
    site.service.stop()
    assert_unavailable(site.redeem(code))
    await eventually(lambda: site.state("/ready") == 503)
    assert_unavailable(send(site.rest.edge, "GET", "/ready"))
    assert site.state("/health") == 200
    with serving(site.database_url, tmp_path / "again", workers=1, grpc_port=port):
        await eventually(lambda: site.state("/ready") == 200)
        await eventually(lambda: site.redeem(code).status == 200)
        assert len(await site.shop.ledger()) == 1
        postgres.stop()
        refused = site.redeem(code)
        assert_unavailable(refused)
        assert detail(refused, "RetryInfo")["retry_delay"] == "1s"


def assert_unavailable(answer: Answer) -> None:
    assert answer.refusal == (503, "SERVICE_UNAVAILABLE")
    assert answer.header("retry-after") == "1"


# --- pages of other origins ----------------------------------------------------------------------

ORIGIN = "https://app.example.com"


@pytest.fixture(scope="module")
def open_gateway(
    service: ServerProcess, gateway_program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    """The gateway as it is set up for pages of ORIGIN."""
    directory = tmp_path_factory.mktemp("open")
    with edges.gateway(gateway_program, service.port, directory, cors_origins=ORIGIN) as edge:
        yield edge


def preflight(edge: Edge, origin: str) -> Answer:
    headers = (
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,idempotency-key"),
    )
    return send(edge, "OPTIONS", "/v1/coupons/any/redeem/any", headers)


def test_pages_of_an_allowed_origin_may_call(open_gateway: Edge, shop: Shop) -> None:
    asked = preflight(open_gateway, ORIGIN)
    assert asked.status in (200, 204)
    assert asked.header("access-control-allow-origin") == ORIGIN
    assert asked.header("access-control-allow-methods") == "POST"
    answer = Rest(open_gateway, shop.tenant).query(
        "GET", "/definitions", None, [("origin", ORIGIN)]
    )
    assert answer.status == 200
    assert answer.header("access-control-allow-origin") == ORIGIN
    assert answer.header("vary") == "Origin"
    exposed = (answer.header("access-control-expose-headers") or "").lower()
    assert {"x-request-id", "retry-after"} <= set(exposed.replace(" ", "").split(","))


def test_pages_of_other_origins_may_not(edge: Edge, open_gateway: Edge) -> None:
    for closed in (edge, open_gateway):
        asked = preflight(closed, "https://evil.example.com")
        assert not [name for name, _ in asked.headers if name.startswith("access-control-")]


def test_no_page_may_send_cookies(open_gateway: Edge) -> None:
    assert preflight(open_gateway, ORIGIN).header("access-control-allow-credentials") is None
